package hub

import (
	"context"
	"fmt"
	"strconv"

	"github.com/crmpop/crmpop/app/wire"
)

// stream is the way of frames to one client. The queue holds what is encoded
// and next to be written. A session that is behind takes its stream from pages
// of the record instead, and lets live frames pass until it has caught up: so
// order needs no sorting, and a long replay no memory.
type stream struct {
	queue   []entry
	queued  int          // bytes in queue
	pumping bool         // a pump runs
	last    int64        // newest seq queued or written
	known   int64        // newest seq heard of
	epoch   int64        // of last
	behind  bool         // known > last, or not compared yet
	compare bool         // the client's position is to be compared with the record's head
	answer  bool         // a ping is owed once the client has caught up
	turn    int          // counts rewinds: a page read for an earlier one is void
	page    []wire.Frame // read from the record, not yet written
}

type entry struct {
	b      []byte
	seq    int64 // of a streamed frame, else 0
	code   int   // of a bye, else 0
	reason string
}

// drop forgets all that was to be sent.
func (t *stream) drop() { *t = stream{pumping: t.pumping, turn: t.turn + 1} }

// rewind starts the stream anew after a position, which 0,0 leaves to a snapshot.
func (s *session) rewind(epoch, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving {
		return
	}
	controls := s.queue
	pumping, turn := s.pumping, s.turn
	s.ack, s.acked = 0, 0
	s.stream = stream{pumping: pumping, turn: turn + 1, epoch: epoch, last: seq, behind: true, compare: true, answer: true}
	for _, e := range controls {
		if e.seq == 0 {
			s.push(e)
		}
	}
	s.kick()
}

// offer takes a hint. It is called by the bus and does not block: a client that
// cannot follow is sent away and resumes.
func (s *session) offer(h wire.Hint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving || s.turn == 0 { // not yet resumed: what comes now will be read
		return
	}
	s.known = max(s.known, h.Head)
	for _, f := range h.Frames {
		s.known = max(s.known, f.Seq)
		if s.behind || f.Seq != s.last+1 {
			continue
		}
		if !s.push(entry{b: wire.Encode(plain(f)), seq: f.Seq}) {
			return
		}
		s.last = f.Seq
	}
	if s.known > s.last && !s.behind {
		s.behind = true
		s.kick()
	}
}

// send queues a frame that is no part of the stream.
func (s *session) send(f wire.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.leaving {
		s.push(entry{b: wire.Encode(f)})
	}
}

// ping tells the client how far it should be.
func (s *session) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.leaving {
		s.push(entry{b: pingAt(s.last)})
	}
}

// pingAt encodes a ping as wire.Encode does, for a tenth of the cost: it is what
// an idle server does all day.
func pingAt(seq int64) []byte {
	if seq == 0 {
		return []byte(`{"type":"ping"}`)
	}
	return append(strconv.AppendInt([]byte(`{"type":"ping","seq":`), seq, 10), '}')
}

// push queues an entry and reports whether the client still follows. mu is held.
func (s *session) push(e entry) bool {
	if len(s.queue) >= maxQueue || s.queued > 0 && s.queued+len(e.b) > maxQueued {
		s.byeLocked(wire.ByeSlow, fmt.Sprintf("this connection reads too slowly: %d frames, %d bytes wait", len(s.queue), s.queued))
		return false
	}
	s.queue = append(s.queue, e)
	s.queued += len(e.b)
	s.kick()
	return true
}

// kick sees to it that a pump runs. mu is held.
func (s *session) kick() {
	if s.pumping {
		return
	}
	s.pumping = true
	s.hold()
	go s.pump()
}

// pump writes until there is nothing left to write.
func (s *session) pump() {
	defer s.done("pump")
	for {
		e, ok := s.next()
		if !ok {
			return
		}
		if err := s.conn.Write(e.b); err != nil {
			s.hub.log.Debug("agent's socket is gone", "agent_id", s.key.ID, "err", err)
			s.abort()
			return
		}
		if e.code != 0 {
			s.conn.Close(e.code, e.reason)
			return
		}
	}
}

