package admin

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// testState is what the console has filled in; a link holds one.
type testState struct {
	Level     string                  `json:"level,omitempty"`
	ID        string                  `json:"id,omitempty"`
	Revision  int64                   `json:"revision,omitempty"`
	Document  *string                 `json:"document,omitempty"`
	AgentID   string                  `json:"agent_id,omitempty"`
	Channel   screenpop.Channel       `json:"channel,omitempty"`
	Trigger   screenpop.Trigger       `json:"trigger,omitempty"`
	Request   screenpop.RequestReport `json:"request"`
	RequestID string                  `json:"request_id,omitempty"`
	EventID   string                  `json:"event_id,omitempty"`
}

// testLink is what a deep link leads to.
type testLink struct {
	State     testState `json:"state"`
	Author    string    `json:"author"`
	At        time.Time `json:"at"`
	PopsUntil time.Time `json:"pops_until"`
	Popped    bool      `json:"popped"`
}

// explained is what each popup makes of an event.
type explained struct {
	Popups []screenpop.Explanation `json:"popups"`
	Pages  []*pageWord             `json:"pages"` // of each popup, nil where it opens none
	Diff   *struct {
		Did   []pastPop `json:"did"`
		Would []pastPop `json:"would"`
	} `json:"diff"`
}

// pastPop is a pop that was, or would be.
type pastPop struct {
	PopupID string             `json:"popup_id"`
	Title   string             `json:"title"`
	Result  string             `json:"result"`
	State   screenpop.PopState `json:"state"`
	Detail  string             `json:"detail"`
}

// console tries a configuration on an event, made up or past. Nothing happens by
// opening it: what a link has filled in is sent when a button is pressed.
type console struct {
	goapp.Compo
	Office *Office
	At     place

	opened place
	known  bool
	people people
	state  testState
	link   *testLink
	draft  bool // try what is not published
	out    *explained
	fault  string
	busy   bool
	asking asking // of another agent
}

// OnMount fills in what the address says.
func (c *console) OnMount(ctx goapp.Context) { c.open(ctx) }

// OnUpdate fills in what another address says.
func (c *console) OnUpdate(ctx goapp.Context) { c.open(ctx) }

func (c *console) open(ctx goapp.Context) {
	if c.known && c.opened == c.At {
		return
	}
	c.opened, c.known, c.out, c.fault, c.link, c.draft = c.At, true, nil, "", nil, false
	c.asking = asking{}
	loadPeople(c.Office, ctx, func(p people) { c.people = p })
	c.state = testState{Level: orElse(c.At.filter("level"), levelTenant), ID: orElse(c.At.filter("id"), c.Office.tenant()),
		Channel: screenpop.Voice, Trigger: screenpop.Ringing,
		RequestID: c.At.filter("request"), EventID: c.At.filter("event"), AgentID: c.At.filter("agent")}
	c.state.Request.ANI = "+4722334455"
	if c.state.EventID != "" {
		c.state.Channel, c.state.Trigger, c.state.Request = "", "", screenpop.RequestReport{}
	}
	c.draft = c.Office.draftOf(c.state.Level, c.state.ID).changed()
	if c.At.ID != "" {
		c.follow(ctx, c.At.ID)
	}
}

// follow shows what a deep link leads to.
func (c *console) follow(ctx goapp.Context, token string) {
	c.known = true
	get(c.Office, ctx, below("/tests/links", token), func(_ goapp.Context, l testLink, err error) {
		switch {
		case c.At.ID != token:
		case err != nil:
			c.fault = err.Error()
		default:
			c.link, c.state = &l, l.State
		}
	})
}

const (
	testWhose     = "test-whose"
	testAgent     = "test-agent"
	testChannel   = "test-channel"
	testTrigger   = "test-trigger"
	testANI       = "test-anum"
	testDNIS      = "test-dnis"
	testQueue     = "test-queue"
	testName      = "test-name"
	testSubject   = "test-subject"
	testURL       = "test-url"
	testVariables = "test-variables"
	testDraft     = "test-draft"
)

// turn looks at another level's document. What is not published of it is tried,
// if there is something.
func (c *console) turn(whose string) {
	c.state.Level, c.state.ID, _ = strings.Cut(whose, "/")
	c.draft = c.Office.draftOf(c.state.Level, c.state.ID).changed()
}

