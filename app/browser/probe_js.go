package browser

import (
	"strings"
	"syscall/js"
	"time"
)

const (
	probePatience = 8 * time.Second
	probeLook     = 25 * time.Millisecond // between two looks at the object
	reportsWait   = 15 * time.Millisecond // a refusal's report comes a little after it
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

	seen    bool   // a document stood there at the last look
	erred   bool   // the object said that it was refused
	refuser string // origin of the page whose policy refused
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
// frame-ancestors only, never for X-Frame-Options.
func (p *probe) observe(shell js.Value) {
	p.offs = append(p.offs, observeRefusals(shell, func(origin string) {
		if !p.ended {
			p.refuser = origin
		}
	}))
}

// watchRefusals calls refused with the origin of each page that a frame of this
// document was not allowed to show, as long as the document lives. Browsers tell
// the same refusal once only in a document.
func watchRefusals(refused func(origin string)) { observeRefusals(window(), refused) }

// observeRefusals listens in the document of a window, until off is called.
func observeRefusals(in js.Value, refused func(origin string)) (off func()) {
	maker := in.Get("ReportingObserver")
	if !present(maker) {
		return func() {}
	}
	heard := callback(func(args []js.Value) {
		for i := range args[0].Length() {
			if origin := refuserIn(args[0].Index(i).Get("body")); origin != "" {
				refused(origin)
			}
		}
	})
	observer := maker.New(heard, map[string]any{"types": []any{"csp-violation"}, "buffered": true})
	observer.Call("observe")
	return func() {
		observer.Call("disconnect")
		// A report that is under way still calls the function.
		time.AfterFunc(reportsLinger, heard.Release)
	}
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

// refused is called at the object's error. A refusal by policy is reported a
// little later, and its words are better.
func (p *probe) refused() {
	p.erred = true
	p.after(reportsWait, func() {
		why := whyOther
		if p.refuser != "" {
			why = whyPolicy + ": " + p.refuser
		}
		p.conclude(probed{refused: true, why: why})
	})
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
