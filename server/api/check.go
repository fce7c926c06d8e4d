package api

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/framing"
)

// checkView is what the self-test of a browser needs to know of the server and of
// the popups of whoever sits before it.
type checkView struct {
	Time     time.Time   `json:"time"`
	Build    string      `json:"build"`
	Protocol int         `json:"protocol"`
	Origin   string      `json:"origin"`        // under which the outside knows us
	Others   []string    `json:"other_origins"` // that lead here too
	Local    bool        `json:"local"`         // that origin is of this computer or a private network
	Hosts    []string    `json:"hosts"`         // of all pages that may pop
	Pages    []checkPage `json:"pages"`         // that may stand in the request's tab
	Windows  int         `json:"windows"`       // popups that open a tab or window
	Texts    int         `json:"texts"`         // popups that copy a text
}

// checkPage is a page of a popup as a browser tests it.
type checkPage struct {
	Title    string            `json:"title,omitempty"` // as configured, with its variables
	Origin   string            `json:"origin"`
	URL      string            `json:"url,omitempty"` // to be asked for; "" where that must not be
	Verdict  screenpop.Verdict `json:"verdict"`       // the server's
	Reason   string            `json:"reason"`
	SameSite bool              `json:"same_site"` // as the workspace: its cookies reach a frame always
	Local    bool              `json:"local"`     // on the agent's computer or in a private network
}

// checkBrowser says what the browser of the caller is tested against: with a key
// that of the agent whose alias stands in ?agent=.
func (a *API) checkBrowser(w http.ResponseWriter, r *http.Request) error {
	c := callerOf(r)
	agent := c.user
	if c.key != nil {
		var err error
		if agent, err = a.agentOf(r, c); err != nil {
			return err
		}
	}
	tenant, err := a.o.Directory.Tenant(r.Context(), c.tenant)
	if err != nil {
		return err
	}
	popups, err := a.o.Intake.Effective(r.Context(), dispatch.Subject{Tenant: c.tenant, User: agent.ID}, nil)
	if err != nil {
		return err
	}
	all, err := a.o.Watch.Verdicts(r.Context(), c.tenant, popups)
	if err != nil {
		return err
	}
	v := checkView{Build: a.o.Build, Protocol: wire.Protocol, Origin: a.publicURL(), Others: a.o.Origins[1:], Local: framing.IsLocal(a.publicURL()),
		Hosts: hostsOf(tenant.Hosts, all)}
	v.count(popups)
	if v.Pages, err = a.checkedPages(all); err != nil {
		return err
	}
	v.Time = a.o.Now().UTC() // last: the browser compares its own clock with it
	return writeJSON(w, http.StatusOK, v)
}

// count counts what pops besides pages in the request's tab.
func (v *checkView) count(popups []screenpop.Popup) {
	for _, p := range popups {
		switch {
		case p.Kind == screenpop.KindClipboard:
			v.Texts++
		case p.Kind == screenpop.KindURL && p.Visible && p.Target != screenpop.TargetRequest:
			v.Windows++
		}
	}
}

// hostsOf returns the hosts of a tenant's pages without their ports, each once.
func hostsOf(more []string, all []framing.Judged) []string {
	hosts := []string{}
	add := func(address string) {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	for _, h := range more {
		add("https://" + h)
	}
	for _, j := range all {
		add(j.Popup.URL.Origin())
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// checkedPages returns the pages that may stand in the request's tab, those of one
// key once. What the server does not ask for, a browser's test does not either.
func (a *API) checkedPages(all []framing.Judged) ([]checkPage, error) {
	own, err := framing.ParseOrigin(a.publicURL())
	if err != nil {
		return nil, err
	}
	pages, seen := []checkPage{}, map[string]bool{}
	for _, j := range all {
		p := j.Popup
		if !p.Visible || p.Target != screenpop.TargetRequest || p.Frame == screenpop.FrameNever || j.Page.Key == "" || seen[j.Page.Key] {
			continue
		}
		seen[j.Page.Key] = true
		page := checkPage{Title: source(p.Title), Origin: p.URL.Origin(), URL: j.URL, Verdict: j.Verdict, Reason: j.Reason,
			SameSite: framing.SameSite(own, p.URL.Origin()), Local: j.Local() || framing.IsLocal(p.URL.Origin())}
		if j.Skip != "" {
			page.URL = ""
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// checkCookie is set and looked for by a page of ours under another of our names.
const checkCookie = "crmpop-check"

// checkCookies tells one of our own pages, which stands at another host, whether
// its browser sends a third party's cookie, and sets one for the next look. The
// cookie means nothing.
func (a *API) checkCookies(w http.ResponseWriter, r *http.Request) error {
	if a.o.Origins.Allows(r) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
	}
	w.Header().Set("Vary", "Origin")
	_, err := r.Cookie(checkCookie)
	http.SetCookie(w, &http.Cookie{Name: checkCookie, Value: "1", Path: r.URL.Path, MaxAge: 60, Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
	return writeJSON(w, http.StatusOK, map[string]bool{"cookie": err == nil})
}

// checkWindow is the page that a browser's test opens, and closes again, to see
// whether it may open one.
func (a *API) checkWindow(w http.ResponseWriter, _ *http.Request) {
	a.plainPage(w, http.StatusOK, checkedWindow, nil)
}
