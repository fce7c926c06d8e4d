//go:build !js

package browser

import (
	"fmt"
	"strings"
)

// Fetch reports an error: natively there is no session to send.
func Fetch(method, path, contentType string, body []byte) (Answer, error) {
	if err := checkPath(path); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", method, err)
	}
	return Answer{}, fmt.Errorf("%s %s: %w", method, path, errNoBrowser)
}

// SocketURL returns the websocket address of path on a made-up server.
func SocketURL(path string) string {
	return "ws" + strings.TrimPrefix(here().origin, "http") + path
}
