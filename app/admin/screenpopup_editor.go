package admin

import (
	"encoding/json"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// EditorEnv names the address of the document editor in the environment that the
// page sees. It is not set where there is none: the plain field stays.
const EditorEnv = "CRMPOP_EDITOR"

// editorHost is the id of the element that the editor is mounted in.
const editorHost = "editor-host"

// editorPlace is where the editor is mounted. Whatever is in its element is the
// editor's: the page draws nothing there.
type editorPlace struct {
	goapp.Compo
	Mount func()
}

// OnMount puts the editor there, if it has come already.
func (e *editorPlace) OnMount(goapp.Context) { e.Mount() }

// OnDismount takes the editor down.
func (e *editorPlace) OnDismount() { browser.UnmountEditor(editorField) }

// Render draws the element.
func (e *editorPlace) Render() goapp.UI { return goapp.Div().ID(editorHost).Class("editor-host") }

// loadEditor has the editor come, when a document is first opened; until then, and
// for good where there is none, the text stands in a plain field.
func (s *screenpopup) loadEditor(ctx goapp.Context) {
	browser.LoadEditor(goapp.Getenv(EditorEnv), func() {
		s.mountEditor()
		ctx.Dispatch(nil)
	})
}

// mountEditor puts the editor in the place of the field, with all that is in it.
func (s *screenpopup) mountEditor() {
	if !browser.EditorReady() || s.draft == nil || s.gone {
		return
	}
	words, err := json.Marshal(screenpop.Words())
	if err == nil {
		_, err = browser.MountEditor(editorHost, browser.EditorOptions{
			ID: editorField, Text: s.draft.text, Label: "Document text", DescribedBy: findingsCount, Vocabulary: words,
			Typed: func() { s.own.Dispatch(func(ctx goapp.Context) { s.typed(ctx) }) },
			Repair: func(i int) {
				s.own.Dispatch(func(goapp.Context) {
					if i < len(s.draft.findings) {
						s.repair(s.draft.findings[i])
					}
				})
			},
		})
	}
	if err != nil {
		s.plain = true
		goapp.Log(err.Error())
	}
	s.markText()
}

// put puts the draft into the editor or field. What was done to another document
// cannot be undone in it.
func (s *screenpopup) put(d *draft) {
	if s.draft != d {
		return
	}
	if s.shown == d {
		browser.SetText(editorField, d.text)
	} else {
		browser.OpenText(editorField, d.text)
	}
	s.shown = d
}

// markText shows the findings where they are in the text.
func (s *screenpopup) markText() {
	marks := make([]browser.Mark, len(s.draft.findings))
	for i, f := range s.draft.findings {
		marks[i] = browser.Mark{Line: f.Line, Column: f.Column, Severity: string(f.Severity), Message: sentence(f.Msg), Cure: sentence(f.Cure)}
		if f.Repair != nil {
			marks[i].Length = f.Repair.Length
		}
	}
	browser.MarkText(editorField, marks)
}

// renderField draws where the text stands: the editor's place, and the plain field
// where the editor is not.
func (s *screenpopup) renderField() []goapp.UI {
	parts := []goapp.UI{&editorPlace{Mount: s.mountEditor}}
	if browser.EditorReady() && !s.plain {
		return parts
	}
	d := s.draft
	lines := linesIn(d.text)
	return append(parts,
		&gutter{Lines: lines, Marks: marks(d.findings)},
		goapp.Textarea().ID(editorField).Class("editor-field").Wrap("off").Spellcheck(false).
			Attr("autocomplete", "off").Attr("autocapitalize", "off").
			Aria("label", "Document text").Aria("describedby", findingsCount).
			Rows(max(lines, 24)).Cols(longest(d.text)).
			OnInput(ui.Do("typed", func(ctx goapp.Context, _ goapp.Event) { s.typed(ctx) })),
	)
}
