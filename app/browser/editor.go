package browser

// EditorOptions say what an editor is to be.
type EditorOptions struct {
	ID          string // of the text field that it stands for: Text, SetText and so on find it by this
	Text        string // what stands in it, unless that field is there: then what stands in the field
	Label       string // its accessible name
	DescribedBy string // the id of what describes it
	Vocabulary  []byte // JSON: what is completed, see web/editor/complete.js
	Typed       func() // called after each change by the user, of ReplaceText too
	Repair      func(i int)
}

// Mark is something to be marked in an editor. Line and Column count from 1,
// columns in characters. Length is how many bytes its repair replaces, 0 if it has
// none.
type Mark struct {
	Line, Column, Length    int
	Severity, Message, Cure string // the severity is "error" or "warning"
}
