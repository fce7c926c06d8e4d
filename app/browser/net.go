package browser

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const fetchPatience = 15 * time.Second

// Answer is what the server answered, whatever its status.
type Answer struct {
	Status int    // 200, 422, …
	Type   string // the Content-Type, "" if it named none
	ETag   string // "" if it named none
	Body   []byte
}

// Call is a request to our own server. Path begins with a slash; Type is sent if
// Body is not empty, Headers besides.
type Call struct {
	Method, Path, Type string
	Body               []byte
	Headers            map[string]string
}

// Fetch sends a request to our own server with the session's cookie and blocks
// until the whole answer is there, at most 15 s. path begins with a slash;
// contentType is sent if body is not empty. Every status but a redirect is an
// answer; the error says that none came. Natively it always reports one.
func Fetch(method, path, contentType string, body []byte) (Answer, error) {
	return Send(Call{Method: method, Path: path, Type: contentType, Body: body})
}

// ErrElsewhere says that a call was answered by a redirect. Our server never does
// that: something on the way to it does.
var ErrElsewhere = errors.New("the call was sent elsewhere on its way to the server")

var (
	// errNoBrowser is what native builds answer where only a browser could do it.
	errNoBrowser = errors.New("there is no browser")
	errTooLate   = fmt.Errorf("no answer within %s", fetchPatience)
)

// PathOf returns the path of a URL on our own server; any other stays as it is.
func PathOf(url string) string { return strings.TrimPrefix(url, here().origin) }

// checkPath refuses what would leave our own origin: "https://…", "//host/…" and
// "/\host/…", which browsers read as the same.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t\r\n") {
		return fmt.Errorf("path %q: must begin with one slash and stay on this server", path)
	}
	return nil
}
