package screenpop_test

import (
	"fmt"

	"github.com/crmpop/crmpop/app/screenpop"
)

func ExampleParseDocument() {
	_, findings := screenpop.ParseDocument([]byte(`<screenpopup>
  <url on="rining" target="request">https://crm.example.com/find?phone={anumb}&q={subject}</url>
</screenpopup>`))
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// popup "1", line 2, column 12: unknown word "rining" in on; did you mean ringing?
	// popup "1", line 2, column 72: unknown variable {anumb}; did you mean {anum}?
	// popup "1", line 2, column 79: a bare &; write &amp; instead, or put the text into <![CDATA[ ]]>
}

func ExamplePopup_Match() {
	doc, _ := screenpop.ParseDocument([]byte(`<screenpopup>
  <url channel="voice" target="request">https://crm.example.com/find?phone={anum|digits}</url>
  <url channel="email" target="request">{url}</url>
</screenpopup>`))
	call := screenpop.Request{ID: "c-8f2", Channel: screenpop.Voice, ANI: "+47 22 33 44 55"}
	for _, p := range screenpop.Effective(screenpop.LevelDocument{Level: screenpop.LevelTenant, Doc: doc}) {
		ok, why := p.Match(screenpop.Ringing, call)
		fmt.Println(p.Key(), ok, why)
		if ok {
			fmt.Println(p.Pop(screenpop.Scope{Request: call}).URL)
		}
	}
	// Output:
	// tenant:1 true the trigger was "ringing", channel is "voice"
	// https://crm.example.com/find?phone=4722334455
	// tenant:2 false channel is "email", the request's was "voice"
}
