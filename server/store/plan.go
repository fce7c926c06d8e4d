package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// submit plans a turn for jobs and hands it to the scribe.
func (w *writer) submit(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	var units []*unit
	for _, j := range jobs {
		units = append(units, j.units...)
	}
	t, err := w.plan(units)
	if !w.wait() || errors.Is(err, errVoid) {
		t, err = w.plan(units) // it was planned on what has come to nothing
	}
	t.jobs = jobs
	if err != nil || t.begun {
		w.conclude(t, err)
		return
	}
	w.under = t
	w.scribe <- t
}

// conclude ends a turn that cannot be left to the scribe.
func (w *writer) conclude(t *turn, err error) {
	if err == nil {
		err = w.book.write(w.c, t)
	}
	if err != nil {
		w.undo(t, err)
		w.failed(t.units, err)
	} else {
		w.written(t)
	}
	t.acknowledge()
	w.book.upkeep(w.c)
}

// write is the scribe.
func (w *writer) write() {
	for t := range w.scribe {
		if t.err = w.book.write(w.c, t); t.err == nil {
			t.acknowledge()
			w.book.upkeep(w.c)
		}
		w.wrote <- t
	}
}

// wait waits for the turn with the scribe. It reports whether what was planned
// since still holds.
func (w *writer) wait() bool {
	if w.under == nil {
		return true
	}
	return w.take(<-w.wrote)
}

// take takes a turn back from the scribe.
func (w *writer) take(t *turn) bool {
	w.under = nil
	if t.err == nil {
		w.written(t)
		return true
	}
	w.undo(t, t.err)
	w.failed(t.units, t.err)
	t.acknowledge()
	return false
}

// written notes that a turn stands on stable storage.
func (w *writer) written(t *turn) {
	w.spares, w.settled = append(w.spares, t.pages), w.book.settled
	if err := w.book.failed; err != nil {
		w.log.Error("settle the record", "err", err)
		w.book.failed = nil
	}
}

// undo forgets what a failed turn has done.
func (w *writer) undo(t *turn, err error) {
	if t.begun {
		w.c.rollback()
	}
	if told(err) && t.n == t.from { // refused before it touched memory
		return
	}
	w.n = t.from
	w.mem, w.lost = newMemory(), true
}

// failed finds out which of the units of a failed turn are at fault.
func (w *writer) failed(units []*unit, err error) {
	if storage(err) || len(units) == 1 {
		for _, u := range units {
			u.err, u.hints = err, nil
		}
		return
	}
	half := len(units) / 2
	w.bisect(units[:half])
	w.bisect(units[half:])
}

// bisect carries units out in one transaction. If that fails it carries out each
// half in one, so that in the end only the bad unit fails.
func (w *writer) bisect(units []*unit) {
	t, err := w.plan(units)
	if err == nil {
		err = w.book.write(w.c, t)
	}
	if err != nil {
		w.undo(t, err)
		w.failed(units, err)
		return
	}
	w.written(t)
}

// plan has units change memory and returns the turn that is to be written. After
// an error memory is not to be trusted.
func (w *writer) plan(units []*unit) (t *turn, err error) {
	t = w.newTurn(units)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the record: %v", p)
			w.log.Error("panic in the record", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if w.lost { // so nothing is with the scribe
		if err := w.settle(); err != nil {
			return t, err
		}
		w.lost = false
	}
	if err := t.play(units); err != nil {
		return t, err
	}
	w.n = t.n
	return t, nil
}

func (w *writer) newTurn(units []*unit) *turn {
	w.mem.forget(w.settled)
	w.sieves.tend(w.n, w.settled)
	for _, u := range units {
		u.err, u.hints = nil, nil
	}
	p := newPages()
	if n := len(w.spares); n > 0 {
		p, w.spares = w.spares[n-1], w.spares[:n-1]
		p.drop()
	}
	return &turn{w: w, mem: w.mem, now: w.now().Round(0).UTC(), units: units, from: w.n, n: w.n, pages: p, soonest: never}
}

// rest settles what waits.
func (w *writer) rest() {
	if w.book.lag.Load() == 0 && !w.lost || time.Now().Before(w.retry) {
		return
	}
	if err := w.settle(); err != nil {
		w.log.Error("settle the record", "err", err)
		w.retry = time.Now().Add(settleRetry)
		return
	}
	w.lost = false
}

// settle brings the tables up while no turn is with the scribe.
func (w *writer) settle() error {
	if err := w.book.settle(w.c); err != nil {
		return err
	}
	w.settled = w.book.settled
	return nil
}
