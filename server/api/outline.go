package api

import (
	"net/http"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/server/dispatch"
)

// popupView is a popup in short, for lists.
type popupView struct {
	PopupID  string              `json:"popup_id"` // its id in its document
	Level    string              `json:"level"`
	Line     int                 `json:"line"`
	Kind     screenpop.Kind      `json:"kind"`
	On       []screenpop.Trigger `json:"on"` // empty: the channel's own moment
	Channel  []screenpop.Channel `json:"channel"`
	Queue    []string            `json:"queue"`
	Target   string              `json:"target,omitempty"`
	Title    string              `json:"title,omitempty"`
	Template string              `json:"template,omitempty"`
}

func popupViews(popups []screenpop.Popup) []popupView {
	views := make([]popupView, len(popups))
	for i, p := range popups {
		views[i] = popupView{p.ID, p.Level, p.Line, p.Kind, list(p.On), list(p.Channels), list(p.Queues), p.Target,
			source(p.Title), templateOf(p)}
	}
	return views
}

func source(t *urltemplate.Template) string {
	if t == nil {
		return ""
	}
	return t.String()
}

// templateOf returns what a popup mainly is made of.
func templateOf(p screenpop.Popup) string {
	switch p.Kind {
	case screenpop.KindClipboard:
		return source(p.Text)
	case screenpop.KindWebRequest:
		return source(p.Href)
	case screenpop.KindCommand:
		return strings.TrimSpace(p.Name + " " + p.Pairs())
	}
	return source(p.URL)
}

// checked is what the editor is told while somebody types.
type checked struct {
	Findings []screenpop.Finding `json:"findings"`
	Outline  []popupView         `json:"outline"` // empty while there is a fault
}

// checkScreenpopup says what is wrong with a document and what it would make of
// its level, and writes nothing.
func (a *API) checkScreenpopup(w http.ResponseWriter, r *http.Request) error {
	if err := wantMedia(r, "application/xml", "text/xml"); err != nil {
		return err
	}
	l := level{tenant: callerOf(r).tenant}
	if q := r.URL.Query(); q.Has("level") || q.Has("id") {
		var err error
		if l, err = a.levelCalled(r, q.Get("level"), q.Get("id")); err != nil {
			return err
		}
	}
	document, err := readBody(w, r, maxDocumentBody)
	if err != nil {
		return err
	}
	doc, findings := a.parse(document)
	if len(document) == 0 { // nothing at all is a document too: the level inherits
		findings = nil
	}
	out := checked{list(findings), []popupView{}}
	switch {
	case doc == nil && len(document) > 0:
	case l.name == "":
		out.Outline = popupViews(screenpop.Effective(screenpop.LevelDocument{Doc: doc}))
	default:
		popups, err := a.o.Intake.Effective(r.Context(), l.subject(), &dispatch.Draft{Level: l.name, ID: l.id, Document: string(document)})
		if err != nil {
			return err
		}
		out.Outline = popupViews(popups)
	}
	return writeJSON(w, http.StatusOK, out)
}

// subject returns for whom a level's document counts.
func (l level) subject() dispatch.Subject {
	s := dispatch.Subject{Tenant: l.tenant}
	switch l.name {
	case levelGroup:
		s.Group = l.id
	case levelUser:
		s.User = l.id
	}
	return s
}

// effectiveScreenpopup lists the popups that count for one user, with the level
// that each comes from.
func (a *API) effectiveScreenpopup(w http.ResponseWriter, r *http.Request) error {
	popups, err := a.o.Intake.Effective(r.Context(), dispatch.Subject{Tenant: callerOf(r).tenant, User: r.PathValue("id")}, nil)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, popupViews(popups))
}
