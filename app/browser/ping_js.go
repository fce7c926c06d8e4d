package browser

import (
	"errors"
	"syscall/js"
	"time"
)

var (
	errNoServer = errors.New("no server answered there, or the browser did not let us ask")
	errTooSlow  = errors.New("no answer in 30 s")
)

// Ping asks for url with the agent's cookies for it, as a page would that nobody
// sees: nothing of the answer is read and nothing of the page runs, redirects are
// followed, and the request goes on when the workspace is left. It blocks until a
// server has answered, whatever it said, at most 30 s. The error says in words
// for people why none did; url must be http(s) and not of our own origin.
func Ping(url string) error {
	a := parseAddress(url)
	if fault := pingFault(a, here()); fault != "" {
		return errors.New(fault)
	}
	abort := window().Get("AbortController").New()
	timer := time.AfterFunc(pingPatience, func() { abort.Call("abort") })
	defer timer.Stop()
	var pending js.Value
	err := try(func() {
		pending = window().Call("fetch", a.href, map[string]any{
			"mode": "no-cors", "credentials": "include", "keepalive": true, "cache": "no-store",
			"redirect": "follow", "referrerPolicy": "no-referrer", "signal": abort.Get("signal"),
		})
	})
	if err == nil {
		_, err = await(pending, 0)
	}
	switch {
	case err == nil:
		return nil
	case errorName(err) == "AbortError":
		return errTooSlow
	}
	return errNoServer
}
