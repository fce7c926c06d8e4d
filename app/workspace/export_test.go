package workspace

import (
	"fmt"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

// Board is a board whose acts are told in words and whose screen is drawn in
// letters, for tests.
type Board struct {
	b    *board
	Now  time.Time
	Idle time.Duration
}

// Start is when tests begin.
var Start = time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)

// NewBoard returns a board for the browser tab "here". opened are pops whose
// receipts wait from before a reload; past is a stored selection.
func NewBoard(past string, opened ...string) *Board {
	done := map[string]bool{}
	for _, id := range opened {
		done[id] = true
	}
	return &Board{b: newBoard("here", done, readSelection(past)), Now: Start}
}

func (b *Board) at() moment { return moment{now: b.Now, idle: b.Idle} }

func (b *Board) Apply(f wire.Frame) []string           { return told(b.b.apply(f, b.at())) }
func (b *Board) Lead(on bool) []string                 { return told(b.b.lead(on, b.at())) }
func (b *Board) Happened(e browser.PageEvent) []string { return told(b.b.happened(e, b.at())) }
func (b *Board) Opened(id string, ok, byHand bool) []string {
	return told(b.b.opened(id, ok, byHand, b.at()))
}
func (b *Board) Copied(id string, c browser.Copied, byHand bool) []string {
	return told(b.b.copied(id, c, byHand, b.at()))
}
func (b *Board) CopyLater() []string { return told(b.b.copyLater(b.at())) }
func (b *Board) Pinged(id, why string) []string {
	return told(b.b.pinged(id, why, 200*time.Millisecond, b.at()))
}
func (b *Board) Present(id string) []string     { return told(b.b.present(id)) }
func (b *Board) Retry(id string) []string       { return told(b.b.retry(id)) }
func (b *Board) OpenInTab(id string) []string   { return told(b.b.openInTab(id)) }
func (b *Board) Blank(id string) []string       { return told(b.b.blank(id, b.at())) }
func (b *Board) Reload(id string) []string      { return told(b.b.reload(id)) }
func (b *Board) Tick() []string                 { return told(b.b.tick(b.at())) }
func (b *Board) ShowRequest(id string) []string { return told(b.b.showRequest(id)) }
func (b *Board) ShowView(id string) []string    { return told(b.b.showView(id)) }
func (b *Board) MayAskNotices(on bool)          { b.b.mayAskNotices = on }
func (b *Board) AtWork() bool                   { return b.b.atWork() }
func (b *Board) Selection() string              { return b.b.selection().String() }
func (b *Board) Timer(id string) (since, until time.Time) {
	return b.b.timer(b.b.tab(id).request)
}

// Step shows the view by steps to the right.
func (b *Board) Step(by int) []string {
	id, ok := b.b.step(by)
	if !ok {
		return nil
	}
	return b.ShowView(id)
}

// Screen draws the board: tabs, views, what is on the stage, the card.
// The selected tab and view stand in brackets, *n is a badge.
func (b *Board) Screen() string {
	var s strings.Builder
	for _, t := range b.b.tabGlances() {
		fmt.Fprintf(&s, "%s ", bracket(t.Selected, t.ID+stars(t.Badge)))
	}
	s.WriteString("|")
	for _, v := range b.b.viewGlances() {
		name := v.Title
		if v.Mark != "" {
			name += ":" + v.Mark
		}
		if v.Unseen {
			name += "*"
		}
		fmt.Fprintf(&s, " %s", bracket(v.Selected, name))
	}
	if id, covered := b.b.onStage(); id != "" {
		fmt.Fprintf(&s, " | stage %s", id)
		if covered {
			s.WriteString(" covered")
		}
	}
	if c := b.b.pageGlance().Card; c.Kind != "" && c.Kind != "loading" {
		fmt.Fprintf(&s, " | card %s", c.Kind)
	}
	return s.String()
}

// Lines returns the timeline of the request that is seen.
func (b *Board) Lines() []string {
	var all []string
	for _, l := range b.b.requestGlance().Lines {
		all = append(all, l.Text)
	}
	return all
}

// Card returns the card of the selected page in words.
func (b *Board) Card() string {
	c := b.b.pageGlance().Card
	parts := []string{c.Says}
	for _, a := range c.Acts {
		parts = append(parts, "["+a.Label+"]")
	}
	return strings.Join(parts, " ")
}

// EnterOpens returns the page that Enter opens, "" for none.
func (b *Board) EnterOpens() string {
	id, _ := b.b.nextWaiting()
	return id
}

