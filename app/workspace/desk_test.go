package workspace_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/app/workspace"
)

// told compares what the desk has asked of the world since the last look.
func told(t *testing.T, d *workspace.TestDesk, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, d.Take()); diff != "" {
		t.Errorf("the desk asked (-want +got):\n%s", diff)
	}
}

func rings(d *workspace.TestDesk, r *screenpop.Request) {
	d.Frame(wire.Frame{Type: wire.Request, Seq: 1, Request: r})
}

func pops(d *workspace.TestDesk, p *screenpop.Pop) {
	d.Frame(wire.Frame{Type: wire.Pop, Seq: 2, Pop: p})
}

func loads(d *workspace.TestDesk, id string) {
	d.Heard(browser.PageEvent{ID: id, What: browser.PageLoaded, After: 300 * time.Millisecond, Loads: 1})
}

func TestPageIsOnTheStageBeforeAnythingIsRedrawn(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	d.Take()
	pops(d, crm("p1", "c1"))
	told(t, d, "add p1", `cover "p1" false`, `show "p1"`)
	loads(d, "p1")
	told(t, d, `receipt p1 shown "0.3 s"`)
}

func TestManyChangesMakeOneRedrawing(t *testing.T) {
	d := workspace.NewTestDesk()
	for range 5 {
		rings(d, call("c1"))
	}
	if n := slices.Index(d.Take(), "redraw"); n != 0 {
		t.Fatal("nothing was redrawn")
	}
	for range 5 {
		rings(d, call("c1"))
	}
	told(t, d)
}

func TestWindowThatIsStoppedWaits(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	d.Take()
	pops(d, crm("w1", "c1", target("_blank"))) // natively no window opens
	told(t, d, `receipt w1 waiting "the browser stopped a new tab"`)
	if v, _ := browser.Load(browser.Local, "crmpop.popups"); v != "stopped" {
		t.Errorf("stored %q about pop-ups, want %q", v, "stopped")
	}
}

func TestFramesOutlastAChangeOfRoute(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	pops(d, crm("p1", "c1"))
	d.Take()
	d.Leave()
	told(t, d, `show ""`)
	pops(d, crm("p2", "c1"))
	told(t, d, "add p2")
	d.Return()
	told(t, d, `cover "p1" false`, `show "p1"`)
}

func TestSlowPageIsCoveredUntilItComes(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	pops(d, crm("p1", "c1"))
	d.Take()
	d.Heard(browser.PageEvent{ID: "p1", What: browser.PageSlow})
	told(t, d, `receipt p1 failed "no answer in 8 s"`, `cover "p1" true`, `show "p1"`)
	loads(d, "p1")
	told(t, d, `receipt p1 shown "0.3 s"`, `cover "p1" false`, `show "p1"`)
}

func TestBlankPageIsRememberedByItsKey(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	pops(d, crm("p1", "c1", func(p *screenpop.Pop) { p.FrameKey = "https://crm.example.com/{}" }))
	d.Take()
	d.Blank("p1")
	told(t, d, "refuse https://crm.example.com/{}: the agent found the page blank", "remove p1",
		`receipt p1 refused "the agent found the page blank"`, `cover "" false`, `show ""`)
	d.Act("here", "p1")
	told(t, d, "allow https://crm.example.com/{}", "add p1", `cover "p1" false`, `show "p1"`)
}

