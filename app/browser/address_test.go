package browser_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/browser"
)

func TestFrameFault(t *testing.T) {
	const https, http = "https://work.example/", "http://work.example:8000/"
	tests := []struct {
		name, raw, own string
		fault          bool
	}{
		{"https in https", "https://crm.example/c?x=1", https, false},
		{"http in http", "http://crm.example/c", http, false},
		{"https in http", "https://crm.example/c", http, false},
		{"http in https is mixed", "http://crm.example/c", https, true},
		{"loopback is not mixed", "http://127.0.0.1:8080/", https, false},
		{"localhost is not mixed", "http://localhost:8080/", https, false},
		{"name under localhost is not mixed", "http://crm.localhost/", https, false},
		{"IPv6 loopback is not mixed", "http://[::1]:8080/", https, false},
		{"other address that looks like loopback", "http://127.evil.example/", https, true},
		{"other host that ends like loopback", "http://notlocalhost/", https, true},
		{"own origin", "https://work.example/admin", https, true},
		{"own origin in capitals", "HTTPS://WORK.example/admin", https, true},
		{"own host at another port", "https://work.example:8443/", https, false},
		{"javascript", "javascript:alert(1)", https, true},
		{"data", "data:text/html,x", https, true},
		{"file", "file:///etc/passwd", https, true},
		{"tel", "tel:+4722334455", https, true},
		{"relative", "/c/1", https, true},
		{"no host", "https:///c", https, true},
		{"empty", "", https, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := browser.FrameFault(tt.raw, tt.own); (got != "") != tt.fault {
				t.Errorf("FrameFault(%q) = %q, want a fault: %t", tt.raw, got, tt.fault)
			}
		})
	}
	if got := browser.WindowFault("http://crm.example/", https); got != "" {
		t.Errorf("WindowFault of an http page = %q, want none: a window may be http", got)
	}
}

func TestSandboxAddsOnlyWhatIsPermitted(t *testing.T) {
	const base = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"
	tests := []struct{ additions, want string }{
		{"", base},
		{"modals", base + " allow-modals"},
		{"allow-modals  modals", base + " allow-modals"},
		{"storage-access", base + " allow-storage-access-by-user-activation"},
		{"allow-top-navigation allow-top-navigation-by-user-activation top-navigation", base},
		{"allow-pointer-lock x", base},
	}
	for _, tt := range tests {
		if got := browser.Sandbox(tt.additions); got != tt.want {
			t.Errorf("Sandbox(%q) = %q, want %q", tt.additions, got, tt.want)
		}
	}
}

func TestWindowNameNeverReachesTheWorkspace(t *testing.T) {
	tests := []struct{ target, want string }{
		{"kb", "p-kb"}, {"_blank", ""}, {"_BLANK", ""}, {"", ""}, {"_self", ""}, {"_top", ""}, {"_parent", ""},
	}
	for _, tt := range tests {
		if got := browser.WindowName("p-", tt.target); got != tt.want {
			t.Errorf("WindowName(%q) = %q, want %q", tt.target, got, tt.want)
		}
	}
}

func TestCheckPathStaysOnThisServer(t *testing.T) {
	for _, path := range []string{"/api/v1/session", "/", "/a?b=//c"} {
		if err := browser.CheckPath(path); err != nil {
			t.Errorf("CheckPath(%q) = %v, want nil", path, err)
		}
	}
	for _, path := range []string{"", "api", "//evil.example/", "/\\evil.example/", "https://evil.example/", "/\n/evil.example"} {
		if browser.CheckPath(path) == nil {
			t.Errorf("CheckPath(%q) = nil, want an error", path)
		}
	}
}
