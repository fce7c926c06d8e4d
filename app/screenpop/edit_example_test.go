package screenpop_test

import (
	"fmt"

	"github.com/crmpop/crmpop/app/screenpop"
)

func ExampleApply() {
	src := []byte(`<screenpopup>
  <!-- Sales works in the CRM. -->
  <url queue='sales*'   target="request">https://crm.example.com/?phone={anum}</url>
</screenpopup>`)
	doc, err := screenpop.Apply(src,
		screenpop.SetAttribute{Name: "queue", Value: "sales* orders"},
		screenpop.SetText{Text: "https://crm.example.com/?phone={anum|e164}&from={dnis}"},
		screenpop.AddPopup{Before: 1, XML: "<clipboard>{anum}</clipboard>"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(doc))
	// Output:
	// <screenpopup>
	//   <!-- Sales works in the CRM. -->
	//   <url queue='sales* orders'   target="request">https://crm.example.com/?phone={anum|e164}&amp;from={dnis}</url>
	//   <clipboard>{anum}</clipboard>
	// </screenpopup>
}
