package admin

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// pageVerdict is the page of a popup with what the server knows of it.
type pageVerdict struct {
	PopupID   string                `json:"popup_id"`
	Line      int                   `json:"line"`
	Title     string                `json:"title"`
	Template  string                `json:"template"`
	Target    string                `json:"target"`
	URL       string                `json:"url"`
	Verdict   screenpop.Verdict     `json:"verdict"`
	Reason    string                `json:"reason"`
	Cure      string                `json:"cure"`
	Details   screenpop.PageDetails `json:"details"`
	Snippets  []snippet             `json:"snippets"`
	CheckedAt time.Time             `json:"checked_at"`
	Key       string                `json:"key"`
	Blank     screenpop.BlankVotes  `json:"blank"`
}

// snippet is what to paste into a server's configuration.
type snippet struct {
	Server string `json:"server"`
	Name   string `json:"name"`
	Text   string `json:"text"`
}

// pageVerdicts is the server's word on the pages of a document.
type pageVerdicts struct {
	Workspace string        `json:"workspace"`
	Pages     []pageVerdict `json:"pages"`
}

// popupPages lists the pages that a document's popups open, and whether they can
// be framed.
type popupPages struct {
	goapp.Compo
	Office   *Office
	At       place
	Revision int64  // asked again when another is published
	Text     string // as it is written
	Faulty   bool   // nothing can be checked before its faults are mended
	Changed  bool   // it is not what is published

	asked string
	of    string // the text that the answer is about; "" for what is published
	out   pageVerdicts
	known bool
	fault string
	busy  bool
	open  map[string]bool // whose details are shown, by popup
	shown string          // the server whose snippets are shown; "" for the first
}

// OnMount asks what is known.
func (p *popupPages) OnMount(ctx goapp.Context) { p.load(ctx) }

// OnUpdate asks again for another document or revision.
func (p *popupPages) OnUpdate(ctx goapp.Context) { p.load(ctx) }

func (p *popupPages) path() string {
	return below("/screenpopup", p.At.Level, p.At.ID) + "/verdicts"
}

// pagesCome is how long the server gets to look at what was just published.
const pagesCome = 3 * time.Second

func (p *popupPages) load(ctx goapp.Context) {
	ask := fmt.Sprint(p.At.Level, "/", p.At.ID, "/", p.Revision)
	if ask == p.asked {
		return
	}
	again := p.asked != ""
	p.asked, p.of = ask, ""
	p.ask(ctx)
	if again {
		time.AfterFunc(pagesCome, func() {
			ctx.Dispatch(func(ctx goapp.Context) {
				if p.asked == ask && p.of == "" {
					p.ask(ctx)
				}
			})
		})
	}
}

func (p *popupPages) ask(ctx goapp.Context) {
	ask := p.asked
	get(p.Office, ctx, p.path(), func(_ goapp.Context, v pageVerdicts, err error) {
		if p.asked == ask && p.of == "" {
			p.take(v, err)
		}
	})
}

// check has the server ask the pages of the text as it is written.
func (p *popupPages) check(ctx goapp.Context) {
	ask, text := p.asked, p.Text
	p.busy = true
	c := browser.Call{Method: "POST", Path: p.path() + "/check", Type: "application/xml", Body: []byte(text)}
	later(p.Office, ctx, c, func(_ goapp.Context, v pageVerdicts, err error) {
		p.busy = false
		if p.asked != ask {
			return
		}
		if err == nil {
			p.of = text
			browser.Announce("The pages are checked: " + v.says())
		}
		p.take(v, err)
	})
}

func (p *popupPages) take(v pageVerdicts, err error) {
	p.fault = ""
	if err != nil { // what was known stays
		p.fault = err.Error()
		return
	}
	p.out, p.known = v, true
}

// says counts the verdicts in words.
func (v pageVerdicts) says() string {
	count := map[screenpop.Verdict]int{}
	for _, p := range v.Pages {
		count[p.Verdict]++
	}
	some := func(n int, words string) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n, " ", words)
	}
	if len(v.Pages) == 0 {
		return "no popup of this document opens a page."
	}
	return joined(", ", some(count[screenpop.VerdictAllowed], "can be framed"), some(count[screenpop.VerdictRefused], ui.Pick(count[screenpop.VerdictRefused] == 1, "refuses", "refuse")),
		some(count[screenpop.VerdictUnknown], "not known")) + "."
}

