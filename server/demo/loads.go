package demo

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// load says how often one address was loaded into one kind of place. Dest is
// the browser's Sec-Fetch-Dest: "iframe" inside a request tab, "document" in a
// tab of its own, "object" for a probe, "" for what is no browser.
type load struct {
	URL   string `json:"url"`
	Dest  string `json:"dest"`
	Count int    `json:"count"`
}

// maxLoads bounds how many addresses are counted; later new ones are not.
const maxLoads = 10_000

// loads counts page loads, so that anybody can see whether a page was reloaded.
type loads struct {
	mu     sync.Mutex // guards counts
	counts map[load]int
}

// checks are what addresses have in them when the server asks before a page pops.
var checks = []string{"4700000000", "nobody"}

// add counts one load of r and returns how often that address has been loaded
// into that kind of place.
func (l *loads) add(r *http.Request) int {
	at := r.URL.RequestURI()
	if slices.ContainsFunc(checks, func(s string) bool { return strings.Contains(at, s) }) {
		return 0 // nobody has loaded it: the server has looked whether it can be framed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := load{URL: at, Dest: r.Header.Get("Sec-Fetch-Dest")}
	if _, known := l.counts[key]; !known && len(l.counts) >= maxLoads {
		return 0
	}
	l.counts[key]++
	return l.counts[key]
}

func (l *loads) list() []load {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]load, 0, len(l.counts))
	for k, n := range l.counts {
		all = append(all, load{k.URL, k.Dest, n})
	}
	slices.SortFunc(all, func(a, b load) int { return strings.Compare(a.URL+a.Dest, b.URL+b.Dest) })
	return all
}

// serve answers with every count, as {"loads":[{"url","dest","count"}]}.
func (l *loads) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(map[string][]load{"loads": l.list()}) // an error is the reader's going away
}
