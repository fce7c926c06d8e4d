package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// add plans jobs into the turn that is next, and hands that to the scribe if the
// scribe is free. While it is not, the turn grows.
func (w *writer) add(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	t := w.next
	if w.next = nil; t == nil {
		t = w.newTurn()
	}
	t.jobs = append(t.jobs, jobs...)
	err := w.plan(t, unitsOf(jobs))
	if errors.Is(err, errVoid) {
		again := w.newTurn()
		again.jobs = t.jobs
		t, err = again, w.plan(again, unitsOf(t.jobs))
	}
	switch {
	case err == nil && !t.begun:
		w.next = t
		w.pass()
	case w.under == nil || w.take(<-w.wrote):
		w.conclude(t, err)
	default: // both have failed; this one because of the other, for all we know
		w.add(t.jobs)
	}
}

func unitsOf(jobs []*job) (units []*unit) {
	for _, j := range jobs {
		units = append(units, j.units...)
	}
	return units
}

// pass hands the next turn to the scribe, if there is one and the scribe is free.
func (w *writer) pass() {
	if w.under == nil && w.next != nil {
		w.under, w.next = w.next, nil
		w.scribe <- w.under
	}
}

// drain returns when nothing is planned or being written.
func (w *writer) drain() {
	for w.under != nil {
		w.take(<-w.wrote)
	}
}

// conclude ends a turn that cannot be left to the scribe, which is free.
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

// take takes a turn back from the scribe and passes the next one on. It reports
// whether what was planned on that turn still holds.
func (w *writer) take(t *turn) bool {
	w.under = nil
	if t.err == nil {
		w.written(t)
		w.pass()
		return true
	}
	w.undo(t, t.err)
	w.failed(t.units, t.err)
	t.acknowledge()
	if void := w.next; void != nil {
		w.next = nil
		w.add(void.jobs)
	}
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
	t := w.newTurn()
	err := w.plan(t, units)
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

func (w *writer) newTurn() *turn {
	w.mem.forget(w.settled)
	w.sieves.tend(w.n, w.settled)
	p := newPages()
	if n := len(w.spares); n > 0 {
		p, w.spares = w.spares[n-1], w.spares[:n-1]
		p.drop()
	}
	return &turn{w: w, mem: w.mem, now: w.now().Round(0).UTC(), from: w.n, n: w.n, pages: p, soonest: never}
}

// plan has units change memory and leave rows in a turn. After an error memory is
// not to be trusted.
func (w *writer) plan(t *turn, units []*unit) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the record: %v", p)
			w.log.Error("panic in the record", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for _, u := range units {
		u.err, u.hints = nil, nil
	}
	t.units = append(t.units, units...)
	if w.lost { // so the scribe is free
		if err := w.settle(); err != nil {
			return err
		}
		w.lost = false
		w.mem = newMemory()
		t.mem = w.mem
	}
	if err := t.play(units); err != nil {
		return err
	}
	w.n = t.n
	return nil
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
