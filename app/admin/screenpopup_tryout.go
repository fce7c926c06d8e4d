package admin

import (
	"fmt"
	"slices"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// stage is a document of the company that one group has before all others.
type stage struct {
	Group     string    `json:"group"`
	GroupName string    `json:"group_name"`
	Origin    int64     `json:"origin"` // the company's revision; 0 for a draft
	Author    string    `json:"author"`
	Note      string    `json:"note"`
	At        time.Time `json:"at"`
}

const stageField = "stage-group"

// loadStages asks which groups try the company's document first.
func (s *screenpopup) loadStages(ctx goapp.Context) {
	if s.stages = nil; s.At.Level != levelTenant {
		return
	}
	d := s.draft
	get(s.Office, ctx, s.path()+"/stage", func(_ goapp.Context, all []stage, err error) {
		if d == s.draft && err == nil {
			s.stages = all
		}
	})
}

// tries reports whether a group tries something already.
func (s *screenpopup) tries(group string) bool {
	return slices.ContainsFunc(s.stages, func(g stage) bool { return g.Group == group })
}

// renderWho asks who gets what is published: all, or one group before them.
func (s *screenpopup) renderWho() []goapp.UI {
	if s.At.Level != levelTenant || len(s.people.Groups) == 0 {
		return nil
	}
	options := []goapp.UI{goapp.Option().Value("").Text("All: " + s.reach()).Selected(s.first == "")}
	for _, g := range s.people.Groups {
		words := "First only " + g.Name + ": " + plural(s.people.reach(levelGroup, g.ID), "user", "users")
		if s.tries(g.ID) {
			words = g.Name + " tries another version already"
		}
		options = append(options, goapp.Option().Value(g.ID).Text(words).Selected(s.first == g.ID).Disabled(s.tries(g.ID)))
	}
	return []goapp.UI{
		goapp.Label().Class("label").For(stageField).Text("Who gets it"),
		goapp.Select().ID(stageField).Class("field").Body(options...).
			OnChange(ui.Do("stage-group", func(goapp.Context, goapp.Event) { s.first = browser.Text(stageField) })),
	}
}

// firstWords says what happens when one group has the text first.
func (s *screenpopup) firstWords() string {
	return "It holds for " + s.people.groupName(s.first) + " from the next event on; all others keep revision " +
		fmt.Sprint(s.draft.base) + ". It stays so until you end it here."
}

// tryOut has one group take the text before all others.
func (s *screenpopup) tryOut(goapp.Context) {
	text, group := s.draft.text, s.people.groupName(s.first)
	s.busy = true
	body := map[string]any{"document": text, "group": s.first, "note": s.note}
	later(s.Office, s.own, jsonCall("POST", s.path()+"/stage", body), func(ctx goapp.Context, _ struct{}, err error) {
		s.busy, s.sheet = false, ""
		if err != nil {
			s.Office.toast(err.Error(), true)
			s.loadStages(ctx)
			return
		}
		s.note, s.first, s.handed = "", "", text
		s.Office.toast(group+" has it now. It is not published to the others.", false)
		s.loadStages(ctx)
	})
}

// endTryOut gives a group back what it had.
func (s *screenpopup) endTryOut(goapp.Context) {
	group := s.people.groupName(s.ending)
	s.busy = true
	c := browser.Call{Method: "DELETE", Path: s.path() + below("/stage", s.ending)}
	later(s.Office, s.own, c, func(ctx goapp.Context, _ struct{}, err error) {
		s.busy, s.sheet = false, ""
		if err != nil {
			s.Office.toast(err.Error(), true)
		} else {
			s.Office.toast(group+" has again what it had before.", false)
		}
		s.loadStages(ctx)
	})
}

// takeTried puts what a group tries into the text, to go on with or to publish to
// all. What was written here goes: the button is off while it is unpublished.
func (s *screenpopup) takeTried(group string) func(goapp.Context) {
	return func(goapp.Context) {
		d := s.draft
		get(s.Office, s.own, below("/screenpopup", levelGroup, group), func(ctx goapp.Context, a browser.Answer, err error) {
			switch {
			case d != s.draft:
			case err != nil:
				s.Office.toast(err.Error(), true)
			default:
				s.Office.write(d, string(a.Body))
				s.fill(ctx)
			}
		})
	}
}

// renderStages lists the groups that have something first; nothing where none has.
func (s *screenpopup) renderStages() []goapp.UI {
	if len(s.stages) == 0 {
		return nil
	}
	items := make([]goapp.UI, len(s.stages))
	for i, g := range s.stages {
		items[i] = s.renderStage(g)
	}
	return []goapp.UI{goapp.Section().Class("side-part").Aria("label", "Tried by one group first").Body(
		goapp.H2().Text("Tried by one group first"),
		goapp.Ol().Class("revisions").Body(items...),
	)}
}

func (s *screenpopup) renderStage(g stage) goapp.UI {
	name := orElse(g.GroupName, g.Group)
	what := orElse(g.Note, ui.Pick(g.Origin == 0, "A draft", fmt.Sprintf("Revision %d", g.Origin)))
	return goapp.Li().Class("revision").Body(goapp.Div().Class("revision-head").Body(
		goapp.Span().Class("revision-words").Body(
			goapp.Span().Class("revision-note").Text(name+": "+what),
			goapp.Span().Class("dim", "small").Body(goapp.Text(g.Author+" · "), ui.When(g.At, s.Office.now())),
		),
		goapp.Span().Class("revision-acts").Body(
			ui.Button{Key: "stage/" + g.Group + "/take", Label: "Take", Class: "quiet", Off: s.draft.changed() && !s.draftIsTried(),
				Hint: "Put what " + name + " tries into the text, to publish it to all", Press: s.takeTried(g.Group)}.UI(),
			ui.Button{Key: "stage/" + g.Group + "/end", Label: "End", Class: "quiet",
				Hint: "Give " + name + " back what it had", Press: func(goapp.Context) { s.ending, s.sheet = g.Group, sheetEndTry }}.UI(),
		),
	))
}

// draftIsTried reports whether the text was handed to a group as it stands, so
// that nothing is lost when another takes its place.
func (s *screenpopup) draftIsTried() bool { return s.handed != "" && s.handed == s.draft.text }
