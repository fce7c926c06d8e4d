package zoo

import (
	"fmt"
	"net/http"
)

// moved sends the visitor on to another page.
func moved(code int, host Host, path string, lines ...string) func(visit) {
	return func(v visit) {
		v.header(lines...)
		http.Redirect(v.w, v.r, v.to(host, path), code)
	}
}

// goes is a page whose script goes on to another one a little later.
func goes(host Host, path string) func(visit) {
	return func(v visit) {
		v.draw(fmt.Sprintf(`<script>setTimeout(() => location.replace(%q), 50)</script>`, v.to(host, path)))
	}
}

// ways are pages that lead elsewhere.
func ways() []Page {
	return []Page{
		{Name: "moved-301", Odd: "Redirects to another site (301).", End: Shown, serve: moved(301, Login, "landing")},
		{Name: "moved-302", Odd: "Redirects to another site (302).", End: Shown, serve: moved(302, Login, "landing")},
		{Name: "moved-303", Odd: "Redirects to another site (303).", End: Shown, serve: moved(303, Login, "landing")},
		{Name: "moved-307", Odd: "Redirects to another site (307).", End: Shown, serve: moved(307, Login, "landing")},
		{Name: "moved-with-headers", Odd: "The redirect refuses, where it leads does not.", End: Shown, serve: moved(302, Login, "landing", xfo, "DENY", csp, "frame-ancestors 'none'")},
		{Name: "moved-to-sign-in", Odd: "Redirects to a sign-in on another site that refuses.", End: Refused, Why: bySome, serve: moved(302, Login, "sign-in")},
		{Name: "moved-to-policy", Odd: "Redirects to a sign-in on another site whose policy refuses.", End: Refused, Why: byPolicy, serve: moved(303, Login, "sign-in-csp")},
		{Name: "moved-twice", Odd: "Redirects to a redirect to a page that refuses.", End: Refused, Why: bySome, serve: moved(307, CRM, "moved-to-sign-in")},
		{Name: "moved-in-circles", Odd: "Redirects to itself, for ever.", End: Refused, Why: bySome, Mute: true, serve: moved(302, CRM, "circle")},
		{Name: "moved-to-http", Odd: "Redirects to a page that is not encrypted.", End: NoAnswer, Mute: true, Unknown: true, serve: moved(302, Plain, "landing")},
		{Name: "goes-on", Odd: "Its script goes on to a page that may be framed.", End: MovesOn, Alone: true, serve: goes(Login, "landing")},
		{Name: "goes-to-sign-in", Odd: "Its script goes on to a sign-in that refuses by X-Frame-Options.", End: MovesOn, Alone: true,
			Blank: "What came refuses by a header of which no browser tells: the hint and the button are all there is.", serve: goes(Login, "sign-in")},
		{Name: "goes-to-policy", Odd: "Its script goes on to a sign-in whose policy refuses.", End: MovesOut, Alone: true, Then: Refused, Why: byPolicy, serve: goes(Login, "other-sign-in-csp")},
		{Name: "refreshes", Odd: "A meta element goes on to another page.", End: MovesOn, Alone: true, serve: func(v visit) {
			v.draw(`<meta http-equiv="refresh" content="0.2; url=` + v.to(Login, "landing") + `">`)
		}},
		{Name: "mixed", Odd: "Is not encrypted, as the workspace is.", Host: Plain, End: Refused, Why: "http and the workspace https", Unasked: true, serve: body("")},
	}
}
