package admin

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

// consoleForm is the left half of the console.
type consoleForm struct {
	goapp.Compo
	Console *console
	State   testState
	People  people
	Of      string // tells the forms of different addresses apart
	Link    bool
	Popped  bool // what the link may pop once has popped
	Busy    bool
	Fault   string
	Asking  asking
}

// CompoID has go-app make the form anew for another address.
func (f *consoleForm) CompoID() string { return "test/" + f.Of }

// Render draws the form.
func (f *consoleForm) Render() goapp.UI {
	c := f.Console
	body := []goapp.UI{formField{ID: testWhose, Label: "Whose configuration", Type: "choice", Value: f.State.Level + "/" + f.State.ID,
		Of: f.whose(), Change: c.turn}.UI()}
	if d := c.Office.draftOf(f.State.Level, f.State.ID); d.changed() && !f.Link {
		body = append(body, goapp.Div().Class("checks").Body(goapp.Label().Body(
			goapp.Input().ID(testDraft).Type("checkbox").Checked(c.draft).
				OnChange(ui.Do("test-draft", func(ctx goapp.Context, _ goapp.Event) { c.draft = ctx.JSSrc().Get("checked").Bool() })),
			goapp.Span().Text("Try the text that is not published"))))
	}
	if f.State.Document != nil && f.Link {
		body = append(body, goapp.P().Class("form-hint").Text("The link holds a text that was not published when it was made; that is what is tried."))
	}
	body = append(body, formField{ID: testAgent, Label: "Agent", Type: "choice", Value: f.State.AgentID, Of: f.agents(), Change: c.choose,
		Hint: "For whom it is tried, and who can be asked to let it pop"}.UI())
	body = append(body, f.renderEvent()...)
	body = append(body,
		goapp.P().Class("fault").Role("alert").Text(f.Fault),
		goapp.Div().Class("form-acts").Body(
			goapp.Button().Type("submit").Class("button", "primary").Disabled(f.Busy).Text("Try"),
			ui.Button{Key: "copy-link", Label: "Copy link", Icon: "copy", Press: c.copyLink}.UI(),
			ui.Button{Key: "pop-test", Label: "Pop it in my workspace", Icon: "popup", Off: f.Busy || f.Popped, Press: c.pop,
				Hint: "Sends a request marked as a test to your own workspace"}.UI(),
			f.renderAskButton(),
		),
		f.renderAsk())
	return goapp.Form().Class("form").Aria("label", "Test").OnSubmit(ui.Do("form/test", func(ctx goapp.Context, e goapp.Event) {
		e.PreventDefault()
		c.try(ctx)
	})).Body(body...)
}

func (f *consoleForm) whose() [][2]string {
	of := [][2]string{{levelTenant + "/" + f.Console.Office.tenant(), "Company"}}
	for _, g := range f.People.Groups {
		of = append(of, [2]string{levelGroup + "/" + g.ID, "Group " + g.Name})
	}
	for _, u := range f.People.Users {
		of = append(of, [2]string{levelUser + "/" + u.ID, u.called()})
	}
	return of
}

// renderAskButton draws the button that asks the chosen agent, if it is another.
func (f *consoleForm) renderAskButton() goapp.UI {
	c := f.Console
	id, name := c.asked()
	if id == "" {
		return nil
	}
	return ui.Button{Key: "ask-test", Label: "Ask " + name + " to pop it there", Icon: "popup", Off: f.Busy || f.Popped || f.Asking.State == askWaiting, Press: c.ask,
		Hint: "Sends a request marked as a test to that workspace once Accept is pressed there, within a minute"}.UI()
}

// agents are those for whom a test can be.
func (f *consoleForm) agents() [][2]string {
	of := [][2]string{{"", "Nobody in particular"}}
	for _, u := range f.People.Users {
		if u.Role != "integration" {
			of = append(of, [2]string{u.ID, u.called()})
		}
	}
	return of
}

// renderEvent draws the fields of an event that is made up, or says which past
// one it is.
func (f *consoleForm) renderEvent() []goapp.UI {
	s := f.State
	if s.EventID != "" {
		return []goapp.UI{goapp.P().Class("form-hint").Body(
			goapp.Text("Event "), goapp.Code().Text(s.EventID), goapp.Text(" of request "),
			goapp.A().Class("link").Href(below(pathRequests, s.RequestID)).Text(s.RequestID))}
	}
	channels := make([][2]string, len(screenpop.Channels))
	for i, c := range screenpop.Channels {
		channels[i] = [2]string{string(c), channelWords[c]}
	}
	triggers := make([][2]string, len(screenpop.Triggers))
	for i, t := range screenpop.Triggers {
		triggers[i] = [2]string{string(t), string(t)}
	}
	text := func(id, label, value string) goapp.UI {
		return formField{ID: id, Label: label, Type: "text", Value: value, Optional: true}.UI()
	}
	r := s.Request
	return []goapp.UI{
		goapp.Div().Class("pair").Body(
			formField{ID: testChannel, Label: "Channel", Type: "choice", Value: string(s.Channel), Of: channels}.UI(),
			formField{ID: testTrigger, Label: "Trigger", Type: "choice", Value: string(s.Trigger), Of: triggers}.UI()),
		goapp.Div().Class("pair").Body(text(testANI, "Caller (anum)", r.ANI), text(testDNIS, "Called number (dnis)", r.DNIS)),
		goapp.Div().Class("pair").Body(text(testQueue, "Queue (queue_key)", r.QueueKey), text(testName, "Name", r.Name)),
		goapp.Div().Class("pair").Body(text(testSubject, "Subject", r.Subject), text(testURL, "Page of the platform (url)", r.URL)),
		formField{ID: testVariables, Label: "Variables, one a line", Type: "lines", Value: writeVariables(r.Variables), Hint: "name=value", Optional: true}.UI(),
	}
}
