package screenpop

import "slices"

// Choice is what an attribute takes that takes words of a list.
type Choice struct {
	Words   []string
	Default string // the word that counts without the attribute; "" where that is none of them
	Several bool   // it takes several words, parted by spaces
}

var (
	yesNo      = []string{"yes", "no"}
	directions = []Direction{In, Out}
	focuses    = []Focus{FocusNever, FocusIfIdle, FocusAlways}
	frames     = []string{FrameAuto, FrameAlways, FrameNever}
	vias       = []string{ViaFetch, ViaFrame, ViaServer}
	formats    = []string{FormatForm, FormatJSON, FormatBody}
	replies    = []string{ReplyJSON}
)

// choices holds each attribute that takes words of a list; it means the same on
// every element that has it.
var choices = map[string]Choice{
	"on":        {Words: strs(Triggers), Several: true},
	"channel":   {Words: strs(Channels), Several: true},
	"direction": {Words: strs(directions)},
	"again":     {Words: yesNo, Default: "no"},
	"visible":   {Words: []string{"true", "false"}, Default: "true"},
	"focus":     {Words: strs(focuses), Default: string(FocusNever)},
	"frame":     {Words: frames, Default: FrameAuto},
	"probe":     {Words: yesNo, Default: "yes"},
	"via":       {Words: vias, Default: ViaFetch},
	"sandbox":   {Words: sandboxAdditions, Several: true},
	"allow":     {Words: allowAdditions, Several: true},
	"method":    {Words: []string{"GET", "POST"}, Default: "POST"},
	"format":    {Words: formats, Default: FormatForm},
	"reply":     {Words: replies},
}

// ChoiceOf returns what an attribute takes that takes words of a list; ok is
// false for one that takes any text, and for one that no element has.
func ChoiceOf(attribute string) (c Choice, ok bool) {
	c, ok = choices[attribute]
	c.Words = slices.Clone(c.Words)
	return c, ok
}

// Attributes returns the attributes that an element takes, in the order of the
// manual; nil for one that takes none.
func Attributes(element string) []string { return slices.Clone(attributesOf[element]) }

// Children returns the elements that an element may hold.
func Children(element string) []string { return slices.Clone(childrenOf[element]) }

// Comparisons returns the attributes of <when> that compare: one has to be there.
func Comparisons() []string { return slices.Clone(comparisons) }

// ConditionVariables returns the built-in variables that conditions can look at.
func ConditionVariables() []string { return requestVariables() }
