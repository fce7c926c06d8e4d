package zoo

import "strings"

const (
	xfo = "X-Frame-Options"
	csp = "Content-Security-Policy"
)

// named puts the workspace's origin into a header.
func (v visit) named(text string) string {
	return strings.ReplaceAll(text, "WORKSPACE", v.zoo.workspace)
}

// How a refusal is told: X-Frame-Options cannot be told from other refusals.
const (
	byPolicy = "Content-Security-Policy (frame-ancestors)"
	bySome   = "does not allow this workspace to show it"
)

func plain() []Page {
	return []Page{
		{Name: "ok", Odd: "Nothing is odd.", End: Shown, serve: body("")},
		{Name: "form", Odd: "Has something to fill in.", End: Shown, serve: body(`<form><input aria-label="Name"><button>Save</button></form>`)},
		{Name: "nested", Odd: "Has a frame of its own.", End: Shown, serve: func(v visit) {
			v.draw(`<iframe title="inner" src="` + v.to(Login, "landing") + `"></iframe>`)
		}},
	}
}

func frameOptions() []Page {
	return []Page{
		{Name: "xfo-deny", Odd: "X-Frame-Options: DENY.", End: Refused, Why: bySome, serve: with(xfo, "DENY")},
		{Name: "xfo-sameorigin", Odd: "X-Frame-Options: SAMEORIGIN.", End: Refused, Why: bySome, serve: with(xfo, "SAMEORIGIN")},
		{Name: "xfo-allow-from", Odd: "X-Frame-Options: ALLOW-FROM, which browsers do not know.", End: Shown, serve: with(xfo, "ALLOW-FROM https://elsewhere.example")},
		{Name: "xfo-allowall", Odd: "X-Frame-Options: ALLOWALL.", End: Shown, serve: with(xfo, "ALLOWALL")},
		{Name: "xfo-conflict", Odd: "Two values that contradict each other.", End: Refused, Why: bySome, serve: with(xfo, "ALLOWALL, SAMEORIGIN")},
		{Name: "xfo-two-lines", Odd: "Two lines that contradict each other.", End: Refused, Why: bySome, serve: with(xfo, "ALLOWALL", xfo, "DENY")},
		{Name: "xfo-beside-csp", Odd: "X-Frame-Options: DENY, which does not count beside a policy.", End: Shown, serve: with(xfo, "DENY", csp, "frame-ancestors WORKSPACE")},
	}
}

func policies() []Page {
	return []Page{
		{Name: "csp-none", Odd: "frame-ancestors 'none'.", End: Refused, Why: byPolicy, serve: with(csp, "frame-ancestors 'none'")},
		{Name: "csp-self", Odd: "frame-ancestors 'self'.", End: Refused, Why: byPolicy, serve: with(csp, "frame-ancestors 'self'")},
		{Name: "csp-other", Odd: "Allows somebody else.", End: Refused, Why: byPolicy, serve: with(csp, "frame-ancestors https://elsewhere.example")},
		{Name: "csp-two", Odd: "One policy allows, another does not.", End: Refused, Why: byPolicy, serve: with(csp, "frame-ancestors *", csp, "frame-ancestors 'self'")},
		{Name: "csp-path", Odd: "Allows the workspace with a path, which never matches.", End: Refused, Why: byPolicy, serve: with(csp, "frame-ancestors WORKSPACE/app")},
		{Name: "csp-workspace", Odd: "Allows exactly the workspace.", End: Shown, serve: with(csp, "frame-ancestors 'self' WORKSPACE")},
		{Name: "csp-any-port", Odd: "Allows the workspace's host at any port.", End: Shown, serve: with(csp, "frame-ancestors https://127.0.0.1:*")},
		{Name: "csp-scheme", Odd: "Allows all that is encrypted.", End: Shown, serve: with(csp, "frame-ancestors https:")},
		{Name: "csp-silent", Odd: "Has a policy that says nothing of frames.", End: Shown, serve: with(csp, "img-src 'self'")},
		{Name: "csp-report-only", Odd: "Only reports that it would refuse.", End: Shown, serve: with(csp+"-Report-Only", "frame-ancestors 'none'")},
		{Name: "csp-meta", Odd: "Refuses by a meta element, which does not count.", End: Shown, serve: body(`<meta http-equiv="Content-Security-Policy" content="frame-ancestors 'none'">`)},
	}
}
