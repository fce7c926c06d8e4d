//go:build !js

package browser

import (
	"context"
	"fmt"
	"strings"
)

// Send reports an error: natively there is no session to send.
func Send(c Call) (Answer, error) {
	if err := checkPath(c.Path); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", c.Method, err)
	}
	return Answer{}, fmt.Errorf("%s %s: %w", c.Method, c.Path, errNoBrowser)
}

// SendUntil reports an error, as Send does.
func SendUntil(_ context.Context, c Call) (Answer, error) { return Send(c) }

// SocketURL returns the websocket address of path on a made-up server.
func SocketURL(path string) string {
	return "ws" + strings.TrimPrefix(here().origin, "http") + path
}
