package ui

import (
	"fmt"
	"sync"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Beat paints the clocks of a page once a second. It writes their text past
// go-app's tree, so that a running timer costs no rendering.
type Beat struct {
	now func() time.Time

	mu     sync.Mutex // guards clocks
	clocks map[*Clock]bool
}

// NewBeat returns a beat without clocks; now is the page's clock.
func NewBeat(now func() time.Time) *Beat {
	return &Beat{now: now, clocks: map[*Clock]bool{}}
}

// Paint writes the time on every clock. The page calls it once a second.
func (b *Beat) Paint() {
	b.mu.Lock()
	all := make([]*Clock, 0, len(b.clocks))
	for c := range b.clocks {
		all = append(all, c)
	}
	b.mu.Unlock()
	for _, c := range all {
		c.paint(b.now())
	}
}

// Len returns how many clocks it paints.
func (b *Beat) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.clocks)
}

func (b *Beat) keep(c *Clock, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if on {
		b.clocks[c] = true
		return
	}
	delete(b.clocks, c)
}

// Clock shows how long it is since Since, or how long it was until Until.
// Its text is no part of go-app's tree and is hidden from screen readers; a style
// draws it from an attribute, as what is written inside a button is its name.
type Clock struct {
	goapp.Compo
	Beat  *Beat
	Since time.Time
	Until time.Time // zero while it runs

	shown string
}

// Render returns an empty element; Paint fills it.
func (c *Clock) Render() goapp.UI {
	return goapp.Span().Class("clock").Aria("hidden", "true")
}

// OnMount starts the clock.
func (c *Clock) OnMount(goapp.Context) { c.start() }

// OnUpdate shows the time of what has taken this place.
func (c *Clock) OnUpdate(goapp.Context) { c.start() }

// OnDismount stops the clock.
func (c *Clock) OnDismount() {
	if c.Beat != nil {
		c.Beat.keep(c, false)
	}
}

func (c *Clock) start() {
	if c.Beat == nil {
		return
	}
	c.Beat.keep(c, true)
	c.shown = ""
	c.paint(c.Beat.now())
}

func (c *Clock) paint(now time.Time) {
	text := c.text(now)
	if text == c.shown {
		return
	}
	if v := c.JSValue(); v != nil && v.Truthy() {
		v.Call("setAttribute", "data-time", text)
		c.shown = text
	}
}

func (c *Clock) text(now time.Time) string {
	if c.Since.IsZero() {
		return ""
	}
	if !c.Until.IsZero() {
		now = c.Until
	}
	return Span(now.Sub(c.Since))
}

// Span returns a duration as a timer shows it: "0:42", "12:05", "1:02:09".
func Span(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	s := int(d / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
