package check

import (
	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

// crumbs is what is known of third-party cookies.
type crumbs struct {
	measured bool // the server has a name of another site, under which it was asked
	sent     bool
}

// judgeCookies says whether a CRM of another site is signed in inside its frame.
func judgeCookies(f facts, c crumbs) outcome {
	n := f.foreign()
	other := plural(n, "page is", "pages are") + " of another site than the workspace"
	cure := "If a CRM looks signed out in its frame, allow third-party cookies for it, or run the workspace at a sibling of its host."
	switch {
	case len(f.Pages) == 0:
		return outcome{State: good, Says: "Not needed: no popup shows a page in the request's tab."}
	case n == 0:
		return outcome{State: good, Says: "Not needed: all pages are of the workspace's own site, and their cookies reach a frame always."}
	case !c.measured:
		return outcome{unknown, other + ". No page can see by itself what becomes of their cookies.", cure, PolicyCookies}
	case c.sent:
		return outcome{State: good, Says: "Third-party cookies are sent: " + other + "."}
	}
	return outcome{todo, "This browser holds back third-party cookies, and " + other + ".", cure, PolicyCookies}
}

// judgePage puts what this browser found beside what the server did.
func judgePage(p page, found browser.Framing) outcome {
	server := " The server says: " + p.Reason + "."
	switch {
	case p.URL == "":
		return outcome{unknown, "Not tested: " + p.Reason + ".", "Nothing: the browser finds out when it pops.", ""}
	case found.Allowed && p.Verdict == screenpop.VerdictAllowed:
		return outcome{State: good, Says: "Can be shown in the request's tab. The server says so, too."}
	case found.Allowed:
		return outcome{State: good, Says: "Can be shown in the request's tab, by this browser's test." + server}
	case found.Refused:
		return outcome{todo, "Opens in a tab of its own: " + found.Why + "." + server, "Whoever runs the page has to allow the workspace to show it.", ""}
	}
	return outcome{todo, "Nothing came in 8 seconds." + server, "Is the page's server up, and can it be reached from this network?", ""}
}