// Offers returns the pops that the Request view offers to open.
func (b *Board) Offers() []string {
	var all []string
	for _, c := range b.b.requestGlance().Offers {
		all = append(all, c.PopID)
	}
	return all
}

// Title returns the title of the browser tab.
func (b *Board) Title() string { return documentTitle(b.b.tabGlances()) }

func bracket(on bool, s string) string {
	if on {
		return "[" + s + "]"
	}
	return s
}

func stars(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("*%d", n)
}

func told(acts []act) []string {
	var all []string
	for _, a := range acts {
		all = append(all, a.String())
	}
	return all
}

// String tells an act in words.
func (a act) String() string {
	switch a.Do {
	case addFrame:
		more := ""
		if a.Page.Probe {
			more = " probe"
		}
		if a.Page.Always {
			more = " always"
		}
		return fmt.Sprintf("frame %s %s%s", a.ID, a.Page.URL, more)
	case openWindow:
		hand := ""
		if a.ByHand {
			hand = " by hand"
		}
		return fmt.Sprintf("window %s %s%s", a.ID, a.Target, hand)
	case sendReceipt:
		return fmt.Sprintf("receipt %s %s %q", a.ID, a.State, a.Text)
	case announce, say, showCopied:
		return fmt.Sprintf("%s %q", a.Do, a.Text)
	case copyText:
		return fmt.Sprintf("copy %s %q%s", a.ID, a.Text, map[bool]string{true: " by hand"}[a.ByHand])
	case pingPage:
		return fmt.Sprintf("ping %s %s", a.ID, a.URL)
	}
	return string(a.Do) + " " + a.ID
}

// The words, for tests.
var (
	Announcement  = announcement
	TabName       = tabName
	Subtitle      = subtitle
	StateWords    = stateWords
	ChannelWords  = channelWords
	Edge          = edge
	Short         = short
	Where         = where
	ConnectedFor  = connectedFor
	ReadSelection = func(s string) string { return readSelection(s).String() }
)

// PopWords tells a pop's way to its end.
func PopWords(pop screenpop.Pop) string { return popWords(&page{pop: pop}) }

// Recorder stands in for the stage, the connection and the screen, and writes
// down what the desk asks of them.
type Recorder struct{ Told []string }

func (r *Recorder) say(format string, v ...any) { r.Told = append(r.Told, fmt.Sprintf(format, v...)) }

func (r *Recorder) Add(p browser.Page) bool   { r.say("add %s", p.ID); return true }
func (r *Recorder) Show(id string)            { r.say("show %q", id) }
func (r *Recorder) Cover(id string, on bool)  { r.say("cover %q %v", id, on) }
func (r *Recorder) Remove(id string)          { r.say("remove %s", id) }
func (r *Recorder) Reload(id string)          { r.say("reload %s", id) }
func (r *Recorder) Retry(p browser.Page)      { r.say("retry %s", p.ID) }
func (r *Recorder) Refuse(key, why string)    { r.say("refuse %s: %s", key, why) }
func (r *Recorder) Claim(id string)           { r.say("claim %s", id) }
func (r *Recorder) Close(id string)           { r.say("close %s", id) }
func (r *Recorder) Answer(id string, ok bool) { r.say("answer %s %v", id, ok) }
func (r *Recorder) Lead(on bool)              { r.say("lead %v", on) }
func (r *Recorder) Wake()                     { r.say("wake") }
func (r *Recorder) Offline(off bool)          { r.say("offline %v", off) }
func (r *Recorder) Receipt(id string, s screenpop.PopState, detail string) {
	r.say("receipt %s %s %q", id, s, detail)
}

// Take returns what was told since the last Take.
func (r *Recorder) Take() []string {
	told := r.Told
	r.Told = nil
	return told
}

// TestDesk is a desk without a browser.
type TestDesk struct {
	*Desk
	*Recorder
	Clock time.Time
}

// NewTestDesk returns the desk of anna, connected and leading, as it is drawn.
func NewTestDesk() *TestDesk {
	t := &TestDesk{Desk: NewDesk(), Recorder: &Recorder{}, Clock: Start}
	d := t.Desk
	d.now = func() time.Time { return t.Clock }
	d.once.Do(func() {}) // nothing begins by itself
	d.stage, d.line, d.phase, d.leads = t.Recorder, t.Recorder, working, true
	d.board = newBoard("here", nil, selection{})
	d.board.leads = true
	d.link = session.State{Phase: session.Connected, Since: Start, Transport: session.Websocket}
	d.account.User.ID, d.account.User.Name, d.account.User.Email = "u1", "Anna Berg", "anna@demo"
	d.account.User.Role, d.account.Tenant.Name = "agent", "Acme"
	d.build = "v1"
	d.enter(func() { t.say("redraw") })
	return t
}

