package framing_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/framing"
)

func run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = framing.Command(t.Context(), args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestCommandPrintsTheVerdictAndEndsWellEitherWay(t *testing.T) {
	deny := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(deny, []byte("Content-Security-Policy: frame-ancestors https://a,b.test https://ws.test 'self'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		args   []string
		framed bool
	}{
		{"refused", []string{"https://crm.test/x", "--from", "https://other.test", "--json", "--headers", deny}, false},
		{"flags first", []string{"--json", "--from=https://other.test", "--headers=" + deny, "https://crm.test/x"}, false},
		{"framed", []string{"https://crm.test/x", "--from", "https://crm.test", "--json", "--headers", os.DevNull}, true},
		{"nested", []string{"https://crm.test/x", "--from", "null", "--from", "https://crm.test", "--json", "--headers", deny}, false},
		{"nested, shown", []string{"https://crm.test/x", "--from", "about:srcdoc", "--from", "https://crm.test", "--json", "--headers", os.DevNull}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errs := run(t, tt.args...)
			var got map[string]any
			if err := json.Unmarshal([]byte(out), &got); err != nil || status != 0 || errs != "" {
				t.Fatalf("status %d, %q, %q, %v", status, out, errs, err)
			}
			if got["framed"] != tt.framed || got["reason"] == "" || len(got) != 2 {
				t.Errorf("printed %v, want framed %v and a reason", got, tt.framed)
			}
		})
	}
}

func TestCommandInWords(t *testing.T) {
	status, out, _ := run(t, "https://crm.test/x", "--from", "https://ws.test", "--headers", os.DevNull)
	if want := "allowed: neither X-Frame-Options nor frame-ancestors at https://crm.test\n"; status != 0 || out != want {
		t.Errorf("status %d, %q; want %q", status, out, want)
	}
}

func TestCommandSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"nothing", nil, 2, "--from"},
		{"no origin", []string{"https://crm.test"}, 2, "--from"},
		{"unknown flag", []string{"https://crm.test", "--form", "x"}, 2, "--form"},
		{"bad origin", []string{"https://crm.test", "--from", "ws"}, 1, `origin "ws"`},
		{"no file", []string{"https://crm.test", "--from", "null", "--headers", "/nonexistent"}, 1, "/nonexistent"},
		{"no page", []string{"ftp://crm.test", "--from", "null"}, 1, `page "ftp://crm.test"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, out, errs := run(t, tt.args...)
			if status != tt.status || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("status %d, %q, %q; want %d, …%s…", status, out, errs, tt.status, tt.want)
			}
		})
	}
}

func TestCommandHelps(t *testing.T) {
	status, out, _ := run(t, "--help")
	if status != 0 || !strings.Contains(out, "--public-only") {
		t.Errorf("status %d, %q", status, out)
	}
}
