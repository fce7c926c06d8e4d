package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

const (
	maxBatch    = 256                  // units that share a transaction, unless one job has more
	settleLag   = 32768                // rows that may wait to be settled while there is more to do
	settleIdle  = 5 * time.Millisecond // without anything to do before what waits is settled
	settleRetry = time.Second          // after settling has failed
	settleAge   = 10 * time.Second     // the longest that anything waits
)

// job is what one caller waits for.
type job struct {
	units []*unit
	alone bool          // has a transaction of its own, which an error undoes
	done  chan struct{} // closed when all units have an end
}

// unit is the smallest thing that fails alone: an event or an act.
type unit struct {
	intake *intake // an event, or
	act    func(*turn, *unit) error
	hints  []wire.Hint // what the unit added to the streams
	err    error
}

// writer is the one that writes. What waits for it shares a transaction, and so
// one wait for the disk.
//
// It works in two steps, each on its own goroutine, so that two cores share the
// work: run plans a turn, which takes memory further and leaves rows to be
// written; the scribe writes them. While one turn is written the next is planned
// on what the first will have done. If writing fails, all that was planned since
// is void: memory is emptied, and the units are carried out anew.
type writer struct {
	c      *conn // the scribe's; run's while no turn is with the scribe
	eyes   *conn // run's, to look up what is not in memory
	now    func() time.Time
	log    *slog.Logger
	jobs   chan *job
	stop   chan struct{} // closed to end run
	gone   chan struct{} // closed when run has ended
	scribe chan *turn
	wrote  chan *turn // a turn that the scribe is done with

	// run's
	mem     *memory
	n       int64     // the newest row planned
	settled int64     // the tables show rows up to this one, or further
	under   *turn     // with the scribe
	lost    bool      // memory may not be filled before the tables are settled
	retry   time.Time // when settling may be tried again after it failed
	spares  []*pages
	sieves  *sieves
	behind  bool // the list of requests may lag behind the record

	// the scribe's; run's while no turn is with it
	book book

	mu     sync.RWMutex // guards closed against a job that comes in late
	closed bool
}

// newWriter returns a writer. It owns its connections from now on.
func newWriter(c, eyes, mover *conn, o Options) *writer {
	return &writer{
		c: c, eyes: eyes, now: o.Now, log: o.Log, mem: newMemory(),
		jobs: make(chan *job, 4*maxBatch), stop: make(chan struct{}), gone: make(chan struct{}),
		scribe: make(chan *turn), wrote: make(chan *turn, 1),
		book: book{log: o.Log, acked: map[wire.AgentKey]int64{}, wal: newCheckpoints(mover, o.Log)},
	}
}

// start makes the writer ready to run: it settles what an earlier end left.
func (w *writer) start(fill func(*sieve)) (err error) {
	w.n, err = integer(w.c, `select max((select coalesce(max(n), 0) from event),
		(select coalesce(max(n), 0) from frame), (select coalesce(max(n), 0) from step), (select coalesce(max(n), 0) from letter),
		(select coalesce(max(n), 0) from attempt), (select settled from record))`)
	if err != nil {
		return fmt.Errorf("find the newest row: %w", err)
	}
	if w.book.settled, err = integer(w.c, `select settled from record`); err != nil {
		return fmt.Errorf("read how far the record is settled: %w", err)
	}
	w.book.newest, w.behind = w.n, true
	if err := w.settle(); err != nil {
		return err
	}
	keys, err := integer(w.c, `select (select count(*) from event_key) + (select count(*) from request)`)
	if err != nil {
		return fmt.Errorf("count what is known: %w", err)
	}
	w.sieves = newSieves(int(keys), w.n, fill)
	return nil
}

// end carries out what was handed in and ends run.
func (w *writer) end() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	close(w.stop)
	<-w.gone
}

// close closes the connections, after end.
func (w *writer) close() error {
	return errors.Join(w.eyes.close(), w.book.wal.close(), w.c.close())
}

// do has a job carried out and returns when it stands on stable storage, or when
// ctx ends, which undoes nothing.
func (w *writer) do(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.done = make(chan struct{})
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
	if err := w.do(ctx, &job{units: []*unit{u}}); err != nil {
		return nil, err
	}
	return u.hints, fault(u.err)
}

// alone has an act carried out in a transaction of its own.
func (w *writer) alone(ctx context.Context, act func(t *turn) error) error {
	u := &unit{act: func(t *turn, _ *unit) error { return act(t) }}
	if err := w.do(ctx, &job{units: []*unit{u}, alone: true}); err != nil {
		return err
	}
	return fault(u.err)
}

// run plans until stop is closed.
func (w *writer) run() {
	defer close(w.gone)
	go w.write()
	defer close(w.scribe)
	idle := time.NewTimer(settleIdle)
	defer idle.Stop()
	for {
		var rest <-chan time.Time
		if w.under == nil && (w.book.lag.Load() > 0 || w.lost) {
			idle.Reset(max(settleIdle, time.Until(w.retry)))
			rest = idle.C
		} else if w.under == nil && w.behind {
			idle.Reset(max(soughtIdle, time.Until(w.retry)))
			rest = idle.C
		}
		select {
		case j := <-w.jobs:
			w.serve(w.collect(j))
		case t := <-w.wrote:
			w.take(t)
		case <-rest:
			if w.book.lag.Load() > 0 || w.lost {
				w.rest()
			} else {
				w.keepUp()
			}
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
			w.serve(w.collect(j))
		default:
			w.wait()
			w.rest()
			return
		}
	}
}

// collect returns a job and whatever else waits by now.
func (w *writer) collect(first *job) []*job {
	jobs, n := []*job{first}, len(first.units)
	for n < maxBatch {
		select {
		case j := <-w.jobs:
			jobs, n = append(jobs, j), n+len(j.units)
			continue
		default:
		}
		break
	}
	return jobs
}

// serve carries jobs out in order.
func (w *writer) serve(jobs []*job) {
	from := 0
	for i, j := range jobs {
		if !j.alone {
			continue
		}
		w.submit(jobs[from:i])
		w.wait()
		w.bisect(j.units)
		close(j.done)
		w.book.wal.look(w.c) // the scribe is free, and may not be needed for long
		from = i + 1
	}
	w.submit(jobs[from:])
}
