package workspace

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// viewTabs is the sub-menu of the request that is seen, and what can be done with
// the page that is.
type viewTabs struct {
	goapp.Compo
	Desk    *Desk
	Views   []viewGlance
	Page    pageGlance
	Waiting card
}

const titleLetters = 22

// Render draws the sub-menu and the acts.
func (v *viewTabs) Render() goapp.UI {
	items := make([]goapp.UI, len(v.Views))
	at := 0
	for i, g := range v.Views {
		items[i] = v.renderTab(g)
		if g.Selected {
			at = i
		}
	}
	return goapp.Div().Class("views").Body(
		goapp.Div().Class("view-tabs").Role("tablist").Aria("label", "Views").
			OnKeyDown(ui.TabKeys("views/"+number(at)+"/"+number(len(v.Views)), at, len(v.Views), v.move)).
			Body(items...),
		goapp.Div().Class("acts").Body(v.renderActs()...),
	)
}

func (v *viewTabs) move(_ goapp.Context, to int) {
	id := v.Views[to].ID
	v.Desk.selectView(id)
	browser.Focus(viewTabID(id))
}

func (v *viewTabs) renderTab(g viewGlance) goapp.UI {
	parts := []goapp.UI{goapp.Span().Class("view-title").DataSet("title", short(g.Title, titleLetters)).Text(short(g.Title, titleLetters))}
	if g.Mark != "" {
		parts = append(parts, ui.Icon("mark-"+g.Mark, "mark"))
	}
	if g.Unseen {
		parts = append(parts, goapp.Span().Class("unseen").Aria("hidden", "true"))
	}
	return goapp.Button().Type("button").
		ID(viewTabID(g.ID)).
		Class("view-tab", ui.Pick(g.Selected, "selected", "")).
		Role("tab").
		Aria("label", g.Title).Aria("selected", g.Selected).Aria("controls", viewPanel).
		TabIndex(ui.TabIndex(g.Selected)).
		Title(joined(" · ", g.Title, g.Says, ui.Pick(g.Unseen, "not seen yet", ""))).
		OnClick(ui.Do("view/"+g.ID, func(goapp.Context, goapp.Event) { v.Desk.selectView(g.ID) })).
		Body(parts...)
}

func (v *viewTabs) renderActs() []goapp.UI {
	var acts []goapp.UI
	if w := v.Waiting; w.Kind != "" {
		acts = append(acts, goapp.Span().Class("waiting-title").ID("waiting-elsewhere").Text(w.Title),
			ui.Button{Key: "open/" + w.PopID, Label: w.Acts[0].Label, Class: "primary", Mark: w.Acts[0].Key, About: "waiting-elsewhere",
				Hint:  w.Says,
				Press: func(goapp.Context) { v.Desk.open(w.PopID) }}.UI())
	}
	// A card over a page that does not answer has these acts itself.
	if v.Page.Framed && v.Page.Moved {
		acts = append(acts, goapp.Span().Class("moved").Role("note").Title(movedHint).Text("Another page came, perhaps a sign-in."))
	}
	if v.Page.Framed && (v.Page.Card.Kind == "" || v.Page.Card.Kind == "loading") {
		acts = append(acts, v.renderPageActs(v.Page.ID)...)
	}
	return append(acts, ui.Button{Key: "close", Label: "Close request", Icon: "close", IconOnly: true, Class: "quiet close-request",
		Short: keyClose, Press: func(goapp.Context) { v.Desk.closeRequest() }}.UI())
}

// movedHint says more of a page that went on by itself than there is room for.
const movedHint = "The page went on to another one by itself. If nothing is to be seen, or the sign-in goes round and round, open it in a tab."

func (v *viewTabs) renderPageActs(id string) []goapp.UI {
	return []goapp.UI{
		ui.Button{Key: "blank/" + id, Label: "Page is blank?", Class: "quiet", Short: keyBlank, Hint: "Open it in a tab, and do so next time",
			Press: func(goapp.Context) { v.Desk.blank(id) }}.UI(),
		ui.Button{Key: "tab/" + id, Label: "Open in a tab", Icon: "out-tab", Class: "quiet", Short: keyTab,
			Press: func(goapp.Context) { v.Desk.openInTab(id) }}.UI(),
		ui.Button{Key: "reload/" + id, Label: "Reload page", Icon: "reload", IconOnly: true, Class: "quiet", Short: keyReload,
			Press: func(goapp.Context) { v.Desk.reload(id) }}.UI(),
	}
}
