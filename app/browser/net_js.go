package browser

import (
	"context"
	"fmt"
	"strings"
	"syscall/js"
)

// Send sends c as Fetch does.
func Send(c Call) (Answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchPatience)
	defer cancel()
	answer, err := SendUntil(ctx, c)
	if err == nil && answer.Status == 0 {
		err = ErrElsewhere
	}
	return answer, err
}

// SendUntil sends c, and gives it up when ctx ends. A redirect is an answer of
// status 0: the browser tells no more of it.
func SendUntil(ctx context.Context, c Call) (Answer, error) {
	if err := checkPath(c.Path); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", c.Method, err)
	}
	answer, err := fetch(ctx, c)
	if errorName(err) == "AbortError" {
		err = errTooLate
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", c.Method, c.Path, err)
	}
	return answer, nil
}

func fetch(ctx context.Context, c Call) (answer Answer, err error) {
	abort := window().Get("AbortController").New()
	defer context.AfterFunc(ctx, func() { abort.Call("abort") })()
	headers := map[string]any{}
	for name, value := range c.Headers {
		headers[name] = value
	}
	options := map[string]any{
		"method": c.Method, "mode": "same-origin", "credentials": "same-origin",
		"cache": "no-store", "redirect": "manual", "signal": abort.Get("signal"),
	}
	if len(c.Body) > 0 {
		bytes := window().Get("Uint8Array").New(len(c.Body))
		js.CopyBytesToJS(bytes, c.Body)
		options["body"] = bytes
		headers["Content-Type"] = c.Type
	}
	options["headers"] = headers
	var pending js.Value
	if err := try(func() { pending = window().Call("fetch", c.Path, options) }); err != nil {
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
	if tag := response.Get("headers").Call("get", "ETag"); present(tag) {
		answer.ETag = tag.String()
	}
	return answer
}

// SocketURL returns the websocket address of path on our own server: wss: where
// the page is https:, else ws:.
func SocketURL(path string) string {
	origin := here().origin
	return "ws" + strings.TrimPrefix(origin, "http") + path
}
