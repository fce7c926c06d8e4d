package screenpop_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

func TestPresetsParseWithoutAFinding(t *testing.T) {
	for _, p := range screenpop.Presets() {
		doc, findings := screenpop.ParseDocument([]byte(in(p.Element)))
		if doc == nil || len(findings) > 0 || len(doc.Items) != 1 {
			t.Errorf("%s: %v", p.Name, findings)
			continue
		}
		if places := outlined(t, in(p.Element)); !strings.Contains(places[0].Comment, p.Source) {
			t.Errorf("%s: the comment %q does not name the source", p.Name, places[0].Comment)
		}
		if u, err := url.Parse(p.Source); err != nil || u.Scheme != "https" || u.Host == "" || p.Name == "" || p.Note == "" {
			t.Errorf("%s: incomplete: %+v", p.Name, p)
		}
		for _, r := range p.Replace {
			if !strings.Contains(p.Element, r) {
				t.Errorf("%s: nothing to replace %q in", p.Name, r)
			}
		}
		host := strings.TrimPrefix(doc.Items[0].Popup.URL.Origin(), "https://")
		if len(p.Replace) == 0 || host != "app.hubspot.com" && (!strings.HasSuffix(host, ".example") || !slices.Contains(p.Replace, host)) {
			t.Errorf("%s: nobody is told to replace the host %s", p.Name, host)
		}
	}
}

// All of them fit into one document, and pop.
func TestPresetsPop(t *testing.T) {
	doc := []byte("<screenpopup/>")
	presets := screenpop.Presets()
	if !slices.IsSortedFunc(presets, func(a, b screenpop.Preset) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("they are not sorted")
	}
	for i, p := range presets {
		var err error
		if doc, err = screenpop.Apply(doc, screenpop.AddPopup{Before: i, XML: p.Element}); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
	}
	want := map[string]string{
		"dynamics":        "https://your-org.example/main.aspx?etn=contact&pagetype=entityrecord&id=%7Bk7%7D",
		"hubspot":         "https://app.hubspot.com/embed/YOUR-HUB-ID/0-1/k7/timeline",
		"salesforce":      "https://your-domain.example/lightning/r/Contact/k7/view",
		"servicenow":      "https://your-instance.example/cti.do?sysparm_caller_phone=%2B4722334455",
		"suitecrm":        "https://your-instance.example/index.php?module=Contacts&action=DetailView&record=k7",
		"suitecrm-search": "https://your-instance.example/index.php?action=UnifiedSearch&module=Home&query_string=%2B4722334455",
		"superoffice":     "https://your-environment.example/Cust12345/default.aspx?contact.main?contact_id=k7",
		"zendesk":         "https://your-domain.example/agent/search/1?type=user&q=%2B4722334455",
		"zendesk-sender":  "https://your-domain.example/agent/search/1?type=user&q=email%3Akari%40x.example",
	}
	all := popups(t, string(doc))
	if len(all) != len(want) {
		t.Errorf("%d presets, want %d", len(all), len(want))
	}
	for _, p := range all {
		s := call()
		if p.Channels[0] == screenpop.Email {
			s.Event.Type, s.Request.Channel, s.Request.ANI = screenpop.Accepted, screenpop.Email, "kari@x.example"
		}
		if ok, why := p.Match(s.Event.Type, s.Request); !ok {
			t.Errorf("%s does not match: %s", p.ID, why)
		}
		if got := p.Pop(s); got.State != screenpop.PopPending || got.URL != want[p.ID] {
			t.Errorf("%s pops %s %q, want %q", p.ID, got.State, got.URL, want[p.ID])
		}
	}
}
