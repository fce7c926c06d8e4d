package framing

import (
	"net/http"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// maxCookies is how many cookies a verdict names.
const maxCookies = 20

// lostCookies returns the cookies of the answers on the way that do not survive
// in a frame of the workspace, each once.
func lostCookies(workspace Origin, hops []hop) []screenpop.PageCookie {
	var lost []screenpop.PageCookie
	seen := map[[2]string]bool{}
	for _, h := range hops {
		for _, c := range (&http.Response{Header: h.header}).Cookies() {
			key := [2]string{h.origin.Host, c.Name}
			when, why := fate(workspace, h.origin, c)
			if when == "" || seen[key] || len(lost) == maxCookies || why == takenAway {
				continue
			}
			seen[key] = true
			lost = append(lost, screenpop.PageCookie{Name: clip(c.Name, 64), Host: h.origin.Host, Lost: when, Why: why})
		}
	}
	return lost
}

// takenAway ends the why of a cookie that is not set but taken away.
const takenAway = "taken away"

// fate says when a cookie is lost and why; "" for never.
func fate(workspace, page Origin, c *http.Cookie) (when, why string) {
	secure := page.Scheme == "https" || isLoopbackName(page.Host)
	switch {
	case c.MaxAge < 0:
		return screenpop.LostAlways, takenAway
	case strings.HasPrefix(c.Name, "__Host-") && (!c.Secure || c.Path != "/" || c.Domain != ""):
		return screenpop.LostAlways, "a name with __Host- needs Secure and Path=/, and no Domain"
	case strings.HasPrefix(c.Name, "__Secure-") && !c.Secure:
		return screenpop.LostAlways, "a name with __Secure- needs Secure"
	case c.Secure && !secure:
		return screenpop.LostAlways, "it is Secure, and the page is not encrypted"
	case c.Partitioned && !c.Secure:
		return screenpop.LostAlways, "Partitioned needs Secure"
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
		return screenpop.LostAlways, "SameSite=None needs Secure"
	case sameSite(workspace, page):
		return "", ""
	case c.SameSite == http.SameSiteStrictMode:
		return screenpop.LostInFrame, "SameSite=Strict"
	case c.SameSite == http.SameSiteLaxMode:
		return screenpop.LostInFrame, "SameSite=Lax"
	case c.SameSite != http.SameSiteNoneMode:
		return screenpop.LostInFrame, "it has no SameSite, which counts as Lax"
	case !c.Partitioned:
		return screenpop.LostIfBlocked, "it is not Partitioned"
	}
	return "", ""
}

func isLoopbackName(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "[::1]"
}

// clip shortens what a stranger sent.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
