package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/config"
)

func parse(args []string, env map[string]string) (config.Command, string, error) {
	var out bytes.Buffer
	c, err := config.Parse(args, func(k string) string { return env[k] }, &out, &out)
	return c, out.String(), err
}

func TestServeDefaults(t *testing.T) {
	got, _, err := parse([]string{"serve"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Command{Name: config.ServeCommand, Serve: config.Serve{Listen: "127.0.0.1:8000", Data: "./data",
		Heartbeat: 30 * time.Second, LogLevel: "info", LogFormat: "text"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFlagBeatsEnvironmentBeatsDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data-dir")
	if err := os.WriteFile(file, []byte("/srv/pop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"POP_LISTEN": "127.0.0.1:1", "POP_HEARTBEAT": "20s", "POP_DATA_FILE": file,
		"POP_PROXY": "10.0.0.0/8,192.0.2.1", "POP_DEMO": "false"}
	got, _, err := parse([]string{"serve", "--listen", "127.0.0.1:2"}, env)
	if err != nil {
		t.Fatal(err)
	}
	s := got.Serve
	if s.Listen != "127.0.0.1:2" || s.Heartbeat != 20*time.Second || s.Data != "/srv/pop" || s.LogLevel != "info" {
		t.Errorf("Serve = %+v, want the flag's listen, the environment's heartbeat, the file's data", s)
	}
	proxies, err := s.Proxies()
	if err != nil || len(proxies) != 2 || proxies[1].String() != "192.0.2.1/32" {
		t.Errorf("Proxies() = %v, %v, want 10.0.0.0/8 and 192.0.2.1/32", proxies, err)
	}
}

func TestFaultsNameOptionAndCure(t *testing.T) {
	for _, c := range []struct {
		name string
		args string
		env  map[string]string
		want string
	}{
		{"no command", "", nil, "expected one of"},
		{"unknown command", "sreve", nil, "sreve"},
		{"unknown flag", "serve --prot 1", nil, "unknown flag --prot"},
		{"listen without port", "serve --listen 127.0.0.1", nil, "write it as 127.0.0.1:8000"},
		{"open to all without TLS", "serve --listen 0.0.0.0:8000", nil, "put a proxy with TLS in front"},
		{"open to all by port only", "serve --listen :8000", nil, "put a proxy with TLS in front"},
		{"demo open to all", "serve --demo --listen 0.0.0.0:8000 --public-url https://pop.example.com", nil,
			"the demo has known passwords: listen on 127.0.0.1 or drop --demo"},
		{"demo behind a proxy", "serve --demo --public-url https://pop.example.com", nil, "drop --public-url or --demo"},
		{"public URL without scheme", "serve --public-url pop.example.com", nil, "write it as https://pop.example.com"},
		{"public URL with a path", "serve --public-url https://example.com/pop", nil, "more than scheme, host and port"},
		{"public URL in plain", "serve --public-url http://pop.example.com", nil, "use https"},
		{"heartbeat too short", "serve --heartbeat 1s", nil, "choose between 10s and 55s"},
		{"heartbeat too long", "serve --heartbeat 60s", nil, "choose between 10s and 55s"},
		{"heartbeat without unit", "serve --heartbeat 30", nil, "--heartbeat"},
		{"odd level", "serve --log-level loud", nil, "--log-level must be one of"},
		{"odd proxy", "serve --proxy all", nil, `--proxy "all"`},
		{"odd private network", "serve --allow-private all", nil, `--allow-private "all"`},
		{"public network", "serve --allow-private 0.0.0.0/0", nil, "no private network"},
		{"metadata", "serve --allow-private 169.254.169.254", nil, "no private network"},
		{"NAT64", "serve --allow-private 64:ff9b::/96", nil, "no private network"},
		{"wider than private", "serve --allow-private 10.0.0.0/7", nil, "no private network"},
		{"admin without port", "serve --admin-listen 127.0.0.1", nil, "--admin-listen"},
		{"empty data", "serve --data=", nil, "--data"},
		{"value and file", "serve", map[string]string{"POP_DATA": "x", "POP_DATA_FILE": "y"}, "POP_DATA and POP_DATA_FILE are both set"},
		{"file that is not there", "serve", map[string]string{"POP_DATA_FILE": "/nowhere/at/all"}, "POP_DATA_FILE"},
		{"odd value in the environment", "serve", map[string]string{"POP_DEMO": "perhaps"}, "--demo"},
	} {
		_, _, err := parse(strings.Fields(c.args), c.env)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Parse(%q) = %v, want an error with %q", c.name, c.args, err, c.want)
		}
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	_, _, err := parse(strings.Fields("serve --listen x --public-url y --heartbeat 1s"), nil)
	for _, want := range []string{"--listen", "--public-url", "--heartbeat"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse = %v, want it to name %s", err, want)
		}
	}
}

func TestOtherCommands(t *testing.T) {
	got, _, err := parse([]string{"version"}, nil)
	if err != nil || got.Name != config.VersionCommand {
		t.Errorf("version = %+v, %v", got, err)
	}
	args := []string{"--from", "https://pop.example.com", "https://crm.example.com", "--help"}
	got, _, err = parse(append([]string{"frame-check"}, args...), nil)
	if err != nil || got.Name != config.FrameCheckCommand || !cmp.Equal(got.Args, args) {
		t.Errorf("frame-check = %+v, %v, want its arguments as they came", got, err)
	}
	args = []string{"lint", "--help"}
	got, _, err = parse(append([]string{"config"}, args...), nil)
	if err != nil || got.Name != config.ConfigCommand || !cmp.Equal(got.Args, args) {
		t.Errorf("config = %+v, %v, want its arguments as they came", got, err)
	}
}

func TestHelpNamesTheOptions(t *testing.T) {
	got, out, err := parse([]string{"serve", "--help"}, nil)
	if err != nil || got.Name != "" {
		t.Fatalf("Parse = %+v, %v, want nothing left to do", got, err)
	}
	for _, want := range []string{"--listen", "--data", "--demo", "--public-url", "--heartbeat", "--log-level"} {
		if !strings.Contains(out, want) {
			t.Errorf("help lacks %s:\n%s", want, out)
		}
	}
}

func TestConfigDumpSaysWhereEachValueIsFrom(t *testing.T) {
	got, _, err := parse([]string{"serve", "--config-dump", "--listen", "127.0.0.1:9"}, map[string]string{"POP_LOG_LEVEL": "debug"})
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[string][2]string{
		"listen":    {"127.0.0.1:9", "# --listen"},
		"log-level": {"debug", "# POP_LOG_LEVEL"},
		"heartbeat": {"30s", "# default"},
	} {
		line := ""
		for l := range strings.Lines(got.Dump) {
			if f := strings.Fields(l); len(f) > 0 && f[0] == option {
				line = l
			}
		}
		if !strings.Contains(line, want[0]) || !strings.Contains(line, want[1]) {
			t.Errorf("%s: %q, want %q and %q", option, line, want[0], want[1])
		}
	}
}

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		name, publicURL string
		want            auth.Origins
	}{
		{"this machine", "", auth.Origins{"http://127.0.0.1:41", "http://localhost:41", "http://[::1]:41"}},
		{"behind a proxy", "https://pop.example.com", auth.Origins{"https://pop.example.com"}},
	} {
		s := config.Serve{PublicURL: c.publicURL}
		if diff := cmp.Diff(c.want, s.Origins("127.0.0.1:41")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestPrivateNetworksAreOpenedByTheOperatorAlone(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    config.Serve
		want string
	}{
		{"none", config.Serve{}, "[]"},
		{"network and address", config.Serve{AllowPrivate: []string{"10.20.1.5/16", "fd12::1"}}, "[10.20.0.0/16 fd12::1/128]"},
		{"demo", config.Serve{Demo: true, AllowPrivate: []string{"10.0.0.0/8"}}, "[127.0.0.0/8 ::1/128 10.0.0.0/8]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.s.Private()
			if err != nil || fmt.Sprint(got) != tt.want {
				t.Errorf("%v, %v; want %s", got, err, tt.want)
			}
		})
	}
}
