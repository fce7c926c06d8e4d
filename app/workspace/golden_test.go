package workspace_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/workspace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// kari is a call as it stands after 42 seconds, with all that can be known.
func kari(r *screenpop.Request) {
	r.Name, r.DNIS, r.CustomerKey = "Kari Nordmann", "+4721898989", "K-12345"
	r.Variables = map[string]string{"segment": "gold", "note": `50% off <b>"now"</b> %d`}
	r.State, r.AcceptedAt = screenpop.StateAccepted, workspace.Start.Add(6*time.Second)
	r.Timeline = []screenpop.TimelineEvent{
		{ID: "e1", Type: screenpop.Ringing, At: workspace.Start},
		{ID: "e2", Type: screenpop.Accepted, At: workspace.Start.Add(6 * time.Second)},
	}
}

func mail(r *screenpop.Request) {
	r.Channel, r.ANI, r.QueueKey, r.Subject = screenpop.Email, "harriet.vane@oxford.example", "support", "Invoice 881 is wrong"
	r.URL = "https://mail.example.com/881"
}

// scenes are the screens of the workspace, as they are drawn.
var scenes = map[string]func(d *workspace.TestDesk){
	"sign_in":       func(d *workspace.TestDesk) { d.SignedOut(nil, "") },
	"sign_in_demo":  func(d *workspace.TestDesk) { d.SignedOut([]string{"anna@demo", "ola@demo"}, "") },
	"sign_in_wrong": func(d *workspace.TestDesk) { d.SignedOut(nil, "The e-mail address or the password is wrong.") },
	"empty":         func(d *workspace.TestDesk) { d.Demo("") },
	"empty_demo": func(d *workspace.TestDesk) {
		d.Demo("http://127.0.0.1:8001/phone")
		d.Popups(false)
		d.LeadTab(false)
	},
	"ringing": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		pops(d, crm("p1", "c1"))
	},
	"request": func(d *workspace.TestDesk) {
		rings(d, call("c1", kari))
		pops(d, crm("SuperOffice", "c1"))
		loads(d, "SuperOffice")
		pops(d, crm("Ledger", "c1"))
		d.Heard(browser.PageEvent{ID: "Ledger", What: browser.PageRefused, Detail: "X-Frame-Options: DENY"})
		pops(d, crm("Contract", "c1", state(screenpop.PopMissed, "")))
		d.SelectView("")
	},
	"several": func(d *workspace.TestDesk) {
		rings(d, call("c1", kari))
		pops(d, crm("SuperOffice", "c1"))
		loads(d, "SuperOffice")
		pops(d, crm("Knowledge base: how to correct an invoice", "c1", target("kbwindow")))
		rings(d, call("m1", mail))
		pops(d, crm("E-mail", "m1"))
		rings(d, call("c3", reach(screenpop.StateHangup)))
	},
	"mail": func(d *workspace.TestDesk) { rings(d, call("m1", mail)) },
	"slow": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		pops(d, crm("Archive", "c1"))
		d.Heard(browser.PageEvent{ID: "Archive", What: browser.PageSlow})
	},
	"refused": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		pops(d, crm("Ledger", "c1"))
		d.Heard(browser.PageEvent{ID: "Ledger", What: browser.PageRefused, Detail: "X-Frame-Options: DENY"})
	},
	"missed": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		pops(d, crm("Contract", "c1", state(screenpop.PopMissed, "")))
		d.SelectView("Contract")
		d.Clock = d.Clock.Add(2 * time.Minute)
	},
	"unloaded": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		pops(d, crm("SuperOffice", "c1"))
		d.Heard(browser.PageEvent{ID: "SuperOffice", What: browser.PageUnloaded})
	},
	"elsewhere": func(d *workspace.TestDesk) {
		d.LeadTab(false)
		rings(d, call("c1"))
		pops(d, crm("SuperOffice", "c1", claimed("there"), state(screenpop.PopShown, "0.3 s")))
		d.SelectView("SuperOffice")
	},
	"taken": func(d *workspace.TestDesk) {
		rings(d, call("c1", func(r *screenpop.Request) { r.TakenBy = "Ola" }))
	},
	"offline": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Linked(session.State{Phase: session.Offline, Since: workspace.Start, Attempt: 1})
	},
	"by_http": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Linked(session.State{Phase: session.Connected, Since: workspace.Start, Transport: session.EventStream})
	},
	"intercepted": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Linked(session.State{Phase: session.Offline, Since: workspace.Start, Attempt: 4, Intercepted: true})
	},
	"signed_out_elsewhere": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Linked(session.State{Phase: session.Ended, Since: workspace.Start, Code: 4401})
	},
	"new_version": func(d *workspace.TestDesk) {
		d.Build("v2")
		d.Toast("Copied number.", false)
		d.Toast("Not copied: the workspace is not in front.", true)
	},
	"asked": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Toast("Copied number.", false)
		d.Asked(session.Ask{ID: "a1", By: "Mia Admin", Detail: "a voice request that rings, from +4722334455, with revision 7 of Sales", Until: workspace.Start.Add(41500 * time.Millisecond)},
			session.Ask{ID: "a2", By: "Per", Detail: "a chat request that is accepted, with what is published", Until: workspace.Start.Add(time.Minute)})
	},
	"all_requests": func(d *workspace.TestDesk) {
		rings(d, call("c1", kari))
		rings(d, call("m1", mail))
		d.Overlay("requests")
		d.Search("TALKING")
	},
	"no_request_matches": func(d *workspace.TestDesk) {
		rings(d, call("c1"))
		d.Overlay("requests")
		d.Search("nobody")
	},
	"user": func(d *workspace.TestDesk) { d.Overlay("user") },
	"keys": func(d *workspace.TestDesk) { d.Overlay("keys") },
}

