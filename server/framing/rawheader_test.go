package framing_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
)

func TestOnlyTheFinalBlockOfHeaderLinesCounts(t *testing.T) {
	tests := []struct {
		name, raw string
		framed    bool
		reason    string
	}{
		{"no line", "", true, "neither"},
		{"blank lines", "\r\n\r\n\n", true, "neither"},
		{"one line", "X-Frame-Options: DENY", false, "DENY at https://crm.test"},
		{"LF only, trailing blanks", "\n\nx-frame-options:DENY\n\n\n", false, "DENY"},
		{"status line", "HTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\n\r\n", false, "DENY"},
		{"HTTP/2", "HTTP/2 200 \r\nx-frame-options: DENY\r\n", false, "DENY"},
		{"redirect refuses, page does not", "HTTP/1.1 302 Found\r\nX-Frame-Options: DENY\r\nLocation: https://crm.test/\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", true, "by a redirect"},
		{"redirect allows, page refuses", "HTTP/1.1 302 Found\r\nContent-Security-Policy: frame-ancestors *\r\n\r\nHTTP/1.1 200 OK\r\nX-Frame-Options: DENY\r\n\r\n", false, "by a redirect"},
		{"three blocks without status lines", "X-Frame-Options: DENY\n\nX-Frame-Options: DENY\n\nServer: x\n", true, "by 2 redirects"},
		{"status lines without blank ones", "HTTP/1.1 301 x\nX-Frame-Options: DENY\nHTTP/1.1 200 OK\nServer: x", true, "by a redirect"},
		{"redirect with a status line, page without", "HTTP/1.1 301 x\nX-Frame-Options: DENY\n\nServer: x", true, "by a redirect"},
		{"early hints", "HTTP/1.1 103 Early Hints\nX-Frame-Options: DENY\n\nHTTP/1.1 200 OK\nServer: x\n", true, "at https://crm.test"},
		{"the body is none", "HTTP/1.1 200 OK\nX-Frame-Options: DENY\n\nX-Frame-Options: foo\nmore", false, "DENY at https://crm.test"},
		{"a body without a status line before it", "X-Frame-Options: DENY\n\n<html>\n<p>x: y</p>", false, "DENY at https://crm.test"},
		{"error page", "HTTP/1.1 404 Not Found\nX-Frame-Options: DENY\n", false, "DENY"},
		{"no content", "HTTP/1.1 204 No Content\n", false, "holds no page"},
		{"folded", "Content-Security-Policy: frame-ancestors\r\n\thttps://other.test\r\n 'self'\r\n", false, "frame-ancestors https://other.test 'self'"},
		{"folded into another header", "Server: x\n X-Frame-Options: DENY\n", true, "neither"},
		{"space before the colon", "X-Frame-Options : DENY\n", false, "DENY"},
		{"a line without a colon", "Server: x\nX-Frame-Options\nDENY\n", true, "neither"},
		{"a colon alone", "Server: x\n: DENY\n", true, "neither"},
		{"report only", "Content-Security-Policy-Report-Only: frame-ancestors 'none'\n", true, "neither"},
		{"repeated", "X-Frame-Options: ALLOWALL\nServer: x\nX-Frame-Options: SAMEORIGIN\n", false, "ALLOWALL, SAMEORIGIN"},
		{"path, no redirect", "Content-Security-Policy: frame-ancestors https://ws.test/app\n", false, "does not list"},
		{"path behind a redirect", "HTTP/1.1 302 x\n\nHTTP/1.1 200 OK\nContent-Security-Policy: frame-ancestors https://ws.test/app\n", true, "allowed by"},
		{"over an insecure redirect", "HTTP/1.1 302 x\nLocation: http://sso.test/\n\nHTTP/1.1 302 x\nLocation: https://crm.test/\n\nHTTP/1.1 200 OK\n", false, "mixed content: http://sso.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := framing.Check(t.Context(), framing.Question{URL: "https://crm.test/x?y", From: []string{"https://ws.test"}, Headers: strings.NewReader(tt.raw)})
			if err != nil {
				t.Fatal(err)
			}
			if v.Framed != tt.framed || !strings.Contains(v.Reason, tt.reason) {
				t.Errorf("framed %v, %s; want %v, …%s…", v.Framed, v.Reason, tt.framed, tt.reason)
			}
		})
	}
}

func TestMalformedQuestionsAreNamed(t *testing.T) {
	tests := []struct {
		name, url string
		from      []string
		want      string
	}{
		{"no ancestor", "https://crm.test", nil, "no ancestor is named"},
		{"bad ancestor", "https://crm.test", []string{"ws.test"}, `origin "ws.test"`},
		{"an outermost about:", "https://crm.test", []string{"https://ws.test", "about:blank"}, "the document around it"},
		{"no page", "", []string{"null"}, `page ""`},
		{"mail", "mailto:a@crm.test", []string{"null"}, `page "mailto:a@crm.test"`},
		{"no host", "https:///x", []string{"null"}, `page "https:///x"`},
		{"bad port", "https://crm.test:99999/", []string{"null"}, "65535"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := framing.Check(t.Context(), framing.Question{URL: tt.url, From: tt.from, Headers: strings.NewReader("")})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want …%s…", err, tt.want)
			}
		})
	}
}
