package browser

import "fmt"

// Board is a surface that writes down what is asked of it, and lets a test play
// the browser.
type Board struct {
	Deeds  []string
	Loads  map[string]func()
	Probes map[string]func(Probed)
	Empty  map[string]bool // frames in which no document has come
	Nested map[string]bool
	Focus  string
}

func NewBoard() *Board {
	return &Board{
		Loads: map[string]func(){}, Probes: map[string]func(Probed){},
		Empty: map[string]bool{}, Nested: map[string]bool{},
	}
}

// Did returns the deeds since the last call.
func (b *Board) Did() []string {
	deeds := b.Deeds
	b.Deeds = nil
	return deeds
}

func (b *Board) note(format string, args ...any) {
	b.Deeds = append(b.Deeds, fmt.Sprintf(format, args...))
}

func (b *Board) create(p Page, href string, loaded func()) {
	b.note("create %s %s", p.ID, href)
	b.Loads[p.ID] = loaded
}

func (b *Board) probe(href string, answer func(Probed)) func() {
	b.note("probe %s", href)
	b.Probes[href] = answer
	return func() { b.note("stop %s", href) }
}

func (b *Board) navigate(id, href string) { b.note("navigate %s %s", id, href) }
func (b *Board) title(id, title string)   { b.note("title %s %s", id, title) }
func (b *Board) mark(id string, on bool)  { b.note("mark %s %t", id, on) }
func (b *Board) drop(id string)           { b.note("drop %s", id) }
func (b *Board) hide(all bool)            { b.note("hide %t", all) }
func (b *Board) empty(id string) bool     { return b.Empty[id] }
func (b *Board) nested(id string) bool    { return b.Nested[id] }
func (b *Board) focused() string          { return b.Focus }
