package framing

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signInBy says by which sign the end of the way is a sign-in, "" if none is.
func signInBy(hops []hop) string {
	start, last := hops[0], hops[len(hops)-1]
	switch {
	case last.status == http.StatusUnauthorized, last.status == http.StatusForbidden:
		return fmt.Sprintf("%s answered %d", last.url.Host, last.status)
	case len(hops) == 1:
		return ""
	case !sameHost(start.url, last.url):
		return "it redirects to " + last.url.Host
	case looksLikeSignIn(last.url) && !looksLikeSignIn(start.url):
		return "it redirects to " + last.url.Path
	}
	return ""
}

// sameHost reports whether a redirect stays at home: www. and the port 443 of an
// upgrade are no other host.
func sameHost(a, b *url.URL) bool {
	plain := func(u *url.URL) string { return strings.TrimPrefix(lower(u.Hostname()), "www.") }
	return plain(a) == plain(b) && (a.Port() == b.Port() || a.Scheme != b.Scheme)
}

// signInWords are what paths of sign-in pages are made of.
var signInWords = []string{"adfs", "auth", "authorize", "authenticate", "cas", "idp", "login", "logon", "oauth", "oauth2", "openid",
	"saml", "saml2", "sessions", "signin", "sso"}

func looksLikeSignIn(u *url.URL) bool {
	path := strings.NewReplacer("sign-in", "signin", "sign_in", "signin", "log-in", "login", "log_in", "login").Replace(lower(u.Path))
	for _, word := range strings.FieldsFunc(path, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		if slices.Contains(signInWords, word) {
			return true
		}
	}
	return false
}
