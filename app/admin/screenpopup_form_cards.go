package admin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

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
	xml, states := blockOf(before, item, true), slices.Clone(f.states)
	if !f.try(screenpop.RemovePopup{Item: item, WithComment: true}) {
		return
	}
	f.states = slices.Delete(states, item, item+1)
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
