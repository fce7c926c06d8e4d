package browser

import (
	"slices"
	"time"
)

// What the browser reports, and what the stage makes of it. The browser cannot
// say of a page from elsewhere whether it was shown or refused: a frame's load
// event comes either way. So a verdict is put together from a probe, from signs
// of life and from time.

// heardLoad is called at each load event of e's frame.
func (s *Stage) heardLoad(e *entry, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live(e) {
		return
	}
	e.loads++
	e.loaded = true
	stopTimer(e.slow)
	what := PageLoaded
	if e.loads > 1 {
		what = PageReloaded
		s.settle(e)
	}
	ev := PageEvent{ID: e.page.ID, What: what, Loads: e.loads, After: at.Sub(e.since)}
	if what == PageLoaded && e.probing != nil {
		s.hold(e, ev)
	} else {
		s.send(ev)
	}
	if s.surface.nested(e.page.ID) {
		s.prove(e)
	}
}

// hold keeps ev back until the probe has answered, but not for long: a page that
// is refused must not be reported as loaded first.
func (s *Stage) hold(e *entry, ev PageEvent) {
	e.held = &ev
	e.release = time.AfterFunc(holdLoaded, func() {
		s.steps.push(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.settle(e)
		})
	})
}

// settle sends what was held back.
func (s *Stage) settle(e *entry) {
	stopTimer(e.release)
	if e.held != nil {
		s.send(*e.held)
		e.held = nil
	}
}

// heardVerdict is called with the probe's answer.
func (s *Stage) heardVerdict(e *entry, answer probed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.live(e) || e.probing == nil {
		return
	}
	e.probing = nil
	switch {
	case answer.allowed:
		s.verdicts.allow(e.page.Key)
		s.settle(e)
	case answer.refused && e.entered && e.loaded:
		// The agent works in it: a probe that was turned away is no reason to
		// take it down (servers that answer one request at a time do that).
		s.settle(e)
	case answer.refused:
		s.verdicts.refuse(e.page.Key, answer.why)
		e.held = nil
		s.lower(e, refused)
		s.paint()
		s.report(e, PageRefused, answer.why)
	default:
		s.settle(e)
	}
}

// heardNothing is called when a round has lasted slowAfter.
func (s *Stage) heardNothing(e *entry, round int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live(e) && e.round == round && !e.loaded && s.surface.empty(e.page.ID) {
		s.report(e, PageSlow, "the page has not answered yet")
	}
}

// spoke is called when a message came from the frame of id.
func (s *Stage) spoke(id string) {
	s.steps.push(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e := s.entries[id]; e != nil && s.live(e) {
			s.prove(e)
		}
	})
}

// entered is called when the keyboard went into the frame of id.
func (s *Stage) entered(id string) {
	s.steps.push(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if e := s.entries[id]; e != nil && s.live(e) {
			e.entered = true
			s.touch(e)
			s.report(e, PageEntered, "")
		}
	})
}

// prove notes that e's page is certainly shown.
func (s *Stage) prove(e *entry) {
	if e.alive {
		return
	}
	e.alive = true
	if e.probing != nil {
		e.probing()
		e.probing = nil
	}
	s.settle(e)
	s.verdicts.allow(e.page.Key)
	s.report(e, PageAlive, "")
}

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
	if e.probing != nil {
		e.probing()
		e.probing = nil
	}
	if e.life == onStage {
		s.surface.drop(e.page.ID)
	}
	e.life = to
	if s.visible == e.page.ID {
		s.visible = ""
		s.surface.hide(true)
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
