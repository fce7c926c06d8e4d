package browser

import (
	"errors"
	"sync"
	"syscall/js"
)

var (
	errStreamEnded = errors.New("the stream of events did not come, or has ended")
	errSocketEnded = errors.New("the websocket did not open, or has closed")
)

// Events opens a stream of events at url, which is on our own server, and does not
// wait for it. heard is called with the data of each event, in order; ended once,
// when the stream has ended or did not come: the browser does not say which.
// Neither may block, and nothing is called after stop.
func Events(url string, heard func(data string), ended func(error)) (stop func()) {
	source := window().Get("EventSource").New(url)
	// Else it comes back by itself, and nobody has resumed.
	return listen(source, "error", heard, func() { source.Call("close"); ended(errStreamEnded) })
}

// Socket opens a websocket at url and does not wait for it; else it is as Events.
// send works from the first frame on.
func Socket(url string, heard func(data string), ended func(error)) (send func(data string) error, stop func()) {
	var socket js.Value
	if err := try(func() { socket = window().Get("WebSocket").New(url) }); err != nil {
		ended(err)
		return func(string) error { return err }, func() {}
	}
	stop = listen(socket, "close", heard, func() { ended(errSocketEnded) })
	return func(data string) error { return try(func() { socket.Call("send", data) }) }, stop
}

// listen calls heard with each message from source, and over at the event that is
// its last, until stop is called, which closes source.
func listen(source js.Value, last string, heard func(data string), over func()) (stop func()) {
	offMessage := on(source, "message", func(event js.Value) { heard(event.Get("data").String()) })
	offLast := on(source, last, func(js.Value) { over() })
	return sync.OnceFunc(func() {
		offMessage()
		offLast()
		source.Call("close")
	})
}
