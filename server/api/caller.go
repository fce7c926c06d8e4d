package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// How long a session lives: unused, and at all. The time of its last use is
// written down no more often than seenEvery.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 24 * time.Hour
	seenEvery   = 5 * time.Minute
)

// caller is who makes a request: a signed-in user, or a program with a key. The
// tenant of all it touches is taken from here and from nowhere else.
type caller struct {
	tenant string
	user   store.User  // of a session
	login  store.Login // of a session
	key    *store.Key  // of a program
}

// role returns the user's role, Integration for a program.
func (c caller) role() store.Role {
	if c.key != nil {
		return store.Integration
	}
	return c.user.Role
}

// name is who is written down as the author of what the caller does.
func (c caller) name() string {
	if c.key != nil {
		return "key " + c.key.Name
	}
	return c.user.Email
}

// limitedTo returns the id of the only user whose requests the caller may see,
// "" for all of the tenant.
func (c caller) limitedTo() string {
	if c.role() == store.AgentRole {
		return c.user.ID
	}
	return ""
}

// loginID names a session towards the hub without naming its secret.
func (c caller) loginID() string { return hex.EncodeToString(c.login.Hash) }

// id names the session or the key itself, whoever it belongs to.
func (c caller) id() string {
	if c.key != nil {
		return "key " + c.key.ID
	}
	return "session " + c.loginID()
}

type callerKey struct{}

// callerOf returns who makes the request; the route table has made sure that
// there is one.
func callerOf(r *http.Request) caller {
	c, ok := r.Context().Value(callerKey{}).(caller)
	if !ok {
		panic("route " + r.Pattern + " is public and has no caller")
	}
	return c
}

// identify finds out who makes the request. A key beats a cookie: who sends one
// means it.
func (a *API) identify(r *http.Request) (caller, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		return a.identifyKey(r.Context(), h)
	}
	return a.identifySession(r)
}

var (
	errSignIn = screenpop.Errorf(screenpop.CodeUnauthorized, "not-signed-in",
		"sign in, or send an API key: Authorization: Bearer pop_…")
	errExpired = screenpop.Errorf(screenpop.CodeUnauthorized, "session-expired", "the session has run out; sign in again")
	errKey     = screenpop.Errorf(screenpop.CodeUnauthorized, "unknown-key",
		"this API key is not known here; it reads pop_<id>_<secret> and may have been revoked")
)

func (a *API) identifyKey(ctx context.Context, header string) (caller, error) {
	scheme, token, _ := strings.Cut(header, " ")
	id, secret, ok := auth.ParseKey(strings.TrimSpace(token))
	if !strings.EqualFold(scheme, "Bearer") || !ok {
		return caller{}, errKey
	}
	k, err := a.o.Directory.Key(ctx, id)
	if err != nil {
		return caller{}, orNotFound(err, errKey)
	}
	if !auth.KeyMatches(k.Hash, secret) {
		return caller{}, errKey
	}
	return caller{tenant: k.Tenant, key: &k}, nil
}

func (a *API) identifySession(r *http.Request) (caller, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return caller{}, errSignIn
	}
	hash, ok := auth.SessionHash(cookie.Value)
	if !ok {
		return caller{}, errSignIn
	}
	login, err := a.o.Directory.Login(r.Context(), hash)
	if err != nil {
		return caller{}, orNotFound(err, errExpired)
	}
	if err := a.keepAlive(r.Context(), &login); err != nil {
		return caller{}, err
	}
	user, err := a.o.Directory.User(r.Context(), login.Tenant, login.UserID)
	if err != nil {
		return caller{}, orNotFound(err, errExpired)
	}
	return caller{tenant: login.Tenant, user: user, login: login}, nil
}

// keepAlive refuses a session past its time and notes the use of any other.
func (a *API) keepAlive(ctx context.Context, l *store.Login) error {
	now := a.o.Now()
	if now.Sub(l.CreatedAt) >= sessionLife || now.Sub(l.SeenAt) >= sessionIdle {
		if err := a.o.Directory.DeleteLogin(ctx, l.Hash); err != nil {
			a.o.Log.Error("delete an expired session", "err", err)
		}
		return errExpired
	}
	if now.Sub(l.SeenAt) < seenEvery {
		return nil
	}
	l.SeenAt = now
	if err := a.o.Directory.PutLogin(ctx, *l); err != nil {
		a.o.Log.Error("note the use of a session", "err", err) // a full disk signs nobody out
	}
	return nil
}

// orNotFound returns instead for what is not there, and err for anything else:
// a store that does not answer must not look like a wrong password.
func orNotFound(err error, instead error) error {
	if screenpop.ErrorCode(err) == screenpop.CodeNotFound {
		return instead
	}
	return err
}

// permit returns why the caller may not use the route.
func (rt route) permit(c caller) error {
	if c.key != nil {
		if rt.scope == "" {
			return screenpop.Errorf(screenpop.CodeDenied, "people-only", "this is for signed-in people; no API key can do it")
		}
		if !slices.Contains(c.key.Scopes, rt.scope) {
			return screenpop.Errorf(screenpop.CodeDenied, "scope-missing", "key %q lacks the scope %s", c.key.Name, rt.scope)
		}
		return nil
	}
	if !slices.Contains(rt.roles, c.user.Role) {
		return screenpop.Errorf(screenpop.CodeDenied, "role-missing", "your role (%s) may not do this; ask an admin", c.user.Role)
	}
	return nil
}

// address returns the address of whoever is at the other end, as the last proxy
// that we believe has it.
func (a *API) address(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := from.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.believes(addr); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = next.Unmap()
	}
	return addr
}

func (a *API) believes(proxy netip.Addr) bool {
	return slices.ContainsFunc(a.o.Proxies, func(p netip.Prefix) bool { return p.Contains(proxy) })
}
