package screenpop

import "strings"

// Pop returns what the popup makes of an event: a pending pop with its URL, text
// and title expanded, or a skipped one whose detail says what stopped it. It
// depends on nothing but popup and scope.
func (p *Popup) Pop(s Scope) Pop {
	ttl := p.ttl(s.Request.Channel)
	if p.Kind == KindWebRequest || p.Via == ViaServer {
		ttl = p.tries(s)
	}
	pop := Pop{
		ID:        PopID(s.Tenant, s.Source, s.Event.ID, p.Key(), s.Agent.ID),
		RequestID: s.Request.ID,
		EventID:   s.Event.ID,
		PopupID:   p.Key(),
		Kind:      p.Kind,
		Trigger:   s.Event.Type,
		Target:    p.Target,
		Visible:   p.Visible,
		Focus:     p.Focus,
		Frame:     p.Frame,
		Sandbox:   p.Sandbox,
		Allow:     p.Allow,
		Probe:     p.Probe,
		Via:       p.Via,
		Command:   p.Name,
		State:     PopPending,
		CreatedAt: s.Now,
		ExpiresAt: s.Now.Add(ttl),
		TTLms:     ttl.Milliseconds(),
	}
	if err := p.expand(&pop, s); err != nil {
		pop.State, pop.Detail = PopSkipped, err.Error()
	}
	return pop
}

// Once returns the key under which the popup pops once per request and agent:
// its own, or with again="yes" one of its own for every event.
func (p *Popup) Once(s Scope) string {
	if p.Again {
		return p.Key() + "@" + s.Event.ID
	}
	return p.Key()
}

// expand fills in what depends on values. The title is there also if the rest is
// stopped.
func (p *Popup) expand(pop *Pop, s Scope) error {
	v, origin := s.values(), ""
	var stopped error
	switch p.Kind {
	case KindURL:
		res, err := p.URL.Expand(v)
		origin, stopped = res.Origin, err
		if err != nil {
			origin = p.URL.Origin()
			break
		}
		pop.URL, pop.Shortened, pop.FrameKey = res.Text, res.Shortened, p.URL.FrameKey()
		if pop.FrameKey == "" { // {url} alone: the path is each time another
			pop.FrameKey = res.Origin + "/{url}"
		}
	case KindClipboard:
		res, err := p.Text.Expand(v)
		pop.Text, pop.Shortened, stopped = res.Text, res.Shortened, err
	case KindWebRequest:
		origin = p.Href.Origin()
		_, stopped = p.Letter(s)
	case KindCommand:
		pop.Vars, pop.Shortened, stopped = p.vars(v)
	}
	if p.Title != nil {
		res, err := p.Title.Expand(v)
		if pop.Title = res.Text; stopped == nil {
			stopped = err
		}
	}
	if pop.Title == "" {
		pop.Title = p.plainTitle(origin)
	}
	if stopped != nil {
		pop.URL, pop.Text, pop.FrameKey, pop.Vars = "", "", "", nil
	}
	return stopped
}

// plainTitle is the title of a pop whose popup has none, or an empty one.
func (p *Popup) plainTitle(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	switch {
	case p.Kind == KindClipboard:
		return "Clipboard"
	case p.Kind == KindCommand:
		return "Command " + p.Name
	case p.Kind == KindWebRequest:
		return "Web request to " + host
	case host == "":
		return "Page"
	}
	return host
}
