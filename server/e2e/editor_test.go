package e2e_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// tabbed is a document whose line ends and tabs an editor could easily change.
const tabbed = "<screenpopup>\r\n\t<clipboard on=\"ringing\">{anum}</clipboard>\r\n</screenpopup>\r\n"

// inEditor is the whole text of the editor or of the plain field.
const inEditor = `(window.crmpopEditor?.of("editor")?.text() ?? document.getElementById("editor").value)`

// documentPage signs an admin in and opens the company's document.
func documentPage(t *testing.T, s *server) *tab {
	t.Helper()
	admin := signIn(t, s, "admin@demo").tab
	admin.goTo(s.url + "/admin/screenpopup/tenant/demo")
	return admin
}

// untilText waits until the document reads so.
func (b *tab) untilText(want string) {
	b.t.Helper()
	until(b.t, fmt.Sprintf("the text to be %.200q", want), func() (bool, string) {
		got, err := tryEval[string](b, inEditor)
		return got == want && err == nil, fmt.Sprintf("%.400q %v", got, err)
	})
}

func (b *tab) enter() { b.t.Helper(); b.press("Enter", "Enter", 13, 0) }
func (b *tab) end()   { b.t.Helper(); b.press("End", "End", 35, 0) }
func (b *tab) undo()  { b.t.Helper(); b.press("z", "KeyZ", 90, kb.ModifierCtrl) }
func (b *tab) keyTab() {
	b.t.Helper()
	b.press("Tab", "Tab", 9, 0)
}

// line puts the caret at the end of the line n, from 1.
func (b *tab) line(n int) {
	b.t.Helper()
	b.press("Home", "Home", 36, kb.ModifierCtrl)
	for range n - 1 {
		b.press("ArrowDown", "ArrowDown", 40, 0)
	}
	b.end()
}

// TestEditorWritesADocument: an admin writes a popup, is told what is wrong where it
// is wrong, has it repaired, takes that back, and has the rest completed, all from
// the keyboard but the repair.
func TestEditorWritesADocument(t *testing.T) {
	s := serve(t)
	if status, answer := s.publish(tabbed); status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("publish: %d %s", status, answer)
	}
	admin := documentPage(t, s)
	if strings.Contains(editorSaid, "no document editor") {
		t.Logf("npm cannot be had, so the plain field is tested: %s", editorSaid)
		plainField(t, admin)
		return
	}
	admin.untilJS("the editor", `document.querySelector('.cm-content[role=textbox][aria-label="Document text"][aria-multiline=true]')`+
		`?.getAttribute("aria-describedby") === "findings-count" && document.querySelectorAll('[aria-label="Document text"]').length === 1`)
	admin.untilText(tabbed)
	admin.untilJS("nothing unpublished", `!document.querySelector(".unsaved")`)

	admin.click("textbox", "Document text")
	admin.line(2)
	admin.enter()
	const faulty = `<url on="ringing" target="request">https://x.example/?a={anum}&b=1</url>`
	admin.typeText(faulty)
	written := strings.Replace(tabbed, "</clipboard>\r\n", "</clipboard>\r\n  "+faulty+"\r\n", 1)
	admin.untilText(written)
	admin.says("A bare &.")
	admin.untilJS("the fault marked where it is", `document.querySelector(".cm-lintRange-error")?.textContent === "&" && !!document.querySelector(".cm-lint-marker-error")`)
	admin.click("button", "Repair")
	admin.untilText(strings.Replace(written, "&b", "&amp;b", 1))
	admin.says("Nothing is wrong.")
	admin.untilJS("no mark", `!document.querySelector(".cm-lintRange-error, .cm-lint-marker-error")`)
	admin.undo()
	admin.untilText(written)
	admin.says("A bare &.")

	completes(admin)
	admin.untilText(strings.Replace(written, "</screenpopup>", "  <clipboard on=\"ringing\">{anum|e164}</clipboard>\r\n</screenpopup>", 1))
	admin.keyTab()
	admin.untilJS("the keyboard out of the editor", `!document.activeElement.closest(".cm-editor")`)

	otherDocument(t, s, admin)
	fluid(t, admin)
}

