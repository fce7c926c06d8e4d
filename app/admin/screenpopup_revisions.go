package admin

import (
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

const revisionsShown = 20

// renderRevisions lists what was published at this level, the newest first.
func (s *screenpopup) renderRevisions() goapp.UI {
	var items []goapp.UI
	for _, r := range s.revisions[:min(len(s.revisions), revisionsShown)] {
		items = append(items, s.renderRevision(r))
	}
	if len(items) == 0 {
		items = append(items, goapp.Li().Class("dim").Text("Nothing was published here yet."))
	}
	if more := len(s.revisions) - revisionsShown; more > 0 {
		items = append(items, goapp.Li().Class("dim").Text(plural(more, "older revision", "older revisions")))
	}
	return goapp.Section().Class("side-part").Aria("label", "Revisions").Body(
		goapp.H2().Text("Revisions"),
		goapp.Ol().Class("revisions").Body(items...),
	)
}

func (s *screenpopup) renderRevision(r revision) goapp.UI {
	key := fmt.Sprintf("revision/%s/%s/%d", s.At.Level, s.At.ID, r.Number)
	holds, compared := r.Number == s.draft.base, r.Number == s.compared
	acts := []goapp.UI{
		ui.Button{Key: key + "/compare", Label: ui.Pick(compared, "Hide", "Compare"), Class: "quiet",
			Hint: "Compare with the text at the left",
			Press: func(goapp.Context) {
				if s.compared == r.Number {
					s.compared = 0
					return
				}
				s.compared = r.Number
			}}.UI(),
	}
	if !holds {
		acts = append(acts, ui.Button{Key: key + "/roll", Label: "Roll back", Class: "quiet",
			Press: func(goapp.Context) { s.rollTo, s.sheet, s.note = r.Number, sheetRollback, "" }}.UI())
	}
	body := []goapp.UI{
		goapp.Div().Class("revision-head").Body(
			goapp.Span().Class("revision-number").Text(fmt.Sprintf("#%d", r.Number)),
			goapp.Span().Class("revision-words").Body(
				goapp.Span().Class("revision-note").Text(orElse(r.Note, ui.Pick(holds, "Published", "No note"))),
				goapp.Span().Class("dim", "small").Body(goapp.Text(r.Author+" · "), ui.When(r.At, s.Office.now())),
			),
			goapp.Span().Class("revision-acts").Body(acts...),
		),
	}
	if compared {
		body = append(body, renderDiff(diff(r.Document, s.draft.text), "The text at the left is the same."))
	}
	return goapp.Li().Class("revision", ui.Pick(holds, "revision-holds", "")).Body(body...)
}

// renderDiff draws lines that were taken out and put in; same is what is said
// where there are none.
func renderDiff(lines []diffLine, same string) goapp.UI {
	if len(lines) == 0 {
		return goapp.P().Class("dim").Text(same)
	}
	rows := make([]goapp.UI, len(lines))
	for i, l := range lines {
		class := map[rune]string{'+': "diff-in", '-': "diff-out", '…': "diff-gap"}[l.Op]
		number := ""
		switch {
		case l.New > 0:
			number = fmt.Sprint(l.New)
		case l.Old > 0:
			number = fmt.Sprint(l.Old)
		}
		rows[i] = goapp.Tr().Class("diff-line", class).Body(
			goapp.Td().Class("diff-number").Text(number),
			goapp.Td().Class("diff-op").Text(string(l.Op)),
			goapp.Td().Class("diff-text").Text(l.Text),
		)
	}
	return goapp.Div().Class("diff").TabIndex(0).Role("region").Aria("label", "Differences").Body(
		goapp.Table().Body(goapp.TBody().Body(rows...)))
}

// renderSheet draws what asks before something is done that others feel.
func (s *screenpopup) renderSheet() goapp.UI {
	switch s.sheet {
	case sheetPublish:
		if s.first != "" {
			return s.renderAsk("Publish to one group first?", s.firstWords(), "Publish to "+s.people.groupName(s.first)+" first", true, s.tryOut)
		}
		return s.renderAsk("Publish to "+s.reach()+"?", s.publishWords(), "Publish to "+s.reach(), true, s.publish)
	case sheetEndTry:
		name := s.people.groupName(s.ending)
		return s.renderAsk("End what "+name+" tries?", name+" gets back what it had before, from the next event on.", "End it", false, s.endTryOut)
	case sheetRollback:
		return s.renderAsk(fmt.Sprintf("Roll back to revision %d?", s.rollTo),
			"It is published anew as the newest revision and holds at once for "+s.reach()+". Nothing is lost: all revisions stay."+
				ui.Pick(s.draft.changed(), " What is written at the left and not published is thrown away.", ""),
			"Roll back for "+s.reach(), true, s.rollback)
	case sheetDiscard:
		return s.renderAsk("Throw away what is not published?", "The text goes back to what is published.", "Throw away", false, s.discard)
	case sheetConflict:
		return s.renderConflict()
	}
	return goapp.Div()
}

func (s *screenpopup) publishWords() string {
	_, warnings := s.draft.faults()
	words := "It holds from the next event on; open workspaces take it without a reload."
	if s.draft.text == "" {
		words = "The document is empty: this level inherits all from now on."
	}
	if len(s.stages) > 0 && s.draft.text != "" {
		words += " Groups that try another version keep it until you end that."
	}
	if warnings > 0 {
		words += " There " + ui.Pick(warnings == 1, "is ", "are ") + plural(warnings, "warning", "warnings") + "."
	}
	return words
}

const noteField = "note"

func (s *screenpopup) renderAsk(asks, words, act string, note bool, do func(goapp.Context)) goapp.UI {
	body := []goapp.UI{goapp.H1().Class("sheet-asks").Text(asks), goapp.P().Class("sheet-words").Text(words)}
	if s.sheet == sheetPublish {
		body = append(body, s.renderWho()...)
	}
	if note {
		body = append(body,
			goapp.Label().Class("label").For(noteField).Text("Note"),
			goapp.Input().ID(noteField).Class("field").Type("text").MaxLength(200).Placeholder("What is new, for the others").
				AutoFocus(true).OnInput(ui.Do("note", func(ctx goapp.Context, _ goapp.Event) { s.note = browser.Text(noteField) })).
				OnKeyDown(ui.Do("note-enter/"+s.sheet+"/"+s.first, func(ctx goapp.Context, e goapp.Event) {
					if e.Get("key").String() == "Enter" && !s.busy {
						do(ctx)
					}
				})),
		)
	}
	body = append(body, goapp.Div().Class("sheet-acts").Body(
		ui.Button{Key: "sheet-cancel", Label: "Cancel", Class: "quiet", Press: s.closeSheet}.UI(),
		ui.Button{Key: "sheet-do/" + s.sheet + "/" + s.first, Label: act, Class: "primary", Off: s.busy, ID: "sheet-do", Press: do}.UI(),
	))
	return &sheet{Label: asks, Close: s.closeSheet, Content: body, Focus: ui.Pick(note, noteField, "sheet-do")}
}

func (s *screenpopup) closeSheet(goapp.Context) { s.sheet, s.first = "", "" }

// renderConflict shows what somebody else has published beside the own text.
func (s *screenpopup) renderConflict() goapp.UI {
	if s.theirs == nil {
		return &sheet{Label: "Somebody else was faster", Close: s.closeSheet, Content: []goapp.UI{
			goapp.P().Text("Somebody else has published meanwhile. Loading that version…")}}
	}
	t := s.theirs
	return &sheet{Label: "Somebody else was faster", Class: "sheet-wide", Close: s.closeSheet, Focus: "conflict-back", Content: []goapp.UI{
		goapp.H1().Class("sheet-asks").Text(fmt.Sprintf("%s has published revision %d meanwhile", t.Author, t.Number)),
		goapp.P().Class("sheet-words").Text("Nothing of yours was published, and nothing is lost. Lines with − are theirs, lines with + are yours."),
		renderDiff(diff(t.Document, s.draft.text), "Both versions are the same."),
		goapp.Div().Class("sheet-acts").Body(
			ui.Button{Key: "conflict-back", ID: "conflict-back", Label: "Go on editing", Class: "quiet", Press: s.closeSheet}.UI(),
			ui.Button{Key: "conflict-theirs", Label: "Take theirs, give mine up", Press: s.takeTheirs}.UI(),
			ui.Button{Key: "conflict-mine", Label: "Publish mine over theirs…", Class: "primary", Press: s.keepMine}.UI(),
		),
	}}
}
