package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/companions"
	"github.com/crmpop/crmpop/server/store"
)

// companionView is a companion as people see it.
type companionView struct {
	ID         string    `json:"id"`
	AgentID    string    `json:"agent_id"`
	AgentName  string    `json:"agent_name"`
	AgentEmail string    `json:"agent_email"`
	Host       string    `json:"host"`
	OS         string    `json:"os"`
	OSUser     string    `json:"os_user"`
	Version    string    `json:"version"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	SeenAt     time.Time `json:"seen_at"`
	Connected  bool      `json:"connected"`
	Paused     bool      `json:"paused"`
}

func (a *API) viewOfCompanion(m store.Companion, u store.User) companionView {
	v := companionView{ID: m.ID, AgentID: m.Agent, AgentName: u.Name, AgentEmail: u.Email, Host: m.Host, OS: m.OS, OSUser: m.OSUser,
		Version: m.Version, Address: m.Address, CreatedAt: m.CreatedAt, SeenAt: m.SeenAt}
	all := a.o.Companions.Connected(wire.AgentKey{Tenant: m.Tenant, ID: m.Agent})
	if i := slices.IndexFunc(all, func(c companions.Connection) bool { return c.ID == m.ID }); i >= 0 {
		v.Connected, v.Paused = true, all[i].Paused
	}
	return v
}

var errCode = screenpop.Errorf(screenpop.CodeNotFound, "unknown-code",
	"no companion asks with this code; it is good for 10 minutes, and the program shows a new one when it is asked to pair again")

// typedCode reads a code and takes one of the caller's tries. Pass gives it back.
func (a *API) typedCode(w http.ResponseWriter, r *http.Request) (code string, pass func(), err error) {
	var in struct{ Code string }
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return "", nil, err
	}
	c, from := callerOf(r), a.address(r)
	account := "code " + c.tenant + "/" + c.user.ID
	if wait, ok := a.pairLimits.Take(account, from); !ok {
		return "", nil, errTooManyCodes(wait)
	}
	return spelled(in.Code), func() { a.pairLimits.Pass(account, from) }, nil
}

// lookAtCode tells somebody which program on which PC asks with a code.
func (a *API) lookAtCode(w http.ResponseWriter, r *http.Request) error {
	code, pass, err := a.typedCode(w, r)
	if err != nil {
		return err
	}
	now := a.o.Now()
	p, ok := a.pairings.look(code, callerOf(r).user, now)
	if !ok {
		return errCode
	}
	pass()
	return writeJSON(w, http.StatusOK, map[string]any{"host": p.asks.Host, "os": p.asks.OS, "os_user": p.asks.OSUser, "version": p.asks.Version,
		"address": p.asks.Address, "near": p.asks.Address == a.address(r).String(), "number": p.number, "expires_in": int(p.until.Sub(now).Seconds())})
}

// confirmCode pairs the caller with the companion that the caller has looked at.
func (a *API) confirmCode(w http.ResponseWriter, r *http.Request) error {
	code, pass, err := a.typedCode(w, r)
	if err != nil {
		return err
	}
	u, now := callerOf(r).user, a.o.Now().Round(0).UTC()
	tenant, err := a.o.Directory.Tenant(r.Context(), u.Tenant)
	if err != nil {
		return err
	}
	p, ok := a.pairings.settle(code, u, pairConfirmed, now)
	if !ok {
		return errCode
	}
	pass()
	m := p.asks
	m.ID, m.Tenant, m.Agent, m.CreatedAt, m.SeenAt = newID(), u.Tenant, u.ID, now, now
	if err := a.o.Directory.AddCompanion(a.audited(r, "companion.pair", "companion "+m.ID, "", u.Email+" on "+companionWords(m)), m); err != nil {
		return err // it has to be asked for anew: the code was good once
	}
	a.pairings.name(p.id, m.ID, tenant.Name)
	a.o.Intake.Forget(u.Tenant)
	return writeJSON(w, http.StatusCreated, a.viewOfCompanion(m, u))
}

// companionWords names a companion for the audit.
func companionWords(m store.Companion) string {
	return m.Host + " (" + m.OS + ", " + m.OSUser + ", from " + m.Address + ")"
}

// refuseCode sends away a companion that the caller has looked at.
func (a *API) refuseCode(w http.ResponseWriter, r *http.Request) error {
	code, pass, err := a.typedCode(w, r)
	if err != nil {
		return err
	}
	p, ok := a.pairings.settle(code, callerOf(r).user, pairRefused, a.o.Now())
	if !ok {
		return errCode
	}
	pass()
	if err := a.note(r, "companion.refuse", "companion on "+companionWords(p.asks), "", ""); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// companions lists the caller's companions; with all=1 an admin sees everybody's.
func (a *API) companions(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	whose := wire.AgentKey{Tenant: c.tenant, ID: c.user.ID}
	names := map[string]store.User{c.user.ID: c.user}
	if r.URL.Query().Get("all") == "1" {
		if !slices.Contains(admins, c.role()) {
			return screenpop.Errorf(screenpop.CodeDenied, "role-missing", "your role (%s) sees your own companions; an admin sees all", c.role())
		}
		users, err := a.o.Directory.Users(r.Context(), c.tenant)
		if err != nil {
			return err
		}
		for _, u := range users {
			names[u.ID] = u
		}
		whose.ID = ""
	}
	all, err := a.o.Directory.Companions(r.Context(), whose)
	if err != nil {
		return err
	}
	views := make([]companionView, len(all))
	for i, m := range all {
		views[i] = a.viewOfCompanion(m, names[m.Agent])
	}
	return writeJSON(w, http.StatusOK, views)
}

// revokeCompanion ends a pairing: the caller's own, or for an admin anybody's.
func (a *API) revokeCompanion(w http.ResponseWriter, r *http.Request) error {
	c, id := callerOf(r), r.PathValue("id")
	m, err := a.o.Directory.Companion(r.Context(), id)
	if err != nil {
		return err
	}
	if m.Tenant != c.tenant || m.Agent != c.user.ID && !slices.Contains(admins, c.role()) {
		return store.ErrNotFound("companion", clip(id))
	}
	if err := a.o.Directory.DeleteCompanion(a.audited(r, "companion.revoke", "companion "+m.ID, companionWords(m), ""), m.Tenant, m.ID); err != nil {
		return err
	}
	a.o.Companions.Revoke(wire.AgentKey{Tenant: m.Tenant, ID: m.Agent}, m.ID)
	a.o.Intake.Forget(m.Tenant)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
