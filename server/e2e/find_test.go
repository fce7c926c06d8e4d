package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// element is something that assistive technology sees in the page.
type element struct {
	role, name string
	value      string
	selected   bool
	disabled   bool
	node       cdp.BackendNodeID
}

// all returns the elements of a role whose accessible name contains part, in
// document order, hidden ones left out.
func (b *tab) all(role, part string) ([]element, error) {
	// A look that a navigation has cut off gets no answer; the next one will.
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	if err := b.toFront(ctx); err != nil {
		return nil, fmt.Errorf("bring the tab to the front: %w", err)
	}
	doc, err := chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject](cmp.Or(b.part, "document"), b.inWorld))
	if err != nil {
		return nil, fmt.Errorf("get the document: %w", err)
	}
	if doc == nil || doc.ObjectID == "" {
		return nil, nil // the part is not there
	}
	defer chromedp.Call(ctx, runtime.ReleaseObject, runtime.ReleaseObjectParams{ObjectID: doc.ObjectID})
	found, err := chromedp.Call(ctx, accessibility.QueryAXTree,
		accessibility.QueryAXTreeParams{ObjectID: doc.ObjectID, Role: role})
	if err != nil {
		return nil, err
	}
	var all []element
	for _, n := range found.Nodes {
		if e := elementOf(n); !n.Ignored && strings.Contains(e.name, part) {
			all = append(all, e)
		}
	}
	return all, nil
}

// toFront brings a tab to the front that another one has hidden, as an agent has
// to before looking at it: a hidden page draws nothing and has no tree to look at.
func (b *tab) toFront(ctx context.Context) error {
	hidden, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.hidden", b.inWorld))
	if err == nil && hidden {
		_, err = chromedp.Call(ctx, page.BringToFront, cdp.Empty{})
	}
	return err
}

// within returns the part of the tab that a JavaScript expression names.
func (b *tab) within(part string) *tab {
	return &tab{t: b.t, ctx: b.ctx, world: b.world, part: part}
}

func elementOf(n *accessibility.Node) element {
	e := element{role: text(n.Role), name: text(n.Name), value: text(n.Value), node: n.BackendDOMNodeID}
	for _, p := range n.Properties {
		switch p.Name {
		case "selected":
			e.selected = text(p.Value) == "true"
		case "disabled":
			e.disabled = text(p.Value) == "true"
		}
	}
	return e
}

// text returns an accessible value as a word.
func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) == nil {
		return s
	}
	return string(v.Value)
}

// find waits for the one element of a role whose name contains part. More than
// one is a fault of the test or of the page.
func (b *tab) find(role, part string) element {
	b.t.Helper()
	var e element
	until(b.t, fmt.Sprintf("%s %q", role, part), func() (bool, string) {
		all, err := b.all(role, part)
		if len(all) != 1 {
			return false, fmt.Sprintf("%d of them %v %v", len(all), names(all), err)
		}
		e = all[0]
		return true, ""
	})
	return e
}

// findExact waits for the first element of exactly that name: the workspace
// offers some acts at two places.
func (b *tab) findExact(role, name string) element {
	b.t.Helper()
	var e element
	until(b.t, fmt.Sprintf("%s named exactly %q", role, name), func() (bool, string) {
		all, err := b.all(role, name)
		for _, x := range all {
			if x.name == name {
				e = x
				return true, ""
			}
		}
		return false, fmt.Sprintf("%v %v", names(all), err)
	})
	return e
}

// gone waits until no element of a role has part in its name.
func (b *tab) gone(role, part string) {
	b.t.Helper()
	until(b.t, fmt.Sprintf("no %s %q", role, part), func() (bool, string) {
		all, err := b.all(role, part)
		return len(all) == 0 && err == nil, fmt.Sprintf("%v %v", names(all), err)
	})
}

func names(all []element) []string {
	var s []string
	for _, e := range all {
		s = append(s, fmt.Sprintf("%q", e.name))
	}
	return s
}

// click waits for an element and clicks into its middle with the mouse, as an
// agent does: the browser counts it as a gesture.
func (b *tab) click(role, part string) {
	b.t.Helper()
	b.clickWhen(func() element { return b.find(role, part) })
}

func (b *tab) clickExact(role, name string) {
	b.t.Helper()
	b.clickWhen(func() element { return b.findExact(role, name) })
}

// clickWhen clicks on what look returns, once that can be pressed and has a place
// on the screen: an element may be drawn anew between the look and the click.
func (b *tab) clickWhen(look func() element) {
	b.t.Helper()
	var x, y float64
	until(b.t, "a place to click", func() (bool, string) {
		e := look()
		if e.disabled {
			return false, fmt.Sprintf("%s %q is not to be pressed yet", e.role, e.name)
		}
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		defer cancel()
		if _, err := chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: e.node}); err != nil {
			return false, fmt.Sprintf("%s %q: %v", e.role, e.name, err)
		}
		got, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: e.node})
		if err != nil || len(got.Quads) == 0 {
			return false, fmt.Sprintf("%s %q has no place: %v", e.role, e.name, err)
		}
		x, y = middle(got.Quads[0])
		return true, ""
	})
	b.clickAt(x, y)
}

func (b *tab) clickAt(x, y float64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(x, y)); err != nil {
		b.t.Fatalf("click at %.0f,%.0f: %v", x, y, err)
	}
}

func middle(q dom.Quad) (x, y float64) {
	for i := 0; i+1 < len(q); i += 2 {
		x += q[i] / float64(len(q)/2)
		y += q[i+1] / float64(len(q)/2)
	}
	return x, y
}

// write clicks into a field and types.
func (b *tab) write(role, name, text string) {
	b.t.Helper()
	b.click(role, name)
	b.typeText(text)
}

// typeText types into whatever has the focus.
func (b *tab) typeText(text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// press presses a key, named as in KeyboardEvent.key, with modifiers.
func (b *tab) press(key, code string, keyCode int64, mods kb.Modifier) {
	b.t.Helper()
	for _, typ := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: typ, Key: key, Code: code,
			WindowsVirtualKeyCode: keyCode, NativeVirtualKeyCode: keyCode, Modifiers: int64(mods)})
	}
}
