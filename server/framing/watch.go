package framing

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

const (
	atOnce     = 4                   // pages that are asked at once, each of another host
	fresh      = 24 * time.Hour      // how long a verdict is good enough when a document is published
	keepFor    = 30 * 24 * time.Hour // how long a verdict stays that is not renewed
	checkTime  = 15 * time.Second    // for a check that somebody waits for
	maxChecked = 40                  // pages of it
	nightHour  = 1                   // when the night begins, of the server's clock
	nightTime  = 4 * time.Hour       // over which the tenants are spread
	lookAgain  = time.Hour           // for new tenants
)

// Shelf keeps verdicts and knows the tenants.
type Shelf interface {
	PutPageVerdict(ctx context.Context, tenant string, v screenpop.PageVerdict) error
	PageVerdicts(ctx context.Context, tenant string) (map[string]screenpop.PageVerdict, error)
	DropPageVerdicts(ctx context.Context, tenant string, before time.Time) error
	Tenants(ctx context.Context) ([]string, error)
}

// Looker asks for one page. A Preflight is one.
type Looker interface {
	Page(ctx context.Context, url string) screenpop.PageVerdict
}

// WatchOptions are what a Watch works with. All but Changed, Now and Log are
// needed.
type WatchOptions struct {
	Look      Looker // nil: nothing is ever asked
	Workspace Origin
	Shelf     Shelf
	Popups    func(ctx context.Context, tenant string) ([]screenpop.Popup, error) // of all documents that a tenant has
	Changed   func(tenant string)                                                 // told when a verdict became another one
	Now       func() time.Time
	Log       *slog.Logger
}

// Watch keeps the verdicts of all tenants' pages: at night of all of them, and
// after a document is published of those that are new or older than a day.
type Watch struct {
	o      WatchOptions
	wake   chan struct{}
	rounds chan struct{} // places for pages that are asked now

	mu       sync.Mutex      // guards what follows
	pending  map[string]bool // tenants with a document that was published
	checking map[string]bool // tenants for which somebody waits
}

// NewWatch returns a Watch. Run makes it work.
func NewWatch(o WatchOptions) *Watch {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Changed == nil {
		o.Changed = func(string) {}
	}
	return &Watch{o: o, wake: make(chan struct{}, 1), rounds: make(chan struct{}, atOnce),
		pending: map[string]bool{}, checking: map[string]bool{}}
}

// Published has the pages of a tenant looked at soon that need it. It returns at
// once.
func (w *Watch) Published(tenant string) {
	w.mu.Lock()
	w.pending[tenant] = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}

// Run works until ctx ends. It begins with what a stop or a crash has left open.
func (w *Watch) Run(ctx context.Context) {
	if w.o.Look == nil {
		return
	}
	due := map[string]time.Time{}
	for _, tenant := range w.tenants(ctx) {
		w.Published(tenant)
	}
	for ctx.Err() == nil {
		timer := time.NewTimer(w.untilNext(ctx, due))
		select {
		case <-ctx.Done():
		case <-w.wake:
			w.catchUp(ctx)
		case <-timer.C:
			w.night(ctx, due)
		}
		timer.Stop()
	}
}

// catchUp looks at what has been published.
func (w *Watch) catchUp(ctx context.Context) {
	w.mu.Lock()
	all := w.pending
	w.pending = map[string]bool{}
	w.mu.Unlock()
	for tenant := range all {
		w.pass(ctx, tenant, fresh)
	}
}

// untilNext gives tenants without one an hour of the next night, and returns the
// time until the first of all.
func (w *Watch) untilNext(ctx context.Context, due map[string]time.Time) time.Duration {
	now := w.o.Now()
	next := now.Add(lookAgain)
	for _, tenant := range w.tenants(ctx) {
		if due[tenant].IsZero() {
			due[tenant] = nextNight(now).Add(rand.N(nightTime))
		}
		if due[tenant].Before(next) {
			next = due[tenant]
		}
	}
	return max(next.Sub(now), 0)
}

func nextNight(now time.Time) time.Time {
	y, m, d := now.Date()
	night := time.Date(y, m, d, nightHour, 0, 0, 0, now.Location())
	if !night.After(now) {
		night = time.Date(y, m, d+1, nightHour, 0, 0, 0, now.Location())
	}
	return night
}

// night looks at all pages of the tenants whose hour has come.
func (w *Watch) night(ctx context.Context, due map[string]time.Time) {
	now := w.o.Now()
	for tenant, at := range due {
		if at.After(now) {
			continue
		}
		delete(due, tenant)
		w.pass(ctx, tenant, 0)
		if err := w.o.Shelf.DropPageVerdicts(ctx, tenant, now.Add(-keepFor)); err != nil && ctx.Err() == nil {
			w.o.Log.Warn("drop old page verdicts", "tenant", tenant, "err", err)
		}
	}
}

func (w *Watch) tenants(ctx context.Context) []string {
	all, err := w.o.Shelf.Tenants(ctx)
	if err != nil && ctx.Err() == nil {
		w.o.Log.Warn("list the tenants whose pages are checked", "err", err)
	}
	return all
}

