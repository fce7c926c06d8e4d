package outbound

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/server/store"
)

const (
	maxPages = 10  // that one answer may ask for
	maxTitle = 200 // of a page, in bytes
)

// Page is what an answer asks to open.
type Page struct{ URL, Origin, Title, Target string }

// ReadReply reads an answer: {"action":"open","url":…,"title":…,"target":…} or an
// array of at most ten; nothing at all and [] ask for nothing. hosts says where it
// may lead. left says why pages of it were left out; an answer that is no use at
// all is an error that says why.
func ReadReply(body []byte, hosts func(host string) bool) (pages []Page, left []string, err error) {
	orders, err := readOrders(body)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range orders {
		page, err := o.page(hosts)
		if err != nil {
			left = append(left, err.Error())
			continue
		}
		pages = append(pages, page)
	}
	if len(pages) == 0 && len(left) > 0 {
		return nil, nil, fmt.Errorf("%s", left[0])
	}
	return pages, left, nil
}

// order is one thing that an answer asks for.
type order struct {
	Action string `json:"action"`
	URL    string `json:"url"`
	Title  string `json:"title"`
	Target string `json:"target"`
}

func readOrders(body []byte) (all []order, err error) {
	text := strings.TrimSpace(string(body))
	switch {
	case text == "":
		return nil, nil
	case !utf8.ValidString(text):
		return nil, fmt.Errorf("the answer is not UTF-8")
	case strings.HasPrefix(text, "["):
		err = json.Unmarshal([]byte(text), &all)
	default:
		all = make([]order, 1)
		err = json.Unmarshal([]byte(text), &all[0])
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer is not the JSON that belongs there")
	case len(all) > maxPages:
		return nil, fmt.Errorf("the answer asks for %d pages; at most %d are taken", len(all), maxPages)
	}
	return all, nil
}

// page checks an order as the address of an event is checked.
func (o order) page(hosts func(string) bool) (Page, error) {
	switch {
	case o.Action != "open":
		return Page{}, fmt.Errorf("the answer asks for the action %q; there is only open", clip(o.Action))
	case o.Target != "" && !screenpop.ValidTarget(o.Target):
		return Page{}, fmt.Errorf("the answer names the target %q", clip(o.Target))
	}
	res, err := urltemplate.Whole("the address in the answer", o.URL, hosts)
	if err != nil {
		return Page{}, err
	}
	title := strings.TrimSpace(urltemplate.Text.Escape(o.Title))
	for len(title) > maxTitle {
		_, n := utf8.DecodeLastRuneInString(title)
		title = title[:len(title)-n]
	}
	return Page{URL: res.Text, Origin: res.Origin, Title: title, Target: o.Target}, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// reply returns the pops that the answer to a letter asks for, and says so.
func (b *Outbound) reply(ctx context.Context, m *mail, a answer) (pops []store.PlannedPop, words string) {
	if m.Letter.Letter.Reply == "" {
		return nil, ""
	}
	if b.late(m) {
		if m.fell {
			return nil, "its answer came late, the fallback has popped"
		}
		return nil, "its answer came late and opens nothing"
	}
	hosts, err := b.hosts(ctx, m)
	var pages []Page
	var left []string
	switch {
	case err != nil:
	case a.err != nil || a.more:
		err = fmt.Errorf("the answer did not come whole, or is larger than %s", bytesOf(maxBody, false))
	default:
		pages, left, err = ReadReply(a.body, hosts)
	}
	if err != nil {
		if pops = b.instead(m, err.Error()); len(pops) > 0 {
			return pops, err.Error() + "; the fallback pops"
		}
		return nil, err.Error() + "; nothing opens"
	}
	b.settle(m)
	words = map[bool]string{true: "nothing to open", false: fmt.Sprintf("%d pages to choose from", len(pages))}[len(pages) == 0]
	if len(pages) == 1 {
		words = "opens a page"
	}
	if len(left) > 0 {
		words += fmt.Sprintf("; %d left out: %s", len(left), left[0])
	}
	for i, p := range pages {
		pops = append(pops, b.planned(m, popOf(m, p, i, len(pages))))
	}
	return pops, words
}

// late reports whether the answer is no longer waited for.
func (b *Outbound) late(m *mail) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return m.answered || !b.o.Now().Before(m.CreatedAt.Add(ReplyTime)) && m.Letter.Letter.Fallback == nil
}

// settle notes that the answer has come.
func (b *Outbound) settle(m *mail) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.answered = true
	m.disarm()
}

// hosts returns where the answer to a letter may lead: to the hosts of the
// company's list and to the one that answers, and never to this server.
func (b *Outbound) hosts(ctx context.Context, m *mail) (func(host string) bool, error) {
	listed := func(string) bool { return false }
	if b.o.Hosts != nil {
		f, err := b.o.Hosts(ctx, m.Tenant)
		if err != nil {
			return nil, errInside{"the list of hosts could not be read", err}
		}
		listed = f
	}
	return func(host string) bool {
		own := b.o.Own("https://"+host) || b.o.Own("http://"+host)
		return !own && (host == m.Host || listed(host))
	}, nil
}

// popOf makes the pop of a page. One page pops like the popup's own; of several
// the agent chooses.
func popOf(m *mail, p Page, i, of int) screenpop.Pop {
	l := &m.Letter.Letter
	pop := screenpop.Pop{
		ID:      screenpop.PopID(m.PopID, "reply", fmt.Sprint(i), "", ""),
		EventID: l.EventID, PopupID: l.PopupID, Kind: screenpop.KindURL, Trigger: l.Trigger, From: m.PopID,
		Title: p.Title, URL: p.URL, FrameKey: p.Origin + "/{url}", Target: p.Target, Visible: true,
		Focus: screenpop.FocusNever, Frame: screenpop.FrameAuto, Probe: true,
		State: screenpop.PopPending, CreatedAt: m.CreatedAt, ExpiresAt: l.Opens,
	}
	if f := l.Fallback; f != nil {
		pop.Focus, pop.Frame, pop.Sandbox, pop.Allow, pop.Probe = f.Focus, f.Frame, f.Sandbox, f.Allow, f.Probe
	}
	switch {
	case pop.Target == "" && l.Fallback != nil:
		pop.Target = l.Fallback.Target
	case pop.Target == "":
		pop.Target = screenpop.TargetRequest
	}
	if pop.Title == "" {
		_, pop.Title, _ = strings.Cut(p.Origin, "://")
	}
	if of > 1 {
		pop.State, pop.Detail = screenpop.PopWaiting, fmt.Sprintf("one of %d that %s found", of, m.Host)
	}
	return pop
}