func TestScreensAreDrawnAsTheyWere(t *testing.T) {
	for name, play := range scenes {
		t.Run(name, func(t *testing.T) {
			d := workspace.NewTestDesk()
			play(d)
			golden(t, name, d.Drawn())
		})
	}
}

func TestWhatIsPrerenderedKnowsNobody(t *testing.T) {
	golden(t, "starting", &workspace.Workspace{Desk: workspace.NewDesk()})
}

// TestRenderSurvivesTheEngine mounts what is drawn and draws it again after a
// change, as the page does.
func TestRenderSurvivesTheEngine(t *testing.T) {
	for name, play := range scenes {
		t.Run(name, func(t *testing.T) {
			d := workspace.NewTestDesk()
			engine := goapp.NewTestEngine()
			w := d.Drawn()
			if err := engine.Load(w); err != nil {
				t.Fatal(err)
			}
			play(d)
			engine.ConsumeAll()
			if err := engine.Load(d.Drawn()); err != nil {
				t.Fatal(err)
			}
			engine.ConsumeAll()
		})
	}
}

func golden(t *testing.T, name string, ui goapp.UI) {
	t.Helper()
	got := sorted(goapp.HTMLString(ui)) + "\n"
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; look at it, then write it anew with -update (-want +got):\n%s", path, diff)
	}
}

// sorted sorts the attributes of every tag: go-app writes them in any order.
func sorted(html string) string {
	lines := strings.Split(html, "\n")
	for i, line := range lines {
		start := strings.IndexByte(line, '<')
		if start < 0 || strings.HasPrefix(line[start:], "</") {
			continue
		}
		words, rest := tagWords(line[start+1:])
		if len(words) > 1 {
			slices.Sort(words[1:])
			lines[i] = line[:start+1] + strings.Join(words, " ") + rest
		}
	}
	return strings.Join(lines, "\n")
}

// tagWords splits a tag into its name and attributes; rest begins with its ">".
func tagWords(s string) (words []string, rest string) {
	from, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ' ' && !quoted:
			words, from = append(words, s[from:i]), i+1
		case s[i] == '>' && !quoted:
			return append(words, s[from:i]), s[i:]
		}
	}
	return nil, s
}
