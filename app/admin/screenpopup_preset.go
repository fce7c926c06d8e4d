package admin

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// What a document begins as; one below the company's keeps what it inherits.
const (
	emptyDocument = "<screenpopup>\n</screenpopup>\n"
	heirDocument  = "<screenpopup>\n  <inherit/>\n</screenpopup>\n"
)

const presetField = "preset"

// renderPresets offers popups to begin with.
func (s *screenpopup) renderPresets() goapp.UI {
	options := []goapp.UI{goapp.Option().Value(anything).Text("Insert a preset…")}
	for _, p := range screenpop.Presets() {
		options = append(options, goapp.Option().Value(p.Name).Title(p.Note).Text(p.Name))
	}
	return goapp.Select().ID(presetField).Class("field", "preset").Aria("label", "Insert a preset").
		OnChange(ui.Do("preset", func(ctx goapp.Context, _ goapp.Event) {
			name := ctx.JSSrc().Get("value").String()
			ctx.JSSrc().Set("selectedIndex", 0)
			for _, p := range screenpop.Presets() {
				if p.Name == name {
					s.insert(p)
				}
			}
		})).Body(options...)
}

// insert puts a preset at the end of the text, as if it were typed, and selects
// what in it stands for the own account.
func (s *screenpopup) insert(p screenpop.Preset) {
	was := s.draft.text
	text, err := withPreset(was, s.At.Level, p)
	if err != nil {
		s.Office.toast(sentence(err.Error()), true)
		return
	}
	browser.ReplaceText(editorField, 0, len(was), text)
	for _, own := range p.Replace {
		if at := strings.LastIndex(text, own); at >= 0 {
			browser.SelectText(editorField, at, at+len(own))
			break
		}
	}
	s.Office.toast("Write your own host in the place of "+strings.Join(p.Replace, " and ")+". "+p.Note, false)
}

// withPreset returns a document with a preset as its last popup.
func withPreset(document, level string, p screenpop.Preset) (string, error) {
	if strings.TrimSpace(document) == "" {
		document = heirDocument
		if level == levelTenant {
			document = emptyDocument
		}
	}
	places, _ := screenpop.Outline([]byte(document)) // what is wrong stands among the findings
	out, err := screenpop.Apply([]byte(document), screenpop.AddPopup{XML: p.Element, Before: len(places)})
	return string(out), err
}
