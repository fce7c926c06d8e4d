package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/framing"
)

// pageView is a popup's page with what is known of it.
type pageView struct {
	PopupID   string                `json:"popup_id"` // its id in its document
	Line      int                   `json:"line"`
	Title     string                `json:"title,omitempty"`
	Template  string                `json:"template"`
	Target    string                `json:"target"`
	URL       string                `json:"url,omitempty"` // with values that mean nobody
	Verdict   screenpop.Verdict     `json:"verdict"`
	Reason    string                `json:"reason"`
	Cure      string                `json:"cure,omitempty"`
	Hop       string                `json:"hop,omitempty"`
	Details   screenpop.PageDetails `json:"details"`
	Snippets  []framing.Snippet     `json:"snippets"`
	CheckedAt *time.Time            `json:"checked_at"` // null: it was never looked at
	Key       string                `json:"key"`        // of all pages of this template
	Blank     screenpop.BlankVotes  `json:"blank"`      // what agents have said of them
}

// pageViews is the answer about the pages of a document.
type pageViews struct {
	Workspace string     `json:"workspace"` // the origin that frames them
	Pages     []pageView `json:"pages"`
}

// pageVerdicts says of each page of a level's active document what is known.
func (a *API) pageVerdicts(w http.ResponseWriter, r *http.Request) error {
	active, err := a.activeOf(r)
	if err != nil {
		return err
	}
	all, err := a.o.Watch.Verdicts(r.Context(), active.Tenant, a.popupsOf([]byte(active.Document)))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a.viewPages(all))
}

// checkPages asks for the pages of a document as it is written now, and says what
// they answered. Nothing is published.
func (a *API) checkPages(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	if err := wantMedia(r, "application/xml", "text/xml"); err != nil {
		return err
	}
	document, err := readBody(w, r, maxDocumentBody)
	if err != nil {
		return err
	}
	if _, err := a.check(document); err != nil {
		return err
	}
	all, err := a.o.Watch.Check(r.Context(), l.tenant, a.popupsOf(document))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, a.viewPages(all))
}

// forgetBlank forgets what agents have said of a document's page, and answers as
// pageVerdicts does.
func (a *API) forgetBlank(w http.ResponseWriter, r *http.Request) error {
	l, err := a.levelOf(r)
	if err != nil {
		return err
	}
	var in struct {
		Key string `json:"key"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	if in.Key == "" {
		return missing("key")
	}
	if err := a.o.Directory.ForgetBlank(a.audited(r, "screenpopup.forget-blank", "page "+in.Key, "", ""), l.tenant, in.Key); err != nil {
		return err
	}
	a.o.Intake.Forget(l.tenant)
	return a.pageVerdicts(w, r)
}

// pageWord is what is known of a popup's page, in short.
type pageWord struct {
	Verdict screenpop.Verdict `json:"verdict"`
	Reason  string            `json:"reason"`
}

// pageWords returns what is known of the pages of n popups that count for
// somebody, in their order.
func (a *API) pageWords(ctx context.Context, who dispatch.Subject, draft *dispatch.Draft, n int) ([]*pageWord, error) {
	words := make([]*pageWord, n)
	popups, err := a.o.Intake.Effective(ctx, who, draft)
	if err != nil || len(popups) != n { // published anew in between: the next try says it
		return words, err
	}
	all, err := a.o.Watch.Verdicts(ctx, who.Tenant, popups)
	if err != nil {
		return nil, err
	}
	at := map[*screenpop.Popup]int{}
	for i := range popups {
		at[&popups[i]] = i
	}
	for _, j := range all {
		words[at[j.Popup]] = &pageWord{j.Verdict, j.Reason}
	}
	return words, nil
}

// popupsOf returns the popups that a document has itself.
func (a *API) popupsOf(document []byte) []screenpop.Popup {
	doc, _ := a.parse(document)
	if len(document) == 0 || doc == nil {
		return nil
	}
	return screenpop.Effective(screenpop.LevelDocument{Doc: doc})
}

func (a *API) viewPages(all []framing.Judged) pageViews {
	out := pageViews{Workspace: a.publicURL(), Pages: make([]pageView, len(all))}
	for i, j := range all {
		p := j.Popup
		v := pageView{PopupID: p.ID, Line: p.Line, Title: source(p.Title), Template: source(p.URL), Target: p.Target, URL: j.URL,
			Verdict: j.Verdict, Reason: j.Reason, Cure: j.PageVerdict.Cure, Hop: j.Hop, Details: j.Details, Snippets: list(j.Snippets),
			Key: j.Page.Key, Blank: j.Blank}
		if at := j.CheckedAt; !at.IsZero() {
			v.CheckedAt = &at
		}
		out.Pages[i] = v
	}
	return out
}

// published has everybody who remembers a tenant's configuration look again.
func (a *API) published(tenant string) {
	a.o.Intake.Forget(tenant)
	a.o.Watch.Published(tenant)
}
