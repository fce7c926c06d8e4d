package check

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/crmpop/crmpop/app/browser"
)

const (
	socketPath = "/api/v1/connect"
	streamPath = "/api/v1/stream"
	cookiePath = "/api/v1/check/cookies"
	windowPath = "/check/window"

	socketWaits = 10 * time.Second
	pagesAtOnce = 4
)

// clipText is what the test of the clipboard puts there.
const clipText = "CRM Pop can copy"

// pageID returns the id of the line of the i-th page.
func pageID(i int) string { return fmt.Sprintf("page-%d", i) }

// run is one run of the tests. It tells what comes of each as soon as that is
// known.
type run struct {
	f     facts
	build string // of this page
	trip  time.Duration
	tell  func(id string, o outcome)
}

// all begins all tests that need no click. It does not wait.
func (r run) all() {
	r.tell(idBuild, judgeBuild(r.build, r.f.Build))
	r.tell(idPopups, judgePopups(false, false))
	for _, test := range []func(){r.link, r.leave, r.cookies, r.network, r.browser, r.pages} {
		browser.Go(test)
	}
}

func (r run) link() {
	s := browser.TrySocket(socketPath, socketWaits)
	o := judgeSocket(r.f, browser.Address(), s, r.trip)
	r.tell(idSocket, o)
	r.tell(idFallback, fallback(o.State == good))
}

// fallback tests what there is without a websocket.
func fallback(socket bool) outcome {
	status, kind, err := browser.TryStream(streamPath)
	return judgeFallback(socket, status, kind, err)
}

func (r run) leave() {
	r.tell(idNotices, judgeNotices(browser.MayNotify(), false))
	r.tell(idClipboard, judgeClipboard(clipped{safe: browser.Secure(), leave: browser.Permission("clipboard-read")}, r.f.Texts))
}

// clicked runs the tests that need a click. Opening a tab uses the click up, so
// that is the last.
func (r run) clicked() {
	c := clipped{safe: browser.Secure(), tried: true}
	if ok, why := browser.CopyText(clipText); !ok {
		c.why = why
	}
	c.leave = browser.Permission("clipboard-read")
	r.tell(idClipboard, judgeClipboard(c, r.f.Texts))
	r.tell(idNotices, judgeNotices(browser.AskNotices(), true))
	r.tell(idPopups, judgePopups(true, browser.TryWindow(windowPath)))
}

func (r run) cookies() { r.tell(idCookies, judgeCookies(r.f, askCookies(r.f, browser.Address()))) }

// askCookies asks this very server under a name of another site, twice: what the
// first answer sets, the second question brings along.
func askCookies(f facts, here string) crumbs {
	at := elsewhere(f, here)
	if at == "" {
		return crumbs{}
	}
	var said struct {
		Cookie bool `json:"cookie"`
	}
	for range 2 {
		b, err := browser.FetchAcross(at + cookiePath)
		if err != nil || json.Unmarshal(b, &said) != nil {
			return crumbs{}
		}
	}
	return crumbs{measured: true, sent: said.Cookie}
}

// elsewhere returns the first origin of this server with another host than here.
func elsewhere(f facts, here string) string {
	for _, o := range append([]string{f.Origin}, f.Others...) {
		if host(o) != host(here) {
			return o
		}
	}
	return ""
}

func host(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// network asks for the permission by the names that browsers have given it, the
// newest first.
func (r run) network() {
	leave := ""
	for _, name := range []string{"local-network", "local-network-access"} {
		if leave == "" {
			leave = browser.Permission(name)
		}
	}
	r.tell(idNetwork, judgeNetwork(r.f, browser.Secure(), leave))
}

func (r run) browser() {
	r.tell(idWorker, judgeWorker(browser.OwnWorker(), r.f.Build))
	r.tell(idStorage, judgeStorage(browser.TryStorage()))
	r.tell(idMemory, judgeMemory(browser.OwnMemory(), browser.CountWorkspaces()))
}

// pages tests the pages, a few at once.
func (r run) pages() {
	places := make(chan struct{}, pagesAtOnce)
	for i, p := range r.f.Pages {
		if p.URL == "" {
			r.tell(pageID(i), judgePage(p, browser.Framing{}))
			continue
		}
		places <- struct{}{}
		browser.Go(func() {
			defer func() { <-places }()
			r.tell(pageID(i), judgePage(p, browser.TryFrame(p.URL)))
		})
	}
}
