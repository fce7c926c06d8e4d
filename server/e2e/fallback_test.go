package e2e_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestWebsocketsAreBlocked has a network that refuses websockets, and then one
// that also holds streams back: pops come all the same, nothing opens twice, and
// what the agent types stays over every change of the way.
func TestWebsocketsAreBlocked(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var sockets, streams atomic.Bool // let through
	var c *cable
	held := make(chan struct{})
	pass := func(w http.ResponseWriter, r *http.Request) { c.proxy.ServeHTTP(w, r) }
	c = plug(t, s, map[string]http.HandlerFunc{
		"GET /api/v1/connect": func(w http.ResponseWriter, r *http.Request) {
			if sockets.Load() {
				pass(w, r)
				return
			}
			http.Error(w, "no upgrades here", http.StatusBadRequest)
		},
		"GET /api/v1/stream": func(w http.ResponseWriter, r *http.Request) {
			if streams.Load() {
				pass(w, r)
				return
			}
			select { // a proxy that waits for the whole answer
			case <-r.Context().Done():
			case <-held:
			}
		},
	})
	t.Cleanup(func() { close(held) })
	streams.Store(true)
	w := signInAt(t, s, c.url, anna)
	w.allow("WebSocket", "ERR_", "Failed to load resource")
	w.says("by HTTP")
	w.keepAs("by-http")

	s.ring("by-stream", kari, anna, "sales")
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	inside := w.frame(kari.crmPage(), "/contact")
	inside.write("textbox", "Note", halfWritten)
	s.untilState("by-stream", "contact", screenpop.PopShown)

	streams.Store(false)
	s.kill()
	w.untilJS("the loss to be noticed", `document.querySelector('[role=status][aria-label=Connection]').textContent !== "Connected"`)
	s.start()
	w.untilConnected()
	w.says("by HTTP")
	s.ring("by-poll", harriet, anna, "sales")
	w.show(harriet.name)
	w.view(harriet.crmPage())
	w.untilSeen(harriet.crmPage())
	s.untilState("by-poll", "contact", screenpop.PopShown)

	sockets.Store(true)
	eval[bool](w.tab, `["offline", "online"].every(kind => window.dispatchEvent(new Event(kind)))`)
	w.untilJS("the websocket to be back", `document.querySelector(".connection-by") === null`)
	w.untilConnected()
	s.ring("by-socket", maya, anna, "sales")
	w.show(maya.name)
	w.view(maya.crmPage())
	w.untilSeen(maya.crmPage())
	w.show(kari.name)
	w.view(kari.crmPage())
	w.untilSeen(kari.crmPage())
	if got := eval[string](inside, `document.querySelector("textarea").value`); got != halfWritten {
		t.Errorf("after three ways the note is %q, want %q", got, halfWritten)
	}
	for _, who := range []caller{harriet, maya} {
		if n := s.loads("/contact?phone=%2B" + who.number[1:]); n != 1 {
			t.Errorf("%s was loaded %d times, want once", who.crmPage(), n)
		}
	}
}

// TestNetworkAnswersInTheServersPlace has a hotel's sign-in page come between.
func TestNetworkAnswersInTheServersPlace(t *testing.T) {
	t.Parallel()
	s := serve(t)
	var hotel atomic.Bool
	var c *cable
	between := func(w http.ResponseWriter, r *http.Request) {
		if !hotel.Load() {
			c.proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html>Welcome to the hotel</html>")
	}
	c = plug(t, s, map[string]http.HandlerFunc{"/api/": between})
	w := signInAt(t, s, c.url, anna)
	w.allow("WebSocket", "ERR_", "Failed to load resource", "EventSource")
	s.ring("kept", kari, anna, "sales")
	w.show(kari.name)
	hotel.Store(true)
	c.pull()
	c.mend()
	w.says("Your network asks for a sign-in")
	w.keepAs("intercepted")
	w.show(kari.name) // nobody was signed out
	hotel.Store(false)
	w.untilConnected()
}

// keepAs draws the workspace small and in both colours, if pictures are asked for.
func (w *workspace) keepAs(name string) {
	w.t.Helper()
	if *screens == "" {
		return
	}
	w.emulate("prefers-color-scheme", "light")
	w.keep(*screens, name)
	w.emulate("prefers-color-scheme", "dark")
	w.resize(1024, 700)
	w.keep(*screens, name+"-small-dark")
}
