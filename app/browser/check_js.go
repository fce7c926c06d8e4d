package browser

import (
	"errors"
	"syscall/js"
	"time"
)

const (
	windowComes        = 5 * time.Second        // for a window of ours to show its page
	activationGoes     = 6 * time.Second        // browsers forget a click in 5 s
	lookAround         = 100 * time.Millisecond // between two looks
	answersComeIn      = 400 * time.Millisecond // from other tabs
	firstAnswerComesIn = 3 * time.Second        // of a tab with a workspace, if there is one
	permissionWaits    = 2 * time.Second
	pagesChannel       = "crmpop.pages" // see web/js/count.js
)

// TryFrame asks for url as the stage does before it frames a page, and blocks until
// it knows or 8 s are over. What needs no asking is answered at once.
func TryFrame(url string) Framing {
	a := parseAddress(url)
	if fault := frameFault(a, here()); fault != "" {
		return Framing{Refused: true, Why: fault}
	}
	found := make(chan probed, 1)
	ask(a.href, func(p probed) { found <- p })
	p := <-found
	return Framing{Allowed: p.allowed, Refused: p.refused, Why: p.why}
}

// TryWindow opens path, a page of this server, in a new tab, although nobody has
// clicked, and closes it again. It reports whether the browser let it. Call it
// while the person looks on: a tab comes to the front for a moment. A click that
// just was is spent first, on a tab that closes at once. It blocks for some
// seconds at most.
func TryWindow(path string) bool {
	if checkPath(path) != nil {
		return false
	}
	spendClick()
	opened := false
	// What is thrown is the browser's way to say no.
	_ = try(func() {
		w := window().Call("open", path, blankTarget)
		if !isOpen(w) {
			return
		}
		opened = showed(w, path)
		w.Call("close")
	})
	return opened
}

// spendClick waits until no click lets a window open that would not open by
// itself. Opening one uses the click up.
func spendClick() {
	if justUsed() {
		// A browser that does not open it has told us what we wanted to know.
		_ = try(func() {
			if w := window().Call("open", "", blankTarget); isOpen(w) {
				w.Call("close")
			}
		})
	}
	for begun := time.Now(); justUsed() && time.Since(begun) < activationGoes; {
		time.Sleep(lookAround)
	}
}

// showed waits until a window of ours has loaded path: some blockers let a window
// open and close it at once.
func showed(w js.Value, path string) bool {
	for begun := time.Now(); time.Since(begun) < windowComes; time.Sleep(lookAround) {
		there := false
		err := try(func() {
			there = get(w, "location").Get("pathname").String() == path && get(w, "document").Get("readyState").String() == "complete"
		})
		switch {
		case !isOpen(w):
			return false
		case there && err == nil:
			return true
		}
	}
	return false
}

// TrySocket opens a websocket to path on our own server, waits for what the server
// says first, and closes it. It blocks, at most for twice the patience.
func TrySocket(path string, patience time.Duration) TriedSocket {
	var s TriedSocket
	var socket js.Value
	if err := try(func() { socket = window().Get("WebSocket").New(SocketURL(path)) }); err != nil {
		return s
	}
	opened, first, ended := make(chan bool, 1), make(chan string, 1), make(chan bool, 1)
	offs := []func(){
		on(socket, "open", func(js.Value) { offer(opened, true) }),
		on(socket, "message", func(e js.Value) { offer(first, textOf(e.Get("data"))) }),
		on(socket, "close", func(js.Value) { offer(ended, true) }),
	}
	defer func() {
		for _, off := range offs {
			off()
		}
		socket.Call("close")
	}()
	begun := time.Now()
	select {
	case <-opened:
		s.Opened, s.Took = true, time.Since(begun)
	case <-ended:
		return s
	case <-time.After(patience):
		return s
	}
	begun = time.Now()
	select {
	case s.First = <-first:
		s.After = time.Since(begun)
	case <-ended:
	case <-time.After(patience):
	}
	return s
}

// offer sends what somebody waits for, and drops it where nobody does any more: a
// callback of the browser must not wait.
func offer[T any](to chan T, v T) {
	select {
	case to <- v:
	default:
	}
}

