package hub

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	readLimit  = 64 << 10 // bytes of one frame of a client
	readBuffer = 512      // bytes; what clients say is short
	sendBuffer = 1 << 10  // bytes; most frames fit. net/http would give 4 KiB each
)

// Serve turns r into a socket of agent who and returns at once: the socket
// lives on by itself. The caller has checked the sign-in and the origin. An
// error means that nothing was written yet.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, who Who) error {
	if err := upgradable(r); err != nil {
		return err
	}
	hello, err := h.ready(r.Context(), who)
	if err != nil {
		return err
	}
	c, err := h.accept(w, r)
	if err != nil { // already answered
		h.log.Info("websocket handshake", "agent_id", who.Key.ID, "err", err)
		return nil
	}
	s, err := h.open(who, c, hello)
	if err != nil {
		code, reason := lateBye(err)
		go c.refuse(h.log, code, reason)
		return nil
	}
	go s.read(c)
	return nil
}

// ready returns a hello that says where the agent's stream is, or why no session
// can begin.
func (h *Hub) ready(ctx context.Context, who Who) (hello wire.Frame, err error) {
	if h.isDraining() {
		return hello, errDraining
	}
	hello.Epoch, hello.Seq, err = h.rec.Head(ctx, who.Key)
	if err != nil {
		return hello, fmt.Errorf("read head of agent %q: %w", who.Key.ID, err)
	}
	return hello, nil
}

// lateBye is what a client is told that was not admitted after all.
func lateBye(err error) (code int, reason string) {
	if errors.Is(err, errSignedOut) {
		return wire.ByeSignOut, signedOut
	}
	return wire.ByeRestart, restarts
}

const restarts = "this server restarts; reconnecting"

// Refuse accepts the socket only to say bye with code and reason, and closes it:
// a browser does not let its page see the status of a refused handshake. An
// error means that nothing was written yet.
func (h *Hub) Refuse(w http.ResponseWriter, r *http.Request, code int, reason string) error {
	if err := upgradable(r); err != nil {
		return err
	}
	c, err := h.accept(w, r)
	if err != nil { // already answered
		h.log.Info("websocket handshake", "err", err)
		return nil
	}
	go c.refuse(h.log, code, reason)
	return nil
}

func (h *Hub) isDraining() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.draining
}

func upgradable(r *http.Request) error {
	if r.Method != http.MethodGet || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return screenpop.Errorf(screenpop.CodeInvalid, "not-a-websocket",
			"this address takes websocket connections only; open it with a websocket client")
	}
	return nil
}

// accept upgrades r. An error has been answered.
func (h *Hub) accept(w http.ResponseWriter, r *http.Request) (*socket, error) {
	c := &socket{}
	ws, err := websocket.Accept(&leanWriter{w, c, h.o.WriteTimeout}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // the caller has compared the origin exactly
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1) // read has its own, which leaves time for a bye
	c.ws = ws
	return c, nil
}

// socket is a conn on a websocket.
type socket struct {
	ws  *websocket.Conn
	raw net.Conn
}

// Write sends a text frame. It needs no deadline: timedConn sets one on every
// write, which is three times cheaper than a context.
func (c *socket) Write(b []byte) error {
	return c.ws.Write(context.Background(), websocket.MessageText, b)
}

// Close sends the close frame and cuts the connection once it is answered, or
// after some seconds.
func (c *socket) Close(code int, reason string) {
	_ = c.ws.Close(websocket.StatusCode(code), cut(reason, 123)) // best effort: the bye was the message
	c.Cut()
}

// Cut closes the connection under the websocket. Cutting twice is fine.
func (c *socket) Cut() { _ = c.raw.Close() }

// refuse says bye and closes; nothing is read but the answer to that.
func (c *socket) refuse(log *slog.Logger, code int, reason string) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("panic in hub", "in", "refuse", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	end := time.AfterFunc(byeWait, c.Cut)
	defer end.Stop()
	if c.Write(wire.Encode(wire.Frame{Type: wire.Bye, Code: code, Reason: reason})) == nil {
		c.Close(code, reason)
	}
	c.Cut()
}

// read is the one goroutine of an idle agent.
func (s *session) read(c *socket) {
	defer s.lost()
	defer func() {
		if p := recover(); p != nil {
			s.hub.log.Error("panic in hub", "agent_id", s.key.ID, "in", "read", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for {
		typ, r, err := c.ws.Reader(context.Background())
		if err == nil {
			err = s.take(typ, r)
		}
		if err != nil {
			s.hub.log.Debug("agent's socket is read no more", "agent_id", s.key.ID, "err", err)
			return
		}
	}
}

// take reads one frame. An error ends the reading; a client that can still be
// told what was wrong is told.
func (s *session) take(typ websocket.MessageType, r io.Reader) error {
	if typ != websocket.MessageText {
		s.bye(wire.ByeProtocol, "a binary frame came; frames are JSON text")
		return errUnreadable
	}
	b := frames.Get().(*bytes.Buffer)
	defer recycle(b)
	if _, err := b.ReadFrom(io.LimitReader(r, readLimit+1)); err != nil {
		return err
	}
	if b.Len() > readLimit {
		s.bye(wire.ByeProtocol, fmt.Sprintf("a frame of more than %d bytes came", readLimit))
		return errUnreadable
	}
	s.handOver(b.Bytes())
	return nil
}

var errUnreadable = errors.New("unreadable frame")

// frames are the buffers that frames are read into. Large ones are not kept.
var frames = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func recycle(b *bytes.Buffer) {
	if b.Reset(); b.Cap() <= 4<<10 {
		frames.Put(b)
	}
}

// handOver lets a goroutine with a stack of its own look into the frame: JSON
// goes twice as deep as waiting does, and a stack does not shrink again. b is
// not kept.
func (s *session) handOver(b []byte) {
	s.heard.Store(int64(s.hub.clock()))
	if string(b) == pong {
		return
	}
	seen := make(chan struct{})
	s.mu.Lock()
	s.hold()
	s.mu.Unlock()
	go func() {
		defer s.done("receive")
		defer close(seen)
		s.receive(b)
	}()
	<-seen
}

// leanWriter hands the websocket a connection with small buffers, and keeps
// hold of it for deadlines and for cutting.
type leanWriter struct {
	http.ResponseWriter
	c       *socket
	timeout time.Duration
}

// Hijack takes the connection over from net/http.
func (w *leanWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	raw, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	timed := &timedConn{raw, w.timeout}
	w.c.raw = timed
	in := rw.Reader
	if in.Buffered() == 0 { // else the client was early, and what it said is in there
		in = bufio.NewReaderSize(timed, readBuffer)
	}
	return timed, bufio.NewReadWriter(in, bufio.NewWriterSize(timed, sendBuffer)), nil
}

// timedConn gives every write its own deadline, those of the websocket library
// itself (pong, close) included.
type timedConn struct {
	net.Conn
	timeout time.Duration
}

// Write writes within the timeout.
func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
