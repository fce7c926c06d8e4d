package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crmpop/crmpop/app/wire"
)

// HTTP is what a session needs to do without websockets. Programs get one from
// NewHTTP; a browser has its own.
type HTTP struct {
	// Events opens a stream of events at url and does not wait for it. heard is
	// called with the data of each event, in order, and ended when the stream has
	// ended or did not come; neither blocks. Nothing is called after stop.
	Events func(url string, heard func(data string), ended func(error)) (stop func())
	// Send sends a request with a JSON body, or none, and returns what was
	// answered. It follows no redirect.
	Send func(ctx context.Context, method, url string, body []byte) (Reply, error)
}

// Reply is the answer to a request.
type Reply struct {
	Status int    // 0 for a redirect that a browser shows nothing of
	Type   string // Content-Type
	Body   []byte
}

// errIntercepted says that it was not our server that answered.
var errIntercepted = errors.New("something between here and the server answers in its place, as the sign-in page of a network does")

// ask returns the body of the server's answer.
func (h *HTTP) ask(ctx context.Context, method, url string, body []byte) ([]byte, error) {
	r, err := h.Send(ctx, method, url, body)
	switch {
	case err != nil:
		return nil, err
	case r.Status == 204 || r.Status == 200 && strings.HasPrefix(r.Type, "application/json"):
		return r.Body, nil
	case r.Status < 400 || r.Status == 511:
		return nil, errIntercepted
	case r.Status == 401 && strings.HasPrefix(r.Type, "application/problem"):
		return nil, &byeError{wire.ByeSignOut, "you are not signed in any more; sign in again"}
	}
	return nil, fmt.Errorf("the server answered with status %d", r.Status)
}

// at returns the address of one of the server's other doors, "stream" or "poll",
// beside that of the socket; the query stays if open is set.
func at(socket, door string, open bool) string {
	address, query, asks := strings.Cut(socket, "?")
	address = address[:strings.LastIndexByte(address, '/')+1] + door
	if strings.HasPrefix(address, "ws") {
		address = "http" + address[len("ws"):]
	}
	if open && asks {
		address += "?" + query
	}
	return address
}

// upward is the half of a connection that goes up, by requests.
type upward struct {
	h  *HTTP
	to string // with the id of the stream, once it is known
}

func (u *upward) named(id string) { u.to += "/" + id }

// Write sends one frame, or an array of them.
func (u *upward) Write(ctx context.Context, b []byte) error {
	_, err := u.h.ask(ctx, "POST", u.to, b)
	return err
}

// streamConn is a connection whose frames come down as events.
type streamConn struct {
	*inbox
	upward
	stop func()
}

func (h *HTTP) dialStream(_ context.Context, socket string) (Conn, error) {
	c := &streamConn{newInbox(), upward{h, at(socket, "stream", false)}, nil}
	c.stop = h.Events(at(socket, "stream", true), c.put, c.end)
	return c, nil
}

// Close ends the stream.
func (c *streamConn) Close() { c.stop() }

// pollConn is a connection whose frames come down in the answers to polls. A poll
// that fails is a connection lost: nobody knows what was in its answer.
type pollConn struct {
	upward
	polls  string
	turn   int
	frames []json.RawMessage
}

func (h *HTTP) dialPoll(ctx context.Context, socket string) (Conn, error) {
	c := &pollConn{upward: upward{h, at(socket, "stream", false)}, polls: at(socket, "poll", false)}
	return c, c.poll(ctx, "POST", at(socket, "poll", true))
}

func (c *pollConn) named(id string) {
	c.upward.named(id)
	c.polls += "/" + id
}

func (c *pollConn) poll(ctx context.Context, method, url string) error {
	b, err := c.h.ask(ctx, method, url, nil)
	if err != nil {
		return err
	}
	c.turn++
	if err := json.Unmarshal(b, &c.frames); err != nil {
		return errIntercepted
	}
	return nil
}

// Read returns the next frame, of this poll's answer or a later one's.
func (c *pollConn) Read(ctx context.Context) ([]byte, error) {
	for len(c.frames) == 0 {
		if err := c.poll(ctx, "GET", fmt.Sprintf("%s/%d", c.polls, c.turn+1)); err != nil {
			return nil, err
		}
	}
	b := c.frames[0]
	c.frames = c.frames[1:]
	return b, nil
}

// Close has nothing to do: with the end of the reading ends the poll.
func (c *pollConn) Close() {}
