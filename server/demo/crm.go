package demo

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// crm is the demo CRM: it looks contacts up, keeps notes in memory, and has one
// page for each way in which a CRM can be awkward.
type crm struct {
	workspace string
	now       func() time.Time
	loads     loads
	calls     calls

	mu    sync.Mutex // guards notes
	notes map[string][]note
}

type note struct {
	Text    string
	Outcome string
	At      time.Time
}

// The bounds of what the CRM keeps.
const (
	maxNoteText = 4 << 10
	maxNotes    = 50
	maxNoteKeys = 1000
)

func newCRM(workspace string, now func() time.Time) *crm {
	return &crm{workspace: workspace, now: now, loads: loads{counts: map[load]int{}}, notes: map[string][]note{}}
}

func (c *crm) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", c.counted(c.home))
	mux.HandleFunc("GET /contact", c.counted(c.contact))
	mux.HandleFunc("GET /profile/{handle}", c.counted(c.profile))
	mux.HandleFunc("POST /notes", c.addNote)
	mux.HandleFunc("POST /calls", c.takeCall)
	mux.HandleFunc("GET /orders", c.counted(c.orders))
	mux.HandleFunc("GET /billing", c.counted(c.billing))
	mux.HandleFunc("GET /mail", c.counted(c.mail))
	mux.HandleFunc("GET /kb", c.counted(c.kb))
	mux.HandleFunc("GET /refuse/xfo", c.counted(c.refuse("X-Frame-Options", "DENY")))
	mux.HandleFunc("GET /refuse/csp", c.counted(c.refuse("Content-Security-Policy", csp+"; frame-ancestors 'none'")))
	mux.HandleFunc("GET /slow", c.counted(c.slow))
	mux.HandleFunc("GET /case", c.counted(c.loginRedirect))
	mux.HandleFunc("GET /login", c.counted(c.refuse("X-Frame-Options", "SAMEORIGIN")))
	mux.HandleFunc("GET /download", c.counted(c.download))
	mux.HandleFunc("GET /loads", c.loads.serve)
}

// view is what every CRM page draws from.
type view struct {
	Title     string
	Workspace string
	Nth       int // how often this address was loaded into this kind of place
	Key       string
	Contact   contact
	Others    []contact
	Contacts  []contact
	Calls     []call
	Notes     []note
	Subject   string
	Header    string
	Back      string
}

type page func(w http.ResponseWriter, r *http.Request, v view)

func (c *crm) counted(p page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p(w, r, view{Workspace: c.workspace, Nth: c.loads.add(r), Back: r.URL.RequestURI()})
	}
}

func (c *crm) home(w http.ResponseWriter, r *http.Request, v view) {
	v.Title, v.Contacts, v.Calls = "Contacts", contacts, c.calls.newest()
	render(w, http.StatusOK, "home.html", v)
}

// key returns what a page was asked for: the first of phone, email and id.
func key(q url.Values) string {
	for _, name := range []string{"phone", "email", "id"} {
		if s := strings.TrimSpace(q.Get(name)); s != "" {
			return s
		}
	}
	return ""
}

func (c *crm) contact(w http.ResponseWriter, r *http.Request, v view) {
	c.show(w, v, key(r.URL.Query()))
}

func (c *crm) profile(w http.ResponseWriter, r *http.Request, v view) {
	c.show(w, v, r.PathValue("handle"))
}

// show draws the contact that k names, with the others that share it, or the
// page of somebody unknown.
func (c *crm) show(w http.ResponseWriter, v view, k string) {
	v.Key = k
	found := contactsBy(k)
	if len(found) == 0 {
		v.Title, v.Notes = "Nobody known", c.notesOf(k)
		render(w, http.StatusOK, "unknown.html", v)
		return
	}
	v.Contact, v.Others = found[0], found[1:]
	v.Title, v.Notes = v.Contact.Name, c.notesOf(v.Contact.ID)
	render(w, http.StatusOK, "contact.html", v)
}

func (c *crm) orders(w http.ResponseWriter, r *http.Request, v view) {
	v.Key = key(r.URL.Query())
	v.Title, v.Contacts = "Orders", contactsBy(v.Key)
	render(w, http.StatusOK, "orders.html", v)
}

func (c *crm) billing(w http.ResponseWriter, r *http.Request, v view) {
	v.Key = key(r.URL.Query())
	v.Title, v.Contacts = "Invoices", contactsBy(v.Key)
	render(w, http.StatusOK, "orders.html", v)
}

func (c *crm) mail(w http.ResponseWriter, r *http.Request, v view) {
	v.Subject = r.URL.Query().Get("subject")
	v.Key = r.URL.Query().Get("from")
	v.Title, v.Contacts = v.Subject, contactsBy(v.Key)
	render(w, http.StatusOK, "mail.html", v)
}

func (c *crm) kb(w http.ResponseWriter, r *http.Request, v view) {
	v.Title, v.Key = "Knowledge base", r.URL.Query().Get("q")
	render(w, http.StatusOK, "kb.html", v)
}

// refuse returns a page that does not let itself be framed.
func (c *crm) refuse(header, value string) page {
	return func(w http.ResponseWriter, r *http.Request, v view) {
		w.Header().Set(header, value)
		v.Title, v.Header = "A page that refuses frames", header+": "+value
		render(w, http.StatusOK, "refuse.html", v)
	}
}

// slow never answers; it returns when the reader has gone.
func (c *crm) slow(_ http.ResponseWriter, r *http.Request, _ view) { <-r.Context().Done() }

// loginRedirect does what a CRM does that has lost its session in a frame.
func (c *crm) loginRedirect(w http.ResponseWriter, r *http.Request, _ view) {
	http.Redirect(w, r, "/login", http.StatusFound)
}

func (c *crm) download(w http.ResponseWriter, _ *http.Request, _ view) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="demo-contacts.csv"`)
	w.Write([]byte("name,phone\n")) // errors here and below are the reader's going away
	for _, p := range contacts {
		w.Write([]byte(p.Name + "," + p.Phone + "\n"))
	}
}

func (c *crm) notesOf(key string) []note {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]note(nil), c.notes[key]...)
}

// addNote keeps a note and shows the page again that it was written on.
func (c *crm) addNote(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "read the note: "+err.Error(), http.StatusBadRequest)
		return
	}
	text, k := strings.TrimSpace(r.PostFormValue("text")), r.PostFormValue("key")
	switch {
	case text == "":
		http.Error(w, "the note is empty; go back and write one", http.StatusBadRequest)
		return
	case len(text) > maxNoteText:
		http.Error(w, "the note is longer than 4 KiB; go back and shorten it", http.StatusRequestEntityTooLarge)
		return
	}
	c.mu.Lock()
	if _, known := c.notes[k]; known || len(c.notes) < maxNoteKeys {
		c.notes[k] = append([]note{{Text: text, Outcome: r.PostFormValue("outcome"), At: c.now()}}, c.notes[k]...)
		c.notes[k] = c.notes[k][:min(len(c.notes[k]), maxNotes)]
	}
	c.mu.Unlock()
	http.Redirect(w, r, ownPath(r.PostFormValue("back")), http.StatusSeeOther)
}

// ownPath returns s if it is a path on this origin, else the CRM's home.
func ownPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(s, `\`) {
		return "/"
	}
	return u.RequestURI()
}
