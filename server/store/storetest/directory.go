package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// two makes two tenants, each with a group and a user of the same id.
func (r *rig) two() {
	r.Helper()
	for _, t := range []string{"t", "other"} {
		r.must(r.PutTenant(r.ctx, store.Tenant{ID: t, Name: "Tenant " + t, Region: "NO", Hosts: []string{"mail." + t}}))
		r.must(r.PutGroup(r.ctx, store.Group{ID: "g", Tenant: t, Name: "Sales"}))
		r.must(r.PutUser(r.ctx, store.User{ID: "anna", Tenant: t, Email: "Anna@" + t, Name: "Anna", Role: store.AgentRole, Group: "g", Aliases: []string{"201"}, Password: "$argon2id$"}))
	}
}

var directoryTests = []test{
	{name: "tenants, groups and users are read as they were written", run: func(r *rig) {
		r.two()
		t, err := r.Tenant(r.ctx, "t")
		r.must(err)
		r.same("tenant", store.Tenant{ID: "t", Name: "Tenant t", Region: "NO", Hosts: []string{"mail.t"}}, t)
		u, err := r.User(r.ctx, "t", "anna")
		r.must(err)
		r.same("user", store.User{ID: "anna", Tenant: "t", Email: "Anna@t", Name: "Anna", Role: store.AgentRole, Group: "g", Aliases: []string{"201"}, Password: "$argon2id$"}, u)
		groups, err := r.Groups(r.ctx, "t")
		r.must(err)
		r.same("groups", []store.Group{{ID: "g", Tenant: "t", Name: "Sales"}}, groups)
		users, err := r.Users(r.ctx, "t")
		r.must(err)
		r.same("users", []store.User{u}, users)
		r.must(r.PutTenant(r.ctx, store.Tenant{ID: "t", Name: "New"}))
		t, err = r.Tenant(r.ctx, "t")
		r.must(err)
		r.same("tenant written over", store.Tenant{ID: "t", Name: "New"}, t, cmpopts.EquateEmpty())
	}},
	{name: "what another tenant has is not found", run: func(r *rig) {
		r.two()
		r.must(r.PutUser(r.ctx, store.User{ID: "kari", Tenant: "other", Email: "kari@other", Group: "g"}))
		_, err := r.User(r.ctx, "t", "kari")
		r.code("User", err, screenpop.CodeNotFound)
		_, err = r.UserByAlias(r.ctx, "t", "kari@other")
		r.code("UserByAlias", err, screenpop.CodeNotFound)
		_, err = r.Tenant(r.ctx, "none")
		r.code("Tenant", err, screenpop.CodeNotFound)
		r.must(r.PutGroup(r.ctx, store.Group{ID: "g2", Tenant: "other"}))
		r.code("a user in another tenant's group", r.PutUser(r.ctx, store.User{ID: "x", Tenant: "t", Email: "x@t", Group: "g2"}), screenpop.CodeNotFound)
		r.code("a group of no tenant", r.PutGroup(r.ctx, store.Group{ID: "g", Tenant: "none"}), screenpop.CodeNotFound)
		r.code("a user of no tenant", r.PutUser(r.ctx, store.User{ID: "x", Tenant: "none", Email: "x@t"}), screenpop.CodeNotFound)
	}},
	{name: "users are found by address and alias without case", run: func(r *rig) {
		r.two()
		for _, mail := range []string{"anna@t", "ANNA@T", " Anna@t "} {
			if u, err := r.UserByEmail(r.ctx, mail); err != nil || u.Tenant != "t" {
				r.Errorf("UserByEmail(%q) = %+v, %v", mail, u, err)
			}
		}
		r.must(r.PutUser(r.ctx, store.User{ID: "ola", Tenant: "t", Email: "ola@t", Group: "g", Aliases: []string{"SIP/Ola", "Øystein"}}))
		for _, alias := range []string{"sip/ola", "SIP/OLA", "øYSTEIN", "ola@T"} {
			if u, err := r.UserByAlias(r.ctx, "t", alias); err != nil || u.ID != "ola" {
				r.Errorf("UserByAlias(%q) = %+v, %v", alias, u, err)
			}
		}
		for what, find := range map[string]func(string) (store.User, error){
			"UserByEmail": func(s string) (store.User, error) { return r.UserByEmail(r.ctx, s) },
			"UserByAlias": func(s string) (store.User, error) { return r.UserByAlias(r.ctx, "t", s) },
		} {
			for _, none := range []string{"", "nobody", "%", "ola"} {
				_, err := find(none)
				r.code(what+" "+none, err, screenpop.CodeNotFound)
			}
		}
	}},
	{name: "an address is one user's over all tenants, an alias one user's of a tenant", run: func(r *rig) {
		r.two()
		r.code("an address of another tenant's user", r.PutUser(r.ctx, store.User{ID: "x", Tenant: "t", Email: "anna@OTHER"}), screenpop.CodeConflict)
		r.code("an alias of another user", r.PutUser(r.ctx, store.User{ID: "x", Tenant: "t", Email: "x@t", Aliases: []string{"new", "201"}}), screenpop.CodeConflict)
		_, err := r.UserByAlias(r.ctx, "t", "new")
		r.code("a refused user leaves nothing", err, screenpop.CodeNotFound)
		u, err := r.User(r.ctx, "t", "anna")
		r.must(err)
		u.Email, u.Aliases = "anna.new@t", []string{"202"}
		r.must(r.PutUser(r.ctx, u))
		for _, old := range []string{"anna@t", "201"} {
			_, err := r.UserByAlias(r.ctx, "t", old)
			r.code("old alias "+old, err, screenpop.CodeNotFound)
		}
		r.must(r.PutUser(r.ctx, store.User{ID: "x", Tenant: "t", Email: "anna@t", Aliases: []string{"201"}}))
	}},
	{name: "what lacks its id is refused", run: func(r *rig) {
		r.two()
		for what, err := range map[string]error{
			"tenant": r.PutTenant(r.ctx, store.Tenant{}),
			"group":  r.PutGroup(r.ctx, store.Group{Tenant: "t"}),
			"user":   r.PutUser(r.ctx, store.User{Tenant: "t", ID: "x", Email: " "}),
			"source": r.PutSource(r.ctx, store.Source{Tenant: "t", Dialect: "cti"}),
			"key":    r.PutKey(r.ctx, store.Key{Tenant: "t", ID: "k"}),
			"login":  r.PutLogin(r.ctx, store.Login{Tenant: "t", UserID: "anna"}),
		} {
			r.code(what, err, screenpop.CodeInvalid)
		}
	}},
	{name: "a source is found by its token, and none without", run: func(r *rig) {
		r.two()
		native := store.Source{ID: "n", Tenant: "t", Name: "API", Dialect: "native"}
		cti := store.Source{ID: "c", Tenant: "t", Name: "PBX", Dialect: "cti", Token: "secret"}
		r.must(r.PutSource(r.ctx, native))
		r.must(r.PutSource(r.ctx, cti))
		got, err := r.SourceByToken(r.ctx, "secret")
		r.must(err)
		r.same("source", cti, got)
		for _, none := range []string{"", "SECRET", "x"} {
			_, err := r.SourceByToken(r.ctx, none)
			r.code("token "+none, err, screenpop.CodeNotFound)
		}
		r.code("a taken token", r.PutSource(r.ctx, store.Source{ID: "c", Tenant: "other", Dialect: "cti", Token: "secret"}), screenpop.CodeConflict)
		all, err := r.Sources(r.ctx, "t")
		r.must(err)
		r.same("sources by name", []store.Source{native, cti}, all)
		if all, err = r.Sources(r.ctx, "other"); len(all) != 0 || err != nil {
			r.Errorf("the other tenant's sources: %v, %v", all, err)
		}
	}},
	{name: "keys are written, found, listed and deleted", run: func(r *rig) {
		r.two()
		k := store.Key{ID: "k1", Tenant: "t", Source: "n", Name: "CI", Scopes: []string{"events:write"}, Hash: []byte{0, 1, 255}, CreatedAt: r.clock()}
		r.must(r.PutKey(r.ctx, k))
		got, err := r.Key(r.ctx, "k1")
		r.must(err)
		r.same("key", k, got)
		r.code("another tenant's key id", r.PutKey(r.ctx, store.Key{ID: "k1", Tenant: "other", Hash: []byte{1}}), screenpop.CodeConflict)
		r.code("another tenant's key", r.DeleteKey(r.ctx, "other", "k1"), screenpop.CodeNotFound)
		keys, err := r.Keys(r.ctx, "t")
		r.must(err)
		r.same("keys", []store.Key{k}, keys)
		r.must(r.DeleteKey(r.ctx, "t", "k1"))
		_, err = r.Key(r.ctx, "k1")
		r.code("a deleted key", err, screenpop.CodeNotFound)
		r.code("deleted twice", r.DeleteKey(r.ctx, "t", "k1"), screenpop.CodeNotFound)
	}},
	{name: "a sign-in is written, seen and ended", run: func(r *rig) {
		r.two()
		l := store.Login{Hash: []byte("hash"), Tenant: "t", UserID: "anna", CreatedAt: r.clock(), SeenAt: r.clock()}
		r.must(r.PutLogin(r.ctx, l))
		l.SeenAt = l.SeenAt.Add(time.Minute)
		r.must(r.PutLogin(r.ctx, l))
		got, err := r.Login(r.ctx, l.Hash)
		r.must(err)
		r.same("login", l, got)
		r.code("of nobody", r.PutLogin(r.ctx, store.Login{Hash: []byte("x"), Tenant: "t", UserID: "kari"}), screenpop.CodeNotFound)
		r.must(r.DeleteLogin(r.ctx, l.Hash))
		_, err = r.Login(r.ctx, l.Hash)
		r.code("an ended one", err, screenpop.CodeNotFound)
		r.must(r.DeleteLogin(r.ctx, l.Hash))
	}},
	{name: "a revision is published against the one it was edited from", run: func(r *rig) {
		r.two()
		a, err := r.Active(r.ctx, "t", "user", "anna")
		r.must(err)
		if a.Revision != 0 || a.Document != "" {
			r.Errorf("before any: %+v, want revision 0", a)
		}
		doc := store.Revision{Tenant: "t", Level: "user", LevelID: "anna", Document: "<a/>", Author: "admin", Note: "first"}
		first, err := r.Publish(r.ctx, doc, 0)
		r.must(err)
		if first.Revision != 1 || !first.At.Equal(r.clock()) {
			r.Errorf("first revision = %+v, want 1, now", first)
		}
		doc.Document = "<b/>"
		_, err = r.Publish(r.ctx, doc, 0)
		r.code("edited from an older one", err, screenpop.CodeConflict)
		doc.At = r.clock().Add(-time.Hour)
		second, err := r.Publish(r.ctx, doc, 1)
		r.must(err)
		doc.Document = ""
		third, err := r.Publish(r.ctx, doc, -1)
		r.must(err)
		if a, err = r.Active(r.ctx, "t", "user", "anna"); err != nil {
			r.Fatal(err)
		}
		r.same("active", third, a)
		all, err := r.Revisions(r.ctx, "t", "user", "anna")
		r.must(err)
		r.same("revisions, newest first", []store.Revision{third, second, first}, all)
		for _, bad := range []store.Revision{
			{Tenant: "t", Level: "user", LevelID: "kari"}, {Tenant: "t", Level: "group", LevelID: "x"},
			{Tenant: "t", Level: "tenant", LevelID: "other"}, {Tenant: "none", Level: "tenant", LevelID: "none"},
		} {
			_, err := r.Publish(r.ctx, bad, -1)
			r.code(bad.Level+" "+bad.LevelID, err, screenpop.CodeNotFound)
		}
		_, err = r.Publish(r.ctx, store.Revision{Tenant: "t", Level: "team", LevelID: "x"}, -1)
		r.code("an unknown level", err, screenpop.CodeInvalid)
		if a, err = r.Active(r.ctx, "other", "user", "anna"); err != nil || a.Revision != 0 {
			r.Errorf("the other tenant's: %+v, %v; want none", a, err)
		}
	}},
	{name: "of two who publish at once from the same revision one succeeds", run: func(r *rig) {
		r.two()
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := r.Publish(r.ctx, store.Revision{Tenant: "t", Level: "tenant", LevelID: "t", Document: "<a/>"}, 0)
				errs <- err
			}()
		}
		a, b := <-errs, <-errs
		if (a == nil) == (b == nil) {
			r.Errorf("errors %v and %v, want one conflict", a, b)
		}
	}},
}
