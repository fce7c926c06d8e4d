package zoo

import (
	"html/template"
	"net/http"
	"net/url"
)

// End is what must become of a page in the workspace.
type End string

// The ends.
const (
	Shown    End = "shown"     // it stands in its frame
	Refused  End = "refused"   // it has no frame: a card says why, and opens it in a tab
	NoAnswer End = "no answer" // no document has come after 8 s: a card says so, and opens it in a tab
	Late     End = "late"      // as NoAnswer, and shown when it comes at last
	MovesOn  End = "moves on"  // shown, and another page comes by itself: a hint says so
	MovesOut End = "moves out" // shown, and a page comes that refuses: a card says why
)

// Page is a page of the zoo.
type Page struct {
	Name string // its path
	Odd  string // what is odd about it
	Host Host   // where it is asked for; CRM if empty
	End  End
	Then End    // what becomes of the next one, once it is known; End if empty
	Why  string // of a refusal: what the reason contains that the agent reads
	// Excuse is why a page that a frame could show is opened in a tab all the same.
	Excuse string
	// Blank is why nobody can tell from outside that the frame shows nothing: only
	// the agent, who says so by "Page is blank?".
	Blank   string
	Hostile bool // it tries to take the workspace's place, at the latest when it is clicked
	Mute    bool // it runs no script that tells that it lives
	Unasked bool // no request for it may be made at all, but for the tab
	// Alone says that what befalls it can be told only while no other page comes.
	Alone bool
	// Unknown says that asking the page gives no answer, so that each pop asks anew.
	Unknown bool
	serve   func(visit)
}

// visit is a request for a page.
type visit struct {
	zoo  *Zoo
	page Page
	w    http.ResponseWriter
	r    *http.Request
}

// Pages returns the pages of the zoo that are to be asked for.
func Pages() []Page {
	var all []Page
	for _, group := range [][]Page{plain(), frameOptions(), policies(), ways(), slow(), files(), hostile(), isolated(), asked(), stateful()} {
		all = append(all, group...)
	}
	return all
}

// inner are the pages that others lead to.
func inner() []Page {
	return []Page{
		{Name: "landing", Odd: "Where redirects end that may be framed.", serve: body("")},
		{Name: "sign-in", Odd: "A sign-in that refuses by X-Frame-Options.", serve: with("X-Frame-Options", "DENY")},
		{Name: "other-sign-in-csp", Odd: "A sign-in whose policy names somebody else.", serve: with("Content-Security-Policy", "frame-ancestors https://elsewhere.example")},
		{Name: "sign-in-csp", Odd: "A sign-in that refuses by its policy.", serve: with("Content-Security-Policy", "frame-ancestors 'none'")},
		{Name: "signed-in", Odd: "Signs in, as its own tab does.", serve: signedIn},
		{Name: "circle", Odd: "Redirects to itself.", serve: moved(302, CRM, "circle")},
		{Name: "part", Odd: "A part that comes after 3 s.", serve: latePart},
	}
}

var document = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{.Name}}</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 40px; color: #222; background: #fff }</style>
<h1>{{.Name}}</h1>
<p>{{.Odd}}</p>
<script>
const tell = (what) => fetch("/~told/" + what + location.search, {method: "POST", keepalive: true});
addEventListener("click", () => tell("clicked"), true);
tell("alive");
</script>
{{.Body}}
`))

// draw writes the page with what stands in its body.
func (v visit) draw(body string) {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.drawBody(body)
}

func (v visit) drawBody(body string) {
	// An error is the reader's going away.
	_ = document.Execute(v.w, struct {
		Name, Odd string
		Body      template.HTML
	}{v.page.Name, v.page.Odd, template.HTML(body)})
}

// to returns the address of another page, for the same call.
func (v visit) to(host Host, path string) string {
	return v.zoo.At(host, path) + "?" + url.Values{"call": {v.r.URL.Query().Get("call")}}.Encode()
}

func (v visit) dest() string { return v.r.Header.Get("Sec-Fetch-Dest") }

// body returns a page with what stands in its body, and no more.
func body(text string) func(visit) { return func(v visit) { v.draw(text) } }

// with returns a page that is sent with header lines: names and values in turns.
// WORKSPACE stands for the workspace's origin.
func with(lines ...string) func(visit) {
	return func(v visit) {
		v.header(lines...)
		v.draw("")
	}
}

func (v visit) header(lines ...string) {
	for i := 0; i+1 < len(lines); i += 2 {
		v.w.Header().Add(lines[i], v.named(lines[i+1]))
	}
}

// status returns a page with a status and header lines.
func status(code int, lines ...string) func(visit) {
	return func(v visit) {
		v.header(lines...)
		v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		v.w.WriteHeader(code)
		v.drawBody("")
	}
}

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The zoo</title>
<style>body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; color: #222; background: #fff } td { padding: 2px 12px 2px 0; vertical-align: top }</style>
<h1>The zoo</h1>
<table>{{range .}}<tr><td><a href="{{.Address}}">{{.Name}}</a></td><td>{{.End}}</td><td>{{.Odd}} {{.Excuse}} {{.Blank}}</td></tr>
{{end}}</table>
`))

// index lists the pages with what must become of them.
func (z *Zoo) index(w http.ResponseWriter, _ *http.Request) {
	type row struct {
		Page
		Address string
	}
	var rows []row
	for _, p := range Pages() {
		rows = append(rows, row{p, z.Address(p)})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = indexPage.Execute(w, rows) // an error is the reader's going away
}
