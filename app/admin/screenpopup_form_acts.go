package admin

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// apply makes edits of the draft's text. The error says why it stays as it is.
func (f *popupForm) apply(edits ...screenpop.Edit) error {
	text, err := screenpop.Apply([]byte(f.screen.draft.text), edits...)
	if err != nil {
		return err
	}
	f.screen.rewrite(string(text))
	f.look()
	return nil
}

// try is apply that says in a toast why the text stays as it is.
func (f *popupForm) try(edits ...screenpop.Edit) bool {
	if err := f.apply(edits...); err != nil {
		f.screen.Office.toast(sentence(err.Error()), true)
		return false
	}
	return true
}

// rewrite puts another text in the place of the draft's, and has it checked.
func (s *screenpopup) rewrite(text string) {
	s.Office.write(s.draft, text)
	s.show(text)
	s.checkSoon(s.own)
}

// card returns what the form shows of an item, or of a child of it.
func (f *popupForm) card(at screenpop.Spot) (popupView, bool) {
	f.look()
	if at.Item >= len(f.cards) || at.Child > len(f.cards[at.Item].Children) {
		return popupView{}, false // it went while a key was on its way
	}
	v := f.cards[at.Item]
	if at.Child > 0 {
		v = v.Children[at.Child-1]
	}
	return v, true
}

// set has a field say value.
func (f *popupForm) set(at screenpop.Spot, field, value string) error {
	v, ok := f.card(at)
	if !ok {
		return nil
	}
	return f.apply(v.change(at, field, value))
}

// toggle puts a word into a field of words, or takes it out.
func (f *popupForm) toggle(at screenpop.Spot, field, word string) {
	if v, ok := f.card(at); ok {
		f.try(v.toggle(at, field, word))
	}
}

// add puts a popup at the end and opens its card; the keyboard goes to what it
// needs.
func (f *popupForm) add(xml string) {
	text, err := withPreset(f.screen.draft.text, f.screen.At.Level, screenpop.Preset{Element: xml})
	if err != nil {
		f.screen.Office.toast(sentence(err.Error()), true)
		return
	}
	f.screen.rewrite(text)
	f.opened()
}

// opened opens the last card, which is new.
func (f *popupForm) opened() {
	f.look()
	item := len(f.cards) - 1
	f.states[item].Open = true
	f.focus(fieldID(screenpop.Spot{Item: item}, required[f.cards[item].Element]))
}

// focus gives the keyboard to an element once that is drawn. The button that was
// pressed may be gone then.
func (f *popupForm) focus(id string) {
	f.screen.own.Defer(func(goapp.Context) { browser.Focus(id) })
}

// addChild adds a condition, a variable, a header or the fallback page; the
// keyboard goes to what it is nothing without.
func (f *popupForm) addChild(item int, element string) {
	edits := map[string]screenpop.Edit{
		"when":     screenpop.AddWhen{Item: item, When: screenpop.Condition{Op: screenpop.Comparisons()[0]}},
		"variable": screenpop.AddVariable{Item: item},
		"header":   screenpop.AddHeader{Item: item},
		"url":      screenpop.AddFallback{Item: item, Target: screenpop.TargetRequest, Text: "https://"},
	}
	if !f.try(edits[element]) {
		return
	}
	child := 0
	for i, c := range f.cards[item].Children {
		if c.Element == element {
			child = i + 1
		}
	}
	first := map[string]string{"when": "variable", "url": fieldText}
	f.focus(fieldID(screenpop.Spot{Item: item, Child: child}, orElse(first[element], "name")))
}

// removeChild takes one of those out.
func (f *popupForm) removeChild(at screenpop.Spot) {
	v, ok := f.card(at)
	if ok && f.try(screenpop.RemoveChild{At: at}) {
		f.focus(addID(at.Item, v.Element))
	}
}

// repair does what a finding offers.
func (f *popupForm) repair(one screenpop.Finding) {
	d := f.screen.draft
	if r := one.Repair; r != nil && d.fresh() {
		f.screen.rewrite(d.text[:r.Offset] + r.Text + d.text[r.Offset+r.Length:])
	}
}

// goTo opens the card of a finding and gives the keyboard to its field.
func (f *popupForm) goTo(one screenpop.Finding) {
	f.look()
	for item := range f.cards {
		for _, c := range f.findings(item) {
			if c.Line != one.Line || c.Column != one.Column || c.Msg != one.Msg {
				continue
			}
			f.states[item] = cardState{Open: true, More: f.states[item].More || partOf(c.Field) == partMore}
			id := fieldID(screenpop.Spot{Item: item, Child: c.Child}, c.Field)
			if c.Field == fieldFoot {
				id = headID(item)
			}
			f.focus(id)
			return
		}
	}
	f.screen.inText(one)
}

func partOf(field string) string {
	for _, c := range cardFields {
		if c.Name == field {
			return c.Part
		}
	}
	return ""
}

// addPreset adds a preset, and says what in it stands for the own account.
func (f *popupForm) addPreset(name string) {
	for _, p := range screenpop.Presets() {
		if p.Name == name {
			f.add(p.Element)
			f.screen.Office.toast("Write your own host in the place of "+strings.Join(p.Replace, " and ")+". "+p.Note, false)
		}
	}
}
