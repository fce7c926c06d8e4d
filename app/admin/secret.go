package admin

import (
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// secret is what web requests may hold and nobody can read.
type secret struct {
	Name   string    `json:"name"`
	Host   string    `json:"host"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// signing says since when web requests are signed.
type signing struct {
	At     time.Time `json:"at"`
	Until  time.Time `json:"before_until"`
	Secret string    `json:"secret"`
}

// secrets lists the secrets, and makes the one that web requests are signed with.
type secrets struct {
	goapp.Compo
	Office *Office

	all     []secret
	signing signing
	known   bool
	fault   string
	refused string // why the form was
	busy    bool
	once    string // a signing secret that nobody can see again
	sheet   string // what is asked: "secret/crm" or "signing"
	own     goapp.Context
}

// OnMount asks for the list.
func (s *secrets) OnMount(ctx goapp.Context) { s.own = ctx; s.load(ctx) }

func (s *secrets) load(ctx goapp.Context) {
	get(s.Office, ctx, "/secrets", func(_ goapp.Context, all []secret, err error) {
		s.all, s.known, s.fault = all, true, ""
		if err != nil {
			s.fault = err.Error()
		}
	})
	get(s.Office, ctx, "/signing-secret", func(_ goapp.Context, v signing, err error) {
		if err == nil {
			s.signing = v
		}
	})
}

const (
	secretName  = "secret-name"
	secretHost  = "secret-host"
	secretValue = "secret-value"
)

// Render draws the list with the form, and the signing secret.
func (s *secrets) Render() goapp.UI {
	rows := make([]goapp.UI, len(s.all))
	for i, v := range s.all {
		rows[i] = s.renderSecret(v)
	}
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(goapp.H1().Text("Secrets"),
			goapp.P().Class("dim").Text("Keys and passwords for web requests. A popup names them as {secret:name}; nobody can read them back, here or in an export."))),
		listOr(s.fault, s.known, "There is no secret.", rows, "Name", "Goes to", "Written by", "When", ""),
		goapp.Div().Class("pair", "part").Body(s.renderAdd(), s.renderSigning()),
		s.renderSheet(),
	)
}

func (s *secrets) renderSecret(v secret) goapp.UI {
	return goapp.Tr().Body(
		goapp.Td().Class("cell-main").Body(goapp.Code().Text("{secret:"+v.Name+"}")),
		goapp.Td().Text(v.Host), goapp.Td().Class("cell-long").Title(v.Author).Text(v.Author), goapp.Td().Body(ui.When(v.At, s.Office.now())),
		goapp.Td().Class("cell-acts").Body(ui.Button{Key: "drop-secret/" + v.Name, Label: "Delete", Class: "quiet",
			Press: func(goapp.Context) { s.sheet = "secret/" + v.Name }}.UI()))
}

func (s *secrets) renderAdd() goapp.UI {
	return goapp.Section().Class("part").Body(goapp.H2().Text("Write a secret"),
		form("Secret", "Write secret", s.refused, s.busy, s.send,
			formField{ID: secretName, Label: "Name", Type: "text", Hint: "a-z, 0-9, _ and -. One that is there is replaced."}.UI(),
			formField{ID: secretHost, Label: "Host", Type: "text", Hint: "The only one that it is sent to, such as crm.example.com."}.UI(),
			formField{ID: secretValue, Label: "Value", Type: "password"}.UI()))
}

func (s *secrets) send(ctx goapp.Context) {
	name := strings.TrimSpace(typed(secretName))
	in := map[string]string{"host": typed(secretHost), "value": typed(secretValue)}
	s.busy = true
	later(s.Office, ctx, jsonCall("PUT", below("/secrets", name), in), func(ctx goapp.Context, v secret, err error) {
		s.busy, s.refused = false, ""
		if err != nil {
			s.refused = err.Error()
			return
		}
		for _, id := range []string{secretName, secretHost, secretValue} {
			browser.SetText(id, "")
		}
		s.Office.toast("Wrote {secret:"+v.Name+"} for "+v.Host+".", false)
		s.load(ctx)
	})
}

// renderSigning tells of the secret by which receivers know our web requests.
func (s *secrets) renderSigning() goapp.UI {
	says, act := "Web requests are not signed. With a signing secret a receiver can check that they come from here (Standard Webhooks).", "Make a signing secret"
	if !s.signing.At.IsZero() {
		says, act = "Web requests have been signed since "+stamp(s.signing.At)+" (Standard Webhooks).", "Make a new one"
	}
	if !s.signing.Until.IsZero() {
		says += " The secret before is used beside it until " + stamp(s.signing.Until) + "."
	}
	return goapp.Section().Class("part").Body(goapp.H2().Text("Signing secret"), goapp.P().Text(says), s.renderOnce(),
		goapp.Div().Class("form-acts").Body(ui.Button{Key: "signing", Label: act, Press: func(goapp.Context) { s.sheet = "signing" }}.UI()))
}

// renderOnce shows a new signing secret, which nobody can see again.
func (s *secrets) renderOnce() goapp.UI {
	if s.once == "" {
		return goapp.Div()
	}
	return goapp.Div().Class("once").Role("status").Body(
		goapp.Span().Text("Shown this once:"), goapp.Code().Text(s.once),
		ui.Button{Key: "copy-signing", Label: "Copy", Icon: "copy", Press: func(goapp.Context) { s.Office.copy("the signing secret", s.once) }}.UI(),
		ui.Button{Key: "forget-signing", Label: "Done", Class: "quiet", Press: func(goapp.Context) { s.once = "" }}.UI())
}

func (s *secrets) renderSheet() goapp.UI {
	what, name, _ := strings.Cut(s.sheet, "/")
	close := func(goapp.Context) { s.sheet = "" }
	asks, words, act := "Delete {secret:"+name+"}?", "Web requests that name it fail from now on, and say so.", "Delete the secret"
	do := func(goapp.Context) {
		later(s.Office, s.own, browser.Call{Method: "DELETE", Path: below("/secrets", name)}, s.done("Deleted {secret:"+name+"}."))
	}
	switch {
	case what == "":
		return goapp.Div()
	case what == "signing":
		asks, words, act = "Make a signing secret?", "It is shown once. Whoever receives web requests needs it to check them.", "Make it"
		if !s.signing.At.IsZero() {
			words = "It is shown once. For 24 hours web requests are signed with the one before, too; tell receivers the new one by then."
		}
		do = func(goapp.Context) {
			later(s.Office, s.own, jsonCall("POST", "/signing-secret", struct{}{}), s.done("Web requests are signed with a new secret. Copy it."))
		}
	}
	return &sheet{Label: asks, Close: close, Focus: "sheet-do", Content: []goapp.UI{
		goapp.H1().Class("sheet-asks").Text(asks), goapp.P().Class("sheet-words").Text(words),
		goapp.Div().Class("sheet-acts").Body(
			ui.Button{Key: "sheet-cancel", Label: "Cancel", Class: "quiet", Press: close}.UI(),
			ui.Button{Key: "sheet-do/" + s.sheet, ID: "sheet-do", Label: act, Class: "primary", Press: do}.UI()),
	}}
}

func (s *secrets) done(says string) func(goapp.Context, signing, error) {
	return func(ctx goapp.Context, v signing, err error) {
		s.sheet = ""
		if err != nil {
			s.Office.toast(err.Error(), true)
			return
		}
		s.once = v.Secret
		s.Office.toast(says, false)
		s.load(ctx)
	}
}
