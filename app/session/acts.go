package session

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// ReceiptBox keeps receipts until the server has confirmed them, beyond a reload
// of the page. Its methods are called from any goroutine.
type ReceiptBox interface {
	Put(id string, frame []byte)
	Delete(id string)
	All() map[string][]byte
}

// pending is a receipt that the server has not confirmed.
type pending struct {
	b      []byte
	sentAt time.Time // zero if it was not sent on this connection
}

// Receipt reports what became of a pop. It is kept in the receipt box and sent
// until the server confirms it. A detail of more than screenpop.MaxDetail bytes
// is cut.
func (s *Session) Receipt(popID string, st screenpop.PopState, detail string) {
	id := s.receiptID()
	b := wire.Encode(wire.Frame{Type: wire.Receipt, ID: id, PopID: popID, State: st,
		Detail: cut(detail, screenpop.MaxDetail), Build: s.o.Build})
	s.o.Receipts.Put(id, b)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &pending{b: b}
	s.receipts[id] = p
	s.sendReceipt(p)
}

// receiptID returns an id that no other receipt has; ids of one page sort in
// the order they were made.
func (s *Session) receiptID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return fmt.Sprintf("%013x%06x%s", s.o.Now().UnixMilli(), s.made, rand.Text()[:8])
}

// sendReceipt is called with mu held.
func (s *Session) sendReceipt(p *pending) {
	if s.link != nil {
		p.sentAt = s.o.Now()
		s.writeBytes(p.b)
	}
}

// confirmed is called when the server has a receipt.
func (s *Session) confirmed(id string) {
	s.o.Receipts.Delete(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.receipts, id)
}

// load takes in what the box still holds of earlier pages. What no server could
// read is thrown out.
func (s *Session) load() {
	for id, b := range s.o.Receipts.All() {
		f, err := wire.Decode(b)
		if err == nil && (f.Type != wire.Receipt || f.ID != id) {
			err = fmt.Errorf("it holds a %s frame with id %q", f.Type, f.ID)
		}
		if err != nil {
			s.o.Receipts.Delete(id)
			s.fault(fmt.Errorf("stored receipt %q: %w", id, err))
			continue
		}
		s.mu.Lock()
		if s.receipts[id] == nil {
			s.receipts[id] = &pending{b: b}
		}
		s.mu.Unlock()
	}
}

// resend sends, oldest first, every receipt sent longer than age ago, or never.
// mu is held.
func (s *Session) resend(age time.Duration) {
	for _, id := range slices.Sorted(maps.Keys(s.receipts)) {
		if p := s.receipts[id]; s.o.Now().Sub(p.sentAt) >= age {
			s.sendReceipt(p)
		}
	}
}

// replay says after a resume all that is still without an answer. mu is held.
func (s *Session) replay() {
	s.resend(0)
	for id := range s.claims {
		s.write(wire.Frame{Type: wire.Claim, PopID: id})
	}
	for id := range s.closes {
		s.write(wire.Frame{Type: wire.Close, RequestID: id})
	}
}

// Claim asks for the right to open a pop by itself; a claimed frame answers. It
// is asked again after a reconnect.
func (s *Session) Claim(popID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims[popID] = true
	s.write(wire.Frame{Type: wire.Claim, PopID: popID})
}

func (s *Session) claimed(popID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.claims, popID)
}

// Close ends a request for this agent: its request frame comes back closed. It
// is asked again after a reconnect until then.
func (s *Session) Close(requestID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closes[requestID] = true
	s.write(wire.Frame{Type: wire.Close, RequestID: requestID})
}

func closed(r screenpop.Request) bool { return r.State == screenpop.StateClosed }

// Lead says whether this tab opens pops by itself from now on.
func (s *Session) Lead(lead bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lead = lead
	s.write(wire.Frame{Type: wire.Lead, Lead: lead})
}

func (s *Session) fault(err error) {
	if s.o.OnFault != nil {
		s.o.OnFault(err)
	}
}

// memoryBox keeps receipts as long as the session.
type memoryBox struct {
	mu     sync.Mutex
	frames map[string][]byte
}

func (m *memoryBox) Put(id string, frame []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.frames[id] = frame
}

func (m *memoryBox) Delete(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.frames, id)
}

func (m *memoryBox) All() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.frames)
}

// cut returns the first n bytes of s at most, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
