package companions

import (
	"context"
	"fmt"
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	pageSize = 64  // frames read from the record at once
	maxQueue = 256 // pops that wait to be looked at
)

// stream is what of an agent's stream has come. Frames that say nothing to a
// companion only count.
type stream struct {
	queue  []screenpop.Pop
	last   int64 // newest seq that was looked at
	head   int64 // newest seq heard of
	behind bool  // there is something in the record to be read
	fresh  bool  // nothing was read yet
}

// offer takes a hint. It is called by the bus and does not block.
func (s *session) offer(h wire.Hint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = max(s.head, h.Head)
	for _, f := range h.Frames {
		s.head = max(s.head, f.Seq)
		if !s.behind && f.Seq == s.last+1 {
			s.last = f.Seq
			s.take(f)
		}
	}
	s.behind = s.behind || s.head > s.last || len(s.queue) > maxQueue
	if s.behind || len(s.queue) > 0 {
		s.nudge()
	}
}

// compare finds hints that never came, and a record that was put back to an older
// state, which is read from its beginning. An error only leaves it for the next time.
func (s *session) compare() {
	ctx, cancel := context.WithTimeout(s.ctx, actTimeout)
	defer cancel()
	_, head, err := s.room.rec.Head(ctx, s.known.Agent)
	if err != nil {
		s.room.o.Log.Error("compare with the record for a companion", "companion_id", s.known.ID, "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if head < s.last {
		s.last, s.head, s.fresh, s.behind = 0, 0, true, true
	}
	s.head = max(s.head, head)
	s.behind = s.behind || s.head > s.last
}

// take queues a frame if the companion may have to do with its pop. mu is held.
func (s *session) take(f wire.Frame) {
	switch {
	case f.Type == wire.Withdraw:
		s.letGo(f.PopID)
		s.queue = slices.DeleteFunc(s.queue, func(p screenpop.Pop) bool { return p.ID == f.PopID })
	case f.Type == wire.Pop && (f.Pop.Kind == screenpop.KindCommand || f.Pop.ClaimedBy == s.holder()):
		s.queue = append(s.queue, *f.Pop)
	}
}

// catchUp reads from the record what the hints have not brought.
func (s *session) catchUp() error {
	for {
		s.mu.Lock()
		last, asked, behind, fresh := s.last, s.head, s.behind, s.fresh
		s.mu.Unlock()
		if !behind {
			return nil
		}
		frames, upTo, err := s.page(last, fresh)
		if err != nil {
			return err
		}
		s.mu.Lock()
		for _, f := range frames {
			s.take(f)
		}
		s.fresh = false
		if upTo == s.last && s.head == asked { // a hint of more than the record holds, and none came since
			s.head = upTo
		}
		s.last = upTo
		s.behind = s.head > s.last
		s.mu.Unlock()
	}
}

// page returns frames of the record and the seq up to which they stand for all.
// It begins with what is open, and with the newest frames beside it: a request that
// is closed is not open, and may have popped a command with its end.
func (s *session) page(last int64, fresh bool) ([]wire.Frame, int64, error) {
	ctx, cancel := context.WithTimeout(s.ctx, actTimeout)
	defer cancel()
	a := s.known.Agent
	if !fresh {
		frames, ok, err := s.room.rec.Since(ctx, a, last, pageSize)
		if err != nil {
			return nil, 0, fmt.Errorf("read frames after %d: %w", last, err)
		}
		if ok {
			if n := len(frames); n > 0 {
				last = frames[n-1].Seq
			}
			return frames, last, nil
		}
	}
	open, err := s.room.rec.Snapshot(ctx, a)
	if err != nil {
		return nil, 0, fmt.Errorf("read snapshot: %w", err)
	}
	var frames []wire.Frame
	for _, p := range open.Pops {
		frames = append(frames, wire.Frame{Type: wire.Pop, Pop: &p})
	}
	newest, ok, err := s.room.rec.Since(ctx, a, max(0, open.Seq-pageSize), pageSize)
	if err != nil {
		return nil, 0, fmt.Errorf("read the newest frames: %w", err)
	}
	if ok {
		frames = append(frames, newest...)
	}
	return frames, open.Seq, nil
}

// ctxFor returns a context for one act of the session's own, which is done even
// if the companion goes meanwhile.
func (s *session) ctxFor() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.ctx), actTimeout)
}
