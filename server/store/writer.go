package store

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

const (
	maxBatch   = 256                  // units that share a transaction, unless one job has more
	settleLag  = 8192                 // rows of event that may wait to be settled while there is more to do
	settleIdle = 5 * time.Millisecond // without anything to do before what waits is settled
	settleAge  = time.Second          // the longest that anything waits
	maxThreads = 16384                // requests in memory
	maxInboxes = 65536                // agents in memory
)

// job is what one caller waits for.
type job struct {
	units []*unit
	done  chan struct{} // closed when all units have an end
}

// unit is the smallest thing that fails alone: an event or an act.
type unit struct {
	intake *intake // an event, or
	act    func(*turn, *unit) error
	alone  bool        // the act has a transaction of its own, which its error undoes
	hints  []wire.Hint // what the unit added to the streams
	err    error
}

// writer is the one goroutine that writes. What waits for it shares a
// transaction and so one wait for the disk.
type writer struct {
	c    *conn
	now  func() time.Time
	log  *slog.Logger
	jobs chan *job
	stop chan struct{} // closed to end run
	gone chan struct{} // closed when run has ended

	events, frames, steps *rows // lent to the turn

	mem   *memory
	n     int64        // the newest row
	lost  bool         // a transaction failed: the tables must be settled before memory is filled again
	since time.Time    // when the oldest unsettled row was written
	retry time.Time    // when settling may be tried again after it failed
	lag   atomic.Int64 // rows written and not settled; read by anyone

	behind bool // the list of requests may lag behind the record
	wal    *checkpoints

	mu     sync.RWMutex // guards closed against a job that comes in late
	closed bool
}

func newWriter(c *conn, o Options) *writer {
	return &writer{
		c: c, now: o.Now, log: o.Log, mem: newMemory(),
		events: newRows("event", 13), frames: newRows("frame", 14), steps: newRows("step", 11),
		jobs: make(chan *job, 4*maxBatch), stop: make(chan struct{}), gone: make(chan struct{}),
	}
}

// start makes the writer ready to run: it settles what an earlier end left.
func (w *writer) start(path string) (err error) {
	w.n, err = integer(w.c, `select max((select coalesce(max(n), 0) from event),
		(select coalesce(max(n), 0) from frame), (select coalesce(max(n), 0) from step), (select settled from record))`)
	if err != nil {
		return fmt.Errorf("find the newest row: %w", err)
	}
	w.wal, w.behind = newCheckpoints(path, w.log), true
	return w.settle()
}

// end carries out what was handed in and ends run.
func (w *writer) end() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	close(w.stop)
	<-w.gone
}

// close closes the connection, after end.
func (w *writer) close() error { return w.c.close() }

