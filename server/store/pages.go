package store

import "slices"

// pages are the rows that a turn appends.
type pages struct{ events, frames, steps, letters, attempts *rows }

func newPages() *pages {
	return &pages{newRows("event", 13), newRows("frame", 14), newRows("step", 11), newRows("letter", 9), newRows("attempt", 12)}
}

func (p *pages) all() []*rows { return []*rows{p.events, p.frames, p.steps, p.letters, p.attempts} }

func (p *pages) any() bool {
	return slices.ContainsFunc(p.all(), func(r *rows) bool { return len(r.values) > 0 })
}

func (p *pages) drop() {
	for _, r := range p.all() {
		r.drop()
	}
}

// write inserts the rows and drops them.
func (p *pages) write(c *conn) error {
	for _, r := range p.all() {
		if err := r.write(c); err != nil {
			return err
		}
	}
	return nil
}