func textOf(v js.Value) string {
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// TryEvents opens a stream of events at path on our own server and returns what
// comes first on it, and when; "" for nothing. It blocks, at most for patience.
func TryEvents(path string, patience time.Duration) (first string, after time.Duration) {
	heard := make(chan string, 1)
	begun := time.Now()
	stop := Events(path, func(data string) { offer(heard, data) }, func(error) { offer(heard, "") })
	defer stop()
	select {
	case first = <-heard:
	case <-time.After(patience):
	}
	return first, time.Since(begun)
}

// FetchAcross asks for url of another origin with the cookies that the browser
// sends there, and returns what it answered to us. It blocks, at most 15 s.
func FetchAcross(url string) ([]byte, error) {
	a := parseAddress(url)
	if fault := pingFault(a, here()); fault != "" {
		return nil, errors.New(fault)
	}
	var pending js.Value
	err := try(func() {
		pending = window().Call("fetch", a.href, map[string]any{"mode": "cors", "credentials": "include", "cache": "no-store"})
	})
	if err != nil {
		return nil, err
	}
	response, err := await(pending, fetchPatience)
	if err != nil {
		return nil, err
	}
	text, err := await(response.Call("text"), fetchPatience)
	if err != nil {
		return nil, err
	}
	return []byte(text.String()), nil
}

// Permission returns how a permission stands, by the name that browsers give it:
// granted, denied or prompt; "" if this browser does not know the name.
func Permission(name string) string {
	permissions := window().Get("navigator").Get("permissions")
	if !present(permissions) {
		return ""
	}
	var pending js.Value
	if err := try(func() { pending = permissions.Call("query", map[string]any{"name": name}) }); err != nil {
		return ""
	}
	status, err := await(pending, permissionWaits)
	if err != nil {
		return ""
	}
	return status.Get("state").String()
}

// OwnWorker returns how the service worker of "/" stands. It blocks for a moment.
func OwnWorker() Worker {
	w := Worker{Able: present(workers())}
	if !w.Able {
		return w
	}
	if registration, err := await(workers().Call("getRegistration", "/"), permissionWaits); err == nil && present(registration) {
		w.There = present(registration.Get("active"))
	}
	w.Controls = present(workers().Get("controller"))
	if caches := window().Get("caches"); present(caches) {
		if names, err := await(caches.Call("keys"), permissionWaits); err == nil {
			for i := range names.Length() {
				w.Caches = append(w.Caches, names.Index(i).String())
			}
		}
	}
	return w
}

// TryStorage writes a word into each store and takes it away again. It blocks for
// a moment.
func TryStorage() Storage {
	const key = "crmpop.check"
	s := Storage{Local: Save(Local, key, "1"), Session: Save(Session, key, "1")}
	Delete(Local, key)
	Delete(Session, key)
	storage := window().Get("navigator").Get("storage")
	if !present(storage) {
		return s
	}
	if estimate, err := await(storage.Call("estimate"), permissionWaits); err == nil {
		s.Usage, s.Quota = whole(estimate.Get("usage")), whole(estimate.Get("quota"))
	}
	if kept, err := await(storage.Call("persisted"), permissionWaits); err == nil {
		s.Persisted = kept.Truthy()
	}
	return s
}

// OwnMemory returns what the scripts of this document take. Only Chromium says.
func OwnMemory() Memory {
	memory := window().Get("performance").Get("memory")
	if !present(memory) {
		return Memory{}
	}
	return Memory{Used: whole(memory.Get("usedJSHeapSize")), Limit: whole(memory.Get("jsHeapSizeLimit"))}
}

// CountWorkspaces asks the other tabs of this browser what they hold. It blocks
// for half a second after the first has answered, and for at most 3.5 s: a tab that
// is busy or hidden answers late.
func CountWorkspaces() Workspaces {
	var w Workspaces
	first := make(chan struct{})
	maker := window().Get("BroadcastChannel")
	if !present(maker) {
		return w
	}
	channel := maker.New(pagesChannel)
	off := on(channel, "message", func(e js.Value) {
		said := e.Get("data")
		if said.Type() != js.TypeObject || said.Get("frames").Type() != js.TypeNumber {
			return
		}
		if w.Open++; w.Open == 1 {
			close(first)
		}
		w.Frames += whole(said.Get("frames"))
		w.Used += whole(said.Get("used"))
	})
	channel.Call("postMessage", "count")
	select {
	case <-first:
	case <-time.After(firstAnswerComesIn):
	}
	time.Sleep(answersComeIn)
	off()
	channel.Call("close")
	return w
}

func whole(v js.Value) int {
	if v.Type() != js.TypeNumber {
		return 0
	}
	return int(v.Float())
}

// UserAgent returns how this browser calls itself.
func UserAgent() string { return window().Get("navigator").Get("userAgent").String() }

// Secure reports whether this page counts as safe: https, or on this computer.
// Much is kept from others: notices, the clipboard, service workers.
func Secure() bool { return window().Get("isSecureContext").Truthy() }
