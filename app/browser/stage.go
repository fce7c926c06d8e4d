package browser

import (
	"sync"
	"time"
)

const (
	defaultLimit = 12
	slowAfter    = 8 * time.Second         // no document by then: say so
	holdLoaded   = 1500 * time.Millisecond // how long "loaded" waits for a verdict under way
	reportAhead  = 500 * time.Millisecond  // how long before its frame's load a refusal is reported at most
)

const whyPolicy = "the page's Content-Security-Policy (frame-ancestors) does not allow this workspace to show it"

// Stage holds the frames of all pages. A page's frame is created once, its
// address set once, and it is only ever hidden and shown after that, so what the
// agent typed in it stays. At most limit frames live; beyond it the page that was
// longest untouched gives way, never one the agent has entered.
//
// All methods may be called from any goroutine and from callbacks; none waits.
type Stage struct {
	limit    int
	own      address
	surface  surface
	verdicts verdicts
	now      func() time.Time
	listen   func(PageEvent)

	steps serial // what the browser reports: its callbacks must not take mu
	tell  serial // calls of listen: it may wait, and may call the stage

	mu      sync.Mutex // guards what follows; nothing waits while holding it
	entries map[string]*entry
	order   []string // ids in the order they were added
	covered map[string]bool
	shown   string // the page chosen to be seen
	visible string // the page whose frame is seen; "" if none
	touches int    // counts touches: a clock that never stands still
	refuser string // origin of a page that was refused in some frame, which one is not known yet
	refused time.Time
}

// surface is the part of the browser that a stage needs.
type surface interface {
	// create puts a frame for p with its address href on the stage, hidden, and
	// calls loaded at each load event. loaded must not wait.
	create(p Page, href string, loaded func())
	navigate(id, href string)
	title(id, title string)
	mark(id string, shown bool)
	drop(id string)
	hide(all bool)         // the whole stage
	empty(id string) bool  // no document has come yet
	nested(id string) bool // the document has frames of its own, so it is there
	focused() string       // the page that has the keyboard, or ""
	// probe asks whether href may be framed and calls answer at most once, not
	// after stop was called.
	probe(href string, answer func(probed)) (stop func())
}

// probed is a probe's answer: at most one of the two is true.
type probed struct {
	allowed, refused bool
	why              string
}

// entry is a page that was added, with or without a frame.
type entry struct {
	page    Page
	href    string
	life    life
	loads   int
	round   int       // counts how often the address was set
	since   time.Time // when it was set last
	loaded  bool      // a document came in this round
	touched int
	entered bool
	alive   bool
	slow    *time.Timer
	probing func()     // stops the probe under way; nil if none
	byHand  bool       // the address was set again by the agent, and its document has not come
	held    *PageEvent // "loaded", waiting for the probe
	release *time.Timer
}

type life int

const (
	onStage life = iota
	refused
	unloaded
)

// NewStage appends #stage to the document and returns the stage in it. limit is
// the greatest number of live frames; 0 means 12. listen hears of every
// happening, one at a time and in order, on a goroutine of its own; it may wait
// and may call the stage.
//
// There is one stage a document: make it once and keep it over changes of route.
// A second call takes the first stage's element away, with all its frames.
func NewStage(limit int, listen func(PageEvent)) *Stage {
	s := bareStage(limit, listen)
	s.own, s.verdicts = here(), verdicts{shelf: localShelf{}, now: time.Now}
	s.verdicts.sweep()
	s.surface = newSurface(s.spoke, s.entered)
	watchRefusals(s.policyRefused)
	return s
}

func bareStage(limit int, listen func(PageEvent)) *Stage {
	if limit <= 0 {
		limit = defaultLimit
	}
	return &Stage{
		limit: limit, listen: listen, now: time.Now,
		entries: map[string]*entry{}, covered: map[string]bool{},
	}
}

// Add puts p on the stage, hidden unless it is the page shown, and reports
// whether it made a frame. It did not if the page has one already, or if the page
// is known not to be showable: then PageRefused follows, once for each time the
// page is added anew.
func (s *Stage) Add(p Page) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.entries[p.ID]
	if old != nil && old.life == onStage {
		return false
	}
	e := &entry{page: p}
	s.entries[p.ID] = e
	if old == nil {
		s.order = append(s.order, p.ID)
	}
	if why := s.fault(e); why != "" {
		e.life = refused
		if old == nil || old.life != refused {
			s.report(e, PageRefused, why)
		}
		return false
	}
	s.raise(e)
	return true
}

