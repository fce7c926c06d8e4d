package api

import (
	"net/http"

	"github.com/crmpop/crmpop/server/store"
)

// userView is a user as others see one.
type userView struct {
	ID      string     `json:"id"`
	Email   string     `json:"email"`
	Name    string     `json:"name"`
	Role    store.Role `json:"role"`
	Group   string     `json:"group,omitempty"`
	Aliases []string   `json:"aliases,omitempty"`
}

func viewOf(u store.User) userView {
	return userView{u.ID, u.Email, u.Name, u.Role, u.Group, u.Aliases}
}

// sourceView is an event source with the path to send events to.
type sourceView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Dialect string `json:"dialect"`
	Path    string `json:"path"`
}

// users lists the tenant's users.
func (a *API) users(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Users(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	views := make([]userView, len(all))
	for i, u := range all {
		views[i] = viewOf(u)
	}
	return writeJSON(w, http.StatusOK, views)
}

// groups lists the tenant's user groups.
func (a *API) groups(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Groups(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	views := make([]namedView, len(all))
	for i, g := range all {
		views[i] = namedView{g.ID, g.Name}
	}
	return writeJSON(w, http.StatusOK, views)
}

// sources lists the tenant's event sources.
func (a *API) sources(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Sources(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	views := make([]sourceView, len(all))
	for i, s := range all {
		path := "/in/" + s.Token
		if s.Dialect == "native" {
			path = "/api/v1/events"
		}
		views[i] = sourceView{s.ID, s.Name, s.Dialect, path}
	}
	return writeJSON(w, http.StatusOK, views)
}

// unmapped lists the aliases that events named and nobody has.
func (a *API) unmapped(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Unmapped(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list(all))
}