// do has units carried out and returns when they stand on stable storage, or
// when ctx ends, which undoes nothing.
func (w *writer) do(ctx context.Context, units ...*unit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{units: units, done: make(chan struct{})}
	if err := w.hand(ctx, j); err != nil {
		return err
	}
	select {
	case <-j.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) hand(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// one has a single act carried out.
func (w *writer) one(ctx context.Context, act func(*turn, *unit) error) ([]wire.Hint, error) {
	u := &unit{act: act}
	if err := w.do(ctx, u); err != nil {
		return nil, err
	}
	return u.hints, fault(u.err)
}

// alone has an act carried out in a transaction of its own.
func (w *writer) alone(ctx context.Context, act func(t *turn) error) error {
	u := &unit{alone: true, act: func(t *turn, _ *unit) error { return act(t) }}
	if err := w.do(ctx, u); err != nil {
		return err
	}
	return fault(u.err)
}

// run is the writer's goroutine.
func (w *writer) run() {
	defer close(w.gone)
	idle := time.NewTimer(settleIdle)
	defer idle.Stop()
	for {
		var rest <-chan time.Time
		if w.lag.Load() > 0 || w.lost {
			idle.Reset(max(settleIdle, time.Until(w.retry)))
			rest = idle.C
		} else if w.behind {
			idle.Reset(max(soughtIdle, time.Until(w.retry)))
			rest = idle.C
		}
		select {
		case j := <-w.jobs:
			w.serve(j)
		case <-rest:
			if w.lag.Load() == 0 && !w.lost {
				w.keepUp()
				continue
			}
			w.rest()
		case <-w.stop:
			w.finish()
			return
		}
	}
}

// finish carries out what was handed in before the end.
func (w *writer) finish() {
	for {
		select {
		case j := <-w.jobs:
			w.serve(j)
		default:
			w.rest()
			return
		}
	}
}

// serve carries out a job and whatever else waits by now.
func (w *writer) serve(first *job) {
	jobs := []*job{first}
	units := append([]*unit{}, first.units...)
	for len(units) < maxBatch {
		select {
		case j := <-w.jobs:
			jobs, units = append(jobs, j), append(units, j.units...)
			continue
		default:
		}
		break
	}
	w.carryOut(units)
	for _, j := range jobs {
		close(j.done)
	}
	w.tidy()
}

// carryOut runs units in order, those that want it in a transaction of their own.
func (w *writer) carryOut(units []*unit) {
	from := 0
	for i, u := range units {
		if u.alone {
			w.bisect(units[from:i])
			w.bisect(units[i : i+1])
			from = i + 1
		}
	}
	w.bisect(units[from:])
}

// bisect runs units in one transaction. If that fails it runs each half in one,
// so that in the end only the bad unit fails.
func (w *writer) bisect(units []*unit) {
	if len(units) == 0 {
		return
	}
	err := w.attempt(units)
	switch {
	case err == nil:
	case storage(err) || len(units) == 1:
		for _, u := range units {
			u.err, u.hints = err, nil
		}
	default:
		half := len(units) / 2
		w.bisect(units[:half])
		w.bisect(units[half:])
	}
}

// attempt runs units in one transaction; an error has undone all of it.
func (w *writer) attempt(units []*unit) (err error) {
	if err := w.refill(); err != nil {
		return err
	}
	for _, u := range units {
		u.err, u.hints = nil, nil
	}
	t := w.newTurn()
	if err := w.tx(func() error { return t.play(units) }); err != nil {
		return err
	}
	w.n = t.n
	if t.settled {
		w.mem.forget()
		w.lag.Store(0)
	}
	w.behind = w.behind || t.rows > 0 || t.settled
	if t.rows > 0 && w.lag.Add(int64(t.rows)) == int64(t.rows) {
		w.since = time.Now()
	}
	return nil
}

func (w *writer) newTurn() *turn {
	for _, r := range []*rows{w.events, w.frames, w.steps} {
		r.drop()
	}
	return &turn{w: w, c: w.c, mem: w.mem, now: w.now().Round(0).UTC(), n: w.n,
		events: w.events, frames: w.frames, steps: w.steps}
}

// tx runs f in a transaction. An error or a panic undoes it and empties memory.
func (w *writer) tx(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the record: %v", p)
			w.log.Error("panic in the record", "panic", p, "stack", string(debug.Stack()))
		}
		if err != nil {
			// It fails if SQLite has rolled back already, which is as good.
			_ = w.c.exec("rollback")
			w.mem, w.lost = newMemory(), true
		}
	}()
	if err := w.c.exec("begin immediate"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return w.c.exec("commit")
}

// refill makes memory usable again after a transaction that failed.
func (w *writer) refill() error {
	if !w.lost {
		return nil
	}
	if err := w.settle(); err != nil {
		return err
	}
	w.lost = false
	return nil
}

// settle brings the tables up in a transaction of its own.
func (w *writer) settle() error {
	if err := w.tx(func() error { return settle(w.c, w.mem, w.n) }); err != nil {
		return err
	}
	w.lag.Store(0)
	w.mem.forget()
	return nil
}

// tidy settles when too much waits, and keeps the log of the database short.
func (w *writer) tidy() {
	if lag := w.lag.Load(); lag >= settleLag || lag > 0 && time.Since(w.since) > settleAge {
		w.rest()
	}
	w.wal.look(w.c)
}

// rest settles what waits.
func (w *writer) rest() {
	if w.lag.Load() == 0 && !w.lost || time.Now().Before(w.retry) {
		return
	}
	if err := w.settle(); err != nil {
		w.log.Error("settle the record", "err", err)
		w.retry = time.Now().Add(settleAge)
		return
	}
	w.lost = false
}
