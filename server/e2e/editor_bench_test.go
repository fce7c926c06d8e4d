package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

// watchFindings notes when a key goes down in the text, by the time that the
// browser gives the key itself, and when the findings of what it wrote are on the
// screen: in the first frame that is drawn after others are counted.
const watchFindings = `(() => {
	const says = () => document.getElementById("findings-count").textContent;
	let before = "";
	window.keyed = 0, window.took = 0;
	document.addEventListener("keydown", e => { before = says(); took = 0; keyed = e.timeStamp; }, true);
	new MutationObserver(() => {
		if (!keyed || says() === before || says().startsWith("Checking")) return;
		const since = keyed;
		keyed = 0;
		requestAnimationFrame(() => {
			const drawn = new MessageChannel();
			drawn.port1.onmessage = () => { took = performance.now() - since; };
			drawn.port2.postMessage(0);
		});
	}).observe(document.querySelector('[aria-label="Findings"]'), {childList: true, characterData: true, subtree: true});
	document.querySelector('[aria-label="Document text"]').focus();
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
	eval[bool](o.tab, watchFindings)
	o.chord("Home", "Home", 36, "moveToBeginningOfDocument")
	o.press("End", "End", 35, 0)
	eval[bool](o.tab, `fetch("/api/v1/screenpopup/tenant/demo").then(r => r.text()).then(t => { window.benchDocument = t; return true; })`)
	var ours, base []float64
	for i := range 66 {
		if i%2 == 0 {
			o.strike("x", "KeyX", 'X', "x") // a text where none may stand
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
