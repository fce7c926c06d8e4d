package demo

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// request is one call, chat, e-mail or social message of the telephone system.
type request struct {
	ID      string
	Channel screenpop.Channel
	Agent   string // the alias events name
	Queue   string
	Caller  contact // of somebody typed in only Phone, Email or Handle is set
	Subject string
	State   screenpop.State
	Since   time.Time
	Pops    int // what the API said of them, in all
}

// choice is what the form for a new request was last set to.
type choice struct {
	Channel screenpop.Channel
	Caller  string // a contact's id
	Typed   string
	Agent   string
	Queue   string
}

// The bounds of the telephone system.
const (
	maxRequests = 100 // kept on the page; the oldest closed ones go first
	maxAlone    = 200 // begun by itself, then it stops
	maxAnswers  = 8
	maxTyped    = 200
)

// phone is the demo telephone system.
type phone struct {
	o        Options
	crmURL   string
	run      string // distinguishes the ids of this run from those of an earlier one
	reporter *reporter
	quit     context.CancelFunc // ends what runs by itself
	ctx      context.Context    // lives as long as the phone
	alone    sync.WaitGroup

	sending sync.Mutex // held while an event is on its way, so that events arrive in order

	mu       sync.Mutex // guards what follows
	key      string
	n        int // events and requests so far
	begun    int // requests begun by itself
	running  context.CancelFunc
	requests []request
	answers  []answer
	choice   choice
}

func newPhone(o Options, crmURL string) *phone {
	p := &phone{o: o, crmURL: crmURL, key: o.Key, reporter: newReporter(o.APIBase),
		run:    strconv.FormatInt(o.Now().UnixMilli(), 36),
		choice: choice{Channel: screenpop.Voice, Caller: contacts[0].ID, Agent: agents[0].Alias, Queue: queues[0].Key}}
	p.ctx, p.quit = context.WithCancel(context.Background())
	return p
}

func (p *phone) useKey(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key = key
}

func (p *phone) stop() {
	p.quit()
	p.alone.Wait()
}

// subjects are what invented people write about.
var subjects = []string{"Invoice 881 is wrong", "When does order 88-4415 arrive?", "Return of the skis",
	"Tent pole broken", "New price list, please", "Change of address"}

// begin starts a request as c says and returns its id with the API's answer.
func (p *phone) begin(ctx context.Context, c choice) (string, answer, error) {
	r, err := p.newRequest(c)
	if err != nil {
		return "", answer{}, err
	}
	return r.ID, p.report(ctx, r, start(r.Channel)), nil
}