// read takes the form as it stands.
func (c *console) read() {
	s := &c.state
	s.Level, s.ID, _ = strings.Cut(typed(testWhose), "/")
	if s.EventID == "" {
		s.Channel, s.Trigger = screenpop.Channel(typed(testChannel)), screenpop.Trigger(typed(testTrigger))
		s.Request = screenpop.RequestReport{ANI: typed(testANI), DNIS: typed(testDNIS), QueueKey: typed(testQueue),
			Name: typed(testName), Subject: typed(testSubject), URL: typed(testURL), Variables: readVariables(typed(testVariables))}
	}
	if c.link == nil {
		s.Document = nil
		if d := c.Office.draftOf(s.Level, s.ID); c.draft && d.changed() {
			text := d.text
			s.Document = &text
		}
	}
}

// readVariables reads "name=value" lines.
func readVariables(text string) map[string]string {
	all := map[string]string{}
	for _, line := range words(text, "\n") {
		name, value, _ := strings.Cut(line, "=")
		all[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func writeVariables(all map[string]string) string {
	var lines []string
	for _, name := range sortedKeys(all) {
		lines = append(lines, name+"="+all[name])
	}
	return strings.Join(lines, "\n")
}

// try has the server explain. Nothing is sent to anybody.
func (c *console) try(ctx goapp.Context) {
	c.read()
	c.busy = true
	c.forget()
	later(c.Office, ctx, jsonCall("POST", "/tests", c.state), func(_ goapp.Context, v explained, err error) {
		c.busy, c.out, c.fault = false, &v, ""
		if err != nil {
			c.out, c.fault = nil, err.Error()
		}
	})
}

// copyLink copies a link that leads another admin to the same state.
func (c *console) copyLink(ctx goapp.Context) {
	c.read()
	later(c.Office, ctx, jsonCall("POST", "/tests/links", map[string]any{"state": c.state}), func(_ goapp.Context, v struct {
		URL string `json:"url"`
	}, err error) {
		if err != nil {
			c.fault = err.Error()
			return
		}
		c.Office.copy("the link; opening it does nothing, and it may pop for 10 minutes", browser.Address()+v.URL)
	})
}

// pop pops the test in the own workspace.
func (c *console) pop(ctx goapp.Context) {
	in := c.order()
	c.busy = true
	c.forget()
	later(c.Office, ctx, jsonCall("POST", "/tests/pop", in), func(ctx goapp.Context, v struct {
		RequestID string `json:"request_id"`
		Pops      int    `json:"pops"`
	}, err error) {
		c.busy, c.fault = false, ""
		if err != nil {
			c.fault = err.Error()
			return
		}
		if c.link != nil {
			c.link.Popped = true
		}
		c.Office.toast(fmt.Sprintf("Sent to your workspace as a test: %s. Open the workspace to see it.", plural(v.Pops, "pop", "pops")), false)
	})
}

// alike reports whether two states read the same.
func alike(a, b testState) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// Render draws the form at the left and what comes of it at the right.
func (c *console) Render() goapp.UI {
	return goapp.Div().Body(
		goapp.Header().Class("page-head").Body(goapp.Div().Class("page-title").Body(
			goapp.H1().Text("Test console"),
			goapp.P().Class("dim").Text(c.says()))),
		goapp.Div().Class("console").Body(
			&consoleForm{Console: c, State: c.state, People: c.people, Of: c.formKey(), Link: c.link != nil, Popped: c.link != nil && c.link.Popped, Busy: c.busy, Fault: c.fault, Asking: c.asking},
			goapp.Section().Class("console-out").Aria("label", "Result").Aria("live", "polite").Body(c.renderOut()...),
		),
	)
}

// formKey tells the forms of different addresses apart.
func (c *console) formKey() string {
	return fmt.Sprint(c.At, c.link != nil)
}

func (c *console) says() string {
	switch {
	case c.link != nil && c.link.Popped:
		return "From a link by " + c.link.Author + ". It has popped once, which is all it may."
	case c.link != nil:
		return "From a link by " + c.link.Author + ". Nothing has happened by opening it."
	case c.state.EventID != "":
		return "A past event, tried on what holds now. Nothing is sent."
	}
	return "See what each popup would make of an event. Nothing is sent until you say so."
}

func (c *console) renderOut() []goapp.UI {
	if c.out == nil {
		return []goapp.UI{goapp.P().Class("dim").Text("Press Try to see which popups match, and what they would open.")}
	}
	var parts []goapp.UI
	if d := c.out.Diff; d != nil {
		parts = append(parts, goapp.Div().Class("differs").Body(
			goapp.H2().Text("What did pop"), renderPast(d.Did), goapp.H2().Text("What would pop"), renderPast(d.Would)))
	}
	if len(c.out.Popups) == 0 {
		parts = append(parts, goapp.P().Text("No popup is configured here."))
	}
	for _, matched := range []bool{true, false} { // those that pop first
		for i, e := range c.out.Popups {
			if e.Matched == matched {
				parts = append(parts, renderExplanation(e, c.out.page(i)))
			}
		}
	}
	return parts
}

func renderPast(all []pastPop) goapp.UI {
	if len(all) == 0 {
		return goapp.P().Class("dim").Text("Nothing.")
	}
	items := make([]goapp.UI, len(all))
	for i, p := range all {
		items[i] = goapp.Li().Body(
			goapp.Span().Class("outcome", "outcome-"+popOutcome(p.State)).Text(string(p.State)),
			goapp.Text(" "+orElse(p.Title, p.PopupID)+" "), goapp.Code().Class("dim").Text(p.Result))
	}
	return goapp.Ul().Body(items...)
}

// renderExplanation tells what a popup makes of the event, and why.
func renderExplanation(e screenpop.Explanation, page *pageWord) goapp.UI {
	body := []goapp.UI{
		goapp.H2().Body(
			goapp.Span().Class("outcome", ui.Pick(e.Matched, "outcome-done", "")).Text(ui.Pick(e.Matched, "matches", "does not match")),
			goapp.Span().Text(orElse(e.Title, e.Popup)),
			goapp.Span().Class("dim").Text(fmt.Sprintf("%s, line %d", e.Popup, e.Line))),
		goapp.P().Class("explained-why").Text(joined(" ", sentence(e.Why), ui.Pick(e.State == screenpop.PopSkipped, "It would be skipped: "+sentence(e.Detail), ""))),
	}
	if e.Matched {
		body = append(body, renderUses(e.Variables))
		for _, x := range e.Expansions {
			body = append(body, renderExpansion(x)...)
		}
		body = append(body, renderDry(e.Request)...)
		body = append(body, page.render()...)
	}
	return goapp.Article().Class("explained").Body(body...)
}

// renderDry shows a web request as it would be sent; nothing of it is.
func renderDry(d *screenpop.DryLetter) []goapp.UI {
	if d == nil {
		return nil
	}
	lines := []string{d.Method + " " + d.URL}
	for _, h := range d.Headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	if d.Body != "" {
		lines = append(lines, "", d.Body)
	}
	says := "The web request as it would be sent"
	if len(d.Secrets) > 0 {
		says += "; the server puts the values of secrets in their place"
	}
	return []goapp.UI{goapp.P().Class("form-hint").Text(says + ":"),
		goapp.Pre().Class("expansion", "dry").Aria("label", "The web request").Text(strings.Join(lines, "\n"))}
}

func renderUses(uses []screenpop.VariableUse) goapp.UI {
	if len(uses) == 0 {
		return goapp.Div()
	}
	rows := make([]goapp.UI, len(uses))
	for i, u := range uses {
		rows[i] = goapp.Tr().Body(goapp.Td().Body(goapp.Code().Text(u.String())), goapp.Td().Text(u.Value), goapp.Td().Class("dim").Text("from "+string(u.Source)))
	}
	return goapp.Table().Body(goapp.TBody().Body(rows...))
}

func renderExpansion(x screenpop.Expansion) []goapp.UI {
	parts := make([]goapp.UI, len(x.Parts))
	for i, p := range x.Parts {
		if p.Variable == "" {
			parts[i] = goapp.Span().Text(p.Text)
			continue
		}
		parts[i] = goapp.Mark().Title("The value of {" + p.Variable + "}, escaped").Text(p.Text)
	}
	if x.Stopped != "" {
		parts = []goapp.UI{goapp.Span().Class("step-fault").Text(sentence(x.Stopped))}
	}
	return []goapp.UI{
		goapp.P().Class("form-hint").Body(goapp.Text(expansionWords(x.Of)+": "), goapp.Code().Text(x.Template)),
		goapp.Code().Class("expansion").Body(parts...),
	}
}

// expansionWords names a template of a popup. What the program on the PC gets is
// the PC's own to say; this is what it gets without a word of its mapping.
func expansionWords(of string) string {
	if of == "argument" {
		return "the program's one argument, unless the PC's mapping says otherwise"
	}
	return of
}
