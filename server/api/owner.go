package api

import (
	"context"
	"fmt"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/store"
)

// The first tenant, made when the server starts on an empty folder.
const (
	firstTenant = "main"
	firstGroup  = "everybody"
	firstOwner  = "owner"
	firstSource = "api"
)

// Found makes the first tenant with its owner, unless there is an owner with a
// password already. It returns the path of a one-time link with which the owner
// sets the password, good for auth.InviteTTL, or "" when there is no need for
// one. Each start makes a new link; earlier ones stop working.
func Found(ctx context.Context, dir store.Directory, now time.Time) (path string, err error) {
	owner, err := dir.User(ctx, firstTenant, firstOwner)
	if screenpop.ErrorCode(err) == screenpop.CodeNotFound {
		owner, err = makeTenant(ctx, dir)
	}
	if err != nil {
		return "", fmt.Errorf("find or make the first owner: %w", err)
	}
	if owner.Password != "" && !auth.Invited(owner.Password) {
		return "", nil
	}
	secret, stored := auth.MakeInvite(now)
	owner.Password = stored
	if err := dir.PutUser(ctx, owner); err != nil {
		return "", fmt.Errorf("invite the owner: %w", err)
	}
	return "/welcome/" + owner.Tenant + "/" + owner.ID + "/" + secret, nil
}

// makeTenant returns the owner, whom it makes last of all: a start that was cut
// short begins again.
func makeTenant(ctx context.Context, dir store.Directory) (store.User, error) {
	owner := store.User{ID: firstOwner, Tenant: firstTenant, Email: "owner@localhost", Name: "Owner",
		Role: store.Owner, Group: firstGroup}
	for _, put := range []func() error{
		func() error {
			return dir.PutTenant(ctx, store.Tenant{ID: firstTenant, Name: "My company", Region: "US"})
		},
		func() error {
			return dir.PutGroup(ctx, store.Group{ID: firstGroup, Tenant: firstTenant, Name: "Everybody"})
		},
		func() error {
			return dir.PutSource(ctx, store.Source{ID: firstSource, Tenant: firstTenant, Name: "API", Dialect: "native"})
		},
		func() error { return dir.PutUser(ctx, owner) },
	} {
		if err := put(); err != nil {
			return owner, err
		}
	}
	return owner, nil
}

// invited returns the user behind a one-time link that still works.
func (a *API) invited(r *http.Request) (store.User, error) {
	errLink := screenpop.Errorf(screenpop.CodeNotFound, "link-used",
		"this link has been used or has run out; start the server again for a new one")
	u, err := a.o.Directory.User(r.Context(), r.PathValue("tenant"), r.PathValue("user"))
	if err != nil {
		return u, orNotFound(err, errLink)
	}
	if !auth.InviteMatches(u.Password, r.PathValue("secret"), a.o.Now()) {
		return u, errLink
	}
	return u, nil
}

// welcomeForm is what the owner has typed, and what was wrong with it.
type welcomeForm struct {
	Company, Region, Name, Email string
	Fault                        string
	MinPassword                  int
}

// welcomePage shows the form; it changes nothing, so that a mail scanner or a
// preview does not use the link up.
func (a *API) welcomePage(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.invited(r); err != nil {
		return err
	}
	a.plainPage(w, http.StatusOK, welcome, welcomeForm{MinPassword: auth.MinPassword})
	return nil
}

// setOwner writes down who the owner is, and with that the link is used up.
func (a *API) setOwner(w http.ResponseWriter, r *http.Request) error {
	u, err := a.invited(r)
	if err != nil {
		return err
	}
	if err := wantMedia(r, "application/x-www-form-urlencoded"); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-form", "the form could not be read: %v", err)
	}
	form := welcomeForm{Company: field(r, "company"), Region: strings.ToUpper(field(r, "region")), Name: field(r, "name"),
		Email: field(r, "email"), MinPassword: auth.MinPassword}
	password := r.PostFormValue("password")
	if form.Fault = form.check(password); form.Fault == "" {
		err = a.found(r.Context(), u, form, password)
		if screenpop.ErrorCode(err) == screenpop.CodeConflict {
			form.Fault, err = "Somebody else signs in with this e-mail address.", nil
		}
	}
	if err != nil {
		return err
	}
	if form.Fault != "" {
		a.plainPage(w, http.StatusUnprocessableEntity, welcome, form)
		return nil
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// check returns the first fault in words, "" for none.
func (f welcomeForm) check(password string) string {
	address, err := mail.ParseAddress(f.Email)
	switch {
	case f.Company == "" || len(f.Company) > 200:
		return "Please say what your company is called."
	case len(f.Region) != 2 || strings.Trim(f.Region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return "Please give your country as two letters, like NO or US."
	case f.Name == "" || len(f.Name) > 200:
		return "Please say what you are called."
	case err != nil || address.Address != f.Email || len(f.Email) > 254:
		return "This is not an e-mail address."
	case len(password) < auth.MinPassword:
		return fmt.Sprintf("The password is too short; it needs at least %d characters.", auth.MinPassword)
	case len(password) > auth.MaxPassword:
		return fmt.Sprintf("The password is too long; at most %d characters.", auth.MaxPassword)
	}
	return ""
}

func (a *API) found(ctx context.Context, u store.User, f welcomeForm, password string) error {
	tenant, err := a.o.Directory.Tenant(ctx, u.Tenant)
	if err != nil {
		return err
	}
	tenant.Name, tenant.Region = f.Company, f.Region
	if err := a.o.Directory.PutTenant(ctx, tenant); err != nil {
		return err
	}
	if u.Password, err = a.o.Passwords.Hash(ctx, password); err != nil {
		return err
	}
	u.Name, u.Email = f.Name, f.Email
	if err := a.o.Directory.PutUser(ctx, u); err != nil {
		return err
	}
	a.o.Intake.Forget(u.Tenant)
	return nil
}
