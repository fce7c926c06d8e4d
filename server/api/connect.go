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
// agent's whose alias stands in ?agent=. Cookies travel with a WebSocket
// whoever opens it, so a session has to come from one of our own pages.
func (a *API) connect(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	agent := c.user
	if c.key != nil {
		var err error
		if agent, err = a.agentOf(r, c); err != nil {
			return err
		}
	} else if !a.o.Origins.Allows(r) {
		return errOrigin
	}
	tenant, err := a.o.Directory.Tenant(r.Context(), c.tenant)
	if err != nil {
		return err
	}
	who := hub.Who{Key: wire.AgentKey{Tenant: c.tenant, ID: agent.ID}, Agent: agent.Email, Name: agent.Name, Tenant: tenant.Name}
	if c.key == nil {
		who.Login = c.loginID()
		left := sessionLife - a.o.Now().Sub(c.login.CreatedAt)
		a.ends.at(who.Login, left, func() { a.o.Sockets.SignOut(who.Login) })
	}
	return a.o.Sockets.Serve(w, r, who)
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
// is told nothing by a status. done is false where a status will do.
func (a *API) refuseSocket(w http.ResponseWriter, r *http.Request, rt route, why error) (done bool) {
	if rt.path != "/api/v1/connect" || screenpop.ErrorCode(why) != screenpop.CodeUnauthorized ||
		r.Header.Get("Authorization") != "" || !a.o.Origins.Allows(r) {
		return false
	}
	return a.o.Sockets.Refuse(w, r, wire.ByeSignOut, problemOf(why).fault.Msg) == nil
}
