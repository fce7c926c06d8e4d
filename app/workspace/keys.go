package workspace

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/ui"
)

// The keys as tooltips and the list name them.
const (
	keyAll    = "Alt+0"
	keyClose  = "Alt+W"
	keyReload = "Alt+R"
	keyTab    = "Alt+O"
	keyBlank  = "Alt+B"
	keyAsk    = "Alt+T"
)

// keyList is what "?" shows.
var keyList = [][2]string{
	{"Alt+1 … Alt+9", "Show the request at that place"},
	{keyAll, "List and search all requests"},
	{"Alt+← Alt+→", "Show the view to the left or right"},
	{"⏎", "Open the page that waits for a click"},
	{keyTab, "Open the shown page in a tab"},
	{keyBlank, "Say that the shown page is blank, and open it in a tab"},
	{keyReload, "Reload the shown page"},
	{keyClose, "Close the request"},
	{keyAsk, "Go to the test request that waits for an answer"},
	{"?", "Show these keys"},
	{"Esc", "Close what stands above the page"},
}

// keysSheet lists the keys.
type keysSheet struct {
	goapp.Compo
	Desk *Desk
}

// OnMount puts the keyboard into the sheet.
func (k *keysSheet) OnMount(goapp.Context) { browser.Focus(keysClose) }

// Render draws the list.
func (k *keysSheet) Render() goapp.UI {
	var rows []goapp.UI
	for _, row := range keyList {
		rows = append(rows, goapp.Dt().Body(goapp.Kbd().Text(row[0])), goapp.Dd().Text(row[1]))
	}
	return ui.Overlay("keys", "Keys", "sheet", k.Desk.closeOverlay,
		goapp.Div().Class("sheet-head").Body(
			goapp.H2().Text("Keys"),
			ui.Button{Key: "close-keys", ID: keysClose, Label: "Close", Icon: "close", IconOnly: true, Class: "quiet", Short: "Esc",
				Press: k.Desk.closeOverlay}.UI(),
		),
		goapp.Dl().Class("keys").Body(rows...),
		goapp.P().Class("card-dim").Text("While the cursor is in a popped page, the keys are that page's."),
	)
}

// key takes a key that went down. It does not wait: what is to be done runs on a
// goroutine of its own.
func (d *Desk) key(k browser.Key) bool {
	d.mu.Lock()
	active := d.phase == working && d.refresh.Load() != nil
	overlay, onControl := d.overlay, d.onControl
	d.mu.Unlock()
	if !active || (k.Key == "Enter" && onControl) {
		return false
	}
	do := d.deed(k, overlay)
	if do == nil {
		return false
	}
	browser.Go(do)
	return true
}

// focus notes whether the keyboard is on a control of its own, where Enter is the
// control's. A tab is none: pressing it again does nothing.
func (d *Desk) focus(ctx goapp.Context, e goapp.Event) {
	ctx.PreventUpdate()
	target := e.Get("target")
	on := e.Get("type").String() == "focusin" && target.Get("tagName").String() != "DIV" &&
		!target.Call("matches", "[role=tab]").Bool()
	d.mu.Lock()
	d.onControl = on
	d.mu.Unlock()
}

// deed returns what a key does, nil if it is not ours.
func (d *Desk) deed(k browser.Key, overlay string) func() {
	switch {
	case k.Ctrl || k.Meta:
		return nil
	case k.Key == "Escape" && overlay != "":
		return func() {
			d.show("")
			browser.Focus(openers[overlay])
		}
	case k.Alt && !k.Shift:
		return d.altDeed(k.Code)
	case k.Editing || k.Alt || overlay != "":
		return nil
	case k.Key == "?":
		return func() { d.show(overlayKeys) }
	case k.Key == "Enter":
		return d.enterDeed()
	}
	return nil
}

// altDeed returns what a key held with Alt does.
func (d *Desk) altDeed(code string) func() {
	if n, ok := strings.CutPrefix(code, "Digit"); ok && len(n) == 1 && n != "0" {
		return func() { d.selectNth(int(n[0] - '1')) }
	}
	switch code {
	case "Digit0":
		return func() { d.show(overlayRequests) }
	case "ArrowLeft":
		return func() { d.stepView(-1) }
	case "ArrowRight":
		return func() { d.stepView(1) }
	case "KeyO":
		return d.withPage(d.openInTab)
	case "KeyB":
		return d.withPage(d.blank)
	case "KeyR":
		return d.withPage(d.reload)
	case "KeyW":
		return d.closeRequest
	case "KeyT":
		return d.askDeed()
	}
	return nil
}

// withPage returns a deed on the page that is seen, nil if none is.
func (d *Desk) withPage(do func(popID string)) func() {
	d.mu.Lock()
	p := d.board.pageGlance()
	d.mu.Unlock()
	if !p.Framed {
		return nil
	}
	return func() { do(p.ID) }
}

// enterDeed opens the page that waits for a click, nil if none does.
func (d *Desk) enterDeed() func() {
	d.mu.Lock()
	id, ok := d.board.nextWaiting()
	d.mu.Unlock()
	if !ok {
		return nil
	}
	return func() { d.open(id) }
}
