// Package wire is what travels on the socket between the server and a
// workspace: one JSON text frame a message, its type in the field "type".
// Protocol is the version both ends name in hello; a server speaks N and N-1.
package wire

import (
	"encoding/json"
	"fmt"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Protocol is the version of the frames in this package.
const Protocol = 1

// MaxFrame is the largest frame either end accepts, in bytes.
const MaxFrame = 4 << 20

// Type names a frame.
type Type string

// The frames a server sends. Request, Pop and Withdraw are the agent's stream:
// each carries the next seq.
const (
	Hello     Type = "hello"      // protocol build epoch seq agent agent_name tenant heartbeat_s; by HTTP id: of the stream, by which frames go up
	Snapshot  Type = "snapshot"   // requests pops seq epoch reason: replaces all that the client knows; reason, if set, says what was left out
	Request   Type = "request"    // seq request
	Pop       Type = "pop"        // seq pop; sent again whenever the pop's state changes
	Withdraw  Type = "withdraw"   // seq pop_id reason
	Claimed   Type = "claimed"    // pop_id ok by reason: the reason why it could not be decided, if so
	ReceiptOK Type = "receipt_ok" // id
	Ask       Type = "ask"        // id by detail after_ms: by asks to pop a test here, which detail says, for that long; without after_ms it is over, for the reason, if one is told
	Ping      Type = "ping"       // seq: all up to it was sent before; also ends the answer to a resume
	Drain     Type = "drain"      // after_ms: reconnect after that time
	Bye       Type = "bye"        // code reason: sent before every close
)

// The frames a client sends.
const (
	Resume  Type = "resume"  // epoch seq tab lead build: 0,0 asks for a snapshot; may be sent again
	Ack     Type = "ack"     // seq, cumulative
	Claim   Type = "claim"   // pop_id: answered by claimed
	Receipt Type = "receipt" // id pop_id state detail build: answered by receipt_ok, resent until then
	Pong    Type = "pong"
	Lead    Type = "lead"   // lead: this tab now opens pops by itself, or no longer does
	Close   Type = "close"  // request_id: the agent closes the request
	Answer  Type = "answer" // id ok: the agent lets the test of an ask pop, or not; answered by an ask that is over
)

// The codes of a bye. They fit a websocket close code (4000-4999).
const (
	ByeSlow     = 4408 // the client reads too slowly; resume
	ByeReplaced = 4409 // too many sockets of one user; do not reconnect by itself
	ByeSignOut  = 4401 // the session ended; sign in again
	ByeDenied   = 4403
	ByeProtocol = 4400 // a frame the server could not read
	ByeSilent   = 4410 // no pong in time; resume
	ByeInternal = 4411 // the server failed at something; resume
	ByeRestart  = 4412 // the server stops; resume after the drain's time
)

// Frame is any message on the socket. Which fields a type carries stands beside
// its constant; the others are absent.
type Frame struct {
	Type       Type                `json:"type"`
	Seq        int64               `json:"seq,omitempty"`
	Epoch      int64               `json:"epoch,omitempty"`
	Protocol   int                 `json:"protocol,omitempty"`
	Build      string              `json:"build,omitempty"`
	Agent      string              `json:"agent,omitempty"`
	AgentName  string              `json:"agent_name,omitempty"`
	Tenant     string              `json:"tenant,omitempty"`
	HeartbeatS int                 `json:"heartbeat_s,omitempty"`
	Requests   []screenpop.Request `json:"requests,omitempty"`
	Pops       []screenpop.Pop     `json:"pops,omitempty"`
	Request    *screenpop.Request  `json:"request,omitempty"`
	Pop        *screenpop.Pop      `json:"pop,omitempty"`
	PopID      string              `json:"pop_id,omitempty"`
	RequestID  string              `json:"request_id,omitempty"`
	ID         string              `json:"id,omitempty"`
	State      screenpop.PopState  `json:"state,omitempty"`
	Detail     string              `json:"detail,omitempty"`
	OK         bool                `json:"ok,omitempty"`
	By         string              `json:"by,omitempty"`
	Tab        string              `json:"tab,omitempty"`
	Lead       bool                `json:"lead,omitempty"`
	AfterMS    int64               `json:"after_ms,omitempty"`
	Code       int                 `json:"code,omitempty"`
	Reason     string              `json:"reason,omitempty"`
}

// Streamed reports whether the frame is part of the agent's ordered stream.
func (f Frame) Streamed() bool {
	return f.Type == Request || f.Type == Pop || f.Type == Withdraw
}

// Encode returns the frame as JSON. It cannot fail: a frame holds nothing that
// JSON cannot carry.
func Encode(f Frame) []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("encode %s frame: %v", f.Type, err))
	}
	return b
}

// Decode returns the frame in b, or an error that names what is missing. A type
// it does not know is no error: the reader skips it, so that N can talk to N+1.
func Decode(b []byte) (Frame, error) {
	var f Frame
	if len(b) > MaxFrame {
		return f, fmt.Errorf("decode frame: %d bytes, at most %d", len(b), MaxFrame)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return f, fmt.Errorf("decode frame: %w", err)
	}
	return f, f.Validate()
}

// Validate returns an error naming the first field that the frame's type needs
// and that is missing.
func (f Frame) Validate() error {
	missing := ""
	switch f.Type {
	case "":
		missing = "type"
	case Request:
		missing = needs(f.Seq == 0, "seq", f.Request == nil, "request")
	case Pop:
		missing = needs(f.Seq == 0, "seq", f.Pop == nil, "pop")
	case Withdraw:
		missing = needs(f.Seq == 0, "seq", f.PopID == "", "pop_id")
	case Claimed, Claim:
		missing = needs(f.PopID == "", "pop_id", false, "")
	case Receipt:
		missing = needs(f.ID == "", "id", f.PopID == "", "pop_id")
		if missing == "" && !f.State.Valid() {
			return fmt.Errorf("decode receipt frame: unknown state %q", f.State)
		}
	case Close:
		missing = needs(f.RequestID == "", "request_id", false, "")
	case Ask:
		if f.AfterMS < 0 {
			return fmt.Errorf("decode ask frame: after_ms is %d, not 0 or more", f.AfterMS)
		}
		missing = needs(f.ID == "", "id", f.AfterMS > 0 && f.By == "", "by")
		if missing == "" {
			missing = needs(f.AfterMS > 0 && f.Detail == "", "detail", false, "")
		}
	case Answer:
		missing = needs(f.ID == "", "id", false, "")
	}
	if missing != "" {
		return fmt.Errorf("decode %s frame: %q is missing", f.Type, missing)
	}
	return nil
}

func needs(a bool, nameA string, b bool, nameB string) string {
	switch {
	case a:
		return nameA
	case b:
		return nameB
	}
	return ""
}
