// Package outbound works the outbox off: it sends the web requests that events
// have made, again and again where that helps, and writes what became of each. A
// host that hangs delays nobody but those who write to it, and no pop at all.
//
// Each letter goes out at least once, in every attempt under the same
// Idempotency-Key: a crash between the answer and the note of it sends it again.
package outbound

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/store"
)

// How many attempts may be under way at once.
const (
	perHost   = 8 // of one tenant's letters to one host
	perTenant = 32
	perServer = 128
)

const (
	maxHeld    = 10_000           // letters in memory; the record has the others
	sweepEvery = 30 * time.Second // how often the record is asked for letters whose news was lost
	graceTime  = 3 * time.Second  // at a stop, for what is under way
)

// ReplyTime is how long a web request's answer is waited for before the fallback
// page pops, counted from the event.
const ReplyTime = 800 * time.Millisecond

// Record is the part of the store that outbound works with.
type Record interface {
	PostAll(ctx context.Context, all ...store.Posting) (hints []wire.Hint, errs []error)
	DueLetters(ctx context.Context, by time.Time, limit int) ([]store.Letter, error)
}

// Options are what an Outbound works with. Record is needed.
type Options struct {
	Record  Record
	Publish func(wire.Hint) // nil publishes nothing
	// Leads returns the tab that leads an agent's workspace, as for dispatch.
	Leads func(wire.AgentKey) string
	// Secret returns the value of a tenant's secret and the one host that it may
	// be sent to. One that is not there is CodeNotFound.
	Secret func(ctx context.Context, tenant, name string) (value, host string, err error)
	// Keys returns what a tenant's web requests are signed with, the newest
	// first; none leaves them unsigned.
	Keys func(ctx context.Context, tenant string) ([][]byte, error)
	// Hosts returns the hosts that an answer may lead to beside the web
	// request's own.
	Hosts func(ctx context.Context, tenant string) (func(host string) bool, error)
	// Own reports whether an origin is the server's own, to which no answer may
	// lead.
	Own func(origin string) bool

	Open  []netip.Prefix   // networks that are not public and may be sent to all the same
	Ours  []netip.AddrPort // where the server itself listens; it sends itself nothing
	Names *net.Resolver    // looks names up; nil for the system's way
	// Transport carries the requests; nil for the guarded one that Open, Ours and
	// Names are for.
	Transport http.RoundTripper

	Now func() time.Time
	Log *slog.Logger
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Publish == nil {
		o.Publish = func(wire.Hint) {}
	}
	if o.Leads == nil {
		o.Leads = func(wire.AgentKey) string { return "" }
	}
	if o.Keys == nil {
		o.Keys = func(context.Context, string) ([][]byte, error) { return nil, nil }
	}
	if o.Own == nil {
		o.Own = func(string) bool { return false }
	}
	if o.Transport == nil {
		o.Transport = newTransport(o.Open, o.Ours, o.Names)
	}
}

// Outbound is safe for use by many goroutines. Nothing is sent before Run.
type Outbound struct {
	o      Options
	client *http.Client
	wake   chan struct{} // says that there is something to look at
	steps  chan step     // for the scribe

	mu    sync.Mutex // guards what follows; nothing waits while holding it
	held  map[letterKey]*mail
	lanes map[laneKey]*lane
	later schedule
	busy  map[string]int // attempts under way, by tenant
	total int
	more  bool // the record has letters for which there was no room
	work  sync.WaitGroup
}

type letterKey struct{ tenant, pop string }

// mail is a letter in memory.
type mail struct {
	store.Letter
	answered bool // it needs no fallback any more: its answer has come, or that has popped
	fell     bool // the fallback has popped
	timer    *time.Timer
}

func (m *mail) key() letterKey { return letterKey{m.Tenant, m.PopID} }

// New returns an Outbound.
func New(o Options) *Outbound {
	o.defaults()
	return &Outbound{o: o, client: newClient(o.Transport), wake: make(chan struct{}, 1), steps: make(chan step),
		held: map[letterKey]*mail{}, lanes: map[laneKey]*lane{}, busy: map[string]int{}}
}

// Take takes letters that stand in the record now. It never waits; one that is
// lost on the way is found in the record later.
func (b *Outbound) Take(letters ...store.Letter) {
	b.mu.Lock()
	for _, l := range letters {
		b.hold(l)
	}
	b.mu.Unlock()
	b.look()
}

// look has the letters looked at soon.
func (b *Outbound) look() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// hold keeps a letter in memory, unless it is there or there is no room.
func (b *Outbound) hold(l store.Letter) {
	m := &mail{Letter: l}
	switch {
	case b.held[m.key()] != nil:
		return
	case len(b.held) >= maxHeld:
		b.more = true
		return
	}
	m.answered = !l.Until.Equal(l.Letter.Until) // it was sent again by hand: nobody waits for its answer
	b.held[m.key()] = m
	b.queue(m)
}

// queue puts a letter where it waits for its time, or for its turn.
func (b *Outbound) queue(m *mail) {
	if m.State == store.LetterQueued && m.Due.After(b.o.Now()) {
		b.later.add(m)
		return
	}
	b.laneOf(m).ready = append(b.laneOf(m).ready, m)
}

// Run sends until ctx ends. Then it starts nothing more, and gives what is under
// way a little time.
func (b *Outbound) Run(ctx context.Context) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	go b.scribe(life)
	sweep := time.NewTimer(0)
	defer sweep.Stop()
	for {
		next := time.NewTimer(b.pump(life))
		select {
		case <-ctx.Done():
			next.Stop()
			b.stop(end)
			return
		case <-sweep.C:
			b.sweep(ctx)
			sweep.Reset(sweepEvery)
		case <-b.wake:
		case <-next.C:
		}
		next.Stop()
		if b.hasRoom() {
			b.sweep(ctx)
		}
	}
}

// hasRoom reports whether letters that the record alone has may come in.
func (b *Outbound) hasRoom() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.more && len(b.held) < maxHeld/2
}

// stop waits for what is under way, and cuts it off after a while: the record
// still has it, and it is sent again after the next start.
func (b *Outbound) stop(end func()) {
	b.mu.Lock()
	for _, m := range b.held {
		m.disarm()
	}
	b.mu.Unlock()
	cut := time.AfterFunc(graceTime, end)
	defer cut.Stop()
	b.work.Wait()
	b.client.CloseIdleConnections()
}

// sweep asks the record for letters whose news was lost, as those from before a
// crash.
func (b *Outbound) sweep(ctx context.Context) {
	found, err := b.o.Record.DueLetters(ctx, b.o.Now().Add(sweepEvery), maxHeld)
	if err != nil && ctx.Err() == nil {
		b.o.Log.Error("look for web requests that wait", "err", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.more = false
	for _, l := range found {
		b.hold(l)
	}
}

// pause is how long the next attempt waits after so many: twice as long each
// time, up to an hour, and not all at once.
func pause(attempts int) time.Duration {
	d := time.Hour
	if attempts < 13 {
		d = min(d, time.Second<<max(attempts-1, 0))
	}
	return d/2 + rand.N(d/2)
}
