package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
)

// For tests of the form: its cards, its fields, and the edits it makes.
type (
	PopupView   = popupView
	CardFinding = cardFinding
	CardField   = cardField
)

var (
	ViewOf        = viewOf
	FieldsOf      = fieldsOf
	ChoicesOf     = choicesOf
	PlaceFindings = placeFindings
)

func (v popupView) Shows(field string) string        { return v.shows(field) }
func (v popupView) Words(field string) []string      { return v.words(field) }
func (v popupView) Said() (when, where, what string) { return v.when(), v.where(), v.what() }
func (v popupView) Change(at screenpop.Spot, field, value string) screenpop.Edit {
	return v.change(at, field, value)
}
func (v popupView) Toggle(at screenpop.Spot, field, word string) screenpop.Edit {
	return v.toggle(at, field, word)
}

// FormScreen is an editor that shows the form.
type FormScreen struct {
	*screenpopup
	Engine goapp.TestEngine
}

// Form returns the editor with the form shown; the cards with these numbers are
// open, with all that they have.
func (t *TestOffice) Form(published, text, people string, open ...int) goapp.UI {
	s := t.Editor(published, text, "", people).(*screenpopup)
	t.Office.view = viewForm
	s.asked = s.At.filter("view")
	s.form = &popupForm{screen: s}
	s.form.look()
	for i := range s.form.states {
		s.form.states[i] = cardState{}
	}
	for _, i := range open {
		s.form.states[i] = cardState{Open: true, More: true}
	}
	return s
}

// FormScreen returns the form as a page shows it.
func (t *TestOffice) FormScreen(text, people string, open ...int) *FormScreen {
	s := t.Form("", text, people, open...).(*screenpopup)
	p := &page{Screen: s}
	e := goapp.NewTestEngine()
	if err := e.Load(p); err != nil {
		panic(err)
	}
	e.ConsumeAll()
	s.own = p.own
	return &FormScreen{s, e}
}

// page shows a screen and lends it its context: screens are given one in browsers
// only.
type page struct {
	goapp.Compo
	Screen goapp.UI
	own    goapp.Context
}

// OnPreRender keeps the context.
func (p *page) OnPreRender(ctx goapp.Context) { p.own = ctx }

// Render draws the screen.
func (p *page) Render() goapp.UI { return goapp.Div().Body(p.Screen) }

// Do does an act on the form and returns the text after it.
func (f *FormScreen) Do(act func(f *popupForm)) string {
	act(f.form)
	f.Engine.ConsumeAll()
	return f.draft.text
}

// Acts on the form, for Do.
var (
	Move      = func(item, by int) func(*popupForm) { return func(f *popupForm) { f.move(item, by) } }
	Remove    = func(item int) func(*popupForm) { return func(f *popupForm) { f.remove(item) } }
	Undo      = func(f *popupForm) { f.undo() }
	Duplicate = func(item int) func(*popupForm) { return func(f *popupForm) { f.duplicate(item) } }
	Add       = func(xml string) func(*popupForm) { return func(f *popupForm) { f.add(xml) } }
	AddPreset = func(name string) func(*popupForm) { return func(f *popupForm) { f.addPreset(name) } }
	Inherit   = func(f *popupForm) { f.inherit() }
	AddChild  = func(item int, element string) func(*popupForm) {
		return func(f *popupForm) { f.addChild(item, element) }
	}
	RemoveChild = func(item, child int) func(*popupForm) {
		return func(f *popupForm) { f.removeChild(screenpop.Spot{Item: item, Child: child}) }
	}
	Tick = func(item int, field, word string) func(*popupForm) {
		return func(f *popupForm) { f.toggle(screenpop.Spot{Item: item}, field, word) }
	}
	Set = func(item, child int, field, value string) func(*popupForm) {
		return func(f *popupForm) { _ = f.set(screenpop.Spot{Item: item, Child: child}, field, value) }
	}
	Repair = func(f *popupForm) { f.repair(f.screen.draft.findings[0]) }
)

// Turn shows a view; View tells which is shown, Open which cards are open.
func (f *FormScreen) Turn(view string) {
	f.turn(f.own, view)
	f.Engine.ConsumeAll()
}

// View returns the view that is shown.
func (f *FormScreen) View() string { return f.view() }

// At takes another address of the same document, or of another one.
func (f *FormScreen) Go(address string) {
	f.screenpopup.At = NewTestOffice(address).at
	f.open(f.own)
}

// Open returns which cards are open.
func (f *FormScreen) Open() []int {
	f.form.look()
	var open []int
	for i, s := range f.form.states {
		if s.Open {
			open = append(open, i)
		}
	}
	return open
}

// Kinds returns what a new popup of each kind is.
func Kinds() []string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.XML)
	}
	return all
}
