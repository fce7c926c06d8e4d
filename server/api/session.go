package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// cookieName binds the cookie to this very host, over TLS. Browsers count plain
// http on loopback as safe and keep it there too.
const cookieName = "__Host-crmpop"

// sessionView is what a page may know of its session.
type sessionView struct {
	User     userView  `json:"user"`
	Tenant   namedView `json:"tenant"`
	Demo     bool      `json:"demo"`
	PhoneURL string    `json:"phone_url,omitempty"`
	Build    string    `json:"build"`
}

// namedView is anything with a name: a tenant, a group.
type namedView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// maxCredentials is the largest sign-in, in bytes.
const maxCredentials = 4 << 10

// signIn checks e-mail and password and starts a session with a fresh id; an id
// that came along is worth nothing afterwards.
func (a *API) signIn(w http.ResponseWriter, r *http.Request) error {
	var in struct{ Email, Password string }
	if err := readJSON(w, r, maxCredentials, &in); err != nil {
		return err
	}
	from := a.address(r)
	if wait, ok := a.o.Limits.Take(in.Email, from); !ok {
		return errTooManyTries(wait)
	}
	user, err := a.o.Directory.UserByEmail(r.Context(), in.Email)
	if err != nil && screenpop.ErrorCode(err) != screenpop.CodeNotFound {
		return err
	}
	ok, err := a.o.Passwords.Check(r.Context(), user.Password, in.Password)
	if err != nil {
		return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "unavailable", Msg: "too many people sign in at once; try again", Err: err}
	}
	if !ok {
		return screenpop.Errorf(screenpop.CodeUnauthorized, "wrong-password", "e-mail address or password is wrong")
	}
	a.o.Limits.Pass(in.Email, from)
	return a.startSession(w, r, user)
}

func errTooManyTries(wait time.Duration) error {
	return &problem{
		fault: screenpop.Errorf(screenpop.CodeRateLimited, "too-many-tries",
			"too many wrong passwords; try again in %v", wait),
		header: map[string]string{"Retry-After": strconv.Itoa(int(wait.Seconds()))},
	}
}

func (a *API) startSession(w http.ResponseWriter, r *http.Request, user store.User) error {
	if old, err := a.identifySession(r); err == nil {
		if err := a.endSession(r, old); err != nil {
			return err
		}
	}
	tenant, err := a.o.Directory.Tenant(r.Context(), user.Tenant)
	if err != nil {
		return err
	}
	id, hash := auth.NewSession()
	now := a.o.Now()
	l := store.Login{Hash: hash, Tenant: user.Tenant, UserID: user.ID, CreatedAt: now, SeenAt: now}
	if err := a.o.Directory.PutLogin(r.Context(), l); err != nil {
		return err
	}
	setCookie(w, id, int(sessionLife.Seconds()))
	return writeJSON(w, http.StatusOK, a.view(user, tenant))
}

// setCookie sets the session's cookie; a negative age takes it away.
func setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// session tells a page whose it is.
func (a *API) session(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	tenant, err := a.o.Directory.Tenant(r.Context(), c.tenant)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a.view(c.user, tenant))
}

func (a *API) view(u store.User, t store.Tenant) sessionView {
	v := sessionView{User: viewOf(u), Tenant: namedView{t.ID, t.Name}, Build: a.o.Build}
	if a.o.Demo != nil {
		v.Demo, v.PhoneURL = true, a.o.Demo.PhoneURL
	}
	return v
}

// welcome tells whoever asks for a session and has none how to sign in to a
// demo; it changes no other error.
func (a *API) welcome(rt route, err error) error {
	if a.o.Demo == nil || rt.method+" "+rt.path != "GET /api/v1/session" || screenpop.ErrorCode(err) != screenpop.CodeUnauthorized {
		return err
	}
	p := *problemOf(err)
	p.extra = map[string]any{"demo": true, "demo_users": a.o.Demo.Users, "demo_password": a.o.Demo.Password}
	return &p
}

// signOut ends the session and closes its sockets.
func (a *API) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := a.endSession(r, callerOf(r)); err != nil {
		return err
	}
	setCookie(w, "", -1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *API) endSession(r *http.Request, c caller) error {
	if err := a.o.Directory.DeleteLogin(r.Context(), c.login.Hash); err != nil {
		return err
	}
	a.ends.drop(c.loginID())
	a.o.Sockets.SignOut(c.loginID())
	return nil
}

// ends closes the sockets of sessions that come to their end while connected:
// a socket asks for nothing, so nobody would notice.
type ends struct {
	mu     sync.Mutex // guards timers
	timers map[string]*time.Timer
}

// at calls end once when the login has d left; more calls for it change nothing.
func (e *ends) at(login string, d time.Duration, end func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timers == nil {
		e.timers = map[string]*time.Timer{}
	}
	if _, ok := e.timers[login]; ok {
		return
	}
	e.timers[login] = time.AfterFunc(d, func() {
		e.drop(login)
		end()
	})
}

func (e *ends) drop(login string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t, ok := e.timers[login]; ok {
		t.Stop()
		delete(e.timers, login)
	}
}
