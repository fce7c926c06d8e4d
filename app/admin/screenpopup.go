package admin

import (
	"fmt"
	"net/url"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

const editorField = "editor"

// screenpopup is where the document of a level is written: the text at the left,
// what is wrong with it and what it was at the right.
type screenpopup struct {
	goapp.Compo
	Office *Office
	At     place

	own       goapp.Context // outlasts the buttons of sheets
	opened    place
	draft     *draft
	people    people
	revisions []revision
	fault     string
	sheet     string // what stands above the page: "", "publish", "rollback", "conflict"
	note      string
	busy      bool
	compared  int64 // the revision that is compared with the text; 0 for none
	rollTo    int64
	theirs    *revision // what somebody else has published meanwhile
	timer     *time.Timer
	shown     *draft // which stands in the editor or field
	plain     bool   // the editor has come and cannot be put there
	gone      bool
	form      *popupForm // nil until it is shown
	asked     string     // the view that the address names
	stages    []stage    // which groups have a version before all others
	first     string     // the group that is to have the text first; "" for all
	handed    string     // the text that a group was given
	ending    string     // the group whose try-out is to end
}

// The sheets of the editor.
const (
	sheetPublish  = "publish"
	sheetRollback = "rollback"
	sheetConflict = "conflict"
	sheetDiscard  = "discard"
	sheetEndTry   = "end-try"
)

// OnMount opens the document of the place.
func (s *screenpopup) OnMount(ctx goapp.Context) {
	s.own = ctx
	s.open(ctx)
	s.loadEditor(ctx)
}

// OnUpdate opens the document of another place.
func (s *screenpopup) OnUpdate(ctx goapp.Context) { s.open(ctx) }

// OnDismount stops waiting for the keyboard to rest.
func (s *screenpopup) OnDismount() {
	s.gone = true
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *screenpopup) open(ctx goapp.Context) {
	same := s.opened.Level == s.At.Level && s.opened.ID == s.At.ID
	s.follow(!same)
	if same {
		return
	}
	s.opened, s.fault, s.sheet, s.compared, s.revisions = s.At, "", "", 0, nil
	s.first, s.handed, s.stages = "", "", nil
	s.draft = s.Office.draftOf(s.At.Level, s.At.ID)
	loadPeople(s.Office, ctx, func(p people) { s.people = p })
	if s.draft.known {
		s.fill(ctx)
	}
	s.load(ctx)
}

func (s *screenpopup) path() string { return below("/screenpopup", s.At.Level, s.At.ID) }

// load asks for what is published. A draft with changes stays as it is.
func (s *screenpopup) load(ctx goapp.Context) {
	d := s.draft
	get(s.Office, ctx, s.path(), func(ctx goapp.Context, a browser.Answer, err error) {
		switch {
		case d != s.draft:
		case err != nil:
			s.fault = err.Error()
		case !d.changed():
			s.Office.restart(d, numberOf(a.ETag), string(a.Body))
			s.fill(ctx)
		}
	})
	get(s.Office, ctx, s.path()+"/revisions", func(_ goapp.Context, all []revision, err error) {
		if d == s.draft && err == nil {
			s.revisions = all
		}
	})
	s.loadStages(ctx)
}

// fill puts the draft into the field once that is drawn.
func (s *screenpopup) fill(ctx goapp.Context) {
	d := s.draft
	ctx.Defer(func(ctx goapp.Context) {
		s.put(d)
		s.check(ctx)
	})
}

// typed takes the text as it stands.
func (s *screenpopup) typed(ctx goapp.Context) {
	if s.shown != s.draft {
		return // it was typed into another document, which is not there any more
	}
	s.Office.write(s.draft, browser.Text(editorField))
	s.checkSoon(ctx)
}

// checkSoon has the text checked once the keyboard rests.
func (s *screenpopup) checkSoon(ctx goapp.Context) {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(checkAfter, func() {
		ctx.Dispatch(func(ctx goapp.Context) { s.check(ctx) })
	})
}

// checked is the server's word on a text.
type checked struct {
	Findings []screenpop.Finding `json:"findings"`
}

// check has the server say what is wrong with the text.
func (s *screenpopup) check(ctx goapp.Context) {
	d, text := s.draft, s.draft.text
	c := browser.Call{Method: "POST", Path: link("/screenpopup/check", "level", d.level, "id", d.id),
		Type: "application/xml", Body: []byte(text)}
	if text == "" { // an empty document inherits all, which is never wrong
		d.findings, d.checked, d.fault = nil, "", ""
		s.markText()
		return
	}
	later(s.Office, ctx, c, func(_ goapp.Context, v checked, err error) {
		if d.text != text {
			return // there is a newer text, and its check is on its way
		}
		d.findings, d.checked, d.fault = v.Findings, text, ""
		if err != nil {
			d.fault = err.Error()
		}
		s.markText()
	})
}

// jump puts the caret where a finding is.
func (s *screenpopup) jump(f screenpop.Finding) {
	at := offsetOf(s.draft.text, f.Line, f.Column)
	browser.SelectText(editorField, at, at)
}

// repair does what a finding offers.
func (s *screenpopup) repair(f screenpop.Finding) {
	if f.Repair != nil && s.draft.fresh() {
		r := f.Repair
		browser.ReplaceText(editorField, r.Offset, r.Offset+r.Length, r.Text)
	}
}

// publish makes the text what holds from now on.
func (s *screenpopup) publish(goapp.Context) {
	d, text := s.draft, s.draft.text
	s.busy = true
	c := browser.Call{Method: "PUT", Path: link(s.path(), "note", s.note), Type: "application/xml", Body: []byte(text),
		Headers: map[string]string{"If-Match": etagOf(d.base)}}
	later(s.Office, s.own, c, func(ctx goapp.Context, v revision, err error) {
		s.busy = false
		switch {
		case statusOf(err) == 409:
			s.collide(ctx, err)
		case err != nil:
			s.sheet = ""
			s.Office.toast(err.Error(), true)
			s.check(ctx)
		default:
			s.sheet, s.note = "", ""
			s.settle(ctx, v.Number, text)
			s.Office.toast(fmt.Sprintf("Revision %d is published to %s.", v.Number, s.reach()), false)
		}
	})
}

// settle notes what holds now; what was typed meanwhile stays.
func (s *screenpopup) settle(ctx goapp.Context, number int64, document string) {
	d := s.draft
	typed := d.text
	s.Office.restart(d, number, document)
	s.Office.write(d, typed)
	s.load(ctx)
}

// collide shows both versions: nobody's words are lost.
func (s *screenpopup) collide(ctx goapp.Context, err error) {
	s.sheet = sheetConflict
	if p, ok := err.(*problem); ok && p.Active != nil {
		s.theirs = p.Active
		return
	}
	s.theirs = nil
	get(s.Office, ctx, s.path()+"/revisions", func(_ goapp.Context, all []revision, err error) {
		if err == nil && len(all) > 0 {
			s.revisions, s.theirs = all, &all[0]
		}
	})
}

// keepMine goes on from the other's revision with the own text.
func (s *screenpopup) keepMine(goapp.Context) {
	d := s.draft
	mine := d.text
	s.Office.restart(d, s.theirs.Number, s.theirs.Document)
	s.Office.write(d, mine)
	s.sheet = sheetPublish
}

// takeTheirs gives the own text up.
func (s *screenpopup) takeTheirs(goapp.Context) {
	s.Office.restart(s.draft, s.theirs.Number, s.theirs.Document)
	s.sheet = ""
	s.fill(s.own)
}

// discard goes back to what is published.
func (s *screenpopup) discard(goapp.Context) {
	s.Office.write(s.draft, s.draft.published)
	s.sheet = ""
	s.fill(s.own)
}

// rollback makes an older revision the newest.
func (s *screenpopup) rollback(goapp.Context) {
	s.busy = true
	body := map[string]any{"revision": s.rollTo, "note": s.note}
	later(s.Office, s.own, jsonCall("POST", s.path()+"/rollback", body), func(ctx goapp.Context, v revision, err error) {
		s.busy, s.sheet, s.note = false, "", ""
		if err != nil {
			s.Office.toast(err.Error(), true)
			return
		}
		s.Office.toast(fmt.Sprintf("Rolled back: revision %d holds now for %s.", v.Number, s.reach()), false)
		s.Office.write(s.draft, s.draft.published)
		s.theirs = nil
		s.load(ctx)
	})
}

// reach says for how many the document counts.
func (s *screenpopup) reach() string {
	return plural(s.people.reach(s.At.Level, s.At.ID), "user", "users")
}

// Render draws the page.
func (s *screenpopup) Render() goapp.UI {
	if s.fault != "" {
		return goapp.Div().Class("nothing").Body(goapp.H1().Text("This document cannot be shown."), goapp.P().Text(s.fault))
	}
	d := s.draft
	if d == nil || !d.known {
		return goapp.Div().Class("nothing").Body(goapp.P().Class("dim").Text("Loading…"))
	}
	return goapp.Div().Class("document").OnKeyDown(ui.Do("editor-keys", s.keys)).Body(
		s.renderHead(),
		goapp.Div().Class("document-halves").Body(s.renderText(), s.renderSide()),
		s.renderSheet(),
	)
}

// keys are those of the editor: Ctrl+S publishes, Escape closes what stands above.
func (s *screenpopup) keys(_ goapp.Context, e goapp.Event) {
	if e.Get("defaultPrevented").Bool() {
		return // the editor has closed something with it
	}
	ctrl := e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool()
	switch {
	case ctrl && e.Get("key").String() == "s":
		e.PreventDefault()
		if s.sheet == "" && s.publishable() {
			s.sheet = sheetPublish
		}
	case e.Get("key").String() == "Escape" && s.sheet != "":
		s.sheet = ""
	}
}

// publishable reports whether the text can be published as it stands.
func (s *screenpopup) publishable() bool {
	errors, _ := s.draft.faults()
	return s.draft.changed() && s.draft.fresh() && errors == 0
}

func (s *screenpopup) renderHead() goapp.UI {
	d := s.draft
	state := goapp.Span().Class("dim").Text(s.holds())
	if d.changed() {
		state = goapp.Span().Class("unsaved").Text("Not published")
	}
	return goapp.Header().Class("page-head").Body(
		goapp.Div().Class("page-title").Body(
			goapp.P().Class("crumbs").Text(s.crumb()+" › Products › Screen popup"),
			goapp.H1().Text("Screenpopup configuration"),
		),
		&levelPicker{Level: s.At.Level, ID: s.At.ID, People: s.people},
		goapp.Div().Class("head-acts").Body(
			state,
			goapp.A().Class("button").Href(link(pathTest, "level", s.At.Level, "id", s.At.ID)).Text("Test"),
			ui.Button{Key: "discard", Label: "Discard", Class: "quiet", Off: !d.changed(), Hint: "Go back to what is published",
				Press: func(goapp.Context) { s.sheet = sheetDiscard }}.UI(),
			ui.Button{Key: "publish", Label: "Publish to " + s.reach(), Class: "primary", Off: !s.publishable(), Short: "Ctrl+S",
				Press: func(goapp.Context) { s.sheet = sheetPublish }}.UI(),
		),
	)
}

// holds says what holds at this level while nothing is unpublished.
func (s *screenpopup) holds() string {
	switch d := s.draft; {
	case d.published == "" && s.At.Level == levelTenant:
		return "No document: nothing pops"
	case d.published == "":
		return "Inherits all"
	default:
		return fmt.Sprintf("Revision %d is published", d.base)
	}
}

func (s *screenpopup) crumb() string {
	switch s.At.Level {
	case levelGroup:
		return "Groups › " + s.people.groupName(s.At.ID)
	case levelUser:
		return "Users › " + s.people.userName(s.At.ID)
	}
	return "Company"
}

func (s *screenpopup) renderText() goapp.UI {
	d := s.draft
	lines := linesIn(d.text)
	return goapp.Section().Class("document-text").Aria("label", "Document").Body(
		s.renderViews(),
		s.textPanel(goapp.Div()).Class("editor").Body(s.renderField()...),
		s.renderForm(),
		goapp.Footer().Class("editor-foot", "dim", "small").Body(
			s.renderPresets(),
			goapp.A().Class("link").Href("/docs/popup-language").Target("_blank").Rel("noopener").Text("The popup language"),
			goapp.Span().Text(fmt.Sprintf("%s, %s of 64 KiB", plural(lines, "line", "lines"), kib(len(d.text)))),
		),
	)
}

func (s *screenpopup) renderSide() goapp.UI {
	parts := []goapp.UI{&findings{Text: s.draft.text, Findings: s.draft.findings, Fault: s.draft.fault, Fresh: s.draft.fresh(),
		Jump: s.goTo, Repair: s.mend}}
	if s.At.Level == levelUser {
		parts = append(parts, &effective{Office: s.Office, User: s.At.ID, Revision: s.draft.base})
	}
	errors, _ := s.draft.faults()
	parts = append(parts, &popupPages{Office: s.Office, At: s.At, Revision: s.draft.base, Text: s.draft.text,
		Faulty: errors > 0 || !s.draft.fresh(), Changed: s.draft.changed()})
	parts = append(parts, s.renderStages()...)
	parts = append(parts, s.renderRevisions())
	return goapp.Aside().Class("document-side").Body(parts...)
}

// products leads from a company, group or user to its document, by the path that
// admins know.
func products(level, id string) goapp.UI {
	return goapp.A().Class("products").Href(documentPath(level, id)).Body(
		goapp.Span().Class("dim").Text("Products › Screen popup › "), goapp.Span().Text("Screenpopup configuration"))
}

// documentPath returns the page of a level's document.
func documentPath(level, id string) string {
	return pathPopup + "/" + url.PathEscape(level) + "/" + url.PathEscape(id)
}