// fault returns why e's page cannot be framed as far as that is known without
// asking it, and fills in its address.
func (s *Stage) fault(e *entry) string {
	a := parseAddress(e.page.URL)
	e.href = a.href
	if why := frameFault(a, s.own); why != "" || e.page.Always {
		return why
	}
	known := s.verdicts.of(e.page.Key)
	switch {
	case e.page.Blank && known.by != verdictAgent:
		return e.page.Refused
	case known.what == verdictRefused:
		if known.why == "" {
			return "the page could not be shown here before"
		}
		return known.why
	case known.what == verdictAllowed:
		return ""
	}
	return e.page.Refused
}

// raise makes e's frame and, beside it, asks whether it may be framed.
func (s *Stage) raise(e *entry) {
	s.touch(e)
	s.begin(e)
	s.surface.create(e.page, e.href, func() {
		at := s.now()
		s.steps.push(func() { s.heardLoad(e, at) })
	})
	p := e.page
	if p.Probe && !p.Always && s.verdicts.of(p.Key).what == "" {
		e.probing = s.surface.probe(e.href, func(answer probed) {
			s.steps.push(func() { s.heardVerdict(e, answer) })
		})
	}
	s.makeRoom(e)
	s.paint()
}

// begin starts a round: the address is being set.
func (s *Stage) begin(e *entry) {
	e.round++
	e.since, e.loaded, e.entered = s.now(), false, false
	round := e.round
	stopTimer(e.slow)
	e.slow = time.AfterFunc(slowAfter, func() {
		s.steps.push(func() { s.heardNothing(e, round) })
	})
}

// Show makes id the page that is seen and all others hidden; "" hides all. The
// page may be added later.
func (s *Stage) Show(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = id
	if e := s.entries[id]; e != nil {
		s.touch(e)
	}
	s.paint()
}

// Cover hides the frame of id although it is the page shown, for a card to stand
// in its place, or uncovers it.
func (s *Stage) Cover(id string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.covered[id] = true
	} else {
		delete(s.covered, id)
	}
	s.paint()
}

// Remove takes the page off the stage and forgets it.
func (s *Stage) Remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[id]
	if e == nil {
		return
	}
	s.lower(e, refused)
	delete(s.entries, id)
	delete(s.covered, id)
	for i, other := range s.order {
		if other == id {
			s.order = append(s.order[:i], s.order[i+1:]...)
			break
		}
	}
	if s.shown == id {
		s.shown = ""
	}
	s.paint()
}

// Reload is the agent's act: it sets the page's address again. A page that was
// unloaded or refused gets a new frame, and what was remembered of its kind is
// forgotten first, so that a page that has been mended is seen.
func (s *Stage) Reload(id string) {
	s.mu.Lock()
	e := s.entries[id]
	if e != nil && e.life == onStage {
		s.touch(e)
		s.settle(e)
		s.begin(e)
		e.byHand = true
		s.surface.navigate(id, e.href)
		s.mu.Unlock()
		return
	}
	if e != nil && e.life == refused {
		s.verdicts.forget(e.page.Key)
		if e.page.Blank {
			s.verdicts.agentAllows(e.page.Key)
		}
		e.page.Refused, e.page.Blank = "", false
		e.life = unloaded // so that a second refusal is reported again
	}
	s.mu.Unlock()
	if e != nil {
		s.Add(e.page)
	}
}

// Has reports whether the page has a frame.
func (s *Stage) Has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[id]
	return e != nil && e.life == onStage
}

// Pages returns the ids of the pages that have a frame, oldest first.
func (s *Stage) Pages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, id := range s.order {
		if s.entries[id].life == onStage {
			ids = append(ids, id)
		}
	}
	return ids
}

// Loads returns how many documents the page's frame has loaded; 1 unless the
// page went on by itself or was reloaded, 0 if it is not there.
func (s *Stage) Loads(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[id]; e != nil {
		return e.loads
	}
	return 0
}

// Refuse is the agent's word that pages of key are blank here. It is remembered
// for 30 days and outweighs what the browser found; frames that stand stay.
func (s *Stage) Refuse(key, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts.agentRefuses(key, why)
}

// Allow is the agent's word that pages of key are to be shown here although agents
// have found them blank. It is remembered as Refuse's is, and undoes it.
func (s *Stage) Allow(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts.agentAllows(key)
}

// Title names the page's frame anew.
func (s *Stage) Title(id, title string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[id]
	if e == nil {
		return
	}
	e.page.Title = title
	if e.life == onStage {
		s.surface.title(id, title)
	}
}