func (p *phone) newRequest(c choice) (request, error) {
	if !c.Channel.Valid() {
		return request{}, fmt.Errorf("channel %q is none of %s", c.Channel, screenpop.JoinWords(screenpop.Channels))
	}
	if c.Agent == "" {
		return request{}, fmt.Errorf("choose an agent")
	}
	caller, err := callerOf(c)
	if err != nil {
		return request{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.choice = c
	return request{
		ID: fmt.Sprintf("%s-%s-%d", c.Channel, p.run, p.n), Channel: c.Channel, Agent: c.Agent, Queue: c.Queue,
		Caller: caller, Subject: subjects[p.n%len(subjects)], Since: p.o.Now(),
	}, nil
}

// callerOf returns the contact that the form names. A typed number or address
// wins over the list.
func callerOf(c choice) (contact, error) {
	typed := strings.TrimSpace(c.Typed)
	if len(typed) > maxTyped {
		return contact{}, fmt.Errorf("the caller is %d bytes long, at most %d", len(typed), maxTyped)
	}
	if typed != "" {
		if found := contactsBy(typed); len(found) == 1 {
			return found[0], nil
		}
		return contact{Phone: typed, Email: typed, Handle: typed}, nil
	}
	found := contactsBy(c.Caller)
	if len(found) == 0 {
		return contact{}, fmt.Errorf("no contact %q; choose one from the list or type a number", c.Caller)
	}
	return found[0], nil
}

// act reports what an agent or a caller did with a request.
func (p *phone) act(ctx context.Context, id, name string) (answer, error) {
	r, ok := p.request(id)
	if !ok {
		return answer{}, fmt.Errorf("no request %q any more; begin a new one", id)
	}
	a, ok := actNamed(r, name)
	if !ok {
		return answer{}, fmt.Errorf("%q cannot happen to a request that is %s", name, r.State)
	}
	return p.report(ctx, r, a), nil
}

// report sends act a of request r and, if it was accepted, remembers it.
func (p *phone) report(ctx context.Context, r request, a act) answer {
	p.sending.Lock()
	defer p.sending.Unlock()
	to := r.Agent
	if a.Pass {
		to = colleague(r.Agent).Alias
	}
	p.mu.Lock()
	p.n++
	id, key := fmt.Sprintf("evt-%s-%d", p.run, p.n), p.key
	p.mu.Unlock()
	ans := p.reporter.send(ctx, key, p.event(id, r, a.Type, to), p.o.Now())

	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = append([]answer{ans}, p.answers...)
	p.answers = p.answers[:min(len(p.answers), maxAnswers)]
	if !ans.OK {
		return ans
	}
	if a.Type == screenpop.Accepted || a.Type == screenpop.Assigned {
		r.Agent = to
	}
	if s := screenpop.StateOf(a.Type); s.Rank() > r.State.Rank() {
		r.State, r.Since = s, p.o.Now()
	}
	p.keep(r)
	return ans
}

// keep puts r in the list, newest first, and drops what is too much. It needs mu.
func (p *phone) keep(r request) {
	if i := slices.IndexFunc(p.requests, func(o request) bool { return o.ID == r.ID }); i >= 0 {
		p.requests[i] = r
		return
	}
	p.requests = append([]request{r}, p.requests...)
	for len(p.requests) > maxRequests {
		oldest := len(p.requests) - 1
		for i, o := range p.requests {
			if o.State == screenpop.StateClosed {
				oldest = i
			}
		}
		p.requests = slices.Delete(p.requests, oldest, oldest+1)
	}
}

func (p *phone) request(id string) (request, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.requests, func(r request) bool { return r.ID == id })
	if i < 0 {
		return request{}, false
	}
	return p.requests[i], true
}

// event writes what the API is told. Everything known goes along with every
// event, as many platforms do.
func (p *phone) event(id string, r request, t screenpop.Trigger, agent string) screenpop.Event {
	q := screenpop.RequestReport{ID: r.ID, Channel: r.Channel, Direction: screenpop.In, Agent: agent,
		QueueKey: r.Queue, Name: r.Caller.Name, ANI: r.Address(), CustomerKey: r.Caller.ID}
	switch r.Channel {
	case screenpop.Voice:
		q.DNIS = "+4721898989"
	case screenpop.Email:
		q.Subject = r.Subject
		q.URL = p.crmURL + "/mail?" + url.Values{"from": {r.Caller.Email}, "subject": {r.Subject}}.Encode()
	}
	if r.Caller.ID != "" {
		q.Variables = map[string]string{"customer_number": r.Caller.ID, "segment": r.Caller.Segment}
	}
	return screenpop.Event{ID: id, Type: t, Time: p.o.Now().UTC(), Request: q}
}

// Address returns how the caller reached the company: a number, an e-mail
// address or a name on a social medium.
func (r request) Address() string {
	switch r.Channel {
	case screenpop.Voice:
		return r.Caller.Phone
	case screenpop.Social:
		return r.Caller.Handle
	}
	return r.Caller.Email
}

// Acts returns what may happen to the request now.
func (r request) Acts() []act { return next(r) }

// Who returns the caller's name, or the address of somebody unknown.
func (r request) Who() string {
	if r.Caller.Name != "" {
		return r.Caller.Name
	}
	return r.Address()
}

// Ring has the telephone system ring an agent, named by any alias, with a call
// of one of the demo's contacts. The error says what the API answered if it did
// not accept the event.
func (d *Demo) Ring(ctx context.Context, agent string) error {
	d.phone.mu.Lock()
	caller := contacts[d.phone.n%len(contacts)]
	d.phone.mu.Unlock()
	_, ans, err := d.phone.begin(ctx, choice{Channel: screenpop.Voice, Caller: caller.ID, Agent: agent, Queue: "sales"})
	if err != nil {
		return err
	}
	if !ans.OK {
		return fmt.Errorf("ring %s: %s", agent, ans.Status)
	}
	return nil
}