// completes writes a popup by completion.
func completes(admin *tab) {
	admin.t.Helper()
	admin.line(3)
	admin.enter()
	for _, step := range []struct {
		typed, option string
		accept        func()
	}{
		{"<", "webrequest", func() {}},
		{"cl", "clipboard", admin.enter},
		{" ", "channel", func() {}},
		{"o", "on", admin.enter},
		{"ri", "ringing", admin.keyTab},
		{`">{`, "customer_key", func() {}},
		{"an", "anum", admin.enter},
		{"|", "e164", admin.keyTab},
		{"}</", "clipboard", admin.enter},
	} {
		for _, r := range step.typed { // one key after another, as people type
			admin.typeText(string(r))
		}
		admin.findExact("option", step.option)
		unhurried(admin)
		step.accept()
	}
	admin.t.Log("completed by keyboard")
}

// unhurried waits until the completion takes Enter: it does not for a moment, so as
// not to take one that was meant for the text.
func unhurried(admin *tab) {
	admin.t.Helper()
	eval[bool](admin, `new Promise(done => setTimeout(() => done(true), 150))`)
}

// otherDocument goes to another level's document and back: what was done to one
// cannot be undone in the other.
func otherDocument(t *testing.T, s *server, admin *tab) {
	t.Helper()
	mine := eval[string](admin, inEditor)
	admin.untilJS("another level", `(e => { e.selectedIndex = [...e.options].findIndex(o => o.value.includes("/group/")); e.dispatchEvent(new Event("change", {bubbles: true})); return true; })(document.querySelector(".level-picker"))`)
	admin.untilJS("its address", `!location.pathname.startsWith("/admin/screenpopup/tenant/")`)
	admin.untilJS("its text", inEditor+` === ""`)
	admin.click("textbox", "Document text")
	admin.undo()
	admin.typeText("<")
	admin.untilText("<")
	admin.undo()
	admin.undo()
	admin.untilText("")
	eval[bool](admin, `(history.back(), true)`)
	admin.untilText(mine)
}

// fluid types into a document of the largest size and sees the findings come; how
// fast they come the benchmark of this room tells.
func fluid(t *testing.T, admin *tab) {
	t.Helper()
	large := "<screenpopup>\r\n" + strings.Repeat("  <!-- "+strings.Repeat("x", 80)+" -->\r\n", 700) + "</screenpopup>\r\n"
	admin.click("textbox", "Document text")
	admin.press("a", "KeyA", 65, kb.ModifierCtrl)
	eval[bool](admin, `(text => { const d = new DataTransfer(); d.setData("text/plain", text);
		return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) || true })(`+strconv.Quote(large)+`)`)
	admin.untilText(large)
	admin.says("Nothing is wrong.")
	ms := eval[float64](admin, `new Promise(done => {
		const count = document.getElementById("findings-count"), from = performance.now();
		new MutationObserver((_, o) => { if (/fault/.test(count.textContent)) { o.disconnect(); done(performance.now() - from); } })
			.observe(count, {characterData: true, childList: true, subtree: true});
		document.execCommand("insertText", false, "&");
	})`)
	t.Logf("keystroke to findings in %d KiB: %.0f ms", len(large)/1024, ms)
}

// plainField is what there is without npm: the same findings and the same repair.
func plainField(t *testing.T, admin *tab) {
	t.Helper()
	admin.untilJS("the plain field", `document.getElementById("editor")?.tagName === "TEXTAREA" && document.querySelectorAll('[aria-label="Document text"]').length === 1`)
	admin.untilJS("nothing unpublished", `!document.querySelector(".unsaved")`)
	admin.click("textbox", "Document text")
	admin.line(2)
	admin.typeText("&")
	admin.says("A bare &.")
	admin.click("button", "Repair")
	admin.untilText(strings.ReplaceAll(strings.Replace(tabbed, "</clipboard>", "</clipboard>&amp;", 1), "\r\n", "\n"))
	admin.keyTab()
	admin.untilJS("the keyboard out of the field", `document.activeElement.id !== "editor"`)
}
