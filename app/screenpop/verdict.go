package screenpop

import (
	"strconv"
	"time"
)

// Verdict says whether a page may be framed in the workspace.
type Verdict string

// The verdicts. Unknown is an honest answer: the server is no agent, it is signed
// in nowhere and may stand in another network.
const (
	VerdictAllowed Verdict = "allowed"
	VerdictRefused Verdict = "refused"
	VerdictUnknown Verdict = "unknown"
)

// PageVerdict is what the server has learned about the pages of one frame key by
// asking for one of them with values that mean nobody.
type PageVerdict struct {
	Key       string      `json:"key"` // see Pop.FrameKey
	Verdict   Verdict     `json:"verdict"`
	Reason    string      `json:"reason"`        // in words: what decided, and at which hop
	Cure      string      `json:"cure"`          // what can be done about it; "" for nothing
	Hop       string      `json:"hop,omitempty"` // origin of the answer that decided
	Details   PageDetails `json:"details"`
	CheckedAt time.Time   `json:"checked_at,omitzero"` // zero: never
	Blank     BlankVotes  `json:"blank,omitzero"`
}

// FoundBlank is the detail of the receipt with which an agent says that a page
// showed nothing although it was framed.
const FoundBlank = "the agent found the page blank"

// BlankVotes are what agents have said of the pages of one frame key.
type BlankVotes struct {
	Agents int       `json:"agents"` // how many have found them blank in BlankFor
	Last   time.Time `json:"last"`
}

// How many agents decide for all of a tenant's, and how long their word holds.
const (
	BlankAgents = 3
	BlankFor    = 30 * 24 * time.Hour
)

// Decided reports whether enough agents have found the pages blank: then nobody's
// workspace frames them any more.
func (b BlankVotes) Decided() bool { return b.Agents >= BlankAgents }

// Reason says in words why pages are not framed that agents have found blank.
func (b BlankVotes) Reason() string { return strconv.Itoa(b.Agents) + " agents found it blank" }

// PageDetails is what else was seen on the way to a page. It holds no cookie's
// value and nothing of a page's body.
type PageDetails struct {
	Final     string       `json:"final,omitempty"`  // where the redirects ended, without query
	Redirects int          `json:"redirects"`        // that were followed
	Status    int          `json:"status,omitempty"` // of the last answer
	Header    string       `json:"header,omitempty"` // that decided, as sent
	SignIn    *SignIn      `json:"sign_in,omitempty"`
	Cookies   []PageCookie `json:"cookies,omitempty"` // those that a frame loses
	Mixed     string       `json:"mixed,omitempty"`   // the address on the way that is not encrypted
	Download  string       `json:"download,omitempty"`
	Policy    string       `json:"policy,omitempty"`       // the page's Content-Security-Policy
	Moving    bool         `json:"policy_moves,omitempty"` // its policy is another one in each answer, or too long to keep
}

// SignIn is the page to which somebody is sent who is not signed in.
type SignIn struct {
	Host    string  `json:"host"`
	Verdict Verdict `json:"verdict"` // may that page be framed
	Reason  string  `json:"reason"`
}

// PageCookie is a cookie of a page and what becomes of it in a frame.
type PageCookie struct {
	Name string `json:"name"`
	Host string `json:"host"` // that sets it
	Lost string `json:"lost"` // LostAlways, LostInFrame or LostIfBlocked
	Why  string `json:"why"`
}

// When a cookie is lost.
const (
	LostAlways    = "always"     // no browser keeps it, framed or not
	LostInFrame   = "frame"      // in a frame of another site
	LostIfBlocked = "if-blocked" // there, where the browser blocks third-party cookies
)
