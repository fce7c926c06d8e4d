package framing

import "strings"

// SameSite reports whether browsers take a page, given by its URL, for a part of
// the workspace's site: then it keeps its cookies in a frame.
func SameSite(workspace Origin, page string) bool {
	o, err := ParseOrigin(page)
	return err == nil && sameSite(workspace, o)
}

// Local reports whether a browser may ask for leave before an outside workspace
// reaches the page: it is on the agent's computer or in a private network, by its
// name, by its address, or because the check came upon a private address there.
func (j Judged) Local() bool {
	return IsLocal(j.URL) || strings.Contains(j.Reason, atPrivate)
}

// IsLocal reports whether an URL leads to this computer or into a private network,
// as far as its host shows that.
func IsLocal(url string) bool {
	o, err := ParseOrigin(url)
	return err == nil && isLocalName(o.Host)
}
