//go:build unix

package main_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/wire"
)

// pairing is a `pair` that runs.
func (p *pc) pairing(args ...string) (out *lockedBuffer, ended chan int) {
	p.t.Helper()
	out, ended = &lockedBuffer{}, make(chan int, 1)
	cmd := exec.Command(programs.companion, append([]string{"pair"}, args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env(), out, out
	must(p.t, cmd.Start())
	p.t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	go func() {
		_ = cmd.Wait() // the exit code says it
		ended <- cmd.ProcessState.ExitCode()
	}()
	return out, ended
}

func TestPairConnectAndUnpair(t *testing.T) {
	p := newPC(t)
	must(t, p.home().Unpair())
	r := p.run()
	until(t, "that it waits to be paired", func() bool { return strings.Contains(r.out.String(), "Not paired yet") })

	out, ended := p.pairing("--server", p.server.origin)
	until(t, "the code on the screen", func() bool {
		return strings.Contains(out.String(), "BCDF-GHJK") && strings.Contains(out.String(), "47")
	})
	offered := map[string]string{}
	p.server.set(func() {
		offered = p.server.offered
		p.server.pairing = "confirmed"
	})
	if code := <-ended; code != 0 || !strings.Contains(out.String(), "Paired: this PC is Anna[31m Berg (anna@demo)'s.") {
		t.Fatalf("pair ended with %d and said:\n%s", code, out.String())
	}
	if key, err := base64.RawURLEncoding.DecodeString(offered["public_key"]); err != nil || len(key) != 32 || offered["host"] == "" || offered["os"] == "" || offered["os_user"] != "anna" || offered["version"] == "" {
		t.Errorf("offered %v", offered)
	}

	c := p.server.connected() // the running one noticed
	until(t, "status", func() bool {
		status, _, _ := p.do("status")
		return strings.Contains(status, "Connected since ") && strings.Contains(status, p.server.origin) && strings.Contains(status, "No commands yet.")
	})
	if said, fault, code := p.do("pair", "--server", p.server.origin); code != 1 || !strings.Contains(fault, "is paired already") {
		t.Errorf("a second pair: %d %q %q", code, said, fault)
	}
	if said, _, code := p.do("unpair"); code != 0 || !strings.Contains(said, "Unpaired from "+p.server.origin) {
		t.Errorf("unpair: %d %q", code, said)
	}
	for ok := true; ok; { // the pause of the beginning, and then the end
		_, ok = c.next()
	}
	if _, err := os.Stat(filepath.Join(p.state, "crmpop", "key")); !os.IsNotExist(err) {
		t.Error("the key is still there")
	}
	if said, _, _ := p.do("status"); !strings.Contains(said, "Not paired") {
		t.Errorf("status: %q", said)
	}
}

func TestPairingThatIsNotConfirmedSaysWhy(t *testing.T) {
	p := newPC(t)
	must(t, p.home().Unpair())
	for state, want := range map[string]string{"refused": "was refused in the browser", "expired": "time is over", "gone": "There is no such pairing. (404)"} {
		p.server.set(func() { p.server.pairing = state })
		out, ended := p.pairing("--server", p.server.origin)
		if code := <-ended; code != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: ended with %d and said %q, want %q", state, code, out.String(), want)
		}
	}
	if _, paired, err := p.home().Pairing(); paired || err != nil {
		t.Errorf("paired %v, %v", paired, err)
	}
}

func TestServerHasToBeSafeAndTheAdministrators(t *testing.T) {
	p := newPC(t)
	must(t, p.home().Unpair())
	refused := func(want string, args ...string) {
		t.Helper()
		if _, fault, code := p.do(append([]string{"pair"}, args...)...); code == 0 || !strings.Contains(fault, want) {
			t.Errorf("pair %v: %d %q, want %q", args, code, fault, want)
		}
	}
	refused("say the server")
	refused("is not encrypted", "--server", "http://pop.example.com")
	write(t, p.etc("companion.json"), `{"server": "https://pop.example.com"}`, 0o644)
	refused("has fixed the server: it is https://pop.example.com", "--server", p.server.origin)
	write(t, p.etc("companion.json"), `{"server": "https://pop.example.com"}`, 0o666)
	refused("mapping not safe", "--server", "https://pop.example.com")
	p.server.set(func() {
		if p.server.offered != nil {
			t.Error("the server was asked all the same")
		}
	})
}

func TestPairedWithAnotherServerThanTheAdministratorsDoesNotConnect(t *testing.T) {
	p := newPC(t)
	write(t, p.etc("companion.json"), `{"server": "https://pop.example.com"}`, 0o644)
	r := p.run()
	if code := r.end(t); code != 1 || !strings.Contains(r.out.String(), "its administrator has fixed https://pop.example.com") {
		t.Errorf("ended with %d: %s", code, r.out.String())
	}
}

func TestRevokedStopsAndSaysPairAgain(t *testing.T) {
	p := newPC(t)
	p.server.set(func() { p.server.refuse = wire.ByeSignOut })
	r := p.run()
	if code := r.end(t); code != 3 || !strings.Contains(r.out.String(), "Pair it again") {
		t.Errorf("ended with %d: %s", code, r.out.String())
	}
	if said, _, _ := p.do("status"); !strings.Contains(said, "Not paired: the server does not know this PC any longer") {
		t.Errorf("status %q", said)
	}
}

func TestAnotherByeIsNoEnd(t *testing.T) {
	p := newPC(t)
	p.server.set(func() { p.server.refuse = wire.ByeRestart })
	p.run()
	until(t, "another attempt", func() bool {
		n := 0
		p.server.set(func() { n = p.server.hellos })
		return n >= 2
	})
	p.server.set(func() { p.server.refuse = 0 })
	p.server.connected()
}

// A server that is not the one that was paired gets no signature: one with
// another name, one behind a certificate that nobody vouches for, and one that
// sends the companion on.
func TestOnlyTheServerThatWasPairedIsAnswered(t *testing.T) {
	notConnected := func(t *testing.T, p *pc, why string) {
		t.Helper()
		r := p.run()
		until(t, why, func() bool { return strings.Count(r.out.String(), why) >= 2 })
		p.server.set(func() {
			if p.server.hellos != 0 {
				t.Errorf("the server got %d signatures", p.server.hellos)
			}
		})
		if said, _, _ := p.do("status"); !strings.Contains(said, "Not connected since") {
			t.Errorf("status %q", said)
		}
	}
	t.Run("another name", func(t *testing.T) {
		p := newPC(t)
		p.server.origin = "https://other.example.com"
		notConnected(t, p, "this PC is paired with")
	})
	t.Run("certificate", func(t *testing.T) {
		p := newPC(t)
		tls := httptest.NewTLSServer(p.server.http.Config.Handler)
		t.Cleanup(tls.Close)
		p.server.origin = tls.URL
		p.pairedWith(tls.URL)
		notConnected(t, p, "certificate")
	})
	t.Run("sent on", func(t *testing.T) {
		p := newPC(t)
		from := httptest.NewServer(http.RedirectHandler(p.server.http.URL+"/api/v1/companion/connect", http.StatusTemporaryRedirect))
		t.Cleanup(from.Close)
		p.server.origin = from.URL
		p.pairedWith(from.URL)
		notConnected(t, p, "that is not followed")
	})
	t.Run("right certificate", func(t *testing.T) { // or the others would prove nothing
		p := newPC(t)
		file := p.overTLS("")
		p.run("SSL_CERT_FILE=" + file)
		p.server.connected()
	})
}