// pass looks at a tenant's pages whose verdict is older than age.
func (w *Watch) pass(ctx context.Context, tenant string, age time.Duration) {
	popups, err := w.o.Popups(ctx, tenant)
	var known map[string]screenpop.PageVerdict
	if err == nil {
		known, err = w.o.Shelf.PageVerdicts(ctx, tenant)
	}
	if err != nil {
		if ctx.Err() == nil {
			w.o.Log.Warn("check a tenant's pages", "tenant", tenant, "err", err)
		}
		return
	}
	var old []Page
	for _, p := range Pages(popups) {
		if v, has := known[p.Key]; !has || w.o.Now().Sub(v.CheckedAt) >= age {
			old = append(old, p)
		}
	}
	w.round(ctx, tenant, old, known)
}

// round asks for pages, a few at once and of each host one, and puts each
// verdict away as it comes: what a crash interrupts is asked again.
func (w *Watch) round(ctx context.Context, tenant string, pages []Page, known map[string]screenpop.PageVerdict) {
	var work sync.WaitGroup
	for _, host := range byHost(pages) {
		work.Go(func() {
			for _, p := range host {
				if w.place(ctx) != nil {
					return
				}
				v := w.o.Look.Page(ctx, p.URL)
				<-w.rounds
				if ctx.Err() != nil {
					return // what came then was not the page's answer
				}
				v.Key = p.Key
				w.put(ctx, tenant, v, known[p.Key])
			}
		})
	}
	work.Wait()
}

// place waits for one of the few places.
func (w *Watch) place(ctx context.Context) error {
	select {
	case w.rounds <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Watch) put(ctx context.Context, tenant string, v, before screenpop.PageVerdict) {
	if err := w.o.Shelf.PutPageVerdict(context.WithoutCancel(ctx), tenant, v); err != nil {
		w.o.Log.Warn("keep a page's verdict", "tenant", tenant, "key", v.Key, "err", err)
		return
	}
	if v.Verdict != before.Verdict || v.Reason != before.Reason {
		w.o.Changed(tenant)
	}
}

// byHost sorts pages by the host that is asked, each key once; what is not asked
// for is left out.
func byHost(pages []Page) map[string][]Page {
	all, seen := map[string][]Page{}, map[string]bool{}
	for _, p := range pages {
		if p.Skip != "" || seen[p.Key] {
			continue
		}
		seen[p.Key] = true
		host := p.Popup.URL.Origin()
		all[host] = append(all[host], p)
	}
	return all
}

// Judged is a page with what is known of it.
type Judged struct {
	Page
	screenpop.PageVerdict
	Snippets []Snippet
}

// Verdicts returns what is known of the pages of popups. Nothing is asked.
func (w *Watch) Verdicts(ctx context.Context, tenant string, popups []screenpop.Popup) ([]Judged, error) {
	known, err := w.o.Shelf.PageVerdicts(ctx, tenant)
	if err != nil {
		return nil, err
	}
	all := []Judged{}
	for _, p := range Pages(popups) {
		j := Judged{Page: p, PageVerdict: w.said(p, known)}
		if p.Skip == "" && !j.CheckedAt.IsZero() {
			j.Snippets = Snippets(w.o.Workspace, j.PageVerdict)
		}
		all = append(all, j)
	}
	return all, nil
}

func (w *Watch) said(p Page, known map[string]screenpop.PageVerdict) screenpop.PageVerdict {
	v, has := known[p.Key]
	switch {
	case p.Skip != "":
		return screenpop.PageVerdict{Key: p.Key, Verdict: screenpop.VerdictUnknown, Reason: p.Skip, Cure: p.Cure, Blank: v.Blank}
	case has && v.Verdict != "":
		return v
	case w.o.Look == nil:
		return screenpop.PageVerdict{Key: p.Key, Verdict: screenpop.VerdictUnknown, Reason: "this server asks no pages: its operator has switched that off",
			Cure: "a browser finds out when the page pops", Blank: v.Blank}
	}
	return screenpop.PageVerdict{Key: p.Key, Verdict: screenpop.VerdictUnknown, Reason: "it has not been looked at yet", Cure: "check the pages now", Blank: v.Blank}
}

// Check asks for the pages of popups now, in at most 15 seconds, and returns what
// is known of them then. For one tenant it does so once at a time.
func (w *Watch) Check(ctx context.Context, tenant string, popups []screenpop.Popup) ([]Judged, error) {
	if w.o.Look == nil {
		return nil, screenpop.Errorf(screenpop.CodeInvalid, "page-checks-off",
			"this server asks no pages: its operator has switched that off with --no-page-checks")
	}
	if !w.begin(tenant) {
		return nil, screenpop.Errorf(screenpop.CodeRateLimited, "page-check-busy",
			"the company's pages are being checked already; look again in a few seconds")
	}
	defer w.end(tenant)
	known, err := w.o.Shelf.PageVerdicts(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("check pages: %w", err)
	}
	pages := Pages(popups)
	limited, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	w.round(limited, tenant, pages[:min(len(pages), maxChecked)], known)
	return w.Verdicts(ctx, tenant, popups)
}

func (w *Watch) begin(tenant string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.checking[tenant] {
		return false
	}
	w.checking[tenant] = true
	return true
}

func (w *Watch) end(tenant string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.checking, tenant)
}
