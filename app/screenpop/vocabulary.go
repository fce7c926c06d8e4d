package screenpop

import (
	"slices"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// Vocabulary is every word of the popup language, for completion: it comes from
// the tables by which documents are read.
type Vocabulary struct {
	Root       string                       `json:"root"`
	Elements   map[string]VocabularyElement `json:"elements"`
	Variables  []string                     `json:"variables"`
	Transforms []string                     `json:"transforms"` // as they are written, with an argument where they need one
}

// VocabularyElement is what may stand in an element. Template says that its text
// may hold variables.
type VocabularyElement struct {
	Children   []string              `json:"children,omitempty"`
	Attributes []VocabularyAttribute `json:"attributes,omitempty"`
	Template   bool                  `json:"template,omitempty"`
}

// VocabularyAttribute is what an attribute may be: words of Values, several of
// them if it is a List; or text with variables. Words are offered, not all that
// may be: a target may be a window's name.
type VocabularyAttribute struct {
	Name     string   `json:"name"`
	Values   []string `json:"values,omitempty"`
	List     bool     `json:"list,omitempty"`
	Template bool     `json:"template,omitempty"`
}

// templates are the elements and attributes that may hold variables.
var templates = map[string][]string{
	"element":   {"url", "clipboard", "command", "variable", "header"},
	"attribute": {"title", "href"},
}

// Words returns the vocabulary.
func Words() Vocabulary {
	v := Vocabulary{Root: "screenpopup", Elements: map[string]VocabularyElement{}, Variables: slices.Clone(Variables)}
	for name, attributes := range attributesOf {
		e := VocabularyElement{Children: Children(name), Template: slices.Contains(templates["element"], name)}
		for _, a := range attributes {
			e.Attributes = append(e.Attributes, attributeWords(name, a))
		}
		v.Elements[name] = e
	}
	for _, name := range urltemplate.Transforms {
		v.Transforms = append(v.Transforms, urltemplate.Written(name))
	}
	return v
}

func attributeWords(element, name string) VocabularyAttribute {
	a := VocabularyAttribute{Name: name, Template: slices.Contains(templates["attribute"], name)}
	if c, ok := ChoiceOf(name); ok {
		a.Values, a.List = c.Words, c.Several
	}
	switch {
	case name == "target":
		a.Values = []string{TargetRequest, TargetBlank}
	case element == "when" && name == "variable":
		a.Values = requestVariables()
	}
	return a
}
