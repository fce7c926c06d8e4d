package admin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/admin"
	"github.com/crmpop/crmpop/app/screenpop"
)

const three = `<screenpopup>
  <!-- one -->
  <url id="a">https://a.example/</url>
  <url id="b">https://b.example/</url>
  <clipboard>{anum}</clipboard>
</screenpopup>
`

func TestActsOnCards(t *testing.T) {
	s := admin.NewTestOffice("/admin/screenpopup/group/g1").FormScreen(three, everybody, 0)
	step := func(what, got, want string, open ...int) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
		if diff := cmp.Diff(open, s.Open()); diff != "" {
			t.Fatalf("%s: cards that are open (-want +got):\n%s", what, diff)
		}
	}
	moved := strings.Replace(three, "  <!-- one -->\n  <url id=\"a\">https://a.example/</url>\n  <url id=\"b\">https://b.example/</url>\n",
		"  <url id=\"b\">https://b.example/</url>\n  <!-- one -->\n  <url id=\"a\">https://a.example/</url>\n", 1)
	step("move down", s.Do(admin.Move(0, 1)), moved, 1)
	step("move the first up", s.Do(admin.Move(0, -1)), moved, 1)
	step("move up", s.Do(admin.Move(1, -1)), three, 0)

	gone := strings.Replace(three, "  <!-- one -->\n  <url id=\"a\">https://a.example/</url>\n", "", 1)
	step("remove", s.Do(admin.Remove(0)), gone)
	step("undo", s.Do(admin.Undo), three)
	step("undo twice", s.Do(admin.Undo), three)

	s.Do(admin.Remove(0))
	later := strings.Replace(gone, "{anum}", "{dnis}", 1)
	step("a change", s.Do(admin.Set(1, 0, "text", "{dnis}")), later)
	step("undo after a change", s.Do(admin.Undo), strings.Replace(three, "{anum}", "{dnis}", 1))

	copied := strings.Replace(three, "{anum}", "{dnis}", 1)
	copied = strings.Replace(copied, "b.example/</url>\n", "b.example/</url>\n  <url>https://b.example/</url>\n", 1)
	step("duplicate", s.Do(admin.Duplicate(1)), copied, 2)
	inherits := strings.Replace(copied, "  <!-- one", "  <inherit/>\n  <!-- one", 1)
	step("inherit", s.Do(admin.Inherit), inherits, 3)
	added := strings.Replace(inherits, "</clipboard>\n", "</clipboard>\n  <command name=\"\"/>\n", 1)
	step("add", s.Do(admin.Add(admin.Kinds()[3])), added, 3, 5)
	when := strings.Replace(added, `<url id="b">`, `<url id="b"><when variable="" is=""/>`, 1)
	less := strings.Replace(added, "  <inherit/>\n", "", 1)
	step("remove the first", s.Do(admin.Remove(0)), less, 2, 4)
	step("undo that", s.Do(admin.Undo), added, 3, 5)
	step("add a condition", s.Do(admin.AddChild(2, "when")), when, 3, 5)
	step("remove a condition", s.Do(admin.RemoveChild(2, 1)), added, 3, 5)
}

func TestFirstPopupOfALevel(t *testing.T) {
	for level, want := range map[string]string{
		"tenant/acme": "<screenpopup>\n  <clipboard>{anum}</clipboard>\n</screenpopup>\n",
		"user/u2":     "<screenpopup>\n  <inherit/>\n  <clipboard>{anum}</clipboard>\n</screenpopup>\n",
	} {
		s := admin.NewTestOffice("/admin/screenpopup/"+level).FormScreen("", everybody)
		if got := s.Do(admin.Add(admin.Kinds()[1])); got != want {
			t.Errorf("%s: %s, want %s", level, got, want)
		}
	}
}

func TestPresetsAreAddedInTheForm(t *testing.T) {
	p := screenpop.Presets()[0]
	s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(three, everybody)
	got := s.Do(admin.AddPreset(p.Name))
	if want, _ := admin.WithPreset(three, "tenant", p); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRepairInTheForm(t *testing.T) {
	const src, want = "<screenpopup><url>https://a.example/?a&b</url></screenpopup>", "<screenpopup><url>https://a.example/?a&amp;b</url></screenpopup>"
	s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(src, everybody)
	if got := s.Do(admin.Repair); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWhatXMLCannotHoldIsNotWritten(t *testing.T) {
	s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(three, everybody)
	if got := s.Do(admin.Set(0, 0, "title", "a\x01")); got != three {
		t.Errorf("written: %q", got)
	}
	if got := s.Do(admin.Set(9, 0, "title", "a")); got != three {
		t.Errorf("a card that is not there was written: %q", got)
	}
}

func TestSwitchOfViews(t *testing.T) {
	s := admin.NewTestOffice("/admin/screenpopup/tenant/acme").FormScreen(three, everybody)
	for _, step := range []struct{ address, want string }{
		{"/admin/screenpopup/tenant/acme?view=form", "form"},
		{"/admin/screenpopup/group/g1", "form"},           // remembered
		{"/admin/screenpopup/group/g1?view=form", "form"}, // the tab
		{"/admin/screenpopup/group/g1", "text"},           // back
		{"/admin/screenpopup/group/g1?view=sideways", "text"},
		{"/admin/screenpopup/user/u2", "text"},
		{"/admin/screenpopup/user/u1?view=form", "form"},
		{"/admin/screenpopup/tenant/acme?view=text", "text"},
	} {
		s.Go(step.address)
		if got := s.View(); got != step.want {
			t.Errorf("at %s the view is %q, want %q", step.address, got, step.want)
		}
	}
	s.Turn("form")
	if got := s.View(); got != "form" {
		t.Errorf("turned to the form, the view is %q", got)
	}
}
