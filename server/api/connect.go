package api

import (
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/store"
)

var errOrigin = screenpop.Errorf(screenpop.CodeDenied, "foreign-origin",
	"a page of another site may not connect; behind a proxy say --public-url with the address that browsers see")

// connect opens an agent's socket: the signed-in user's own, or with a key the
// agent's whose alias stands in ?agent=.
func (a *API) connect(w http.ResponseWriter, r *http.Request) error {
	who, err := a.who(r, a.o.Origins.Allows(r))
	if err != nil {
		return err
	}
	return a.o.Sockets.Serve(w, r, who)
}

// who returns the agent that a caller is connected as. Cookies travel with
// requests whoever makes them, so a session has to come from one of our own pages.
func (a *API) who(r *http.Request, ours bool) (who hub.Who, err error) {
	c := callerOf(r)
	agent := c.user
	if c.key != nil {
		if agent, err = a.agentOf(r, c); err != nil {
			return who, err
		}
	} else if !ours {
		return who, errOrigin
	}
	tenant, err := a.o.Directory.Tenant(r.Context(), c.tenant)
	if err != nil {
		return who, err
	}
	who = hub.Who{Key: wire.AgentKey{Tenant: c.tenant, ID: agent.ID}, Agent: agent.Email, Name: agent.Name,
		Tenant: tenant.Name, Caller: c.id()}
	if c.key == nil {
		who.Login = c.loginID()
		left := sessionLife - a.o.Now().Sub(c.login.CreatedAt)
		a.ends.at(who.Login, left, func() { a.o.Sockets.SignOut(who.Login) })
	}
	return who, nil
}

// agentOf returns the agent a program wants to be connected as.
func (a *API) agentOf(r *http.Request, c caller) (store.User, error) {
	alias := r.URL.Query().Get("agent")
	if alias == "" {
		return store.User{}, screenpop.Errorf(screenpop.CodeInvalid, "agent-missing", "say whose socket this is: ?agent=anna@example.com")
	}
	return a.o.Directory.UserByAlias(r.Context(), c.tenant, alias)
}

// refuseSocket says bye to one of our own pages whose session has ended, which
// is told nothing by a status: a socket's and an event stream's. done is false
// where a status will do.
func (a *API) refuseSocket(w http.ResponseWriter, r *http.Request, rt route, why error) (done bool) {
	if screenpop.ErrorCode(why) != screenpop.CodeUnauthorized || r.Header.Get("Authorization") != "" {
		return false
	}
	reason := problemOf(why).fault.Msg
	switch {
	case rt.path == connectPath && a.o.Origins.Allows(r):
		return a.o.Sockets.Refuse(w, r, wire.ByeSignOut, reason) == nil
	case rt.path == streamPath && a.fromOwnPage(r):
		return a.o.Sockets.RefuseStream(w, r, wire.ByeSignOut, reason) == nil
	}
	return false
}
