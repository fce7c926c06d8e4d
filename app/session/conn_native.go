//go:build !js

package session

import (
	"context"
	"errors"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
)

// DialWebsocket opens a websocket at url without credentials of its own.
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

// Close closes in peace.
func (c conn) Close() {
	_ = c.ws.Close(websocket.StatusNormalClosure, "") // best effort: nobody is left to be told
}