// next returns what is to be written now; it reads the record if the client is
// behind. ok is false when the pump has done its work.
func (s *session) next() (e entry, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case len(s.queue) > 0:
			return s.shift(), true
		case s.leaving || !s.behind:
			s.pumping = false
			return entry{}, false
		case len(s.page) > 0:
			return s.leaf(), true
		case !s.compare && s.known <= s.last:
			s.caughtUp()
		default:
			s.turnPage()
		}
	}
}

// shift takes the first entry of the queue, whose array goes with the last.
func (s *session) shift() entry {
	e := s.queue[0]
	s.queued -= len(e.b)
	if s.queue = s.queue[1:]; len(s.queue) == 0 {
		s.queue = nil
	}
	return e
}

// leaf takes the first frame of the page.
func (s *session) leaf() entry {
	f := s.page[0]
	if s.page = s.page[1:]; len(s.page) == 0 {
		s.page = nil
	}
	s.last = f.Seq
	if f.Type == wire.Snapshot {
		s.epoch = f.Epoch
		return entry{b: fit(f, s.hub.log, s.key)}
	}
	return entry{b: wire.Encode(plain(f)), seq: f.Seq}
}

// caughtUp ends a replay.
func (s *session) caughtUp() {
	s.behind = false
	if s.answer {
		s.answer = false
		s.push(entry{b: pingAt(s.last)})
	}
}

// turnPage reads the next page of the record, without the lock. A record that
// cannot be read sends the client away: it comes back by itself.
func (s *session) turnPage() {
	turn, seen := s.turn, s.known
	p, err := s.readUnlocked()
	if s.leaving || s.turn != turn {
		return
	}
	if err != nil {
		s.hub.log.Error("read the record for an agent", "agent_id", s.key.ID, "err", err)
		s.byeLocked(wire.ByeInternal, "your events could not be read just now; reconnecting")
		return
	}
	s.compare = false
	s.page = p.frames
	switch {
	case s.known > seen: // a hint came while the record was read: read on
	case p.snapshot:
		s.known = p.head
	case len(p.frames) == 0: // a hint of more than the record holds
		s.known = s.last
	default:
		s.known = max(s.known, p.head)
	}
}

// readUnlocked reads with mu released, and has it again even after a panic.
func (s *session) readUnlocked() (page, error) {
	epoch, last, compare := s.epoch, s.last, s.compare
	s.mu.Unlock()
	defer s.mu.Lock()
	return s.hub.read(s.key, epoch, last, compare)
}

// page is what the record has for a client.
type page struct {
	frames   []wire.Frame
	head     int64
	snapshot bool // frames is one snapshot
}

// read returns the frames after last, or a snapshot if the record no longer
// reaches back to it, never had it, or has begun a new epoch.
func (h *Hub) read(a wire.AgentKey, epoch, last int64, compare bool) (p page, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), actTimeout)
	defer cancel()
	if compare {
		var now int64
		if now, p.head, err = h.rec.Head(ctx, a); err != nil {
			return p, fmt.Errorf("read head: %w", err)
		}
		if now != epoch || last > p.head {
			return h.snapshot(ctx, a)
		}
	}
	frames, ok, err := h.rec.Since(ctx, a, last, pageSize)
	if err != nil {
		return p, fmt.Errorf("read frames after %d: %w", last, err)
	}
	if !ok || !follow(frames, last) {
		return h.snapshot(ctx, a)
	}
	p.frames = frames
	return p, nil
}

func (h *Hub) snapshot(ctx context.Context, a wire.AgentKey) (page, error) {
	f, err := h.rec.Snapshot(ctx, a)
	if err != nil {
		return page{}, fmt.Errorf("read snapshot: %w", err)
	}
	f.Type = wire.Snapshot
	return page{frames: []wire.Frame{f}, head: f.Seq, snapshot: true}, nil
}

// follow reports whether frames go on from seq without a gap.
func follow(frames []wire.Frame, seq int64) bool {
	for i, f := range frames {
		if f.Seq != seq+int64(i)+1 {
			return false
		}
	}
	return true
}
