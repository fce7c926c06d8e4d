package admin

import (
	"encoding/json"
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// renderBlank draws what agents have said of a page that showed nothing, with what
// follows from it, and a way back once the page is mended.
func (p *popupPages) renderBlank(v pageVerdict) []goapp.UI {
	if v.Blank.Agents == 0 {
		return nil
	}
	return []goapp.UI{goapp.Div().Class("page-blank").Body(
		goapp.P().ID("blank-"+v.PopupID).Title("Last "+ui.Ago(v.Blank.Last, p.Office.now())).Text(v.blankWords()),
		ui.Button{Key: "forget-blank/" + v.Key, Label: "Frame it again", Class: "quiet", Off: p.busy,
			Hint: "Forget what agents have said of it, once the page shows something", About: "blank-" + v.PopupID,
			Press: func(ctx goapp.Context) { p.forgetBlank(ctx, v.Key) }}.UI(),
	)}
}

// blankWords say how many agents have found the page blank, and what that does.
func (v pageVerdict) blankWords() string {
	said := fmt.Sprintf("%s found it blank in the last %d days.", plural(v.Blank.Agents, "agent", "agents"), int(screenpop.BlankFor.Hours())/24)
	if v.Blank.Decided() {
		return said + " It opens in a tab for everybody."
	}
	return said + fmt.Sprintf(" From %d on it opens in a tab for everybody.", screenpop.BlankAgents)
}

// forgetBlank has the server forget what agents have said of the pages of a key.
func (p *popupPages) forgetBlank(ctx goapp.Context, key string) {
	body, err := json.Marshal(map[string]string{"key": key})
	if err != nil {
		p.take(pageVerdicts{}, err)
		return
	}
	ask := p.asked
	p.busy = true
	c := browser.Call{Method: "POST", Path: p.path() + "/forget", Type: "application/json", Body: body}
	later(p.Office, ctx, c, func(_ goapp.Context, v pageVerdicts, err error) {
		p.busy = false
		if p.asked != ask {
			return
		}
		if err == nil {
			p.of = ""
			browser.Announce("It is framed again.")
		}
		p.take(v, err)
	})
}
