package session

import (
	"context"
	"errors"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
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

// DialWebsocket opens a websocket at url without credentials of its own: a
// browser adds its cookies by itself.
func DialWebsocket(ctx context.Context, url string) (Conn, error) {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	return NewConn(c), nil
}

// NewConn returns a Conn on a websocket that the caller has dialled, for
// programs that send headers of their own.
func NewConn(c *websocket.Conn) Conn {
	c.SetReadLimit(wire.MaxFrame)
	return conn{c}
}

type conn struct{ ws *websocket.Conn }

func (c conn) Read(ctx context.Context) ([]byte, error) {
	typ, b, err := c.ws.Read(ctx)
	if err == nil && typ != websocket.MessageText {
		return nil, errors.New("the server sent a binary frame")
	}
	return b, err
}

func (c conn) Write(ctx context.Context, b []byte) error {
	return c.ws.Write(ctx, websocket.MessageText, b)
}

// Close uses 1000, the one code that closes in a browser too.
func (c conn) Close() {
	_ = c.ws.Close(websocket.StatusNormalClosure, "") // best effort: nobody is left to be told
}
