package framing

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// noPage returns the verdict on an answer that the browser saves, or drops,
// instead of showing it.
func (a answer) noPage() (Verdict, bool) {
	switch a.status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		return Verdict{Reason: fmt.Sprintf("refused: the answer %d of %s holds no page", a.status, a.where())}, true
	}
	var all []string
	for _, line := range values(a.header, "Content-Disposition") {
		for _, v := range splitList(line) {
			all = append(all, strings.Trim(v, " \t"))
		}
	}
	if len(all) == 0 {
		return Verdict{}, false
	}
	text := strings.Join(all, ", ")
	header := "Content-Disposition: " + text
	if slices.ContainsFunc(all, func(v string) bool { return v != all[0] }) {
		return refused(header, "%s at %s: the values contradict each other", text, a.where()), true
	}
	if kind := disposition(all[0]); kind != "" && kind != "inline" {
		return refused(header, "%s at %s: that is a download, not a page", text, a.where()), true
	}
	return Verdict{}, false
}

// disposition returns the first word of a Content-Disposition, "" if it is no word.
func disposition(text string) string {
	kind, _, _ := strings.Cut(text, ";")
	if kind = strings.Trim(kind, " \t"); !isToken(kind) {
		return ""
	}
	return lower(kind)
}
