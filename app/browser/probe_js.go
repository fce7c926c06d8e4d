package browser

import (
	"strings"
	"syscall/js"
	"time"
)

const (
	probePatience = 8 * time.Second
	probeLook     = 25 * time.Millisecond // between two looks at the object
	reportsWait   = 20 * time.Millisecond // between two looks for the report of a refusal
	reportsWaits  = 3                     // how many looks
	reportsLinger = 10 * time.Second      // after the last report could come
)

const whyOther = "the page does not allow this workspace to show it, or it answered with an error"

// probe asks href once, in an object element, whether it may be framed: unlike a
// frame, an object says so when it was refused. It stands in a shell of our own
// origin in which no script runs, so nothing of the page does but its coming.
//
// The shell must be rendered, however small, or the object would not load.
type probe struct {
	answer func(probed)
	ended  bool
	shell  js.Value
	object js.Value
	offs   []func()

	reports *refusals
	seen    bool // a document stood there at the last look
	erred   bool // the object said that it was refused
}

func (d *dom) probe(href string, answer func(probed)) (stop func()) { return ask(href, answer) }

func ask(href string, answer func(probed)) (stop func()) {
	p := &probe{answer: answer, shell: document().Call("createElement", "iframe")}
	p.shell.Set("className", "probe")
	p.shell.Call("setAttribute", "sandbox", "allow-same-origin")
	p.shell.Call("setAttribute", "aria-hidden", "true")
	p.shell.Set("tabIndex", -1)
	p.shell.Set("srcdoc", "<!doctype html><title>probe</title>")
	style(p.shell, map[string]string{
		"position": "fixed", "left": "0", "bottom": "0", "width": "1px", "height": "1px",
		"border": "0", "opacity": "0", "pointer-events": "none",
	})
	p.listen(p.shell, "load", func() { p.ask(href) })
	document().Get("body").Call("appendChild", p.shell)
	return p.end
}

func (p *probe) listen(target js.Value, kind string, f func()) {
	p.offs = append(p.offs, on(target, kind, func(js.Value) {
		if !p.ended {
			f()
		}
	}))
}

// ask puts the object into the shell, which is there now.
func (p *probe) ask(href string) {
	if !p.object.IsUndefined() {
		return
	}
	doc := p.shell.Get("contentDocument")
	p.observe(p.shell.Get("contentWindow"))
	p.object = doc.Call("createElement", "object")
	p.object.Set("type", "text/html")
	p.listen(p.object, "error", p.refused)
	p.listen(p.object, "load", func() {
		if !p.erred {
			p.conclude(probed{allowed: true})
		}
	})
	p.object.Set("data", href)
	doc.Get("body").Call("appendChild", p.object)
	begun := time.Now()
	p.after(probeLook, func() { p.look(begun) })
}

// observe listens for reports of policy violations in the shell. They come for
// frame-ancestors only, never for X-Frame-Options, and are certain.
func (p *probe) observe(shell js.Value) {
	p.reports = observeRefusals(shell, func(origin string) {
		if !p.ended {
			p.conclude(probed{refused: true, why: whyPolicy + ": " + origin})
		}
	})
	p.offs = append(p.offs, p.reports.off)
}

// refusals listens for reports that a frame of one document was not allowed to
// show a page. Browsers tell the same refusal once only in a document.
type refusals struct {
	observer js.Value // undefined where the browser has none
	heard    js.Func
	refused  func(origin string) // called with whose page it was
}

// observeRefusals listens in the document of a window, until off is called.
func observeRefusals(in js.Value, refused func(origin string)) *refusals {
	r := &refusals{refused: refused}
	maker := in.Get("ReportingObserver")
	if !present(maker) {
		return r
	}
	r.heard = callback(func(args []js.Value) { r.tell(args[0]) })
	r.observer = maker.New(r.heard, map[string]any{"types": []any{"csp-violation"}, "buffered": true})
	r.observer.Call("observe")
	return r
}

func (r *refusals) tell(reports js.Value) {
	for i := range reports.Length() {
		if origin := refuserIn(reports.Index(i).Get("body")); origin != "" {
			r.refused(origin)
		}
	}
}

// take tells at once what the browser would tell when it has nothing better to do.
func (r *refusals) take() {
	if !r.observer.IsUndefined() {
		r.tell(r.observer.Call("takeRecords"))
	}
}

func (r *refusals) off() {
	if r.observer.IsUndefined() {
		return
	}
	r.observer.Call("disconnect")
	// A report that is under way still calls the function.
	time.AfterFunc(reportsLinger, r.heard.Release)
}

// refuserIn returns whose frame-ancestors has refused, "" if a report is of
// something else, or of a policy that only reports.
func refuserIn(report js.Value) string {
	if report.Get("effectiveDirective").String() != "frame-ancestors" || report.Get("disposition").String() != "enforce" {
		return ""
	}
	return strings.TrimSuffix(report.Get("documentURL").String(), "/")
}

// look notices a document long before it has loaded. It must be seen twice, so
// that what is only passing on the way to a refusal is not taken for it.
func (p *probe) look(begun time.Time) {
	if p.erred {
		return
	}
	stands := present(p.object.Get("contentWindow")) && !present(p.object.Get("contentDocument"))
	switch {
	case stands && p.seen:
		p.conclude(probed{allowed: true})
	case time.Since(begun) > probePatience:
		p.conclude(probed{})
	default:
		p.seen = stands
		p.after(probeLook, func() { p.look(begun) })
	}
}

// refused is called at the object's error. If a policy refused, the report of
// that may be on its way, and its words are better.
func (p *probe) refused() {
	p.erred = true
	p.awaitReport(reportsWaits)
}

func (p *probe) awaitReport(waits int) {
	p.reports.take()
	switch {
	case p.ended: // it was there
	case waits == 0:
		p.conclude(probed{refused: true, why: whyOther})
	default:
		p.after(reportsWait, func() { p.awaitReport(waits - 1) })
	}
}

func (p *probe) after(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		guarded(func() {
			if !p.ended {
				f()
			}
		})
	})
}

func (p *probe) conclude(answer probed) {
	p.end()
	p.answer(answer)
}

// end takes the shell away. It may be called any number of times.
func (p *probe) end() {
	if p.ended {
		return
	}
	p.ended = true
	for _, off := range p.offs {
		off()
	}
	p.shell.Call("remove")
}
