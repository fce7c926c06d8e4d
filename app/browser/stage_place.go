package browser

import (
	"slices"
	"time"
)

// Which frames stand, which one is seen, and how both is told. All of this is
// called under the stage's lock.

// makeRoom unloads pages until no more than limit live, as far as it may.
func (s *Stage) makeRoom(newest *entry) {
	if e := s.entries[s.surface.focused()]; e != nil {
		e.entered = true
	}
	for len(s.standing()) > s.limit {
		e := s.longestUntouched(newest)
		if e == nil {
			return
		}
		s.lower(e, unloaded)
		s.report(e, PageUnloaded, "too many pages are open; this one was longest unused")
	}
}

// longestUntouched returns the page that can give way with the least loss: not
// the newest, not the one shown, none that was entered. nil if there is none.
func (s *Stage) longestUntouched(newest *entry) *entry {
	var oldest *entry
	for _, e := range s.standing() {
		if e == newest || e.entered || e.page.ID == s.shown {
			continue
		}
		if oldest == nil || e.touched < oldest.touched {
			oldest = e
		}
	}
	return oldest
}

func (s *Stage) standing() []*entry {
	var all []*entry
	for _, e := range s.entries {
		if e.life == onStage {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *entry) int { return a.touched - b.touched })
	return all
}

// lower takes e's frame away and stops all that was under way for it.
func (s *Stage) lower(e *entry, to life) {
	stopTimer(e.slow)
	stopTimer(e.release)
	s.endProbe(e)
	if e.life == onStage {
		s.surface.drop(e.page.ID)
	}
	e.life = to
	if s.visible == e.page.ID {
		s.visible = ""
		s.surface.hide(true)
	}
}

// endProbe stops the probe under way, if one is.
func (s *Stage) endProbe(e *entry) {
	if e.probing != nil {
		e.probing()
		e.probing = nil
	}
}

// paint brings the classes in step with shown and covered.
func (s *Stage) paint() {
	next := s.shown
	if e := s.entries[next]; e == nil || e.life != onStage || s.covered[next] {
		next = ""
	}
	if next == s.visible {
		return
	}
	if s.visible != "" {
		s.surface.mark(s.visible, false)
	}
	if next != "" {
		s.surface.mark(next, true)
	}
	if (next == "") != (s.visible == "") {
		s.surface.hide(next == "")
	}
	s.visible = next
}

// live reports whether e is still the entry of its page and has a frame; what is
// reported late of a frame that went is dropped.
func (s *Stage) live(e *entry) bool {
	return s.entries[e.page.ID] == e && e.life == onStage
}

func (s *Stage) touch(e *entry) {
	s.touches++
	e.touched = s.touches
}

func (s *Stage) report(e *entry, what Happening, detail string) {
	ev := PageEvent{ID: e.page.ID, What: what, Detail: detail, Loads: e.loads}
	if !e.since.IsZero() {
		ev.After = s.now().Sub(e.since)
	}
	s.send(ev)
}

func (s *Stage) send(ev PageEvent) {
	if s.listen != nil {
		s.tell.push(func() { s.listen(ev) })
	}
}

func stopTimer(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
