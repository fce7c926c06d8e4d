package framing_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
)

func TestParseOrigin(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://crm.example.com", "https://crm.example.com"},
		{" HTTPS://CRM.Example.com:443/path?q#f ", "https://crm.example.com"},
		{"http://crm.example.com:80", "http://crm.example.com"},
		{"http://crm.example.com:443", "http://crm.example.com:443"},
		{"https://user:pw@crm.example.com:08443/", "https://crm.example.com:8443"},
		{"https://crm.example.com.", "https://crm.example.com."},
		{"null", "null"},
		{"data:text/html,x", "null"},
		{"blob:https://crm.example.com/9115d58c", "https://crm.example.com"},
		{"blob:null/9115d58c", "null"},
		{"https://[2001:DB8:0:0::1]:8443", "https://[2001:db8::1]:8443"},
		{"https://bücher.example", "https://xn--bcher-kva.example"},
		{"https://BÜCHER.example", "https://xn--bcher-kva.example"},
		{"https://127.1", "https://127.0.0.1"},
		{"https://0x7f.1", "https://127.0.0.1"},
		{"https://0177.0.0.01", "https://127.0.0.1"},
		{"https://2130706433", "https://127.0.0.1"},
		{"https://1.2.3.4.", "https://1.2.3.4"},
		{"file:///etc/passwd", "file://"},
		{"chrome-extension://abc", "chrome-extension://abc"},
		{"", "no origin"},
		{"crm.example.com", "no origin"},
		{"crm.example.com:443", "no origin"},
		{"//crm.example.com", "no origin"},
		{"https://", "no origin"},
		{"https:crm.example.com", "no origin"},
		{"https://crm.example.com:65536", "no origin"},
		{"https://crm.example.com:-1", "no origin"},
		{"https://[::1", "no origin"},
		{"https://[fe80::1%25eth0]", "no origin"},
		{"https://1.2.3.256", "no origin"},
		{"https://1.2.3.4.5", "no origin"},
		{"https://\xff.example", "no origin"},
		{"about:blank", "no origin"},
		{"*", "no origin"},
	}
	for _, tt := range tests {
		o, err := framing.ParseOrigin(tt.in)
		if strings.HasSuffix(tt.want, "no origin") {
			if err == nil {
				t.Errorf("ParseOrigin(%q) = %s, want an error", tt.in, o)
			} else if !strings.HasPrefix(err.Error(), "origin ") {
				t.Errorf("ParseOrigin(%q): %v, want the text named", tt.in, err)
			}
			continue
		}
		if err != nil || o.String() != tt.want {
			t.Errorf("ParseOrigin(%q) = %s, %v; want %s", tt.in, o, err, tt.want)
		}
	}
}

func TestAnOpaqueOriginIsNotEvenItself(t *testing.T) {
	var null framing.Origin
	if null.Same(null) || !null.Opaque() {
		t.Errorf("Same = %v, Opaque = %v; want false, true", null.Same(null), null.Opaque())
	}
}

// The vectors with a number are from RFC 3492, section 7.1.
func TestHostsAreWrittenInPunycode(t *testing.T) {
	for label, want := range map[string]string{
		"ليهمابتكلموشعربي؟":            "xn--egbpdaj6bu4bxfgehfvwxn",                 // A
		"他们为什么不说中文":                    "xn--ihqwcrb4cv8a8dqg056pqjye",               // B
		"なぜみんな日本語を話してくれないのか":           "xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa", // G
		"почемужеонинеговорятпорусски": "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",       // I
		"3年b組金八先生":                     "xn--3b-ww4c5e180e575a65lsy2b",               // L, lower case
		"münchen":                      "xn--mnchen-3ya",
		"☃":                            "xn--n3h",
		"例え":                           "xn--r8jz45g",
	} {
		if got := origin(t, "https://"+label+".test").Host; got != want+".test" {
			t.Errorf("%s is %s, want %s", label, got, want)
		}
	}
}
