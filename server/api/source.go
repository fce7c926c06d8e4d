package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// nativeDialect is that of sources that report to /api/v1/events with a key; the
// others have a path of their own with a secret in it.
const nativeDialect = "native"

// sourceDialects are the ones that a source can have.
var sourceDialects = []string{nativeDialect, "cti"}

// addSource makes an event source.
func (a *API) addSource(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name    *string `json:"name"`
		Dialect string  `json:"dialect"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	if in.Name == nil {
		return missing("name")
	}
	s := store.Source{ID: newID(), Tenant: callerOf(r).tenant, Dialect: in.Dialect}
	if err := changeName("name", &s.Name, in.Name); err != nil {
		return err
	}
	if !slices.Contains(sourceDialects, s.Dialect) {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-dialect", "there is no dialect %q; it is one of %s", clip(s.Dialect), screenpop.JoinWords(sourceDialects)).At("/dialect")
	}
	if s.Dialect != nativeDialect {
		s.Token = auth.NewToken()
	}
	if err := a.o.Directory.PutSource(a.audited(r, "source.add", "source "+s.ID, "", s.Name+", "+s.Dialect), s); err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, viewOfSource(s))
}

// renewToken gives a source another secret; the path with the old one ends at once.
func (a *API) renewToken(w http.ResponseWriter, r *http.Request) error {
	s, err := a.source(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.Dialect == nativeDialect {
		return screenpop.Errorf(screenpop.CodeInvalid, "no-token", "%s reports with an API key and has no token; make a new key for it", s.Name)
	}
	s.Token = auth.NewToken()
	if err := a.o.Directory.PutSource(a.audited(r, "source.token", "source "+s.ID, "", "a new token"), s); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, viewOfSource(s))
}

func (a *API) source(r *http.Request, id string) (store.Source, error) {
	all, err := a.o.Directory.Sources(r.Context(), callerOf(r).tenant)
	if err != nil {
		return store.Source{}, err
	}
	i := slices.IndexFunc(all, func(s store.Source) bool { return s.ID == id })
	if i < 0 {
		return store.Source{}, store.ErrNotFound("source", clip(id))
	}
	return all[i], nil
}

// keys lists the tenant's API keys, without their secrets: nobody has those.
func (a *API) keys(w http.ResponseWriter, r *http.Request) error {
	all, err := a.o.Directory.Keys(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list(all))
}

// newKey is a key in the one answer that has it whole.
type newKey struct {
	store.Key
	Token string `json:"key"`
}

// addKey makes an API key. People only: a key must not make itself a mightier one.
func (a *API) addKey(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name   *string  `json:"name"`
		Source string   `json:"source"`
		Scopes []string `json:"scopes"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	if in.Name == nil {
		return missing("name")
	}
	k := auth.MakeKey()
	key := store.Key{ID: k.ID, Tenant: callerOf(r).tenant, Source: in.Source, Hash: k.Hash, CreatedAt: a.o.Now().Round(0).UTC()}
	if err := changeName("name", &key.Name, in.Name); err != nil {
		return err
	}
	if _, err := a.source(r, in.Source); err != nil {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-source", "there is no source %q here; /api/v1/sources lists them", clip(in.Source)).At("/source")
	}
	for _, s := range in.Scopes {
		if !slices.Contains(auth.Scopes, s) {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-scope", "there is no scope %q; they are %s", clip(s), screenpop.JoinWords(auth.Scopes)).At("/scopes")
		}
		if !slices.Contains(key.Scopes, s) {
			key.Scopes = append(key.Scopes, s)
		}
	}
	if len(key.Scopes) == 0 {
		return missing("scopes")
	}
	after := key.Name + ": " + strings.Join(key.Scopes, " ")
	if err := a.o.Directory.PutKey(a.audited(r, "key.add", "key "+key.ID, "", after), key); err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, newKey{key, k.Token})
}

// deleteKey ends a key at once.
func (a *API) deleteKey(w http.ResponseWriter, r *http.Request) error {
	c, id := callerOf(r), r.PathValue("id")
	if err := a.o.Directory.DeleteKey(a.audited(r, "key.delete", "key "+clip(id), "", ""), c.tenant, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// mapUnmapped gives an alias to a user and takes the events up again that named it.
func (a *API) mapUnmapped(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Alias  string `json:"alias"`
		UserID string `json:"user_id"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	u, err := a.o.Directory.User(r.Context(), callerOf(r).tenant, in.UserID)
	if screenpop.ErrorCode(err) == screenpop.CodeNotFound {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-user", "there is no user %q here; /api/v1/users lists them", clip(in.UserID)).At("/user_id")
	}
	if err != nil {
		return err
	}
	aliases := append(slices.Clone(u.Aliases), in.Alias)
	if err := changeAliases(&u, &aliases); err != nil {
		return err
	}
	alias := strings.TrimSpace(in.Alias)
	if err := a.putUser(r, "unmapped.map", u, "", "alias "+alias); err != nil {
		return err
	}
	done, err := a.o.Intake.Map(r.Context(), u.Tenant, alias, u.ID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, done)
}