func TestKeys(t *testing.T) {
	alt := func(code string) browser.Key { return browser.Key{Code: code, Alt: true} }
	tests := []struct {
		name string
		key  browser.Key
		want []string // nil: the key is not ours
	}{
		{"request", alt("Digit2"), []string{"c2"}},
		{"request that is not there", alt("Digit9"), []string{}},
		{"view to the right", alt("ArrowRight"), []string{`cover "p1" false`, `show "p1"`}},
		{"no view to the left", alt("ArrowLeft"), []string{}},
		{"close", alt("KeyW"), []string{"close c1"}},
		{"reload without a page", alt("KeyR"), nil},
		{"other keys with Alt", alt("KeyF"), nil},
		{"Alt with Ctrl types @ on some keyboards", browser.Key{Code: "Digit2", Alt: true, Ctrl: true}, nil},
		{"Enter while nothing waits", browser.Key{Key: "Enter"}, nil},
		{"letters", browser.Key{Key: "a", Code: "KeyA"}, nil},
		{"question mark in a field", browser.Key{Key: "?", Editing: true}, nil},
		{"question mark", browser.Key{Key: "?"}, []string{}},
		{"Escape while nothing is open", browser.Key{Key: "Escape"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := workspace.NewTestDesk()
			rings(d, call("c1"))
			rings(d, call("c2"))
			pops(d, crm("p1", "c1"))
			d.SelectView("")
			d.Take()
			do := d.Key(tt.key)
			if (do == nil) != (tt.want == nil) {
				t.Fatalf("key is ours: %v, want %v", do != nil, tt.want != nil)
			}
			if do == nil {
				return
			}
			do()
			got := append([]string{}, d.Take()...)
			if tt.name == "request" {
				got = []string{d.Shown()}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("the key did (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnterOpensWhatWaits(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	pops(d, crm("p1", "c1", state(screenpop.PopMissed, "")))
	d.Take()
	d.Key(browser.Key{Key: "Enter"})()
	told(t, d, "add p1", `cover "p1" false`, `show "p1"`)
}

func TestSearchPicksTheFirstThatMatches(t *testing.T) {
	d := workspace.NewTestDesk()
	rings(d, call("c1"))
	rings(d, call("c2", func(r *screenpop.Request) { r.Name = "Harriet Vane" }))
	d.Overlay("requests")
	d.Search(" harriet")
	d.PickFirst()
	if d.Shown() != "c2" {
		t.Errorf("shown is %s, want c2", d.Shown())
	}
}

func TestTabThatGainsTheLeadOpensWhatIsDue(t *testing.T) {
	d := workspace.NewTestDesk()
	d.LeadTab(false)
	rings(d, call("c1"))
	pops(d, crm("p1", "c1"))
	d.Take()
	d.LeadTab(true)
	told(t, d, "lead true", "add p1", `cover "p1" false`, `show "p1"`)
}

func TestCloseAsksTheServer(t *testing.T) {
	d := workspace.NewTestDesk()
	d.CloseRequest()
	rings(d, call("c1"))
	d.Take()
	d.CloseRequest()
	told(t, d, "close c1")
}

func TestReceiptsAreKeptUntilConfirmed(t *testing.T) {
	box := workspace.Box("test.receipt.")
	frame := wire.Encode(wire.Frame{Type: wire.Receipt, ID: "r1", PopID: "p1", State: screenpop.PopOpened})
	box.Put("r1", frame)
	box.Put("r2", []byte("not a frame"))
	if diff := cmp.Diff(map[string][]byte{"r1": frame, "r2": []byte("not a frame")}, box.All()); diff != "" {
		t.Errorf("box (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"p1": true}, workspace.PopsIn("test.receipt.")); diff != "" {
		t.Errorf("pops (-want +got):\n%s", diff)
	}
	box.Delete("r1")
	box.Delete("r2")
	if all := box.All(); len(all) != 0 {
		t.Errorf("box still holds %v", all)
	}
}

func TestReadSession(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		user   string
		demo   []string
		fault  string
	}{
		{"signed in", 200, `{"user":{"name":"Anna"},"tenant":{"name":"Acme"}}`, "Anna", nil, ""},
		{"signed out", 401, `{"title":"Unauthorized"}`, "", nil, "Sign in to go on."},
		{"signed out of a demo", 401, `{"demo":true,"demo_users":["anna@demo"],"demo_password":"demo"}`, "", []string{"anna@demo"}, "Sign in to go on."},
		{"a proxy's page", 401, `<html>`, "", nil, "Sign in to go on."},
		{"a problem", 503, `{"title":"Unavailable","detail":"the store is full"}`, "", nil, "the store is full"},
		{"a title only", 500, `{"title":"Internal error"}`, "", nil, "Internal error"},
		{"no words", 502, `<html>`, "", nil, "The server answered with status 502. Try again."},
		{"too many tries", 429, ``, "", nil, "Too many attempts. Wait a minute, then try again."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			user, demo, fault := workspace.ReadSession(tt.status, tt.body)
			if user != tt.user || fault != tt.fault || !slices.Equal(demo, tt.demo) {
				t.Errorf("ReadSession(%d, %s) = %q, %q, %q; want %q, %q, %q", tt.status, tt.body, user, demo, fault, tt.user, tt.demo, tt.fault)
			}
		})
	}
}

func TestEndedWords(t *testing.T) {
	tests := []struct {
		state  session.State
		words  string
		signIn bool
	}{
		{session.State{Code: wire.ByeSignOut}, "You were signed out.", true},
		{session.State{Code: wire.ByeDenied, Reason: "Your account is closed."}, "Your account is closed.", true},
		{session.State{Code: wire.ByeReplaced}, "The workspace was opened in too many tabs.", false},
		{session.State{Reason: "odd"}, "The connection has ended: odd.", false},
	}
	for _, tt := range tests {
		if words, signIn := workspace.EndedWords(tt.state); words != tt.words || signIn != tt.signIn {
			t.Errorf("EndedWords(%v) = %q, %v, want %q, %v", tt.state, words, signIn, tt.words, tt.signIn)
		}
	}
}
