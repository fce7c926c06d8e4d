package workspace_test

import (
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/workspace"
)

func TestPopWords(t *testing.T) {
	with := func(receipts ...string) screenpop.Pop {
		p := screenpop.Pop{Title: "SuperOffice", URL: "https://crm.example.com/"}
		for i := 0; i < len(receipts); i += 2 {
			p.State, p.Detail = screenpop.PopState(receipts[i]), receipts[i+1]
			p.Receipts = append(p.Receipts, screenpop.Receipt{State: p.State, Detail: p.Detail})
		}
		return p
	}
	bare := func(s screenpop.PopState, detail string) screenpop.Pop {
		return screenpop.Pop{Title: "Ledger", State: s, Detail: detail}
	}
	tests := []struct {
		name string
		pop  screenpop.Pop
		want string
	}{
		{"shown", with("delivered", "", "shown", "0.3 s"), "SuperOffice shown, 0.3 s"},
		{"refused, then opened", with("refused", "X-Frame-Options: DENY", "opened", "in a browser tab"),
			"SuperOffice refused to be framed (X-Frame-Options: DENY), opened in a browser tab"},
		{"blocked, then opened", with("waiting", "the browser stopped a new tab", "opened", "in window kb"),
			"SuperOffice waits for your click, opened in window kb"},
		{"the agent says it is blank", with("shown", "0.3 s", "refused", "the agent found the page blank"), "SuperOffice shown, 0.3 s, was blank"},
		{"slow, then there", with("failed", "no answer in 8 s", "shown", "12 s"), "SuperOffice failed: no answer in 8 s, shown, 12 s"},
		{"said twice", with("shown", "0.3 s", "shown", "0.3 s"), "SuperOffice shown, 0.3 s"},
		{"no receipts yet", bare(screenpop.PopPending, ""), "Ledger is on its way"},
		{"missed", bare(screenpop.PopMissed, ""), "Ledger came while you were away"},
		{"withdrawn", bare(screenpop.PopWithdrawn, "taken over by Ola"), "Ledger withdrawn: taken over by Ola"},
		{"skipped", bare(screenpop.PopSkipped, "not yet"), "Ledger skipped: not yet"},
		{"copied", bare(screenpop.PopCopied, ""), "Ledger copied"},
		{"sent", bare(screenpop.PopSent, "200 OK"), "Ledger sent, 200 OK"},
		{"ran", bare(screenpop.PopRan, "exit 0"), "Ledger ran, exit 0"},
		{"no title: the host", screenpop.Pop{URL: "https://crm.example.com/x", State: screenpop.PopShown}, "crm.example.com shown"},
		{"neither: the popup", screenpop.Pop{PopupID: "tenant:copy", State: screenpop.PopSkipped}, "tenant:copy skipped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := workspace.PopWords(tt.pop); got != tt.want {
				t.Errorf("popWords = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWordsOfARequest(t *testing.T) {
	chat := func(r *screenpop.Request) { r.Channel, r.ANI, r.Name = screenpop.Chat, "", "Ola N." }
	mail := func(r *screenpop.Request) {
		r.Channel, r.ANI, r.Subject = screenpop.Email, "kari@example.com", "Invoice 881"
	}
	named := func(r *screenpop.Request) { r.Name = "Kari Nordmann" }
	out := func(r *screenpop.Request) { r.Direction = screenpop.Out }
	taken := func(r *screenpop.Request) { r.TakenBy = "Ola" }
	answered := func(r *screenpop.Request) { r.AcceptedAt = workspace.Start }
	tests := []struct {
		name                             string
		request                          *screenpop.Request
		tab, second, said, channel, edge string
	}{
		{"a number rings", call("c"), "+4722334455, sales · ringing, voice", "sales · ringing",
			"Call from +47 22 33 44 55, sales", "Incoming call", "ring"},
		{"a name talks", call("c", named, answered, reach(screenpop.StateAccepted)), "Kari Nordmann, sales · talking, +4722334455, voice", "sales · talking",
			"Call from Kari Nordmann, sales", "Incoming call", "talk"},
		{"after call", call("c", answered, reach(screenpop.StateHangup)), "+4722334455, sales · after call, voice", "sales · after call",
			"Call from +47 22 33 44 55, sales", "Incoming call", "wrap"},
		{"never answered", call("c", reach(screenpop.StateHangup)), "+4722334455, sales · after call, voice", "sales · after call",
			"Call from +47 22 33 44 55, sales", "Incoming call", "miss"},
		{"an e-mail that waits", call("c", mail), "kari@example.com, waiting for you · Invoice 881, email, sales", "waiting for you · Invoice 881",
			"E-mail from kari@example.com, sales", "Incoming e-mail", "ring"},
		{"an e-mail being answered", call("c", mail, reach(screenpop.StateAccepted)), "kari@example.com, Invoice 881 · in progress, email, sales", "Invoice 881 · in progress",
			"E-mail from kari@example.com, sales", "Incoming e-mail", "talk"},
		{"a chat is offered", call("c", chat, reach(screenpop.StateOffered)), "Ola N., sales · offered, chat", "sales · offered",
			"Chat from Ola N., sales", "Incoming chat", "ring"},
		{"outgoing", call("c", out), "+4722334455, sales · ringing, voice", "sales · ringing", "Call to +47 22 33 44 55, sales", "Outgoing call", "ring"},
		{"taken over", call("c", taken), "+4722334455, sales · taken by Ola, voice", "sales · taken by Ola",
			"Call from +47 22 33 44 55, sales", "Incoming call", "wrap"},
		{"nothing known", &screenpop.Request{}, "unknown, new", "new", "Request from unknown", "Incoming request", "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := *tt.request
			got := []string{workspace.TabName(r, 0), workspace.Subtitle(r), workspace.Announcement(r), workspace.ChannelWords(r), workspace.Edge(r)}
			want := []string{tt.tab, tt.second, tt.said, tt.channel, tt.edge}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%q, want %q", got[i], want[i])
				}
			}
		})
	}
	if got, want := workspace.TabName(*call("c"), 2), "+4722334455, sales · ringing, voice, 2 pages not seen yet"; got != want {
		t.Errorf("TabName with a badge = %q, want %q", got, want)
	}
}

func TestSmallWords(t *testing.T) {
	for got, want := range map[string]string{
		workspace.Short("SuperOffice", 22):                       "SuperOffice",
		workspace.Short("Knowledge base: how to pay", 22):        "Knowledge base: how t…",
		workspace.Short("Ærlig talt, æøå æøå æøå æøå", 12):       "Ærlig talt,…",
		workspace.Where("_blank"):                                "in a browser tab",
		workspace.Where("kb"):                                    "in window kb",
		workspace.ConnectedFor(time.Time{}, workspace.Start):     "",
		workspace.ConnectedFor(workspace.Start, workspace.Start): "connected since 10:15",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
