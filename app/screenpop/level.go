package screenpop

// Document is a parsed popup document: its popups in order, and at most one
// place where the parent level's are taken in.
type Document struct {
	Items []Item
}

// Item is a popup or, with Inherit, the place of the parent's popups.
type Item struct {
	Popup   *Popup
	Inherit bool
}

// The levels, outermost first.
const (
	LevelTenant = "tenant"
	LevelGroup  = "group"
	LevelUser   = "user"
)

// LevelDocument is the document of one level; a nil Doc means that the level has
// none of its own and inherits.
type LevelDocument struct {
	Level string
	Doc   *Document
}

// Effective returns the popups that count for a user, in the order they pop,
// from the documents of the levels, outermost first. The innermost document
// counts alone, but for its <inherit/>, where the popups of the levels outside
// it stand. Each popup has the level it comes from.
func Effective(levels ...LevelDocument) []Popup {
	var effective []Popup
	for _, l := range levels {
		if l.Doc == nil {
			continue
		}
		var own []Popup
		for _, item := range l.Doc.Items {
			switch {
			case item.Inherit:
				own = append(own, effective...)
			case item.Popup != nil:
				p := *item.Popup
				p.Level = l.Level
				own = append(own, p)
			}
		}
		effective = own
	}
	return effective
}
