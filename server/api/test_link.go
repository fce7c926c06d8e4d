package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// How long the right to pop lasts that a link carries, and the link itself.
const (
	linkPops = 10 * time.Minute
	linkLife = 30 * 24 * time.Hour
)

// linkSecret is the name under which the record keeps what links are signed with.
const linkSecret = "test links"

// link is what a token says, and the state that it leads to.
type link struct {
	store.TestLink
	state testState
}

// The words with which a link is refused say which part is wrong, and nothing
// of what is behind it.
var (
	errTampered = screenpop.Errorf(screenpop.CodeInvalid, "link-tampered",
		"this link was changed on its way, or is cut short; ask for it again, whole")
	errLinkExpired = screenpop.Errorf(screenpop.CodeNotFound, "link-expired",
		"this link has run out; ask for a new one")
	errForeign = screenpop.Errorf(screenpop.CodeNotFound, "link-foreign",
		"this link is another company's; sign in there to open it")
	errLinkUnknown = screenpop.Errorf(screenpop.CodeNotFound, "link-unknown",
		"what this link leads to is not here any more; ask for a new one")
	errLinkSpent = screenpop.Errorf(screenpop.CodeConflict, "link-spent",
		"this link has popped already, and does so once; copy a new one in the test console")
)

// addTestLink makes a link that leads another admin to the same state.
func (a *API) addTestLink(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		State *testState `json:"state"`
	}
	if err := readJSON(w, r, maxDocumentBody, &in); err != nil {
		return err
	}
	if in.State == nil {
		return missing("state")
	}
	if in.State.Document != nil && len(*in.State.Document) > screenpop.MaxDocument {
		return errTooLarge(screenpop.MaxDocument)
	}
	b, err := json.Marshal(in.State)
	if err != nil {
		return err
	}
	now := a.o.Now().Round(0).UTC()
	l := store.TestLink{Tenant: callerOf(r).tenant, ID: newID(), State: string(b), Author: callerOf(r).name(), At: now, Expires: now.Add(linkPops)}
	token, err := a.sign(r.Context(), l)
	if err != nil {
		return err
	}
	if err := a.o.Directory.PutTestLink(a.audited(r, "test.link", "link "+l.ID, "", ""), l); err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, map[string]any{"url": "/test/" + token, "token": token, "pops_until": l.Expires, "expires": now.Add(linkLife)})
}

// claims is the signed part of a token.
type claims struct {
	Tenant string `json:"t"`
	ID     string `json:"i"`
	At     int64  `json:"a"` // seconds since 1970
}

func (a *API) sign(ctx context.Context, l store.TestLink) (string, error) {
	secret, err := a.o.Directory.Secret(ctx, linkSecret)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(claims{l.Tenant, l.ID, l.At.Unix()})
	if err != nil {
		return "", err
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return body + "." + base64.RawURLEncoding.EncodeToString(mac(secret, body)), nil
}

func mac(secret []byte, body string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(body)) // never fails
	return h.Sum(nil)
}

// linkOf checks a token and returns what it leads to. Nothing of it is believed
// before its signature is right.
func (a *API) linkOf(r *http.Request, token string) (link, error) {
	var l link
	secret, err := a.o.Directory.Secret(r.Context(), linkSecret)
	if err != nil {
		return l, err
	}
	body, sum, _ := strings.Cut(token, ".")
	got, err := base64.RawURLEncoding.Strict().DecodeString(sum)
	if err != nil || !hmac.Equal(got, mac(secret, body)) {
		return l, errTampered
	}
	var c claims
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(b, &c) != nil { // signed by us, and yet: never believe it half
		return l, errTampered
	}
	switch {
	case c.Tenant != callerOf(r).tenant:
		return l, errForeign
	case a.o.Now().Sub(time.Unix(c.At, 0)) >= linkLife:
		return l, errLinkExpired
	}
	if l.TestLink, err = a.o.Directory.TestLink(r.Context(), c.Tenant, c.ID); err != nil {
		return l, orNotFound(err, errLinkUnknown)
	}
	if err := json.Unmarshal([]byte(l.State), &l.state); err != nil {
		return l, err
	}
	return l, a.stillThere(r, l.state)
}

// stillThere returns errLinkUnknown if the level or revision that a state names
// is gone.
func (a *API) stillThere(r *http.Request, s testState) error {
	if s.Level == "" {
		return nil
	}
	l, err := a.levelCalled(r, s.Level, s.ID)
	if err == nil && s.Revision != 0 {
		_, err = a.documentOf(r, l, s.Revision)
	}
	if err != nil {
		return orNotFound(err, errLinkUnknown)
	}
	return nil
}

// mayPop returns why the link may not pop, or not any more.
func (l link) mayPop(now time.Time) error {
	if !now.Before(l.Expires) {
		return screenpop.Errorf(screenpop.CodeDenied, "link-pop-expired",
			"this link may pop for %v, and they are over; it still shows what to test, or copy a new one", linkPops)
	}
	return nil
}

// spend uses up a link's right to pop; the second to come gets a conflict.
func (a *API) spend(r *http.Request, token string) error {
	l, err := a.linkOf(r, token)
	if err != nil {
		return err
	}
	return a.o.Directory.SpendTestLink(r.Context(), l.Tenant, l.ID)
}

// linkView is what an admin is shown who opens a link. Nothing has happened then.
type linkView struct {
	State     testState `json:"state"`
	Author    string    `json:"author"`
	At        time.Time `json:"at"`
	PopsUntil time.Time `json:"pops_until"`
	Popped    bool      `json:"popped"`
}

// testLink returns the state that a link leads to. It changes nothing, however
// often and by whomever it is fetched.
func (a *API) testLink(w http.ResponseWriter, r *http.Request) error {
	l, err := a.linkOf(r, r.PathValue("token"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, linkView{l.state, l.Author, l.At, l.Expires, !l.Popped.IsZero()})
}
