package admin

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// popupView is a popup, <inherit/> or what a popup holds as the form shows it:
// what the document says, without places. A card is drawn anew only if its own
// popup has changed, not if something above it has.
type popupView struct {
	Element  string
	ID       string            // by default its position; "" for all but popups
	Set      map[string]string // the attributes that are there
	Text     string
	Note     string // the comments right above it
	Faulty   bool   // its attributes cannot be edited
	Children []popupView
}

// viewOf returns what the form shows of an element.
func viewOf(p screenpop.Place) popupView {
	v := popupView{Element: p.Element, ID: p.Popup, Text: p.Text, Note: p.Comment, Faulty: p.Faulty, Set: map[string]string{}}
	for _, a := range p.Attributes {
		v.Set[a.Name] = a.Value
	}
	for _, c := range p.Children {
		v.Children = append(v.Children, viewOf(c))
	}
	return v
}

// The fields that are no attribute of their own.
const (
	fieldText   = "text"   // the element's text
	fieldValue  = "value"  // what a condition compares with
	fieldOp     = "op"     // how it compares
	fieldWindow = "window" // the name of the window that target is
)

// The choices of the target field.
const targetNamed = "named"

// shows returns what a field shows; "" where the document says nothing.
func (v popupView) shows(field string) string {
	switch field {
	case fieldText:
		return v.Text
	case fieldOp:
		op, _ := v.comparison()
		return op
	case fieldValue:
		op, _ := v.comparison()
		return v.Set[op]
	case fieldWindow:
		return v.Set["target"]
	case "target":
		target, ok := v.Set["target"]
		switch {
		case !ok:
			return ""
		case target == screenpop.TargetRequest || target == screenpop.TargetBlank:
			return target
		}
		return targetNamed
	}
	return v.Set[field]
}

// words returns the words of an attribute that takes several.
func (v popupView) words(attribute string) []string { return strings.Fields(v.Set[attribute]) }

// comparison returns how a <when> compares; exact is false if it has not just one
// comparison.
func (v popupView) comparison() (op string, exact bool) {
	all := screenpop.Comparisons()
	for _, name := range all {
		if _, ok := v.Set[name]; ok {
			if op != "" {
				return op, false
			}
			op, exact = name, true
		}
	}
	return orElse(op, all[0]), exact
}

// condition returns a <when> as it stands.
func (v popupView) condition() screenpop.Condition {
	op, _ := v.comparison()
	return screenpop.Condition{Variable: v.Set["variable"], Op: op, Value: v.Set[op]}
}

// change returns the edit that has a field of the element at a spot say value. ""
// and the default take an attribute away.
func (v popupView) change(at screenpop.Spot, field, value string) screenpop.Edit {
	switch field {
	case fieldText:
		return screenpop.SetText{At: at, Text: value}
	case fieldOp:
		w := v.condition()
		w.Op = value
		return screenpop.SetWhen{At: at, When: w}
	case fieldValue:
		op, exact := v.comparison()
		if exact {
			return screenpop.SetAttribute{At: at, Name: op, Value: value}
		}
		w := v.condition()
		w.Value = value
		return screenpop.SetWhen{At: at, When: w}
	case fieldWindow:
		return screenpop.SetAttribute{At: at, Name: "target", Value: value}
	case "target":
		return v.retarget(at, value)
	}
	if of, ok := screenpop.ChoiceOf(field); value == "" && !v.keepsEmpty(field) || ok && !of.Several && value == of.Default {
		return screenpop.RemoveAttribute{At: at, Name: field}
	}
	return screenpop.SetAttribute{At: at, Name: field, Value: value}
}

// keepsEmpty reports whether an attribute stays when its field is emptied: the
// element would be nothing without it.
func (v popupView) keepsEmpty(field string) bool {
	return field == required[v.Element] || v.Element == "when" || v.Element == "variable" || v.Element == "header"
}

// required is the field that an element is nothing without.
var required = map[string]string{"url": fieldText, "clipboard": fieldText, "webrequest": "href", "command": "name"}

// retarget returns the edit that chooses where a page opens.
func (v popupView) retarget(at screenpop.Spot, choice string) screenpop.Edit {
	switch {
	case choice == targetNamed && v.shows("target") == targetNamed:
		return screenpop.SetAttribute{At: at, Name: "target", Value: v.Set["target"]}
	case choice == targetNamed:
		return screenpop.SetAttribute{At: at, Name: "target", Value: "window"}
	case choice == screenpop.TargetBlank && v.Set["visible"] != "true": // which needs a target
		return screenpop.RemoveAttribute{At: at, Name: "target"}
	}
	return screenpop.SetAttribute{At: at, Name: "target", Value: choice}
}

// toggle returns the edit that puts a word into a list or takes it out; a list
// without words goes.
func (v popupView) toggle(at screenpop.Spot, attribute, word string) screenpop.Edit {
	words := v.words(attribute)
	if i := slices.Index(words, word); i >= 0 {
		words = slices.Delete(words, i, i+1)
	} else {
		of, _ := screenpop.ChoiceOf(attribute)
		words = slices.Insert(words, placeAmong(words, of.Words, word), word)
	}
	if len(words) == 0 {
		return screenpop.RemoveAttribute{At: at, Name: attribute}
	}
	return screenpop.SetAttribute{At: at, Name: attribute, Value: strings.Join(words, " ")}
}

// placeAmong returns where a word goes among others: before the first that comes
// behind it in the order of the language.
func placeAmong(words, order []string, word string) int {
	rank := slices.Index(order, word)
	for i, w := range words {
		if slices.Index(order, w) > rank {
			return i
		}
	}
	return len(words)
}
