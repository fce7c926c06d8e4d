package admin

import (
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
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

// inherit takes in the popups of the level outside, before the own ones.
func (f *popupForm) inherit() {
	if f.try(screenpop.AddPopup{Before: 0, XML: "<inherit/>"}) {
		f.states = slices.Insert(f.states, 0, cardState{})[:len(f.cards)]
		f.focus(actID(0, actDown))
	}
}

// inherits reports whether the document takes in the level outside.
func (f *popupForm) inherits() bool {
	return slices.ContainsFunc(f.cards, func(v popupView) bool { return v.Element == "inherit" })
}

// move moves a card up (-1) or down (+1); its comment goes along, and the keyboard
// stays with it.
func (f *popupForm) move(item, by int) {
	to := item + by
	if to < 0 || to >= len(f.cards) || !f.try(screenpop.MovePopup{Item: item, To: to, WithComment: true}) {
		return
	}
	f.states[item], f.states[to] = f.states[to], f.states[item]
	act := ui.Pick(by < 0 && to > 0 || to == len(f.cards)-1, actUp, actDown)
	f.focus(actID(to, act))
	browser.Announce(fmt.Sprintf("%s is number %d of %d.", f.cards[to].called(), to+1, len(f.cards)))
}

// remove takes a popup out, with its comment, and offers to undo that.
func (f *popupForm) remove(item int) {
	before, name := f.screen.draft.text, f.cards[item].called()
	xml := blockOf(before, item, true)
	if !f.try(screenpop.RemovePopup{Item: item, WithComment: true}) {
		return
	}
	f.states = slices.Delete(append(f.states, cardState{}), item, item+1)[:len(f.cards)]
	f.removed = &removedPopup{name: name, before: before, after: f.screen.draft.text, item: item, xml: xml}
	browser.Announce("Removed " + name + ".")
	f.focus("form-undo")
}

// undo brings back what was removed; what was changed since stays.
func (f *popupForm) undo() {
	r := f.removed
	if r == nil {
		return
	}
	item := min(r.item, len(f.cards))
	if f.screen.draft.text == r.after {
		f.screen.rewrite(r.before)
	} else if !f.try(screenpop.AddPopup{Before: item, XML: r.xml}) {
		return
	}
	f.removed = nil
	f.look()
	f.states = slices.Insert(f.states, item, cardState{})[:len(f.cards)]
	f.focus(headID(item))
}

// duplicate puts a copy of a popup behind it, without its id and its comment.
func (f *popupForm) duplicate(item int) {
	edits := []screenpop.Edit{screenpop.AddPopup{Before: item + 1, XML: blockOf(f.screen.draft.text, item, false)}}
	if _, ok := f.cards[item].Set["id"]; ok {
		edits = append(edits, screenpop.RemoveAttribute{At: screenpop.Spot{Item: item + 1}, Name: "id"})
	}
	if f.try(edits...) {
		f.states = slices.Insert(f.states, item+1, cardState{Open: true})[:len(f.cards)]
		f.focus(headID(item + 1))
	}
}

// blockOf returns a popup as it is written, with its comment if that is asked for.
// The lines of the comment are without the indentation of the popup, which AddPopup
// gives them.
func blockOf(text string, item int, withComment bool) string {
	places, _ := screenpop.Outline([]byte(text))
	if item >= len(places) {
		return ""
	}
	p := places[item]
	element := text[p.Range.From:p.Range.To]
	if !withComment || p.CommentRange.To == 0 {
		return element
	}
	comment := text[p.CommentRange.From:p.Range.From]
	line := text[strings.LastIndexAny(text[:p.CommentRange.From], "\r\n")+1 : p.CommentRange.From]
	if strings.Trim(line, " \t") == "" {
		comment = strings.ReplaceAll(comment, "\n"+line, "\n")
	}
	return comment + element
}

// addChild adds a condition or a variable; the keyboard goes to its name.
func (f *popupForm) addChild(item int, element string) {
	var edit screenpop.Edit = screenpop.AddWhen{Item: item, When: screenpop.Condition{Op: screenpop.Comparisons()[0]}}
	if element == "variable" {
		edit = screenpop.AddVariable{Item: item}
	}
	if !f.try(edit) {
		return
	}
	child := 0
	for i, c := range f.cards[item].Children {
		if c.Element == element {
			child = i + 1
		}
	}
	f.focus(fieldID(screenpop.Spot{Item: item, Child: child}, ui.Pick(element == "when", "variable", "name")))
}

// removeChild takes a condition or a variable out.
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
			if c.Finding != one {
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
