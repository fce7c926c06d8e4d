package admin

import (
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// source is where events come from.
type source struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Dialect string `json:"dialect"`
	Path    string `json:"path"`
}

// apiKey is a key of a program. Key is there once, when it is made.
type apiKey struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Source    string    `json:"source"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	Key       string    `json:"key"`
}

// scopes are what a key may do.
var scopes = [][2]string{
	{"events:write", "report events"}, {"config:read", "read popup configurations"}, {"config:write", "publish popup configurations"},
	{"directory:read", "list users, groups and sources"}, {"directory:write", "change users, groups and sources"},
	{"requests:read", "read requests and traces"}, {"audit:read", "read the audit"}, {"connect", "open an agent's socket"},
}

var dialects = [][2]string{{"native", "Our own: JSON with an API key"}, {"cti", "Telephone system (sipgate, Placetel, Zammad CTI)"}}

// sources lists event sources and API keys.
type sources struct {
	goapp.Compo
	Office *Office

	own     goapp.Context // outlasts the buttons of sheets
	sources []source
	keys    []apiKey
	known   bool
	fault   string
	once    string // a key that is shown this once
	sheet   string // what asks: "", "token/ID", "key/ID"
}

// OnMount asks for both lists.
func (s *sources) OnMount(ctx goapp.Context) {
	s.own = ctx
	s.load(ctx)
}

func (s *sources) load(ctx goapp.Context) {
	get(s.Office, ctx, "/sources", func(_ goapp.Context, all []source, err error) {
		s.sources, s.known = all, true
		if err != nil {
			s.fault = err.Error()
		}
	})
	get(s.Office, ctx, "/keys", func(_ goapp.Context, all []apiKey, err error) {
		if err == nil {
			s.keys = all
		}
	})
}

const (
	sourceName    = "source-name"
	sourceDialect = "source-dialect"
	keyName       = "key-name"
	keySource     = "key-source"
)

// Render draws both lists with the forms for new ones.
func (s *sources) Render() goapp.UI {
	rows := make([]goapp.UI, len(s.sources))
	for i, one := range s.sources {
		rows[i] = s.renderSource(one)
	}
	keys := make([]goapp.UI, len(s.keys))
	for i, k := range s.keys {
		keys[i] = s.renderKey(k)
	}
	return goapp.Div().Class("list-page").Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(goapp.H1().Text("Sources and keys"))),
		listOr(s.fault, s.known, "There is no event source.", rows, "Event source", "Dialect", "Sends events to", ""),
		goapp.Section().Class("part").Body(goapp.H2().Text("API keys"), s.renderOnce(),
			listOr("", s.known, "There is no key.", keys, "Key", "Source", "May", "Made", "")),
		goapp.Div().Class("pair", "part").Body(s.renderAddSource(), s.renderAddKey()),
		s.renderSheet(),
	)
}

func (s *sources) renderSource(one source) goapp.UI {
	acts := []goapp.UI{ui.Button{Key: "copy-path/" + one.ID, Label: "Copy address", Icon: "copy", Class: "quiet",
		Press: func(goapp.Context) { s.Office.copy("the address", browser.Address()+s.pathOf(one.ID)) }}.UI()}
	if one.Dialect != "native" {
		acts = append(acts, ui.Button{Key: "token/" + one.ID, Label: "New address", Class: "quiet",
			Press: func(goapp.Context) { s.sheet = "token/" + one.ID }}.UI())
	}
	path := one.Path
	if one.Dialect != "native" && len(path) > 12 { // the end is a secret
		path = path[:8] + "…"
	}
	return goapp.Tr().Body(goapp.Td().Class("cell-main").Text(one.Name), goapp.Td().Text(one.Dialect),
		goapp.Td().Body(goapp.Code().Text(path)), goapp.Td().Class("cell-acts").Body(acts...))
}

// pathOf returns the path as it is now: buttons outlive a new one.
func (s *sources) pathOf(id string) string {
	for _, one := range s.sources {
		if one.ID == id {
			return one.Path
		}
	}
	return ""
}

func (s *sources) renderKey(k apiKey) goapp.UI {
	return goapp.Tr().Body(goapp.Td().Class("cell-main").Text(k.Name), goapp.Td().Text(k.Source),
		goapp.Td().Class("cell-long").Title(strings.Join(k.Scopes, ", ")).Text(strings.Join(k.Scopes, ", ")),
		goapp.Td().Body(ui.When(k.CreatedAt, s.Office.now())),
		goapp.Td().Class("cell-acts").Body(ui.Button{Key: "drop-key/" + k.ID, Label: "Delete", Class: "quiet",
			Press: func(goapp.Context) { s.sheet = "key/" + k.ID }}.UI()))
}

// renderOnce shows a new key, which nobody can see again.
func (s *sources) renderOnce() goapp.UI {
	if s.once == "" {
		return goapp.Div()
	}
	return goapp.Div().Class("once").Role("status").Body(
		goapp.Span().Text("Shown this once:"), goapp.Code().Text(s.once),
		ui.Button{Key: "copy-key", Label: "Copy", Icon: "copy", Press: func(goapp.Context) { s.Office.copy("the key", s.once) }}.UI(),
		ui.Button{Key: "forget-key", Label: "Done", Class: "quiet", Press: func(goapp.Context) { s.once = "" }}.UI(),
	)
}

func (s *sources) renderAddSource() goapp.UI {
	return goapp.Section().Class("part").Body(goapp.H2().Text("Add an event source"),
		form("Event source", "Add source", "", false, s.addSource,
			formField{ID: sourceName, Label: "Name", Type: "text"}.UI(),
			formField{ID: sourceDialect, Label: "Dialect", Type: "choice", Value: "native", Of: dialects}.UI()))
}

func (s *sources) renderAddKey() goapp.UI {
	of := make([][2]string, len(s.sources))
	for i, one := range s.sources {
		of[i] = [2]string{one.ID, one.Name}
	}
	boxes := make([]goapp.UI, len(scopes))
	for i, sc := range scopes {
		boxes[i] = goapp.Label().Body(
			goapp.Input().Type("checkbox").Name("scope").Value(sc[0]).Checked(sc[0] == "events:write"),
			goapp.Span().Text(sc[1]), goapp.Code().Class("dim").Text(sc[0]))
	}
	return goapp.Section().Class("part").Body(goapp.H2().Text("Make an API key"),
		goapp.Form().Class("form").Aria("label", "API key").OnSubmit(ui.Do("form/key", s.addKey)).Body(
			formField{ID: keyName, Label: "Name", Type: "text"}.UI(),
			formField{ID: keySource, Label: "Reports as", Type: "choice", Of: of}.UI(),
			goapp.Div().Role("group").Aria("label", "May").Body(goapp.Span().Class("label").Text("May"), goapp.Div().Class("checks").Body(boxes...)),
			goapp.Div().Class("form-acts").Body(goapp.Button().Type("submit").Class("button", "primary").Text("Make key")),
		))
}

func (s *sources) addSource(ctx goapp.Context) {
	in := map[string]string{"name": typed(sourceName), "dialect": typed(sourceDialect)}
	later(s.Office, ctx, jsonCall("POST", "/sources", in), func(ctx goapp.Context, v source, err error) {
		if err != nil {
			s.Office.toast(err.Error(), true)
			return
		}
		browser.SetText(sourceName, "")
		s.Office.toast("Added the source "+v.Name+".", false)
		s.load(ctx)
	})
}

func (s *sources) addKey(ctx goapp.Context, e goapp.Event) {
	e.PreventDefault()
	may := []string{}
	boxes := ctx.JSSrc().Call("querySelectorAll", "[name=scope]:checked")
	for i := range boxes.Length() {
		may = append(may, boxes.Index(i).Get("value").String())
	}
	in := map[string]any{"name": typed(keyName), "source": typed(keySource), "scopes": may}
	later(s.Office, ctx, jsonCall("POST", "/keys", in), func(ctx goapp.Context, v apiKey, err error) {
		if err != nil {
			s.Office.toast(err.Error(), true)
			return
		}
		browser.SetText(keyName, "")
		s.once = v.Key
		s.load(ctx)
	})
}

func (s *sources) renderSheet() goapp.UI {
	what, id, _ := strings.Cut(s.sheet, "/")
	close := func(goapp.Context) { s.sheet = "" }
	asks, words, act := "Give this source a new address?", "The old one ends at once: until the telephone system knows the new one, its events are refused.", "New address"
	do := func(goapp.Context) {
		later(s.Office, s.own, jsonCall("POST", below("/sources", id)+"/token", struct{}{}), s.done("The source has a new address. Copy it."))
	}
	switch what {
	case "":
		return goapp.Div()
	case "key":
		asks, words, act = "Delete this key?", "Programs that use it are refused from now on.", "Delete the key"
		do = func(goapp.Context) {
			later(s.Office, s.own, browser.Call{Method: "DELETE", Path: below("/keys", id)}, s.done("The key is deleted."))
		}
	}
	return &sheet{Label: asks, Close: close, Focus: "sheet-do", Content: []goapp.UI{
		goapp.H1().Class("sheet-asks").Text(asks), goapp.P().Class("sheet-words").Text(words),
		goapp.Div().Class("sheet-acts").Body(
			ui.Button{Key: "sheet-cancel", Label: "Cancel", Class: "quiet", Press: close}.UI(),
			ui.Button{Key: "sheet-do/" + s.sheet, ID: "sheet-do", Label: act, Class: "primary", Press: do}.UI()),
	}}
}

func (s *sources) done(says string) func(goapp.Context, source, error) {
	return func(ctx goapp.Context, _ source, err error) {
		s.sheet = ""
		if err != nil {
			s.Office.toast(err.Error(), true)
			return
		}
		s.Office.toast(says, false)
		s.load(ctx)
	}
}
