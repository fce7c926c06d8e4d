package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// The policies of Chrome and Edge that cure what a person would have to allow in
// each browser. Both browsers know them by the same names.
const (
	PolicyPopups    = "PopupsAllowedForUrls"
	PolicyNotices   = "NotificationsAllowedForUrls"
	PolicyClipboard = "ClipboardAllowedForUrls"
	PolicyCookies   = "CookiesAllowedForUrls"
	PolicyNetwork   = "LocalNetworkAccessAllowedForUrls"
)

// Policies returns the policies for a workspace at an origin whose popups show
// pages of hosts, by name.
func Policies(origin string, hosts []string) map[string][]string {
	cookies := []string{origin}
	for _, h := range hosts {
		cookies = append(cookies, pattern(h))
	}
	own := []string{origin}
	return map[string][]string{PolicyPopups: own, PolicyNotices: own, PolicyClipboard: own, PolicyNetwork: own, PolicyCookies: cookies}
}

// pattern stands for a host and all below it; below an address there is nothing.
func pattern(host string) string {
	host = strings.Trim(host, "[]")
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && addr.Is6():
		return "[" + host + "]"
	case err == nil || !strings.Contains(host, "."):
		return host
	}
	return "[*.]" + host
}

// PolicyJSON returns policies as the browsers read them from a file, a line each:
// those with the given names, all if none is given.
func PolicyJSON(all map[string][]string, names ...string) string {
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(all))
	}
	lines := make([]string, len(names))
	for i, n := range names {
		values, err := json.Marshal(all[n])
		if err != nil { // strings alone always have a JSON form
			return "{}"
		}
		lines[i] = fmt.Sprintf("  %q: %s", n, strings.ReplaceAll(string(values), `","`, `", "`))
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}
