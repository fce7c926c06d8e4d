package hub

import (
	"context"

	"github.com/crmpop/crmpop/app/wire"
)

// Conn lets a test be the socket.
type Conn = conn

// Session is one open socket.
type Session = session

// Open starts a session on a test's connection, as Serve does.
func (h *Hub) Open(who Who, c Conn, epoch, head int64) (*Session, error) {
	return h.open(who, c, wire.Frame{Epoch: epoch, Seq: head})
}

// Receive hands a client's frame to the session, as its reader does.
func (s *session) Receive(b []byte) { s.receive(b) }

// Lost ends the reader.
func (s *session) Lost() { s.lost() }

// Waiting returns how much is queued for the client.
func (s *session) Waiting() (frames, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue), s.queued
}

// Sweep compares with the record's heads now.
func (h *Hub) Sweep() { h.sweep(context.Background()) }

// The limits of a session's queue.
const (
	MaxQueue  = maxQueue
	MaxQueued = maxQueued
	ReadLimit = readLimit
)

// Fit encodes a snapshot within the limits of the wire.
var Fit = fit

// PingAt encodes a ping.
var PingAt = pingAt
