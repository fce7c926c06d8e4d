package session

import (
	"context"
	"sync"
)

// Conn is an open connection that carries text frames whole.
type Conn interface {
	// Read returns the next frame. It returns soon after ctx ends, and then the
	// connection may or may not still be open.
	Read(ctx context.Context) ([]byte, error)
	Write(ctx context.Context, b []byte) error
	// Close closes the connection. It may wait for the other end.
	Close()
}

// Dialer returns what Options.Dial wants of a function that opens a websocket and
// does not wait for it, as a browser does: heard is called with each text frame,
// in order, and ended when the socket has closed or did not open. Neither blocks.
func Dialer(open func(url string, heard func(data string), ended func(error)) (send func(data string) error, stop func())) func(context.Context, string) (Conn, error) {
	return func(_ context.Context, url string) (Conn, error) {
		c := &socketConn{inbox: newInbox()}
		c.send, c.stop = open(url, c.put, c.end)
		return c, nil
	}
}

// socketConn is a websocket that calls when something comes.
type socketConn struct {
	*inbox
	send func(data string) error
	stop func()
}

// Write sends one frame.
func (c *socketConn) Write(_ context.Context, b []byte) error { return c.send(string(b)) }

// Close closes the socket.
func (c *socketConn) Close() { c.stop() }

// inbox keeps frames that come by a call until they are read.
type inbox struct {
	news chan struct{} // told when there is something to read

	mu     sync.Mutex // guards all below
	frames []string
	err    error
}

func newInbox() *inbox { return &inbox{news: make(chan struct{}, 1)} }

func (i *inbox) put(data string) { i.add(data, nil) }
func (i *inbox) end(err error)   { i.add("", err) }

// add keeps a frame, or the reason why no more will come.
func (i *inbox) add(data string, err error) {
	i.mu.Lock()
	if i.err = err; err == nil {
		i.frames = append(i.frames, data)
	}
	i.mu.Unlock()
	select {
	case i.news <- struct{}{}:
	default: // told already
	}
}

func (i *inbox) next() (data string, ok bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.frames) == 0 {
		return "", false, i.err
	}
	data, i.frames = i.frames[0], i.frames[1:]
	return data, true, nil
}

// Read returns the next frame.
func (i *inbox) Read(ctx context.Context) ([]byte, error) {
	for {
		data, ok, err := i.next()
		if ok || err != nil {
			return []byte(data), err
		}
		select {
		case <-i.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
