package api

import (
	"net/http"
	"strconv"

	"github.com/crmpop/crmpop/server/hub"
)

// What serves a workspace whose network blocks websockets: frames come down by a
// stream of events or, where that is held back, by polls, and go up by POST.

// stream opens an agent's session as connect does, as a stream of events.
func (a *API) stream(w http.ResponseWriter, r *http.Request) error {
	who, err := a.who(r, a.fromOwnPage(r))
	if err != nil {
		return err
	}
	return a.o.Sockets.Stream(w, r, who)
}

// openPoll opens an agent's session as connect does, to be read by polls.
func (a *API) openPoll(w http.ResponseWriter, r *http.Request) error {
	who, err := a.who(r, a.o.Origins.Allows(r))
	if err != nil {
		return err
	}
	return a.o.Sockets.OpenPoll(w, r, who)
}

// poll waits for the next frames of a session. Only who opened it can name it.
func (a *API) poll(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	if c.key == nil && !a.fromOwnPage(r) {
		return errOrigin
	}
	turn, _ := strconv.Atoi(r.PathValue("n")) // what is no number is nobody's turn
	return a.o.Sockets.Poll(w, r, r.PathValue("id"), c.id(), turn)
}

// say takes the frames of a client, for a stream or for polls.
func (a *API) say(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	if c.key == nil && !a.o.Origins.Allows(r) {
		return errOrigin
	}
	if err := wantMedia(r, "application/json"); err != nil {
		return err
	}
	frames, err := readBody(w, r, hub.MaxSay)
	if err != nil {
		return err
	}
	if err := a.o.Sockets.Say(r.PathValue("id"), c.id(), frames); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// fromOwnPage reports whether one of our own pages asks. Browsers send no Origin
// with what a page GETs from its own server, but say that it is its own.
func (a *API) fromOwnPage(r *http.Request) bool {
	if r.Header.Get("Origin") == "" {
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return a.o.Origins.Allows(r)
}
