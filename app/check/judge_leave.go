package check

import (
	"fmt"

	"github.com/crmpop/crmpop/app/browser"
)

// The answers of the browser about a permission.
const (
	granted = "granted"
	denied  = "denied"
	prompt  = "prompt"
)

const onlySafe = "Open the workspace by https: browsers keep this from any other page."

// judgePopups says whether a tab opened that nobody had clicked for.
func judgePopups(tried, opened bool) outcome {
	switch {
	case !tried:
		return outcome{click, "Only a try can tell: a tab opens for a moment, and closes again.", "Press “Run the tests that need a click”.", ""}
	case opened:
		return outcome{State: good, Says: "Tabs and windows open by themselves."}
	}
	return outcome{todo, "This browser stops tabs and windows that open by themselves: each waits for a click.",
		"Allow pop-ups for this site: the icon at the right end of the address bar, then “Always allow”.", PolicyPopups}
}

// judgeNotices says whether the system may tell of what rings. asked is after
// the person was asked here.
func judgeNotices(n browser.Notices, asked bool) outcome {
	switch {
	case n == browser.NoticesAllowed:
		return outcome{State: good, Says: "Allowed: the system tells of what rings while you work elsewhere."}
	case n == browser.NoNotices:
		return outcome{todo, "This page cannot have notifications.", onlySafe, PolicyNotices}
	case n == browser.NoticesUnasked && !asked:
		return outcome{click, "This browser has not been asked yet.", "Press “Run the tests that need a click”, then “Allow”.", ""}
	case n == browser.NoticesUnasked:
		return outcome{todo, "The browser's question was not answered.", "Run the test again, and press “Allow”.", PolicyNotices}
	}
	return outcome{todo, "This browser keeps notifications from this site: nothing tells of what rings while you work elsewhere.",
		"Allow notifications for this site: the icon at the left end of the address bar.", PolicyNotices}
}

// clipped is what is known of the clipboard.
type clipped struct {
	safe  bool   // the page may have one
	leave string // whether texts may be put there unasked
	tried bool   // by a click
	why   string // it did not work, "" if it did
}

// judgeClipboard says whether texts are copied; texts is how many popups do so.
func judgeClipboard(c clipped, texts int) outcome {
	cure := "Press “Allow” when the browser asks, or allow the clipboard for this site: the icon at the left end of the address bar."
	switch {
	case !c.safe:
		return outcome{todo, "This page cannot use the clipboard.", onlySafe, PolicyClipboard}
	case c.tried && c.why != "":
		return outcome{todo, "Nothing was copied: " + c.why + ".", cure, PolicyClipboard}
	case c.leave == granted:
		return outcome{State: good, Says: "Texts are copied by themselves."}
	case !c.tried:
		return outcome{click, "Only a try can tell: it puts the words “" + clipText + "” on the clipboard.", "Press “Run the tests that need a click”.", ""}
	case texts == 0:
		return outcome{State: good, Says: "Copying works after a click. None of your popups copies a text."}
	}
	return outcome{todo, "Copying works after a click only: what " + plural(texts, "popup copies", "popups copy") + " waits for “Copy”.", cure, PolicyClipboard}
}

// judgeNetwork says whether pages in a private network can be reached; leave is
// what the browser says of that permission.
func judgeNetwork(f facts, safe bool, leave string) outcome {
	n := f.guarded()
	switch {
	case len(f.Pages) == 0:
		return outcome{State: good, Says: "Not needed: no popup shows a page in the request's tab."}
	case n == 0 && f.Local:
		return outcome{State: good, Says: "Not needed: the workspace itself is on this computer or in the private network."}
	case n == 0:
		return outcome{State: good, Says: "Not needed: no page shows by its address that it is in a private network."}
	case !safe:
		return outcome{todo, fmt.Sprintf("%s in a private network, and this page is not safe enough to reach %s.", plural(n, "page is", "pages are"), them(n)), onlySafe, PolicyNetwork}
	case leave == granted:
		return outcome{State: good, Says: fmt.Sprintf("Allowed: %s in a private network.", plural(n, "page is", "pages are"))}
	case leave == denied:
		return outcome{todo, fmt.Sprintf("This browser keeps the private network from this site, and %s there.", plural(n, "page is", "pages are")),
			"Allow the local network for this site: the icon at the left end of the address bar.", PolicyNetwork}
	case leave == prompt:
		return outcome{todo, fmt.Sprintf("%s in a private network, and the browser will ask for leave before the first.", plural(n, "page is", "pages are")),
			"Press “Allow” when the browser asks.", PolicyNetwork}
	}
	return outcome{State: good, Says: "This browser asks for no leave before pages in a private network."}
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// plural counts: "1 page is", "3 pages are".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
