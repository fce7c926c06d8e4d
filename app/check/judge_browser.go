package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/browser"
)

// cachePrefix is how the names begin of what the workspace's worker keeps; its
// version follows.
const cachePrefix = "crmpop-"

// judgeWorker says whether the workspace starts without a network, and can show
// notifications.
func judgeWorker(w browser.Worker, build string) outcome {
	switch kept := versions(w.Caches); {
	case !w.Able:
		return outcome{todo, "This page cannot have one.", onlySafe, ""}
	case !w.There:
		return outcome{todo, "There is none yet.", "Open the workspace once in this browser, then run the test again.", ""}
	case !slices.Contains(kept, build):
		return outcome{todo, "It keeps version " + orNone(kept) + ", the server has " + build + ".", "Reload the workspace when no request is open, then run the test again.", ""}
	case !w.Controls:
		return outcome{todo, "It is there, and this page came without it.", "Reload this page.", ""}
	}
	return outcome{State: good, Says: "It is there, of the server's version, and in charge of this page."}
}

func versions(caches []string) []string {
	var all []string
	for _, c := range caches {
		if v, ours := strings.CutPrefix(c, cachePrefix); ours {
			all = append(all, v)
		}
	}
	return all
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, " and ")
}

// judgeStorage says whether the workspace finds again what it kept.
func judgeStorage(s browser.Storage) outcome {
	if !s.Local || !s.Session {
		return outcome{todo, "This browser keeps nothing for this site: after a reload the workspace has forgotten what it showed.",
			"Allow site data for this site, and leave private windows.", PolicyCookies}
	}
	says := "It can be written."
	if s.Quota > 0 {
		says = fmt.Sprintf("It can be written, and %s of %s are used.", bytes(s.Usage), bytes(s.Quota))
	}
	if s.Persisted {
		says += " This browser has promised to keep it."
	}
	if s.Quota > 0 && s.Usage > s.Quota/10*9 {
		return outcome{todo, says, "Free some space on this computer's disk.", ""}
	}
	return outcome{State: good, Says: says}
}

// judgeMemory says what this tab and the open workspaces take.
func judgeMemory(m browser.Memory, w browser.Workspaces) outcome {
	open := "No other tab has the workspace open."
	if w.Open > 0 {
		open = fmt.Sprintf("%s with %s", plural(w.Open, "workspace is open", "workspaces are open"), plural(w.Frames, "page.", "pages."))
	}
	if m.Limit == 0 {
		return outcome{unknown, "This browser does not say what it takes. " + open, "Nothing, as long as pages answer quickly.", ""}
	}
	used := max(m.Used, w.Used)
	says := fmt.Sprintf("Scripts take %s of the %s that one tab may. %s", bytes(used), bytes(m.Limit), open)
	if used > m.Limit/10*8 {
		return outcome{todo, says, "Close requests that are done, and reload the workspace when none is open.", ""}
	}
	return outcome{State: good, Says: says}
}

// bytes returns a size: "12 MB", "3.4 GB".
func bytes(n int) string {
	const mega, giga = 1 << 20, 1 << 30
	switch {
	case n >= giga:
		return fmt.Sprintf("%.1f GB", float64(n)/giga)
	case n >= mega:
		return fmt.Sprintf("%d MB", n/mega)
	}
	return fmt.Sprintf("%d KB", n>>10)
}