// Render draws a line a page.
func (p *popupPages) Render() goapp.UI {
	items := make([]goapp.UI, len(p.out.Pages))
	for i, v := range p.out.Pages {
		items[i] = p.renderPage(v)
	}
	hint := ui.Pick(p.Faulty, "Mend the faults first", "Ask each page, with values that mean nobody, whether it can stand inside the request's tab")
	return goapp.Section().Class("side-part", "pages").Aria("label", "Pages").Body(
		goapp.Div().Class("pages-head").Body(
			goapp.H2().Text("Pages"),
			ui.Button{Key: "check-pages", Label: ui.Pick(p.busy, "Checking…", "Check pages now"), Class: "quiet", Hint: hint,
				Off: p.busy || p.Faulty, Press: p.check}.UI(),
		),
		goapp.P().Class(ui.Pick(p.fault == "", "dim", "fault")).Text(p.says()),
		goapp.Ol().Class("page-list").Body(items...),
	)
}

func (p *popupPages) says() string {
	switch {
	case p.fault != "":
		return p.fault
	case !p.known:
		return "Loading…"
	case p.of == "" && p.Changed:
		return "Of what is published: " + p.out.says()
	case p.of != "" && p.of != p.Text:
		return "Of the text as it was checked: " + p.out.says()
	}
	return sentence(p.out.says())
}

// verdictWords say a verdict, and verdictIcons draw it.
var (
	verdictWords = map[screenpop.Verdict]string{screenpop.VerdictAllowed: "Can be framed", screenpop.VerdictRefused: "Refuses", screenpop.VerdictUnknown: "Not known"}
	verdictIcons = map[screenpop.Verdict]string{screenpop.VerdictAllowed: "check", screenpop.VerdictRefused: "mark-refused", screenpop.VerdictUnknown: "question"}
)

func (p *popupPages) renderPage(v pageVerdict) goapp.UI {
	open := p.open[v.PopupID]
	body := []goapp.UI{
		goapp.Div().Class("page-head-line").Body(
			goapp.Span().Class("page-mark").Body(ui.Icon(verdictIcons[v.Verdict]), goapp.Span().Text(verdictWords[v.Verdict])),
			goapp.Span().Class("page-name").Title(v.Template).Text(v.name()),
			goapp.Span().Class("dim", "small").Text(fmt.Sprintf("line %d", v.Line)),
		),
		goapp.P().Class("page-reason").Text(v.words()),
	}
	if v.Cure != "" {
		body = append(body, goapp.P().Class("finding-cure").Text(sentence(v.Cure)))
	}
	body = append(body, p.renderBlank(v)...)
	var foot []goapp.UI
	if !v.CheckedAt.IsZero() {
		foot = append(foot, goapp.Span().Class("dim", "small").Body(goapp.Text("Checked "), ui.When(v.CheckedAt, p.Office.now())))
	}
	if v.more() {
		foot = append(foot, goapp.Button().Type("button").Class("page-more").Aria("expanded", fmt.Sprint(open)).
			Aria("label", "Details of "+v.name()).OnClick(ui.Do("page/"+v.PopupID, func(goapp.Context, goapp.Event) { p.toggle(v.PopupID) })).
			Body(ui.Icon("down"), goapp.Span().Text("Details")))
	}
	body = append(body, goapp.Div().Class("page-foot").Body(foot...))
	if open {
		body = append(body, p.renderDetails(v)...)
	}
	return goapp.Li().Class("page-verdict", "page-"+string(v.Verdict)).Body(body...)
}

func (p *popupPages) toggle(popup string) {
	if p.open == nil {
		p.open = map[string]bool{}
	}
	p.open[popup] = !p.open[popup]
}

// name is the popup's title, or the host of its page.
func (v pageVerdict) name() string {
	u, err := url.Parse(v.URL)
	if v.Title != "" || err != nil || u.Host == "" {
		return orElse(v.Title, v.PopupID)
	}
	return u.Host
}

// words are the reason, with why it does not matter where it does not.
func (v pageVerdict) words() string {
	_, s, plain := strings.Cut(v.Reason, string(v.Verdict)+": ") // the mark says that
	s = sentence(ui.Pick(plain && strings.HasPrefix(v.Reason, string(v.Verdict)), s, v.Reason))
	if v.Target != screenpop.TargetRequest && v.Verdict == screenpop.VerdictRefused {
		s += " It opens in a tab of its own, so that does no harm."
	}
	return s
}

func (v pageVerdict) more() bool { return v.URL != "" || len(v.Snippets) > 0 }

