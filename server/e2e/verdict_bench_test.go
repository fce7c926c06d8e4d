package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/e2e/zoo"
)

// How the time of a verdict is taken. It begins when the frame gets its address
// and ends when the verdict is put away; both are noted by a script that is there
// before any other. The pages are on this computer and answer at once, so next to
// nothing of it is theirs. The baseline is the least that finds a verdict: an
// object element in an empty frame, in the same document, in turns with ours.
const stampVerdict = `(() => {
	let begun = 0;
	const src = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "src");
	Object.defineProperty(HTMLIFrameElement.prototype, "src", {...src, set(url) { if (this.dataset.pop) begun = performance.now(); src.set.call(this, url); }});
	const set = Storage.prototype.setItem;
	Storage.prototype.setItem = function(key, value) {
		if (key.startsWith("crmpop.verdict.")) window.took ??= performance.now() - begun;
		return set.call(this, key, value);
	};
})()`

const bareProbe = `((url) => new Promise((done) => {
	const shell = document.createElement("iframe"), begun = performance.now();
	const end = () => { shell.remove(); done(performance.now() - begun) };
	shell.sandbox = "allow-same-origin";
	shell.srcdoc = "<!doctype html>";
	shell.className = "probe";
	shell.width = shell.height = 1;
	shell.onload = () => {
		const object = shell.contentDocument.createElement("object");
		object.type = "text/html";
		object.onerror = end;
		object.data = url;
		shell.contentDocument.body.append(object);
		const look = () => object.contentWindow && !object.contentDocument ? end() : shell.isConnected && setTimeout(look, 5);
		look();
	};
	document.body.append(shell);
}))`

const forgetVerdicts = `(Object.keys(localStorage).filter((k) => k.startsWith("crmpop.verdict.")).forEach((k) => localStorage.removeItem(k)), window.took = null, true)`

const verdictsEach = 40

// BenchmarkVerdict measures how long it takes to find out of a page that was never
// seen before whether it may be framed.
func BenchmarkVerdict(b *testing.B) {
	t := testing.TB(b)
	s := serve(t)
	z, err := zoo.Open(s.url)
	if err != nil {
		b.Fatal(err)
	}
	defer z.Close()
	doc := "<screenpopup>"
	for _, name := range []string{"ok", "xfo-deny", "csp-none"} {
		doc += fmt.Sprintf(`<url on="ringing" queue=%q target="request" title=%[1]q>%s?call={request_id}</url>`, name, z.At(zoo.CRM, name))
	}
	if status, body := s.publish(doc + "</screenpopup>"); status != http.StatusOK {
		b.Fatalf("publish: %d %s", status, body)
	}
	w := &workspace{person: newPerson(t), server: s, origin: s.url}
	w.tab = w.person.first
	w.allow("X-Frame-Options", "frame-ancestors")
	w.onEveryLoad(stampVerdict)
	w.signIn(anna)
	w.noGesture()
	ours, bare := map[string][]float64{}, map[string][]float64{}
	names := []string{"ok", "xfo-deny", "csp-none"}
	for i := range verdictsEach + 5 {
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			took, least := w.verdict(z, name, i)
			if i >= 5 { // the first ones warm up
				ours[name], bare[name] = append(ours[name], took), append(bare[name], least)
			}
		}
	}
	for name, what := range map[string]string{"ok": "allowed", "xfo-deny": "refused by X-Frame-Options", "csp-none": "refused by policy"} {
		reportAt("verdict, "+what, ours[name], bare[name], 0.5, 0.95)
	}
	b.ReportMetric(quantile(ours["ok"], 0.95), "ms-p95-allowed")
	b.ReportMetric(quantile(ours["xfo-deny"], 0.95), "ms-p95-refused")
}

// verdict pops a page of which nothing is known and returns how long the verdict
// took, and how long it takes at least.
func (w *workspace) verdict(z *zoo.Zoo, name string, i int) (took, least float64) {
	w.t.Helper()
	eval[bool](w.tab, forgetVerdicts)
	request := fmt.Sprintf("%s-%d", name, i)
	w.server.ring(request, harriet, anna, name)
	took = eval[float64](w.tab, `new Promise((done) => { const look = () => window.took ? done(window.took) : setTimeout(look, 5); look() })`)
	w.server.then(screenpop.Closed, request)
	w.untilJS("the call to be gone", `document.querySelectorAll("#stage iframe").length + document.querySelectorAll('[role=tablist][aria-label="Requests"] [role=tab]').length === 0`)
	return took, eval[float64](w.tab, bareProbe+`("`+z.At(zoo.CRM, name)+`?call=bare")`)
}
