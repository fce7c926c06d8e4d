package admin

import (
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// The two views of a document. Both show the one draft.
const (
	viewText = "text"
	viewForm = "form"
)

// popupForm is the form view of a draft: a card a popup. It keeps no words of its
// own: each change is an edit of the draft's text, and the cards show what the
// text says then.
type popupForm struct {
	screen *screenpopup

	draft    *draft
	text     string // the text that the cards are of
	readable bool
	cards    []popupView
	states   []cardState // one a card
	removed  *removedPopup

	placed string // the text that the findings are of
	found  [][]cardFinding
	rest   []screenpop.Finding
}

// cardState is what of a card is open.
type cardState struct{ Open, More bool }

// removedPopup is what undoing brings back.
type removedPopup struct {
	name          string
	before, after string // the text
	item          int
	xml           string
}

// openAtFirst is up to how many cards are open when a document is.
const openAtFirst = 2

// look reads the draft again if its text or its findings are others.
func (f *popupForm) look() {
	d := f.screen.draft
	anew := f.draft != d
	if anew || f.text != d.text {
		f.read(d, anew)
	}
	if anew || f.placed != d.checked || d.fault != "" {
		f.place(d)
	}
}

func (f *popupForm) read(d *draft, anew bool) {
	places, _ := screenpop.Outline([]byte(d.text))
	f.draft, f.text, f.readable = d, d.text, places != nil
	f.cards = make([]popupView, len(places))
	for i, p := range places {
		f.cards[i] = viewOf(p)
	}
	if anew {
		f.states, f.removed = nil, nil
	}
	for len(f.states) < len(places) {
		f.states = append(f.states, cardState{Open: anew && len(places) <= openAtFirst})
	}
	f.states = f.states[:len(places)]
}

// place puts the findings to the fields that they belong to.
func (f *popupForm) place(d *draft) {
	places, _ := screenpop.Outline([]byte(d.checked))
	f.placed = d.checked
	f.found, f.rest = placeFindings(d.checked, places, d.findings)
}

// findings returns those of a card. While the text is being checked they are those
// of the text before, as far as it had the same cards.
func (f *popupForm) findings(item int) []cardFinding {
	if len(f.found) != len(f.cards) {
		return nil
	}
	return f.found[item]
}

// renderForm draws the form; nothing while the text is shown.
func (s *screenpopup) renderForm() goapp.UI {
	panel := goapp.Div().ID("panel-form").Class("popup-form").Role("tabpanel").Aria("labelledby", "view-form")
	if s.view() != viewForm {
		return panel.Hidden(true)
	}
	if s.form == nil {
		s.form = &popupForm{screen: s}
	}
	f := s.form
	f.look()
	switch {
	case strings.TrimSpace(f.text) == "":
		return panel.Body(f.renderEmpty())
	case !f.readable:
		return panel.Body(f.renderUnreadable())
	case len(f.cards) == 0:
		return panel.Body(f.renderEmpty())
	}
	cards := make([]goapp.UI, len(f.cards))
	for i, v := range f.cards {
		cards[i] = &popupCard{Form: f, Item: i, Of: len(f.cards), Popup: v, State: f.states[i], Findings: f.findings(i), Fresh: s.draft.fresh(),
			Parent: s.parentWords()}
	}
	return panel.Body(
		goapp.Ol().Class("popup-cards").Aria("label", "Popups").Body(cards...),
		f.renderRest(),
		f.renderAdd(),
	)
}

// parentWords names the level that <inherit/> takes in.
func (s *screenpopup) parentWords() string {
	switch s.At.Level {
	case levelGroup:
		return "the company"
	case levelUser:
		for _, u := range s.people.Users {
			if u.ID == s.At.ID && u.Group != "" {
				return "the group " + orElse(u.GroupName, s.people.groupName(u.Group))
			}
		}
		return "the group"
	}
	return ""
}

// renderEmpty offers the first popup.
func (f *popupForm) renderEmpty() goapp.UI {
	says := "There is no popup here yet: this level inherits all."
	switch {
	case strings.TrimSpace(f.text) != "":
		says = "The document has no popups: nothing pops."
	case f.screen.At.Level == levelTenant:
		says = "There is no popup yet: nothing pops."
	}
	return goapp.Div().Class("form-empty").Body(
		goapp.P().Text(says),
		goapp.H2().Text("Add the first popup"),
		f.renderAdd(),
	)
}

// renderUnreadable says why there are no cards, and leads to the first fault.
func (f *popupForm) renderUnreadable() goapp.UI {
	_, findings := screenpop.Outline([]byte(f.text))
	i := max(0, slices.IndexFunc(findings, func(one screenpop.Finding) bool { return one.Severity == screenpop.SeverityError }))
	body := []goapp.UI{goapp.P().Class("form-unreadable").Text("The text cannot be shown as a form: its elements do not fit together. Nothing of it is lost.")}
	if i < len(findings) {
		body = append(body, renderFinding(f, "unreadable", cardFinding{Finding: findings[i]}, true),
			ui.Button{Key: "form-to-fault", Label: "Go to it in the text", Class: "primary",
				Press: func(goapp.Context) { f.showFault() }}.UI())
	}
	return goapp.Div().Class("form-empty").Role("alert").Body(body...)
}

// showFault goes to the first fault in the text.
func (f *popupForm) showFault() {
	_, findings := screenpop.Outline([]byte(f.screen.draft.text))
	for _, one := range findings {
		if one.Severity == screenpop.SeverityError {
			f.screen.inText(one)
			return
		}
	}
}

// renderRest draws the findings that stand outside of the cards.
func (f *popupForm) renderRest() goapp.UI {
	items := make([]goapp.UI, len(f.rest))
	for i, one := range f.rest {
		items[i] = renderFinding(f, "rest", cardFinding{Finding: one}, f.screen.draft.fresh())
	}
	return goapp.Div().Class("form-rest").Body(items...)
}
