package browser

import (
	"strings"
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
	if e.loads > 1 {
		s.moved(e, at)
	}
	e.byHand = false
}

// moved tells of a page that has gone on by itself: that the agent did not send
// it, or that what came refuses to be shown here. The latter is remembered:
// browsers report the same refusal once only in a document, so the next page that
// goes there would stand blank. For the same reason one report is taken to be of
// all pages of one origin that stood there and go on within its time: they go to
// one sign-in.
func (s *Stage) moved(e *entry, at time.Time) {
	from := parseAddress(e.href).origin
	switch {
	case s.refuser != "" && at.Sub(s.refused) < reportAhead && (s.refusedTo == "" || s.refusedTo == from && e.since.Before(s.refused)):
		why := whyPolicy + ": " + s.refuser
		s.report(e, PageMoved, why)
		s.refusedTo = from
		if !e.entered { // what the agent has followed there says nothing of the page
			s.endProbe(e) // it would only say that the first page can be framed
			s.verdicts.refuse(e.page.Key, why)
		}
	case !e.entered && !e.byHand:
		s.report(e, PageMoved, "")
	}
}

// policyRefused is called when the browser reports that some frame was refused by
// the frame-ancestors of a page of origin. It does not say which frame: that is
// certain only where one alone can have asked that origin. A page that goes on
// later is known by the load that follows the report.
func (s *Stage) policyRefused(origin string) {
	s.steps.push(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.explained == origin && s.now().Sub(s.explainedAt) < reportAhead {
			s.explained = ""
			return
		}
		if e := s.asker(origin); e != nil {
			s.takeDown(e, whyPolicy+": "+origin)
			return
		}
		s.refuser, s.refused, s.refusedTo = origin, s.now(), ""
	})
}

// asker returns the one page without a document yet that can have been refused by
// origin, nil where that is not certain. Pages that have not answered for long are
// not expected to do so just now.
func (s *Stage) asker(origin string) *entry {
	var of, waiting []*entry
	all := s.standing()
	for _, e := range all {
		if e.loaded || s.now().Sub(e.since) > slowAfter {
			continue
		}
		waiting = append(waiting, e)
		if parseAddress(e.href).origin == origin {
			of = append(of, e)
		}
	}
	switch {
	case len(of) == 1:
		return of[0]
	case len(all) == 1 && len(waiting) == 1: // a redirect has led there
		return waiting[0]
	}
	return nil
}

// takeDown ends a page that refuses to be shown here.
func (s *Stage) takeDown(e *entry, why string) {
	s.verdicts.refuse(e.page.Key, why)
	e.held = nil
	s.lower(e, refused)
	s.paint()
	s.report(e, PageRefused, why)
}

// explain notes that a page was taken down for which a report has come, or is on
// its way: another page must not be taken for it.
func (s *Stage) explain(why string) {
	origin, byPolicy := strings.CutPrefix(why, whyPolicy+": ")
	switch {
	case !byPolicy:
	case s.refuser == origin:
		s.refuser = ""
	default:
		s.explained, s.explainedAt = origin, s.now()
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
		s.explain(answer.why)
		s.takeDown(e, answer.why)
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
	s.endProbe(e)
	s.settle(e)
	s.verdicts.allow(e.page.Key)
	s.report(e, PageAlive, "")
}
