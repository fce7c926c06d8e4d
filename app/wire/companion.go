package wire

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
)

// The companion's socket (GET /api/v1/companion/connect) carries JSON text frames
// of its own: a companion is a program on an agent's PC, which runs and copies
// what the server asks for. The server begins with a challenge; what follows is
// only said to a companion that has signed it.
const (
	CompanionChallenge Type = "challenge" // nonce server: sign both with the key that was paired
	CompanionHello     Type = "companion" // id signature version: the answer to the challenge
	CompanionWelcome   Type = "welcome"   // agent agent_name heartbeat_s
	CompanionRun       Type = "run"       // pop_id request_id name vars ttl_ms: start the program that this PC maps name to
	CompanionCopy      Type = "copy"      // pop_id request_id text ttl_ms: put text on the clipboard
	CompanionResult    Type = "result"    // pop_id state code ms detail: answered by result_ok, resent until then
	CompanionResultOK  Type = "result_ok" // pop_id
	CompanionPause     Type = "pause"     // on: the person at the PC wants no commands for now
)

// The states of a result. Running again is never right: a command that may have
// been started ends as unknown.
const (
	ResultStarted = "started" // it runs, and nobody waits for its end
	ResultExited  = "exited"  // it has ended by itself; code says how
	ResultCopied  = "copied"
	ResultRefused = "refused" // the PC does not let it run; detail says why
	ResultBusy    = "busy"    // too many run or wait
	ResultTimeout = "timeout" // it was stopped when its time was over
	ResultFailed  = "failed"  // it could not be started
	ResultUnknown = "unknown" // the companion died between noting it and starting it
)

// CompanionVar is one named value of a command, as it came, not escaped.
type CompanionVar struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// CompanionFrame is any message on a companion's socket. Which fields a type
// carries stands beside its constant. Ping, pong and bye are as on an agent's.
type CompanionFrame struct {
	Type       Type           `json:"type"`
	Nonce      string         `json:"nonce,omitempty"`
	Server     string         `json:"server,omitempty"` // the public address, "https://pop.example.com"
	ID         string         `json:"id,omitempty"`     // of the companion
	Signature  string         `json:"signature,omitempty"`
	Version    string         `json:"version,omitempty"`
	Agent      string         `json:"agent,omitempty"`
	AgentName  string         `json:"agent_name,omitempty"`
	HeartbeatS int            `json:"heartbeat_s,omitempty"`
	PopID      string         `json:"pop_id,omitempty"`
	RequestID  string         `json:"request_id,omitempty"`
	Name       string         `json:"name,omitempty"`
	Vars       []CompanionVar `json:"vars,omitempty"`
	Text       string         `json:"text,omitempty"`
	TTLms      int64          `json:"ttl_ms,omitempty"`
	State      string         `json:"state,omitempty"`
	ExitCode   int            `json:"exit_code,omitempty"`
	MS         int64          `json:"ms,omitempty"`
	Detail     string         `json:"detail,omitempty"`
	On         bool           `json:"on,omitempty"`
	Code       int            `json:"code,omitempty"` // of a bye
	Reason     string         `json:"reason,omitempty"`
}

// MaxCompanionFrame is the largest frame on a companion's socket, in bytes.
const MaxCompanionFrame = 64 << 10

// EncodeCompanion returns the frame as JSON.
func EncodeCompanion(f CompanionFrame) []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("encode %s frame: %v", f.Type, err))
	}
	return b
}

// DecodeCompanion returns the frame in b, or an error that names what is missing.
// A type it does not know is no error: the reader skips it.
func DecodeCompanion(b []byte) (CompanionFrame, error) {
	var f CompanionFrame
	if len(b) > MaxCompanionFrame {
		return f, fmt.Errorf("decode companion frame: %d bytes, at most %d", len(b), MaxCompanionFrame)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("decode companion frame: %w", err)
	}
	missing := ""
	switch f.Type {
	case "":
		missing = "type"
	case CompanionChallenge:
		missing = needs(f.Nonce == "", "nonce", f.Server == "", "server")
	case CompanionHello:
		missing = needs(f.ID == "", "id", f.Signature == "", "signature")
	case CompanionRun:
		missing = needs(f.PopID == "", "pop_id", f.Name == "", "name")
	case CompanionCopy, CompanionResultOK:
		missing = needs(f.PopID == "", "pop_id", false, "")
	case CompanionResult:
		missing = needs(f.PopID == "", "pop_id", f.State == "", "state")
	}
	if missing != "" {
		return f, fmt.Errorf("decode %s frame: %q is missing", f.Type, missing)
	}
	return f, nil
}

// CompanionProof returns what a companion signs: bound to this use, the server's
// challenge, the server's name and the companion's id, so that a signature is
// worth nothing anywhere else.
func CompanionProof(nonce, server, id string) []byte {
	return []byte(strings.Join([]string{"crmpop-companion-connect-v1", nonce, server, id}, "\n"))
}

// VerifyCompanion reports whether signature is key's on the proof.
func VerifyCompanion(key ed25519.PublicKey, nonce, server, id string, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, CompanionProof(nonce, server, id), signature)
}
