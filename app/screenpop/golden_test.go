package screenpop_test

import (
	"flag"
	"fmt"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

var update = flag.Bool("update", false, "write what the golden files expect")

const divider = "----------\n"

// describe writes a document out, a popup a line.
func describe(doc *screenpop.Document) string {
	if doc == nil {
		return "refused\n"
	}
	var b strings.Builder
	for _, item := range doc.Items {
		if item.Inherit {
			b.WriteString("inherit\n")
			continue
		}
		describePopup(&b, item.Popup)
	}
	return b.String()
}

func describePopup(b *strings.Builder, p *screenpop.Popup) {
	fmt.Fprintf(b, "%s %q at %d:%d on=%v channels=%v queues=%q direction=%q again=%v", p.Kind, p.ID, p.Line, p.Column, p.On, p.Channels, p.Queues, p.Direction, p.Again)
	for _, c := range p.When {
		fmt.Fprintf(b, " when(%s)", c)
	}
	switch p.Kind {
	case screenpop.KindURL:
		fmt.Fprintf(b, "\n  %s target=%q visible=%v focus=%s frame=%s sandbox=%q allow=%q probe=%v", p.URL, p.Target, p.Visible, p.Focus, p.Frame, p.Sandbox, p.Allow, p.Probe)
		if p.Title != nil {
			fmt.Fprintf(b, " title=%q", p.Title)
		}
	case screenpop.KindClipboard:
		fmt.Fprintf(b, "\n  %q", p.Text)
	case screenpop.KindWebRequest:
		fmt.Fprintf(b, "\n  %s %s as %s", p.Method, p.Href, p.Format)
		for _, f := range p.Fields {
			fmt.Fprintf(b, " %s=%q", f.Name, f.Value)
		}
	case screenpop.KindCommand:
		fmt.Fprintf(b, "\n  %s %q", p.Name, p.Pairs())
	}
	b.WriteByte('\n')
}
