package admin

import (
	"errors"
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// bundle carries the documents of all levels out to a file and back in.
type bundle struct {
	goapp.Compo
	Office *Office

	file    string // what was read from the file
	results []imported
	fault   string
	busy    bool
}

// imported says what became, or would become, of one document of a file.
type imported struct {
	Level    string              `json:"level"`
	Name     string              `json:"name"`
	Status   string              `json:"status"`
	Detail   string              `json:"detail"`
	Revision int64               `json:"revision"`
	Findings []screenpop.Finding `json:"findings"`
}

// importResult is the answer to a file, tried or taken.
type importResult struct {
	DryRun  bool       `json:"dry_run"`
	Results []imported `json:"results"`
}

const (
	bundleFile = "bundle-file"
	maxBundle  = 16 << 20 // bytes; the server takes no more
)

// importWords say what a document's status means.
var importWords = map[string]string{
	"same": "nothing: it holds already", "new": "be the level's first", "changed": "take the place of another",
	"bad": "it has faults", "unknown": "it has no place here",
}

// choose reads the file and asks what it would change.
func (b *bundle) choose(ctx goapp.Context, _ goapp.Event) {
	b.file, b.results, b.fault = "", nil, ""
	browser.Go(func() {
		text, err := browser.ReadFile(bundleFile, maxBundle)
		ctx.Dispatch(func(ctx goapp.Context) {
			switch {
			case errors.Is(err, browser.ErrNoFile):
			case err != nil:
				b.fault = sentence(err.Error())
			default:
				b.send(ctx, text, true)
			}
		})
	})
}

func (b *bundle) send(ctx goapp.Context, file string, dry bool) {
	path := "/import"
	if dry {
		path += "?dry_run=1"
	}
	c := browser.Call{Method: "POST", Path: path, Type: "application/json", Body: []byte(file)}
	b.busy = true
	later(b.Office, ctx, c, func(_ goapp.Context, v importResult, err error) {
		b.busy, b.fault = false, ""
		switch {
		case err != nil:
			b.fault = err.Error()
		case dry:
			b.file, b.results = file, v.Results
		default:
			b.file, b.results = "", nil
			browser.SetText(bundleFile, "") // so that the same file can be chosen again
			b.Office.toast("Imported: "+plural(published(v.Results), "document is", "documents are")+" published.", false)
		}
	})
}

func published(all []imported) int {
	n := 0
	for _, x := range all {
		if x.Revision > 0 {
			n++
		}
	}
	return n
}

// weigh counts the documents that would change something, and those that keep
// all from being imported.
func (b *bundle) weigh() (change, refused int) {
	for _, x := range b.results {
		switch x.Status {
		case "new", "changed":
			change++
		case "bad", "unknown":
			refused++
		}
	}
	return change, refused
}

// Render draws both ways.
func (b *bundle) Render() goapp.UI {
	return goapp.Section().Class("part").Aria("label", "Export and import").Body(
		goapp.H2().Text("Export and import"),
		goapp.P().Class("dim").Text("The screenpopup documents of all levels as one file, for version control or another installation."),
		goapp.Div().Class("form").Body(
			goapp.Div().Class("form-acts").Body(
				goapp.A().Class("button").Href(apiRoot+"/export").Download("crmpop-screenpopup.json").Text("Export")),
			goapp.Div().Class("form-field").Body(
				goapp.Label().Class("label").For(bundleFile).Text("Import a file"),
				goapp.Input().ID(bundleFile).Class("field").Type("file").Accept("application/json,.json").
					OnChange(ui.Do("bundle-file", b.choose)),
				goapp.P().Class("form-hint").Text("Nothing is published before you have seen what would change."),
			),
			goapp.P().Class("fault").Role("alert").Text(b.fault),
			b.renderResults(),
		),
	)
}

func (b *bundle) renderResults() goapp.UI {
	if len(b.results) == 0 {
		return goapp.P().Class("dim").Text(ui.Pick(b.file != "", "The file holds no document.", ""))
	}
	rows := make([]goapp.UI, len(b.results))
	for i, x := range b.results {
		rows[i] = goapp.Tr().Body(
			goapp.Td().Class("cell-main").Text(x.called()),
			goapp.Td().Text(orElse(importWords[x.Status], x.Status)),
			goapp.Td().Class("dim").Text(x.why()),
		)
	}
	change, refused := b.weigh()
	return goapp.Div().Body(
		listOr("", true, "", rows, "Document", "What it would do", ""),
		goapp.P().Class("form-hint").Role("status").Text(b.says(change, refused)),
		goapp.Div().Class("form-acts").Body(ui.Button{Key: "bundle-import", Class: "primary", Off: b.busy || change == 0 || refused > 0,
			Label: "Import and publish " + plural(change, "document", "documents"),
			Press: func(ctx goapp.Context) { b.send(ctx, b.file, false) }}.UI()),
	)
}

func (b *bundle) says(change, refused int) string {
	switch {
	case refused > 0:
		return plural(refused, "document cannot", "documents cannot") + " be imported, so none is. Mend the file and choose it again."
	case change == 0:
		return "All of it holds already: there is nothing to import."
	}
	return "They hold from the next event on. Levels that the file does not name stay as they are."
}

// called names the level of a document.
func (x imported) called() string {
	switch x.Level {
	case levelTenant:
		return "Company"
	case levelGroup:
		return "Group " + x.Name
	}
	return x.Name
}

// why says what is wrong with a document: the first fault and its place.
func (x imported) why() string {
	if x.Detail != "" {
		return sentence(x.Detail)
	}
	for _, f := range x.Findings {
		if f.Severity == screenpop.SeverityError {
			return fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, sentence(f.Msg), sentence(f.Cure))
		}
	}
	return ""
}
