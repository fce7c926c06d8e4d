package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// watchFindings notes when a key goes down in the text, by the time that the
// browser gives the key itself, and when the findings of what it wrote are on the
// screen: in the first frame that is drawn after they changed from "Checking…".
const watchFindings = `(() => {
	const status = document.getElementById("findings-count");
	let checking = false;
	window.keyed = 0, window.took = 0;
	document.addEventListener("keydown", e => { keyed = e.timeStamp; took = 0; }, true);
	new MutationObserver(() => {
		const says = status.textContent;
		if (says.startsWith("Checking")) { checking = true; return; }
		if (!checking) return;
		checking = false;
		requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { took = performance.now() - keyed; }; c.port2.postMessage(0); });
	}).observe(status, {childList: true, characterData: true, subtree: true});
	return true;
})()`

// postCheck is the call behind the findings alone, as bare as a page can make it.
const postCheck = `(async () => {
	const start = performance.now();
	const answer = await fetch("/api/v1/screenpopup/check?level=tenant&id=demo", {method: "POST", headers: {"Content-Type": "application/xml"}, body: benchDocument});
	await answer.json();
	return performance.now() - start;
})()`

// BenchmarkFindings measures the time from a key in the editor to its findings on
// the screen, on a document of nearly 64 KiB, with the rest of the keyboard that
// the editor waits for. The baseline, in the same run and in turns, is the bare
// round trip of the same check from the same page.
func BenchmarkFindings(b *testing.B) {
	t := testing.TB(b)
	s := serve(t)
	popup := `<url on="ringing" target="request" title="{name}">https://crm.example.com/find?phone={anum|e164}&amp;q={subject|lower}` + strings.Repeat("x", 205) + "</url>\n"
	doc := "<screenpopup>\n" + strings.Repeat(popup, 190) + "</screenpopup>\n"
	if n := len(doc); n > screenpop.MaxDocument-200 || n < screenpop.MaxDocument*95/100 {
		b.Fatalf("the document has %d bytes", n)
	}
	if status, body := s.publish(doc); status != http.StatusOK {
		b.Fatalf("publish: %d %s", status, body)
	}
	o := newOffice(t, s, admin, "demo")
	o.open("/admin/screenpopup/tenant/demo", "Screenpopup configuration")
	o.untilIn("Findings", "Nothing is wrong.")
	o.click("textbox", "Document text")
	o.chord("Home", "Home", 36, "moveToBeginningOfDocument")
	o.press("End", "End", 35, 0)
	eval[bool](o.tab, watchFindings)
	eval[bool](o.tab, `fetch("/api/v1/screenpopup/tenant/demo").then(r => r.text()).then(t => { window.benchDocument = t; return true; })`)
	var ours, base []float64
	for i := range 66 {
		if i%2 == 0 {
			o.strike(" ", "Space", 32, " ")
		} else {
			o.strike("Backspace", "Backspace", 8, "")
		}
		o.untilJS("findings", `took > 0`)
		took, call := eval[float64](o.tab, `took`), eval[float64](o.tab, postCheck)
		if i >= 6 { // the first ones warm up
			ours, base = append(ours, took), append(base, call)
		}
	}
	report("key -> findings on screen, 64 KiB", ours, base)
	b.ReportMetric(quantile(ours, 0.5), "ms-p50")
	b.ReportMetric(quantile(ours, 0.95), "ms-p95")
}
