package workspace

import (
	"context"
	"errors"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/ui"
	"github.com/crmpop/crmpop/app/wire"
)

const (
	socketPath    = "/api/v1/connect"
	receiptPrefix = "crmpop.receipt."
	redrawEvery   = 30 // seconds: words like "2 min ago" go stale
	askAfter      = 3  // attempts in vain, then ask whether we are still signed in
	askEvery      = 10 * time.Second
	askAgain      = 3 * time.Second // at the start, while the server does not answer
)

// begin starts what runs as long as the document lives. It is called once.
func (d *Desk) begin() {
	stage := browser.NewStage(liveFrames, d.heard)
	_, stopped := browser.Load(browser.Local, popupsKey)
	d.mu.Lock()
	d.stage, d.popups, d.build = stage, !stopped, goapp.Getenv("CRMPOP_BUILD")
	d.notices = browser.MayNotify()
	_, d.silent = browser.Load(browser.Local, noticesKey)
	d.mu.Unlock()
	browser.OnNotice(d.answerNotice)
	browser.OnKey(d.key)
	browser.OnVisible(func(visible bool) {
		if line := d.connection(); visible && line != nil {
			line.Wake()
		}
	})
	browser.OnFocus(func() { d.do(func(b *board, at moment) []act { return b.copyLater(at) }) })
	browser.OnOnline(func(online bool) {
		if line := d.connection(); line != nil {
			line.Offline(!online)
		}
	})
	steal := browser.Lead(leadName, func() { d.lead(true) }, func() { d.lead(false) })
	d.mu.Lock()
	d.steal = steal
	d.mu.Unlock()
	browser.Go(d.beatOn)
	d.ask()
}

func (d *Desk) connection() connection {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.line
}

// beatOn runs once a second. In a hidden tab browsers slow it down to once a
// minute; nothing that must be on time hangs on it.
func (d *Desk) beatOn() {
	for n := 1; ; n++ {
		time.Sleep(time.Second)
		d.second(n%redrawEvery == 0)
	}
}

func (d *Desk) second(redraw bool) {
	defer ui.Recover("the beat")
	browser.Alive()
	d.beat.Paint()
	at := d.moment()
	d.mu.Lock()
	acts, asked := d.board.tick(at), len(d.asks) > 0
	d.mu.Unlock()
	d.perform(acts)
	if redraw || asked {
		d.touch()
	}
}

// lead notes whether pops open in this tab, and lets the others know.
func (d *Desk) lead(on bool) {
	d.mu.Lock()
	d.leads = on
	line := d.line
	d.mu.Unlock()
	if line != nil {
		line.Lead(on)
	}
	d.do(func(b *board, at moment) []act { return b.lead(on, at) })
}

// ask finds out who is signed in and goes on from there. At the start it keeps asking.
func (d *Desk) ask() {
	a, w, err := askSession()
	switch {
	case err == nil:
		d.connect(a)
	case errors.Is(err, errSignedOut):
		d.change(func() { d.phase, d.welcome, d.fault = signedOut, w, "" })
	case (errors.Is(err, errUnreachable) || errors.Is(err, errIntercepted)) && d.isStarting():
		d.change(func() { d.fault = message(err) })
		time.AfterFunc(askAgain, func() { browser.Go(d.ask) })
	default:
		d.change(func() { d.phase, d.fault = signedOut, message(err) })
	}
	d.settle()
}

func (d *Desk) isStarting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.phase == starting
}

// signIn signs in; why it did not work stands on the page.
func (d *Desk) signIn(email, password string) {
	d.change(func() { d.busy, d.fault = true, "" })
	browser.Go(func() {
		a, err := sendSignIn(email, password)
		d.change(func() {
			d.busy = false
			if err != nil {
				d.fault = message(err)
			}
		})
		if err == nil {
			d.connect(a)
		}
	})
}

// signOut ends the session at the server and clears the screen.
func (d *Desk) signOut() {
	browser.Go(func() {
		if _, err := browser.Fetch("DELETE", sessionPath, "", nil); err != nil {
			d.toast(errUnreachable.Msg, true)
			return
		}
		d.drop()
		d.clear()
		browser.Delete(browser.Session, selectionKey)
		d.ask()
	})
}

// toSignIn shows the sign-in page; the pages stay where they are until it is
// known who comes.
func (d *Desk) toSignIn() {
	d.drop()
	browser.Go(d.ask)
}

// reconnect connects again after the connection has ended for good.
func (d *Desk) reconnect() {
	d.mu.Lock()
	a := d.account
	d.mu.Unlock()
	d.connect(a)
}

