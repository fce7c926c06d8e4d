package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// commented is a document that a form could easily harm.
const commented = `<screenpopup>
  <!-- the CRM, for calls -->
  <url id='contact' on="ringing"  channel="voice" target="request" title="CRM {anum}"><![CDATA[https://crm.example/?a=1&phone={anum|e164}]]></url>

  <!-- stands alone -->

  <url id="orders" on="ringing" target="request" title="Orders">https://crm.example/orders</url>
  <clipboard>{anum}</clipboard> <!-- beside -->
</screenpopup>
`

// card returns the card of the form whose name begins so.
func (b *tab) card(name string) *tab {
	return b.within(`[...document.querySelectorAll('[role=listitem]')].find(e => e.getAttribute("aria-label").startsWith("` + name + `"))`)
}

// TestFormChangesThePublishedDocument: an admin changes a document without seeing
// a tag of it, and all that was not changed stays as it was written.
func TestFormChangesThePublishedDocument(t *testing.T) {
	s := serve(t)
	if status, answer := s.publish(commented); status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("publish: %d %s", status, answer)
	}
	admin := signIn(t, s, "admin@demo").tab
	admin.goTo(s.url + "/admin/screenpopup/tenant/demo")
	admin.find("tab", "Text")
	admin.click("tab", "Form")
	admin.untilJS("an address that names the form", `location.search === "?view=form"`)

	contact := admin.card("CRM {anum}")
	contact.click("button", "CRM {anum} Page")
	if got := contact.find("textbox", "Title").value; got != "CRM {anum}" {
		t.Errorf("the title's field holds %q", got)
	}
	contact.click("textbox", "Title")
	admin.press("End", "End", 35, 0)
	for _, r := range " {name}" { // one key after another, as people type
		admin.typeText(string(r))
	}
	contact = admin.card("CRM {anum} {name}")
	contact.write("textbox", "Queue", "sales*")
	contact.click("checkbox", "accepted")
	contact.click("button", "Add a condition")
	contact.find("combobox", "Variable of condition 1")
	admin.untilJS("the keyboard in the new condition", `document.activeElement.getAttribute("aria-label") === "Variable of condition 1"`)
	admin.typeText("customer_key")
	contact.write("textbox", "Value of condition 1", "A&B")
	contact.click("button", "Move down: CRM")
	admin.untilJS("the keyboard with the card", `document.activeElement.getAttribute("aria-label") === "Move down: CRM {anum} {name}"`)

	want := strings.NewReplacer(`title="CRM {anum}"`, `title="CRM {anum} {name}" queue="sales*"`, `on="ringing"  channel`, `on="ringing accepted"  channel`,
		`<![CDATA[`, `<when variable="customer_key" is="A&amp;B"/><![CDATA[`).Replace(commented)
	contactLines := want[strings.Index(want, "  <!-- the CRM"):strings.Index(want, "\n  <!-- stands")]
	want = strings.Replace(want, contactLines, "", 1)
	want = strings.Replace(want, "  <clipboard>", contactLines+"  <clipboard>", 1)

	admin.click("tab", "Text")
	admin.untilJS("an address without a view", `location.search === ""`)
	admin.untilText(want)
	admin.click("button", "Publish to")
	admin.write("textbox", "Note", "by the form")
	admin.within(`document.querySelector('[role=dialog]')`).click("button", "Publish to")
	admin.says("is published to")
	if status, got := s.api(http.MethodGet, "/api/v1/screenpopup/tenant/demo", nil); string(got) != want {
		t.Errorf("published (%d) (-want +got):\n%s", status, cmp.Diff(want, string(got)))
	}
}
