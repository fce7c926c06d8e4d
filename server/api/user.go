package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// The limits of what an admin writes, in bytes and in number.
const (
	maxName    = 200
	maxEmail   = 254
	maxAlias   = 200
	maxAliases = 50
	maxHosts   = 200
)

// userChange is what is to be so from now on; nil stays.
type userChange struct {
	Email    *string     `json:"email"`
	Name     *string     `json:"name"`
	Role     *store.Role `json:"role"`
	Group    *string     `json:"group"`
	Aliases  *[]string   `json:"aliases"`
	Password *string     `json:"password"`
}

// newID returns an id that nothing else has.
func newID() string { return strings.ToLower(rand.Text())[:16] }

// addUser makes a user. Without a password nobody can sign in as the user yet.
func (a *API) addUser(w http.ResponseWriter, r *http.Request) error {
	var in userChange
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	switch {
	case in.Email == nil:
		return missing("email")
	case in.Name == nil:
		return missing("name")
	case in.Group == nil:
		return missing("group")
	case in.Role == nil:
		role := store.AgentRole
		in.Role = &role
	}
	u := store.User{ID: newID(), Tenant: callerOf(r).tenant}
	if err := a.change(r, &u, in); err != nil {
		return err
	}
	if err := a.putUser(r, "user.add", u, "", in.summary(u)); err != nil {
		return err
	}
	return a.answerUser(w, r, http.StatusCreated, u)
}

func missing(field string) error {
	return screenpop.Errorf(screenpop.CodeInvalid, "missing-field", "%s is missing; add it", field).At("/" + field)
}

// changeUser changes what is said of a user and leaves the rest. A new password
// ends the user's sessions.
func (a *API) changeUser(w http.ResponseWriter, r *http.Request) error {
	u, err := a.o.Directory.User(r.Context(), callerOf(r).tenant, r.PathValue("id"))
	if err != nil {
		return err
	}
	var in userChange
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	before := in.summary(u)
	if err := a.change(r, &u, in); err != nil {
		return err
	}
	if err := a.putUser(r, "user.change", u, before, in.summary(u)); err != nil {
		return err
	}
	if in.Password != nil {
		if err := a.signOutAll(r, u); err != nil {
			return err
		}
	}
	return a.answerUser(w, r, http.StatusOK, u)
}

func (a *API) putUser(r *http.Request, action string, u store.User, before, after string) error {
	if err := a.o.Directory.PutUser(a.audited(r, action, "user "+u.Email, before, after), u); err != nil {
		return err
	}
	a.o.Intake.Forget(u.Tenant)
	return nil
}

func (a *API) answerUser(w http.ResponseWriter, r *http.Request, status int, u store.User) error {
	names, err := a.groupNames(r.Context(), u.Tenant)
	if err != nil {
		return err
	}
	v := viewOf(u)
	v.GroupName = names[u.Group]
	return writeJSON(w, status, v)
}

// signOutAll ends every session of a user, but for the one that asks.
func (a *API) signOutAll(r *http.Request, u store.User) error {
	all, err := a.o.Directory.Logins(r.Context(), u.Tenant, u.ID)
	if err != nil {
		return err
	}
	own := callerOf(r).loginID()
	for _, l := range all {
		id := hex.EncodeToString(l.Hash)
		if id == own {
			continue
		}
		if err := a.o.Directory.DeleteLogin(r.Context(), l.Hash); err != nil {
			return err
		}
		a.ends.drop(id)
		a.o.Sockets.SignOut(id)
	}
	return nil
}

// summary says in short what of a user a change is about, and no password.
func (in userChange) summary(u store.User) string {
	var parts []string
	add := func(set bool, name string, v any) {
		if set {
			parts = append(parts, fmt.Sprintf("%s %v", name, v))
		}
	}
	add(in.Email != nil, "email", u.Email)
	add(in.Name != nil, "name", u.Name)
	add(in.Role != nil, "role", u.Role)
	add(in.Group != nil, "group", u.Group)
	add(in.Aliases != nil, "aliases", strings.Join(u.Aliases, " "))
	add(in.Password != nil, "password", "set")
	return strings.Join(parts, ", ")
}

