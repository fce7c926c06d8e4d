package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

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

	GroupName string `json:"group_name,omitempty"` // in lists
}

func viewOf(u store.User) userView {
	return userView{ID: u.ID, Email: u.Email, Name: u.Name, Role: u.Role, Group: u.Group, Aliases: u.Aliases}
}

// sourceView is an event source with the path to send events to.
type sourceView struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Dialect string `json:"dialect"`
	Path    string `json:"path"`
}

// users lists the tenant's users, those that q names by name, address, alias or
// group.
func (a *API) users(w http.ResponseWriter, r *http.Request) error {
	tenant := callerOf(r).tenant
	all, err := a.o.Directory.Users(r.Context(), tenant)
	if err != nil {
		return err
	}
	names, err := a.groupNames(r.Context(), tenant)
	if err != nil {
		return err
	}
	views := []userView{}
	words := strings.Fields(strings.ToLower(r.URL.Query().Get("q")))
	for _, u := range all {
		v := viewOf(u)
		v.GroupName = names[u.Group]
		if v.has(words) {
			views = append(views, v)
		}
	}
	return writeJSON(w, http.StatusOK, views)
}

// has reports whether each of words, in lower case, stands in something of the user.
func (v userView) has(words []string) bool {
	all := strings.ToLower(strings.Join(append([]string{v.ID, v.Email, v.Name, v.GroupName, string(v.Role)}, v.Aliases...), "\n"))
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) })
}

// groupNames returns the names of a tenant's groups by id.
func (a *API) groupNames(ctx context.Context, tenant string) (map[string]string, error) {
	all, err := a.o.Directory.Groups(ctx, tenant)
	names := make(map[string]string, len(all))
	for _, g := range all {
		names[g.ID] = g.Name
	}
	return names, err
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
		views[i] = viewOfSource(s)
	}
	return writeJSON(w, http.StatusOK, views)
}

func viewOfSource(s store.Source) sourceView {
	path := "/in/" + s.Token
	if s.Dialect == nativeDialect {
		path = "/api/v1/events"
	}
	return sourceView{s.ID, s.Name, s.Dialect, path}
}

// unmapped lists the aliases that events named and nobody has.
func (a *API) unmapped(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Unmapped(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list(all))
}
