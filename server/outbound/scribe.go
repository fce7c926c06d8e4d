package outbound

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// step is a step of a letter on its way into the record.
type step struct {
	store.Posting
	done chan error // has room for the answer
}

const (
	writeAgain = time.Second           // after the record could not take a step
	linger     = 50 * time.Millisecond // that a step waits for others, if nothing pops with it
	maxSteps   = 256
)

// scribe writes steps, those of some milliseconds together: each transaction waits
// for the disk, and the pops wait in the same line.
func (b *Outbound) scribe(ctx context.Context) {
	for {
		var all []step
		select {
		case <-ctx.Done():
			return
		case s := <-b.steps:
			all = append(all, s)
		}
		wait := time.NewTimer(linger)
		for waits := len(all[0].Pops) == 0; waits && len(all) < maxSteps; {
			select {
			case s := <-b.steps:
				all = append(all, s)
				waits = len(s.Pops) == 0
			case <-wait.C:
				waits = false
			case <-ctx.Done():
				waits = false
			}
		}
		wait.Stop()
		b.writeAll(ctx, all)
	}
}

func (b *Outbound) writeAll(ctx context.Context, all []step) {
	postings := make([]store.Posting, len(all))
	for i, s := range all {
		postings[i] = s.Posting
	}
	hints, errs := b.o.Record.PostAll(ctx, postings...)
	for _, h := range hints {
		b.o.Publish(h)
	}
	for i, s := range all {
		s.done <- errs[i]
	}
}

// write writes a step; while the record cannot take it it tries again. It reports
// whether it stands.
func (b *Outbound) write(ctx context.Context, p store.Posting) bool {
	for {
		err := b.writeOnce(ctx, p)
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil, screenpop.ErrorCode(err) == screenpop.CodeNotFound: // its request is past its keeping
			return false
		}
		b.o.Log.Error("write what became of a web request", "pop_id", p.PopID, "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(writeAgain):
		}
	}
}

// note writes a step on which nothing hangs, and does not wait for it.
func (b *Outbound) note(ctx context.Context, p store.Posting) {
	select {
	case b.steps <- step{p, make(chan error, 1)}:
	case <-ctx.Done():
	}
}

func (b *Outbound) writeOnce(ctx context.Context, p store.Posting) error {
	s := step{p, make(chan error, 1)}
	select {
	case b.steps <- s:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