// change checks what is said and writes it into u.
func (a *API) change(r *http.Request, u *store.User, in userChange) error {
	for _, f := range []func() error{
		func() error { return changeEmail(u, in.Email) },
		func() error { return changeName("name", &u.Name, in.Name) },
		func() error { return a.changeRole(r, u, in) },
		func() error { return a.changeGroup(r.Context(), u, in.Group) },
		func() error { return changeAliases(u, in.Aliases) },
		func() error { return a.changePassword(r.Context(), u, in.Password) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func changeEmail(u *store.User, to *string) error {
	if to == nil {
		return nil
	}
	u.Email = strings.TrimSpace(*to)
	address, err := mail.ParseAddress(u.Email)
	if err != nil || address.Address != u.Email || len(u.Email) > maxEmail {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-email", "%q is no e-mail address; write it like anna@acme.example", clip(u.Email)).At("/email")
	}
	return nil
}

func changeName(field string, name *string, to *string) error {
	if to == nil {
		return nil
	}
	*name = strings.TrimSpace(*to)
	if *name == "" || len(*name) > maxName || strings.ContainsFunc(*name, func(r rune) bool { return r < ' ' }) {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-name", "%s must be 1 to %d bytes without line breaks", field, maxName).At("/" + field)
	}
	return nil
}

// changeRole keeps owners in the hands of owners, at least one of them, and
// programs from making anybody an admin.
func (a *API) changeRole(r *http.Request, u *store.User, in userChange) error {
	c, was := callerOf(r), u.Role
	if was == store.Owner && c.role() != store.Owner {
		return screenpop.Errorf(screenpop.CodeDenied, "owners-only", "only an owner may change an owner")
	}
	if c.key != nil && was == store.Admin {
		return screenpop.Errorf(screenpop.CodeDenied, "owners-only", "an API key may not change an admin; sign in to do it")
	}
	if in.Role == nil || *in.Role == was {
		return nil
	}
	u.Role = *in.Role
	switch {
	case !slices.Contains(everybody, u.Role):
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-role", "there is no role %q; it is one of %s", clip(string(u.Role)), screenpop.JoinWords(everybody)).At("/role")
	case u.Role == store.Owner && c.role() != store.Owner:
		return screenpop.Errorf(screenpop.CodeDenied, "owners-only", "only an owner may make an owner").At("/role")
	case c.key != nil && u.Role == store.Admin:
		return screenpop.Errorf(screenpop.CodeDenied, "owners-only", "an API key may not make an admin; sign in to do it").At("/role")
	case was == store.Owner:
		return a.checkLastOwner(r.Context(), *u)
	}
	return nil
}

func (a *API) checkLastOwner(ctx context.Context, u store.User) error {
	all, err := a.o.Directory.Users(ctx, u.Tenant)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(o store.User) bool { return o.Role == store.Owner && o.ID != u.ID }) {
		return screenpop.Errorf(screenpop.CodeConflict, "last-owner", "%s is the only owner; make somebody else an owner first", u.Name).At("/role")
	}
	return nil
}

func (a *API) changeGroup(ctx context.Context, u *store.User, to *string) error {
	if to == nil {
		return nil
	}
	names, err := a.groupNames(ctx, u.Tenant)
	if err != nil {
		return err
	}
	if _, ok := names[*to]; !ok {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-group", "there is no group %q here; /api/v1/groups lists them", clip(*to)).At("/group")
	}
	u.Group = *to
	return nil
}

func changeAliases(u *store.User, to *[]string) error {
	if to == nil {
		return nil
	}
	if len(*to) > maxAliases {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-alias", "at most %d aliases fit", maxAliases).At("/aliases")
	}
	u.Aliases = nil
	for i, alias := range *to {
		alias = strings.TrimSpace(alias)
		if alias == "" || len(alias) > maxAlias || strings.ContainsFunc(alias, func(r rune) bool { return r < ' ' }) {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-alias", "an alias is 1 to %d bytes without line breaks", maxAlias).At(fmt.Sprintf("/aliases/%d", i))
		}
		if !slices.ContainsFunc(u.Aliases, func(have string) bool { return strings.EqualFold(have, alias) }) {
			u.Aliases = append(u.Aliases, alias)
		}
	}
	return nil
}

func (a *API) changePassword(ctx context.Context, u *store.User, to *string) (err error) {
	if to == nil {
		return nil
	}
	if len(*to) < auth.MinPassword || len(*to) > auth.MaxPassword {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-password", "a password has %d to %d bytes", auth.MinPassword, auth.MaxPassword).At("/password")
	}
	u.Password, err = a.o.Passwords.Hash(ctx, *to)
	return err
}
