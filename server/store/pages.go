package store

// pages are the rows that a turn appends.
type pages struct{ events, frames, steps *rows }

func newPages() *pages {
	return &pages{newRows("event", 13), newRows("frame", 14), newRows("step", 11)}
}

func (p *pages) all() []*rows { return []*rows{p.events, p.frames, p.steps} }

func (p *pages) any() bool {
	return len(p.events.values)+len(p.frames.values)+len(p.steps.values) > 0
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