func (p *popupPages) renderDetails(v pageVerdict) []goapp.UI {
	d := v.Details
	var rows []goapp.UI
	row := func(name, text string) {
		if text != "" {
			rows = append(rows, goapp.Dt().Text(name), goapp.Dd().Text(text))
		}
	}
	row("Asked", v.URL)
	if d.Redirects > 0 {
		row("Ended at", d.Final+" after "+plural(d.Redirects, "redirect", "redirects"))
	}
	if d.Status > 0 {
		row("Status", fmt.Sprint(d.Status))
	}
	row("Header", d.Header)
	if s := d.SignIn; s != nil {
		row("Sign-in", s.Host+": "+s.Reason)
	}
	for _, c := range d.Cookies {
		row("Cookie", c.Name+" of "+c.Host+": "+cookieWords[c.Lost]+" ("+c.Why+")")
	}
	row("Not encrypted", d.Mixed)
	return append([]goapp.UI{goapp.Dl().Class("page-details").Body(rows...)}, p.renderSnippets(v)...)
}

// cookieWords say when a cookie is lost.
var cookieWords = map[string]string{
	screenpop.LostAlways:    "no browser keeps it",
	screenpop.LostInFrame:   "does not reach a frame",
	screenpop.LostIfBlocked: "does not reach a frame where third-party cookies are blocked",
}

// renderSnippets draws what to paste, a tab for each server.
func (p *popupPages) renderSnippets(v pageVerdict) []goapp.UI {
	if len(v.Snippets) == 0 {
		return nil
	}
	at := 0
	for i, s := range v.Snippets {
		if s.Server == p.shown {
			at = i
		}
	}
	here := v.Snippets[at]
	tabs := make([]goapp.UI, len(v.Snippets))
	for i, s := range v.Snippets {
		tabs[i] = goapp.Button().Type("button").Role("tab").ID(v.tabID(i)).Class("view-tab", ui.Pick(i == at, "view-tab-here", "")).
			Aria("selected", fmt.Sprint(i == at)).TabIndex(ui.TabIndex(i == at)).
			OnClick(ui.Do("snippet/"+v.PopupID+"/"+s.Server, func(goapp.Context, goapp.Event) { p.shown = s.Server })).
			Text(s.short())
	}
	return []goapp.UI{
		goapp.P().Class("small").Text("Paste this on " + v.server() + ". It lets " + p.out.Workspace + " frame the page, and nobody else new."),
		goapp.Div().Class("snippet-tabs").Role("tablist").Aria("label", "Snippet for").
			OnKeyDown(ui.TabKeys(fmt.Sprint("snippet-keys/", v.PopupID, "/", at, "/", len(tabs)), at, len(tabs), func(_ goapp.Context, to int) {
				p.shown = v.Snippets[to].Server
				browser.Focus(v.tabID(to))
			})).Body(tabs...),
		goapp.Div().Class("snippet").Role("tabpanel").Aria("labelledby", v.tabID(at)).Body(
			goapp.Div().Class("snippet-head").Body(goapp.Span().Class("dim", "small").Text(here.Name),
				ui.Button{Key: "copy-snippet/" + v.PopupID + "/" + here.Server + "/" + here.Text, Label: "Copy", Icon: "copy", Class: "quiet",
					Press: func(goapp.Context) { p.Office.copy("the snippet", here.Text) }}.UI()),
			goapp.Pre().TabIndex(0).Text(here.Text),
		),
	}
}

func (v pageVerdict) tabID(i int) string { return fmt.Sprintf("snippet-%s-%d", v.PopupID, i) }

// server names where a snippet belongs.
func (v pageVerdict) server() string {
	u, err := url.Parse(orElse(v.Details.Final, v.URL))
	if err != nil || u.Host == "" {
		return "the page's server"
	}
	return u.Host
}

// short is the name on the tab.
func (s snippet) short() string {
	if s.Server == "page" {
		return "Program"
	}
	name, _, _ := strings.Cut(s.Name, ",")
	return name
}

// pageWord is what is known of a page, in short.
type pageWord struct {
	Verdict screenpop.Verdict `json:"verdict"`
	Reason  string            `json:"reason"`
}

// page returns what is known of the page of a popup, nil for nothing.
func (e *explained) page(i int) *pageWord {
	if i >= len(e.Pages) {
		return nil
	}
	return e.Pages[i]
}

// render draws the word below the address that it is about.
func (w *pageWord) render() []goapp.UI {
	if w == nil {
		return nil
	}
	return []goapp.UI{goapp.P().Class("page-word", "page-"+string(w.Verdict)).Body(
		goapp.Span().Class("page-mark").Body(ui.Icon(verdictIcons[w.Verdict]), goapp.Span().Text(verdictWords[w.Verdict])),
		goapp.Span().Class("dim").Text(pageVerdict{Verdict: w.Verdict, Reason: w.Reason, Target: screenpop.TargetRequest}.words()),
	)}
}
