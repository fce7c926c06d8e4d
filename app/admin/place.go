package admin

import (
	"net/url"
	"strings"
)

// The paths of the screens. What is filtered and selected stands behind them, so
// that every view is a link.
const (
	pathRoot     = "/admin"
	pathRequests = pathRoot + "/requests"
	pathUsers    = pathRoot + "/users"
	pathGroups   = pathRoot + "/groups"
	pathCompany  = pathRoot + "/company"
	pathPopup    = pathRoot + "/screenpopup"
	pathSources  = pathRoot + "/sources"
	pathUnmapped = pathRoot + "/unmapped"
	pathAudit    = pathRoot + "/audit"
	pathOutbox   = pathRoot + "/outbox"
	pathSecrets  = pathRoot + "/secrets"
	pathTest     = pathRoot + "/test"

	pathCompanions = pathRoot + "/companions"
	pathComputer   = pathRoot + "/computer"
)

// place is where in the portal somebody is: a screen, what of it, and the
// filters. It is compared to tell whether there is something new to show.
type place struct {
	Screen string // "requests", "screenpopup"
	ID     string // what is shown of it: a request, a user; "" for the list
	Level  string // of a document: tenant, group or user
	Query  string // the filters as they stand in the address
}

// placeOf reads an address.
func placeOf(u *url.URL) place {
	rest := strings.Trim(strings.TrimPrefix(u.EscapedPath(), pathRoot), "/")
	at := place{Screen: screenRequests, Query: u.RawQuery}
	if rest == "" {
		return at
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts { // ids may hold slashes
		if plain, err := url.PathUnescape(p); err == nil {
			parts[i] = plain
		}
	}
	at.Screen = parts[0]
	switch {
	case at.Screen == screenPopup && len(parts) == 3:
		at.Level, at.ID = parts[1], parts[2]
	case (at.Screen == screenPopup && len(parts) != 1) || len(parts) > 2:
		at.Screen = ""
	case len(parts) == 2:
		at.ID = parts[1]
	}
	return at
}

// filter returns the value of a filter.
func (at place) filter(name string) string {
	values, _ := url.ParseQuery(at.Query) // what cannot be read filters nothing
	return values.Get(name)
}

// title names the place for the browser's tab.
func (at place) title() string {
	name := screenNames[at.Screen]
	if name == "" {
		return "Portal"
	}
	if at.ID != "" && at.Screen == screenRequests {
		return "Request " + at.ID
	}
	return name
}

// The screens.
const (
	screenRequests = "requests"
	screenUsers    = "users"
	screenGroups   = "groups"
	screenCompany  = "company"
	screenPopup    = "screenpopup"
	screenSources  = "sources"
	screenUnmapped = "unmapped"
	screenAudit    = "audit"
	screenOutbox   = "outbox"
	screenSecrets  = "secrets"
	screenTest     = "test"

	screenCompanions = "companions"
	screenComputer   = "computer"
)

var screenNames = map[string]string{
	screenRequests: "Requests", screenUsers: "Users", screenGroups: "Groups", screenCompany: "Company",
	screenPopup: "Screenpopup configuration", screenSources: "Sources and keys",
	screenUnmapped: "Unmapped agents", screenAudit: "Audit", screenTest: "Test console",
	screenCompanions: "Companions", screenComputer: "This computer",
	screenOutbox: "Outbox", screenSecrets: "Secrets",
}

// link returns a path with filters; empty ones are left out.
func link(path string, filters ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" {
			values.Set(filters[i], filters[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// below returns the path of something below another.
func below(path string, parts ...string) string {
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}
