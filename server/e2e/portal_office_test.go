package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	permission "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// office is somebody's portal in a tab, beside the own workspace in another.
type office struct {
	*tab
	desk   *workspace
	server *server
}

// admin is the demo's first admin.
const admin = "admin@demo"

// newOffice signs somebody in who has not been here before: through the
// workspace's form, and on to the portal in a second tab.
func newOffice(t testing.TB, s *server, email, password string) *office {
	t.Helper()
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.allow("401 (Unauthorized) (" + s.url + "/api/v1/session)")
	w.goTo(s.url + "/")
	w.write("textbox", "E-mail", email)
	w.write("textbox", "Password", password)
	w.clickExact("button", "Sign in")
	w.untilConnected()
	o := &office{tab: p.tab(), desk: w, server: s}
	o.allow("net::ERR_ABORTED") // what a page still asked for when another was opened
	o.open("/admin/requests", "Requests")
	return o
}

// open goes to a page of the portal and waits for its heading.
func (o *office) open(path, heading string) {
	o.t.Helper()
	o.goTo(o.server.url + path)
	o.page().findExact("heading", heading)
}

// follow goes to a page by its line in the navigation.
func (o *office) follow(line, heading string) {
	o.t.Helper()
	o.within(`document.querySelector('nav[aria-label="Portal"]')`).click("link", line)
	o.page().findExact("heading", heading)
}

// page is what stands beside the navigation.
func (o *office) page() *tab { return o.within(`document.querySelector("main")`) }

// region returns a part of the page by its accessible name.
func (o *office) region(name string) *tab { return o.within(region(name)) }

func region(name string) string {
	return `document.querySelector('[aria-label=` + strconv.Quote(name) + `]')`
}

// untilIn waits until a region holds all the words.
func (o *office) untilIn(name string, words ...string) {
	o.t.Helper()
	until(o.t, fmt.Sprintf("%q in %s", words, name), func() (bool, string) {
		got, err := tryEval[string](o.tab, `(`+region(name)+`?.innerText ?? "").replace(/\s+/g, " ")`)
		for _, w := range words {
			if !strings.Contains(got, w) {
				return false, fmt.Sprint(got, err)
			}
		}
		return true, ""
	})
}

// rewrite makes text what stands in the editor, all at once.
func (o *office) rewrite(text string) {
	o.t.Helper()
	o.click("textbox", "Document text")
	o.chord("a", "KeyA", 'A', "selectAll")
	o.typeText(text)
}

// chord presses a key with Ctrl; commands are what the browser makes of it.
func (b *tab) chord(key, code string, keyCode int64, commands ...string) {
	b.t.Helper()
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: typ, Key: key, Code: code,
			WindowsVirtualKeyCode: keyCode, NativeVirtualKeyCode: keyCode, Modifiers: int64(kb.ModifierCtrl), Commands: commands})
		commands = nil // the key going up commands nothing
	}
}

// strike presses a key as a keyboard does, with the character that it writes.
func (b *tab) strike(key, code string, keyCode int64, text string) {
	b.t.Helper()
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: typ, Key: key, Code: code, Text: text, UnmodifiedText: text,
			WindowsVirtualKeyCode: keyCode, NativeVirtualKeyCode: keyCode})
		text = "" // a key going up writes nothing
	}
}

// choose takes the option of a choice whose text begins with words.
func (o *tab) choose(name, words string) {
	o.t.Helper()
	until(o.t, fmt.Sprintf("%q in the choice %s", words, name), func() (bool, string) {
		e := o.find("combobox", name)
		ctx, cancel := context.WithTimeout(o.ctx, patience)
		defer cancel()
		node, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: e.node})
		if err != nil {
			return false, err.Error()
		}
		got, err := chromedp.Call(ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{ObjectID: node.Object.ObjectID,
			FunctionDeclaration: `function() {
				const words = ` + strconv.Quote(words) + `, one = [...this.options].find(o => o.text.startsWith(words) && !o.disabled);
				if (!one) return [...this.options].map(o => o.text).join(", ");
				this.value = one.value;
				this.dispatchEvent(new Event("change", {bubbles: true}));
				return "chosen";
			}`})
		if err != nil || got.Result == nil {
			return false, fmt.Sprint(err)
		}
		return string(got.Result.Value) == `"chosen"`, string(got.Result.Value)
	})
}

// toast waits for a message at the lower right.
func (o *office) toast(words string) {
	o.t.Helper()
	o.says(words)
}

// dialog is what stands above the page.
const dialog = `document.querySelector('[role=dialog]')`

// publish publishes the text as it stands, with a note, to all for whom it counts.
func (o *office) publish(note string) {
	o.t.Helper()
	o.clickWhen(func() element { return o.enabled("button", "Publish to") })
	o.within(dialog).write("textbox", "Note", note)
	o.within(dialog).click("button", "Publish to")
	o.gone("dialog", "")
}

// publishFirst has one group take the text before all others.
func (o *office) publishFirst(group, note string) {
	o.t.Helper()
	o.clickWhen(func() element { return o.enabled("button", "Publish to") })
	o.within(dialog).choose("Who gets it", "First only "+group)
	o.within(dialog).write("textbox", "Note", note)
	o.within(dialog).click("button", "Publish to "+group+" first")
	o.gone("dialog", "")
	o.toast(group + " has it now.")
}

// enabled waits for an element that can be used.
func (b *tab) enabled(role, name string) element {
	b.t.Helper()
	var e element
	until(b.t, fmt.Sprintf("%s %q to be usable", role, name), func() (bool, string) {
		e = b.find(role, name)
		return !e.disabled, "disabled"
	})
	return e
}

// copiesLink copies a link to what is tried and returns it, as it stands on the
// clipboard.
func (o *office) copiesLink() string {
	o.t.Helper()
	call(o.tab, permission.SetPermission, permission.SetPermissionParams{Origin: o.server.url, Setting: permission.PermissionSettingGranted,
		Permission:       &permission.PermissionDescriptor{Name: "clipboard-read"},
		BrowserContextID: chromedp.FromContext(o.desk.person.ctx).BrowserContextID})
	link := ""
	until(o.t, "a link on the clipboard, which other tests use too", func() (bool, string) {
		o.click("button", "Copy link")
		o.toast("Copied the link")
		link = eval[string](o.tab, `navigator.clipboard.readText()`)
		return strings.HasPrefix(link, o.server.url+"/test/"), link
	})
	return link
}

// everything is all that the record and the audit hold at an instant, as they are
// told to whoever asks.
func (s *server) everything() string {
	s.t.Helper()
	var all strings.Builder
	for _, path := range []string{"/api/v1/requests?limit=200", "/api/v1/audit", "/api/v1/unmapped",
		"/api/v1/screenpopup/tenant/demo/revisions", "/api/v1/screenpopup/tenant/demo/stage"} {
		status, b := s.api(http.MethodGet, path, nil)
		if status != http.StatusOK {
			s.t.Fatalf("%s: %d %s", path, status, b)
		}
		all.Write(b)
	}
	return all.String()
}

// fetch gets an address as a program does that follows links by itself: with the
// cookies of nobody, or of somebody.
func fetch(t testing.TB, method, url string, header map[string]string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode
}
