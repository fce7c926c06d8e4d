package screenpop_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/google/go-cmp/cmp"
)

// popups returns the effective popups of a tenant's document.
func popups(t testing.TB, src string) []screenpop.Popup {
	t.Helper()
	doc, findings := screenpop.ParseDocument([]byte(src))
	if doc == nil {
		t.Fatalf("ParseDocument: %v", findings)
	}
	return screenpop.Effective(screenpop.LevelDocument{Level: screenpop.LevelTenant, Doc: doc})
}

func TestMatch(t *testing.T) {
	call := screenpop.Request{ID: "c", Channel: screenpop.Voice, Direction: screenpop.In, ANI: "+4722334455", QueueKey: "support_no",
		Variables: map[string]string{"segment": "gold", "anum": "shadow"}}
	tests := []struct {
		name       string
		attributes string
		conditions string
		trigger    screenpop.Trigger
		request    screenpop.Request
		ok         bool
		why        string
	}{
		{"by default voice rings", "", "", screenpop.Ringing, call, true, `the trigger was "ringing"`},
		{"by default voice does not accept", "", "", screenpop.Accepted, call, false, `on is "ringing" (the default for voice), the trigger was "accepted"`},
		{"by default e-mail accepts", "", "", screenpop.Accepted, screenpop.Request{Channel: screenpop.Email}, true, `the trigger was "accepted"`},
		{"by default social accepts", "", "", screenpop.Accepted, screenpop.Request{Channel: screenpop.Social}, true, `the trigger was "accepted"`},
		{"by default chat is assigned", "", "", screenpop.Assigned, screenpop.Request{Channel: screenpop.Chat}, true, `the trigger was "assigned"`},
		{"by default chat does not accept", "", "", screenpop.Accepted, screenpop.Request{Channel: screenpop.Chat}, false, `on is "assigned" (the default for chat), the trigger was "accepted"`},
		{"default of several channels", `channel="voice email"`, "", screenpop.Accepted, screenpop.Request{Channel: screenpop.Email}, true, `the trigger was "accepted", channel is "voice email"`},
		{"trigger", `on="ringing"`, "", screenpop.Hangup, call, false, `on is "ringing", the trigger was "hangup"`},
		{"one of the triggers", `on="ringing hangup"`, "", screenpop.Hangup, call, true, `the trigger was "hangup"`},
		{"none of the triggers", `on="ringing hangup"`, "", screenpop.Closed, call, false, `on is "ringing hangup", the trigger was "closed"`},
		{"updated", `on="ringing"`, "", screenpop.Updated, call, false, `on is "ringing", the trigger was "updated"`},
		{"channel", `on="ringing" channel="email social"`, "", screenpop.Ringing, call, false, `channel is "email social", the request's was "voice"`},
		{"queue", `queue="sales*"`, "", screenpop.Ringing, call, false, `queue is "sales*", the request's queue_key was "support_no"`},
		{"one of the queues", `queue="sales* support_??"`, "", screenpop.Ringing, call, true, `the trigger was "ringing", queue is "sales* support_??"`},
		{"any queue", `queue="*"`, "", screenpop.Ringing, screenpop.Request{Channel: screenpop.Voice}, true, `the trigger was "ringing", queue is "*"`},
		{"no queue", `queue="?*"`, "", screenpop.Ringing, screenpop.Request{Channel: screenpop.Voice}, false, `queue is "?*", the request's queue_key was ""`},
		{"direction", `direction="out"`, "", screenpop.Ringing, call, false, `direction is "out", the request's was "in"`},
		{"is", "", `<when variable="segment" is="gold"/>`, screenpop.Ringing, call, true, `the trigger was "ringing", segment must be "gold"`},
		{"is, otherwise", "", `<when variable="segment" is="silver"/>`, screenpop.Ringing, call, false, `when segment must be "silver", it was "gold"`},
		{"not", "", `<when variable="segment" not="gold"/>`, screenpop.Ringing, call, false, `when segment must not be "gold", it was "gold"`},
		{"not, of a variable that is missing", "", `<when variable="customer_key" not=""/>`, screenpop.Ringing, call, false, `when customer_key must not be "", it was ""`},
		{"matches", "", `<when variable="anum" matches="+47*"/>`, screenpop.Ringing, call, true, `the trigger was "ringing", anum must match "+47*"`},
		{"matches, otherwise", "", `<when variable="anum" matches="+46*"/>`, screenpop.Ringing, call, false, `when anum must match "+46*", it was "+4722334455"`},
		{"trigger as a variable", "", `<when variable="trigger" is="ringing"/>`, screenpop.Ringing, call, true, `the trigger was "ringing", trigger must be "ringing"`},
		{"all must hold", "", `<when variable="segment" is="gold"/><when variable="dnis" is="1"/>`, screenpop.Ringing, call, false, `when dnis must be "1", it was ""`},
		{"the first that fails is named", `on="hangup" channel="chat" queue="x" direction="out"`, `<when variable="dnis" is="1"/>`, screenpop.Ringing, call, false, `on is "hangup", the trigger was "ringing"`},
		{"everything holds", `on="ringing" channel="voice" queue="support*" direction="in"`, `<when variable="segment" is="gold"/>`, screenpop.Ringing, call, true,
			`the trigger was "ringing", channel is "voice", queue is "support*", direction is "in", segment must be "gold"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := popups(t, in("<clipboard "+tt.attributes+">"+tt.conditions+"x</clipboard>"))[0]
			ok, why := p.Match(tt.trigger, tt.request)
			if ok != tt.ok || why != tt.why {
				t.Errorf("Match = %v, %s\nwant    %v, %s", ok, why, tt.ok, tt.why)
			}
		})
	}
}

func TestGlobs(t *testing.T) {
	tests := []struct {
		glob, s string
		want    bool
	}{
		{"a", "a", true}, {"a", "b", false}, {"a", "", false}, {"*", "", true}, {"**", "x", true}, {"?", "", false},
		{"?", "æ", true}, {"??", "æ", false}, {"a*c", "abbc", true}, {"a*c", "abcb", false}, {"*a*b*", "xxaxxbxx", true},
		{"*ab", "aab", true}, {"a?c*", "abc", true}, {"*æ?", "xæ€", true}, {"Sales", "sales", false}, {"[a]", "a", false},
		{strings.Repeat("*a", 30) + "b", strings.Repeat("a", 2000), false},
	}
	for _, tt := range tests {
		p := popups(t, in(`<clipboard on="ringing"><when variable="name" matches="`+tt.glob+`"/>x</clipboard>`))[0]
		if got, _ := p.Match(screenpop.Ringing, screenpop.Request{Name: tt.s}); got != tt.want {
			t.Errorf("glob %q on %.20q = %v, want %v", tt.glob, tt.s, got, tt.want)
		}
	}
}

func TestEffective(t *testing.T) {
	tests := []struct {
		name                string
		tenant, group, user string // documents; "-" inherits
		want                []string
	}{
		{"nobody has one", "-", "-", "-", nil},
		{"only the tenant", "<clipboard id='a'>x</clipboard>", "-", "-", []string{"tenant:a"}},
		{"the innermost counts", "<clipboard id='a'>x</clipboard>", "<clipboard id='b'>x</clipboard>", "-", []string{"group:b"}},
		{"an empty one counts", "<clipboard id='a'>x</clipboard>", "", "-", nil},
		{"inherit takes in the parent's", "<clipboard id='a'>x</clipboard>", "<clipboard id='b'>x</clipboard><inherit/><clipboard id='c'>x</clipboard>", "-", []string{"group:b", "tenant:a", "group:c"}},
		{"inherit over a level without", "<clipboard id='a'>x</clipboard>", "-", "<inherit/><clipboard id='a'>x</clipboard>", []string{"tenant:a", "user:a"}},
		{"inherit through levels", "<clipboard>x</clipboard>", "<inherit/><clipboard>x</clipboard>", "<clipboard>x</clipboard><inherit/>", []string{"user:1", "tenant:1", "group:1"}},
		{"a break in the chain", "<clipboard>x</clipboard>", "<clipboard>x</clipboard>", "<inherit/>", []string{"group:1"}},
		{"the tenant has no parent", "<inherit/><clipboard>x</clipboard>", "-", "-", []string{"tenant:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var levels []screenpop.LevelDocument
			for i, src := range []string{tt.tenant, tt.group, tt.user} {
				l := screenpop.LevelDocument{Level: []string{screenpop.LevelTenant, screenpop.LevelGroup, screenpop.LevelUser}[i]}
				if src != "-" {
					var findings []screenpop.Finding
					if l.Doc, findings = screenpop.ParseDocument([]byte(in(src))); l.Doc == nil {
						t.Fatal(findings)
					}
				}
				levels = append(levels, l)
			}
			for range 2 { // it leaves the documents as they are
				var got []string
				for _, p := range screenpop.Effective(levels...) {
					got = append(got, p.Key())
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}
