//go:build !js

package browser

import (
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

// SocketURL returns the websocket address of path on a made-up server.
func SocketURL(path string) string {
	return "ws" + strings.TrimPrefix(here().origin, "http") + path
}
