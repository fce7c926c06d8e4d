package session

import (
	"context"
	"errors"
)

// DialWebsocket reports an error: a browser has websockets of its own, which it
// gives by Options.Dial.
func DialWebsocket(context.Context, string) (Conn, error) {
	return nil, errors.New("no websocket was given to the session")
}
