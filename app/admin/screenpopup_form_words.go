package admin

import (
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The parts of a card.
const (
	partWhen  = "When"
	partWhere = "Where"
	partWhat  = "What"
	partMore  = "More"
)

// cardField is a field of a card: an attribute of the element, or its text.
type cardField struct {
	Name  string // of the attribute, or fieldText
	Label string
	Part  string
	Empty string // what counts without it
	Hint  string
}

// cardFields are the fields in the order of a card, which has those that its
// element takes.
var cardFields = []cardField{
	{"on", "On", partWhen, "", ""},
	{"channel", "Channel", partWhen, "Every channel", ""},
	{"queue", "Queue", partWhen, "Every queue", "Several are parted by spaces; * stands for any characters"},
	{"direction", "Direction", partWhen, "Both", ""},
	{"target", "Opens in", partWhere, "", ""},
	{"title", "Title", partWhere, "The host of the address", "It may hold variables, as {anum}"},
	{"visible", "Visible", partWhere, "", ""},
	{"via", "Asked for by", partWhere, "", "Of a page that nobody sees"},
	{"focus", "To the front", partWhere, "", ""},
	{"frame", "In a frame", partWhere, "", ""},
	{"name", "Command", partWhat, "", "The name that the PC maps to a program"},
	{"method", "Method", partWhat, "", ""},
	{"href", "Address", partWhat, "https://", ""},
	{"format", "Sent as", partWhat, "", ""},
	{"reply", "Its answer", partWhat, "Is noted, no more", "JSON that asks for pages; see the manual"},
	{fieldText, "Address", partWhat, "", ""},
	{"id", "Id", partMore, "Its position", "Traces, tests and the audit call the popup so"},
	{"again", "Again", partMore, "", ""},
	{"probe", "Probe", partMore, "", "The page may be asked once more; No for an address whose GET creates something"},
	{"sandbox", "Sandbox", partMore, "Nothing more", ""},
	{"allow", "Allow", partMore, "Nothing", ""},
}

// fieldsOf returns the fields of an element's card.
func fieldsOf(element string) []cardField {
	var all []cardField
	takes := screenpop.Attributes(element)
	for _, f := range cardFields {
		switch {
		case f.Name == fieldText && element == "clipboard":
			f.Label, f.Empty = "Text", "What is copied, as {anum}"
		case f.Name == fieldText && element == "command":
			f.Label, f.Empty = "Values", "None, or anum={anum}&queue_key={queue_key}"
		case f.Name == fieldText && element == "url":
			f.Empty = "https://"
		case f.Name == fieldText || !slices.Contains(takes, f.Name):
			continue
		}
		all = append(all, f)
	}
	return all
}

// kinds are the popups that can be added, by element: what the card calls each,
// and what a new one is.
var kinds = []struct{ Element, Name, XML string }{
	{"url", "Page", `<url target="request">https://</url>`},
	{"clipboard", "Clipboard", `<clipboard>{anum}</clipboard>`},
	{"webrequest", "Web request", `<webrequest href="https://"/>`},
	{"command", "Command", `<command name=""/>`},
}

// kindName returns what a card calls an element.
func kindName(element string) string {
	for _, k := range kinds {
		if k.Element == element {
			return k.Name
		}
	}
	return element
}

// choiceWords say what the words of a choice do; those that are not here are
// shown as they are.
var choiceWords = map[string]map[string]string{
	"direction": {"in": "in: the contact called", "out": "out: the agent called"},
	"visible":   {"true": "Yes", "false": "No"},
	"focus":     {"never": "Never: it has a badge", "if-idle": "Unless the agent is typing", "always": "Always"},
	"frame":     {"auto": "If the page allows it", "always": "Always", "never": "Never"},
	"via":       {"fetch": "The browser; nothing of the page runs", "frame": "A hidden frame, where the page runs", "server": "The server"},
	"probe":     {"yes": "Yes", "no": "No"},
	"again":     {"no": "No: once a request", "yes": "Yes: at every one of its triggers"},
	"reply":     {screenpop.ReplyJSON: "May open pages"},
	"format":    {"form": "A form", "json": "JSON", "body": "The one variable, as it is"},
	"target": {screenpop.TargetRequest: "The request's tab", screenpop.TargetBlank: "A new browser tab",
		targetNamed: "A window of that name"},
}

// choicesOf returns what a choice offers, value and words; the default is called
// so. A value that the language has not is offered too, as it stands.
func choicesOf(field, value, empty string) [][2]string {
	of, _ := screenpop.ChoiceOf(field)
	if field == "target" {
		of = screenpop.Choice{Words: []string{screenpop.TargetRequest, screenpop.TargetBlank, targetNamed}, Default: screenpop.TargetBlank}
	}
	if field == fieldOp {
		of = screenpop.Choice{Words: screenpop.Comparisons()}
	}
	var all [][2]string
	if of.Default == "" && empty != "" {
		all = append(all, [2]string{anything, empty + " (default)"})
	}
	for _, w := range of.Words {
		words := orElse(choiceWords[field][w], w)
		if w == of.Default {
			words += " (default)"
		}
		all = append(all, [2]string{w, words})
	}
	if value != "" && !slices.Contains(of.Words, value) {
		all = append(all, [2]string{value, value})
	}
	return all
}
