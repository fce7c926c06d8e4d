package zoo

import (
	"net/http"
	"time"
)

// wait waits for a time, and reports whether the visitor has waited too.
func (v visit) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-v.r.Context().Done():
		return false
	}
}

// answersAfter is a page whose answer comes after a time.
func answersAfter(d time.Duration) func(visit) {
	return func(v visit) {
		if v.wait(d) {
			v.draw("")
		}
	}
}

func latePart(v visit) {
	if v.wait(3 * time.Second) {
		v.w.WriteHeader(http.StatusNotFound)
	}
}

// slow are pages that take their time.
func slow() []Page {
	return []Page{
		{Name: "slow", Odd: "Answers after half a second.", End: Shown, serve: answersAfter(500 * time.Millisecond)},
		{Name: "slow-refusal", Odd: "Answers after half a second, and refuses.", End: Refused, Why: bySome, serve: func(v visit) {
			if v.wait(500 * time.Millisecond) {
				with(xfo, "DENY")(v)
			}
		}},
		{Name: "slow-part", Odd: "Has a picture that takes 3 s.", End: Shown, serve: body(`<img alt="" src="/part">`)},
		{Name: "busy", Odd: "Keeps its own process busy for half a second.", End: Shown, serve: body(`<script>for (const end = performance.now() + 500; performance.now() < end;);</script>`)},
		{Name: "late", Odd: "Answers after 9 s.", End: Late, Unknown: true, serve: answersAfter(9 * time.Second)},
		{Name: "hangs", Odd: "Never answers.", End: NoAnswer, Mute: true, Unknown: true, serve: func(v visit) { <-v.r.Context().Done() }},
		{Name: "hangs-up", Odd: "Breaks the connection off.", End: Refused, Why: bySome, Mute: true, serve: func(visit) { panic(http.ErrAbortHandler) }},
	}
}

// file is an answer that is not a page.
func file(media, text string, lines ...string) func(visit) {
	return func(v visit) {
		v.header(lines...)
		v.w.Header().Set("Content-Type", media)
		_, _ = v.w.Write([]byte(text)) // an error is the reader's going away
	}
}

const (
	pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj " +
		"3 0 obj<</Type/Page/MediaBox[0 0 200 200]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n"
	svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>`
)

// files are answers that are no HTML, or none at all.
func files() []Page {
	return []Page{
		{Name: "empty", Odd: "Answers 204: there is no page.", End: NoAnswer, Mute: true, Unknown: true, serve: func(v visit) { v.w.WriteHeader(http.StatusNoContent) }},
		{Name: "download", Odd: "Is to be saved.", End: NoAnswer, Mute: true, Unknown: true, serve: file("text/csv", "name\n", "Content-Disposition", `attachment; filename="zoo.csv"`)},
		{Name: "octets", Odd: "Is of a type that browsers save.", End: NoAnswer, Mute: true, Unknown: true, serve: file("application/octet-stream", "\x00\x01\x02")},
		{Name: "pdf", Odd: "Is a PDF.", End: Refused, Why: bySome, Mute: true,
			Excuse: "Browsers show no PDF in a frame that is sandboxed.", serve: file("application/pdf", pdf)},
		{Name: "text", Odd: "Is plain text.", End: Shown, Mute: true, serve: file("text/plain; charset=utf-8", "plain\n")},
		{Name: "json", Odd: "Is JSON.", End: Shown, Mute: true, serve: file("application/json", `{"plain":true}`)},
		{Name: "picture", Odd: "Is a picture.", End: Shown, Mute: true, serve: file("image/svg+xml", svg)},
		{Name: "missing", Odd: "Answers 404.", End: Refused, Why: "answered with an error", Excuse: "An error cannot be told from a refusal; in a tab it can be read.", serve: status(404)},
		{Name: "missing-xfo", Odd: "Answers 404, and refuses.", End: Refused, Why: bySome, serve: status(404, xfo, "DENY")},
		{Name: "broken", Odd: "Answers 500.", End: Refused, Why: "answered with an error", Excuse: "An error cannot be told from a refusal; in a tab it can be read.", serve: status(500)},
		{Name: "broken-csp", Odd: "Answers 500, and its policy refuses.", End: Refused, Why: bySome, serve: status(500, csp, "frame-ancestors 'none'")},
		{Name: "forbidden", Odd: "Answers 403.", End: Refused, Why: "answered with an error", Excuse: "An error cannot be told from a refusal; in a tab it can be read.", serve: status(403)},
	}
}
