package framing_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/crmpop/crmpop/server/framing"
)

func ExampleEvaluate() {
	workspace, _ := framing.ParseOrigin("https://pop.example.com")
	crm, _ := framing.ParseOrigin("https://crm.example.com")
	header := http.Header{"Content-Security-Policy": {"default-src 'self'; frame-ancestors 'self' https://*.example.com"}}
	v := framing.Evaluate([]framing.Origin{workspace}, crm, header)
	fmt.Println(v.Framed, v.Reason)
	// Output:
	// true allowed by Content-Security-Policy: frame-ancestors 'self' https://*.example.com at https://crm.example.com
}

func ExampleCheck() {
	v, err := framing.Check(context.Background(), framing.Question{
		URL:  "https://login.example.com/",
		From: []string{"https://pop.example.com"},
		Headers: strings.NewReader("HTTP/1.1 302 Found\r\nLocation: https://login.example.com/\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nX-Frame-Options: SAMEORIGIN\r\n\r\n"),
	})
	fmt.Println(v.Framed, err)
	fmt.Println(v.Reason)
	// Output:
	// false <nil>
	// refused by X-Frame-Options: SAMEORIGIN at https://login.example.com, reached by a redirect: the ancestor https://pop.example.com is another origin
}
