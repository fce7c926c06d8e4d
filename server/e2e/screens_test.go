package e2e_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"github.com/crmpop/crmpop/app/screenpop"
)

// TestScreens draws the pictures of the README and the manual from the running
// demo, and sees that none is blank. make screenshots keeps them.
func TestScreens(t *testing.T) {
	t.Parallel()
	dir := *screens
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	p := newPerson(t)
	w := &workspace{tab: p.first, person: p, server: s, origin: s.url}
	w.allow("X-Frame-Options", "401 (Unauthorized)")
	w.emulate("prefers-color-scheme", "light")
	w.goTo(s.url + "/")
	w.find("textbox", "Password")
	w.keep(dir, "sign-in")
	w.signIn(anna)
	w.find("button", "Ring me")
	w.keep(dir, "empty")

	s.ring("s-1", harriet, anna, "sales")
	w.show(harriet.name)
	w.view(harriet.crmPage())
	w.untilSeen(harriet.crmPage())
	w.frame(harriet.crmPage(), "/contact").heading(harriet.name)
	w.keep(dir, "pop")

	s.then(screenpop.Accepted, "s-1")
	acceptEmail(s, "s-2", kari, "Invoice 881 is wrong")
	s.ring("s-3", maya, anna, "billing")
	s.untilState("s-3", "contact", screenpop.PopShown)
	s.untilState("s-3", "ledger", screenpop.PopWaiting, screenpop.PopRefused, screenpop.PopOpened)
	w.show(kari.name)
	w.view("E-mail")
	w.untilSeen("E-mail")
	w.frame("E-mail", "/mail").heading("Invoice 881 is wrong")
	w.keep(dir, "several")

	w.show(maya.name)
	w.view("Ledger")
	w.says("refuses to be shown here")
	w.keep(dir, "refused")
	w.view("Request")
	w.says("Ringing")
	w.keep(dir, "request")

	w.show(harriet.name)
	w.view(harriet.crmPage())
	w.emulate("prefers-color-scheme", "dark")
	w.keep(dir, "dark")
	w.resize(1024, 700)
	w.keep(dir, "small")
	w.emulate("prefers-color-scheme", "light")

	c := &checker{tab: p.tab(), person: p, server: s}
	c.drawsTheCheck(dir)

	phone := newPerson(t).first
	phone.goTo(s.crm + "/phone")
	phone.click("button", "Ring or offer")
	phone.says("202 Accepted")
	phone.keep(dir, "phone")

	o := newOffice(t, s, admin, "demo")
	o.emulate("prefers-color-scheme", "light")
	o.drawsThePortal(dir)
}

// drawsTheCheck draws the test of a browser that stops pop-ups.
func (c *checker) drawsTheCheck(dir string) {
	c.t.Helper()
	c.expected()
	c.emulate("prefers-color-scheme", "light")
	c.goTo(c.server.url + "/check")
	c.done()
	c.clickExact("button", "Run the tests that need a click")
	c.find("listitem", "Pop-ups To do")
	c.done()
	c.keep(dir, "check")
}

// drawsThePortal draws the portal's pages after what the workspace has gone through.
func (o *office) drawsThePortal(dir string) {
	o.t.Helper()
	o.page().find("link", harriet.name)
	o.keep(dir, "portal-requests")
	o.follow("Screen popup", "Screenpopup configuration")
	o.untilIn("Findings", "which do not keep it from being published")
	o.keep(dir, "portal-text")
	o.click("tab", "Form")
	o.untilIn("Document", "When", "Where", "What")
	o.keep(dir, "portal-form")
	o.follow("Test console", "Test console")
	o.clickExact("button", "Try")
	o.says("does not match")
	o.keep(dir, "portal-test")
}

// emulate sets a media feature for the tab, and stills it.
func (b *tab) emulate(name, value string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: name, Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	b.untilJS(name+" "+value, `matchMedia("(`+name+`: `+value+`)").matches`)
}

func (b *tab) resize(width, height int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	b.untilJS("the new size", "innerWidth < 1100")
}

// keep writes a picture of the tab as somebody sees it who wants no motion, and
// fails if next to nothing is on it.
func (b *tab) keep(dir, name string) {
	b.t.Helper()
	eval[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
	last := b.picture()
	img, err := png.Decode(bytes.NewReader(last))
	if err != nil {
		b.t.Fatalf("picture %s: %v", name, err)
	}
	colours := map[any]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 3 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 3 {
			colours[img.At(x, y)] = true
		}
	}
	if len(colours) < 16 {
		b.t.Errorf("picture %s has %d colours; is it blank?", name, len(colours))
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), last, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