func (t *TestDesk) Frame(f wire.Frame)          { t.Desk.frame(f) }
func (t *TestDesk) Heard(e browser.PageEvent)   { t.Desk.heard(e) }
func (t *TestDesk) Key(k browser.Key) func()    { return t.Desk.deed(k, t.Desk.overlay) }
func (t *TestDesk) SelectView(id string)        { t.Desk.selectView(id) }
func (t *TestDesk) SelectRequest(id string)     { t.Desk.selectRequest(id) }
func (t *TestDesk) Blank(id string)             { t.Desk.blank(id) }
func (t *TestDesk) Act(do, id string)           { t.Desk.act(do, id) }
func (t *TestDesk) Reopen(id string)            { t.Desk.reload(id) }
func (t *TestDesk) CloseRequest()               { t.Desk.closeRequest() }
func (t *TestDesk) Overlay(name string)         { t.Desk.show(name) }
func (t *TestDesk) Search(text string)          { t.Desk.searchFor(text) }
func (t *TestDesk) PickFirst()                  { t.Desk.pickFirst() }
func (t *TestDesk) Toast(text string, bad bool) { t.Desk.toast(text, bad) }
func (t *TestDesk) Asked(all ...session.Ask)    { t.Desk.takeAsks(all) }
func (t *TestDesk) Answer(id string, ok bool)   { t.Desk.answer(id, ok) }
func (t *TestDesk) Unsaid() []string            { return t.Desk.unsaid }
func (t *TestDesk) Leave()                      { t.Desk.leave() }
func (t *TestDesk) Return()                     { t.Desk.enter(func() { t.say("redraw") }) }
func (t *TestDesk) Linked(s session.State)      { t.Desk.linked(s) }
func (t *TestDesk) LeadTab(on bool)             { t.Desk.lead(on) }
func (t *TestDesk) Popups(on bool)              { t.Desk.popups = on }
func (t *TestDesk) Demo(phone string)           { t.Desk.account.Demo, t.Desk.account.PhoneURL = true, phone }
func (t *TestDesk) Build(build string)          { t.Desk.board.build = build }
func (t *TestDesk) Shown() string               { return t.Desk.board.shown }
func (t *TestDesk) Drawn() *Workspace           { return &Workspace{Desk: t.Desk} }
func (t *TestDesk) SignedOut(users []string, fault string) {
	t.Desk.phase, t.Desk.fault = signedOut, fault
	t.Desk.welcome = welcome{Demo: len(users) > 0, Users: users, Password: "demo"}
}

func (t *TestDesk) Notices(is browser.Notices, silent bool) {
	t.Desk.notices, t.Desk.silent, t.Desk.board.mayAskNotices = is, silent, is == browser.NoticesUnasked
}
func (t *TestDesk) NoticeWord() string                   { return t.Desk.noticeWord() }
func (t *TestDesk) AnswerNotice(tag string, opened bool) { t.Desk.answerNotice(tag, opened) }
func (t *TestDesk) Needs(tag string) bool                { return t.Desk.board.needs(tag) }
func (t *TestDesk) Badge() int                           { return t.Desk.board.waitingFor() }

// Toasts returns what the toasts say.
func (t *TestDesk) Toasts() (all []string) {
	for _, one := range t.Desk.toasts {
		all = append(all, one.Text)
	}
	return all
}

// ReadSession reads an answer of the server: the user's name, the demo's users
// and what is wrong.
func ReadSession(status int, body string) (name string, demo []string, fault string) {
	kind := "application/json"
	if strings.HasPrefix(body, "<") {
		kind = "text/html"
	}
	a, w, err := readSession(browser.Answer{Status: status, Type: kind, Body: []byte(body)})
	if err != nil {
		fault = message(err)
	}
	return a.User.Name, w.Users, fault
}

// EndedWords says why a connection has ended for good.
var EndedWords = endedWords

// Box is the box of receipts of an agent.
func Box(prefix string) session.ReceiptBox { return receiptBox{prefix: prefix} }

// PopsIn returns the pops that the receipts in a box are of.
func PopsIn(prefix string) map[string]bool { return receiptBox{prefix: prefix}.pops() }
