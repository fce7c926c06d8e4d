package browser

import (
	"fmt"
	"strings"
	"syscall/js"
	"time"
)

// Fetch sends a request to our own server with the session's cookie and blocks
// until the whole answer is there, at most 15 s. path begins with a slash;
// contentType is sent if body is not empty. Every status is an answer; the error
// says that none came.
func Fetch(method, path, contentType string, body []byte) (Answer, error) {
	if err := checkPath(path); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", method, err)
	}
	answer, err := fetch(method, path, contentType, body)
	if errorName(err) == "AbortError" {
		err = fmt.Errorf("no answer within %s", fetchPatience)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return answer, nil
}

func fetch(method, path, contentType string, body []byte) (answer Answer, err error) {
	abort := window().Get("AbortController").New()
	timer := time.AfterFunc(fetchPatience, func() { abort.Call("abort") })
	defer timer.Stop()
	options := map[string]any{
		"method": method, "mode": "same-origin", "credentials": "same-origin",
		"cache": "no-store", "signal": abort.Get("signal"),
	}
	if len(body) > 0 {
		bytes := window().Get("Uint8Array").New(len(body))
		js.CopyBytesToJS(bytes, body)
		options["body"] = bytes
		options["headers"] = map[string]any{"Content-Type": contentType}
	}
	var pending js.Value
	if err := try(func() { pending = window().Call("fetch", path, options) }); err != nil {
		return Answer{}, err
	}
	response, err := await(pending, 0)
	if err != nil {
		return Answer{}, err
	}
	buffer, err := await(response.Call("arrayBuffer"), 0)
	if err != nil {
		return Answer{}, err
	}
	return readAnswer(response, buffer), nil
}

func readAnswer(response, buffer js.Value) Answer {
	bytes := window().Get("Uint8Array").New(buffer)
	answer := Answer{Status: response.Get("status").Int(), Body: make([]byte, bytes.Length())}
	js.CopyBytesToGo(answer.Body, bytes)
	if kind := response.Get("headers").Call("get", "Content-Type"); present(kind) {
		answer.Type = kind.String()
	}
	return answer
}

// SocketURL returns the websocket address of path on our own server: wss: where
// the page is https:, else ws:.
func SocketURL(path string) string {
	origin := here().origin
	return "ws" + strings.TrimPrefix(origin, "http") + path
}