// connect opens the connection of an account. Requests and pages of the same
// account stay; those of another go.
func (d *Desk) connect(a account) {
	self := browser.Tab()
	box := receiptBox{prefix: receiptPrefix + a.User.ID + "."}
	d.mu.Lock()
	build, same := orElse(d.build, a.Build), d.account.User.ID == a.User.ID && d.board.self != ""
	d.mu.Unlock()
	d.drop()
	if !same {
		d.clear()
	}
	past, _ := browser.Load(browser.Session, selectionKey)
	ctx, hangUp := context.WithCancel(context.Background())
	line := session.New(browser.SocketURL(socketPath), session.Options{
		Tab:      self,
		Build:    build,
		OnFrame:  func(f wire.Frame) { d.during(ctx, func() { d.frame(f) }) },
		OnState:  func(s session.State) { d.during(ctx, func() { d.linked(s) }) },
		OnAsks:   func(all []session.Ask) { d.during(ctx, func() { d.takeAsks(all) }) },
		OnFault:  func(err error) { goapp.Log(err) },
		Dial:     session.Dialer(browser.Socket),
		HTTP:     &session.HTTP{Events: browser.Events, Send: sendByHTTP},
		Lead:     d.isLead,
		Receipts: box,
	})
	d.mu.Lock()
	if !same {
		d.board = newBoard(self, box.pops(), readSelection(past))
		d.board.mayAskNotices = d.notices == browser.NoticesUnasked
		d.board.leads = d.leads
	}
	d.account, d.phase, d.overlay, d.fault = a, working, "", ""
	if d.build == "" {
		d.build = a.Build
	}
	d.line, d.hangUp = line, hangUp
	d.mu.Unlock()
	browser.Go(func() {
		// Why it ended has been told by OnState.
		_ = line.Run(ctx)
	})
	d.settle()
	d.touch()
}

// sendByHTTP sends what a session says where no websocket gets through.
func sendByHTTP(ctx context.Context, method, url string, body []byte) (session.Reply, error) {
	answer, err := browser.SendUntil(ctx, browser.Call{Method: method, Path: browser.PathOf(url), Type: "application/json", Body: body})
	return session.Reply{Status: answer.Status, Type: answer.Type, Body: answer.Body}, err
}

// during runs f unless the connection it belongs to has been hung up.
func (d *Desk) during(line context.Context, f func()) {
	if line.Err() == nil {
		f()
	}
}

// drop hangs up.
func (d *Desk) drop() {
	d.mu.Lock()
	hangUp := d.hangUp
	d.line, d.hangUp, d.asks = nil, nil, nil
	d.mu.Unlock()
	if hangUp != nil {
		hangUp()
	}
}

// clear takes every request and page away.
func (d *Desk) clear() {
	d.mu.Lock()
	acts := d.board.restore(wire.Frame{Type: wire.Snapshot}, d.moment())
	d.board, d.account, d.phase, d.overlay = newBoard("", nil, selection{}), account{}, starting, ""
	d.mu.Unlock()
	d.perform(acts)
}

func (d *Desk) isLead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.leads
}

// linked takes a change of the connection. A browser does not say why a
// connection was refused, so after a few refusals the server is asked.
func (d *Desk) linked(s session.State) {
	ask := false
	d.change(func() {
		d.link = s
		ask = s.Attempt >= askAfter && d.now().Sub(d.asked) > askEvery
		if ask {
			d.asked = d.now()
		}
	})
	if ask {
		browser.Go(d.checkSession)
	}
	if s.Phase == session.Ended && s.Code == wire.ByeSignOut {
		d.signedOutElsewhere()
	}
}

// checkSession ends the connection's attempts if nobody is signed in any more.
func (d *Desk) checkSession() {
	if _, _, err := askSession(); !errors.Is(err, errSignedOut) {
		return
	}
	d.drop()
	d.change(func() { d.link = session.State{Phase: session.Ended, Since: d.now(), Code: wire.ByeSignOut} })
	d.signedOutElsewhere()
}

// signedOutElsewhere shows the sign-in page at once where nothing is open; else
// the agent is told, and may finish what stands in the pages first.
func (d *Desk) signedOutElsewhere() {
	d.mu.Lock()
	open := len(d.board.tabs) > 0
	d.mu.Unlock()
	if !open {
		d.toSignIn()
	}
}

// endedWords says why the connection has ended for good, and whether signing in
// is the cure.
func endedWords(s session.State) (words string, signIn bool) {
	switch s.Code {
	case wire.ByeSignOut:
		return "You were signed out.", true
	case wire.ByeDenied:
		return orElse(s.Reason, "You may not use the workspace."), true
	case wire.ByeReplaced:
		return "The workspace was opened in too many tabs.", false
	}
	return "The connection has ended" + after(": ", s.Reason) + ".", false
}

// receiptBox keeps receipts in the browser's storage until the server has
// confirmed them; each agent has a box.
type receiptBox struct{ prefix string }

// Put keeps a receipt.
func (r receiptBox) Put(id string, frame []byte) {
	browser.Save(browser.Local, r.prefix+id, string(frame))
}

// Delete forgets a receipt.
func (r receiptBox) Delete(id string) { browser.Delete(browser.Local, r.prefix+id) }

// All returns the receipts that are kept, by id.
func (r receiptBox) All() map[string][]byte {
	all := map[string][]byte{}
	for _, key := range browser.Keys(browser.Local, r.prefix) {
		if frame, ok := browser.Load(browser.Local, key); ok {
			all[key[len(r.prefix):]] = []byte(frame)
		}
	}
	return all
}

// pops returns the pops that the kept receipts are of.
func (r receiptBox) pops() map[string]bool {
	ids := map[string]bool{}
	for _, b := range r.All() {
		if f, err := wire.Decode(b); err == nil {
			ids[f.PopID] = true
		}
	}
	return ids
}
