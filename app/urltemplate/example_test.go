package urltemplate_test

import (
	"fmt"

	"github.com/crmpop/crmpop/app/urltemplate"
)

func ExampleTemplate_Expand() {
	tmpl, faults := urltemplate.Parse(urltemplate.URL, "https://crm.example.com/find?phone={anum|e164}&q={subject}")
	if tmpl == nil {
		fmt.Println(faults)
		return
	}
	event := map[string]string{"anum": "+47 22 33 44 55", "subject": "Invoice & admin=1"}
	res, err := tmpl.Expand(urltemplate.Values{
		Lookup: func(name string) (string, bool) { v, ok := event[name]; return v, ok },
	})
	fmt.Println(res.Text, err)
	// Output: https://crm.example.com/find?phone=%2B4722334455&q=Invoice%20%26%20admin%3D1 <nil>
}

func ExampleParse() {
	_, faults := urltemplate.Parse(urltemplate.URL, "https://{queue_key}.crm.example/{anum|e614}")
	for _, f := range faults {
		fmt.Printf("%d: %s\n", f.Offset, f.Msg)
	}
	// Output:
	// 8: the variable {queue_key} in the host
	// 38: unknown transform "e614"
}
