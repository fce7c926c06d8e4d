package screenpop

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// Kind is what a popup does when it pops.
type Kind string

// The kinds, named as their elements in the configuration.
const (
	KindURL        Kind = "url"
	KindClipboard  Kind = "clipboard"
	KindWebRequest Kind = "webrequest"
	KindCommand    Kind = "command"
)

// Focus says whether a popped page may come to the front by itself.
type Focus string

// The values of the focus attribute; FocusNever is the default.
const (
	FocusNever  Focus = "never"
	FocusIfIdle Focus = "if-idle"
	FocusAlways Focus = "always"
)

// The two targets with a meaning of their own; any other target names a
// reused browser window.
const (
	TargetRequest = "request"
	TargetBlank   = "_blank"
)

// Pop is one occurrence of a popup for one agent and one request.
type Pop struct {
	ID        string    `json:"id"`
	RequestID string    `json:"request_id"`
	AgentID   string    `json:"agent_id,omitempty"`
	EventID   string    `json:"event_id"`
	PopupID   string    `json:"popup_id"` // level and id: "tenant:kb"
	Kind      Kind      `json:"kind"`
	Trigger   Trigger   `json:"trigger"`
	Title     string    `json:"title"`
	URL       string    `json:"url,omitempty"`
	Text      string    `json:"text,omitempty"`    // clipboard
	Command   string    `json:"command,omitempty"` // the name that the PC maps to a program
	Vars      []Var     `json:"vars,omitempty"`    // of a command, for the companion alone
	Target    string    `json:"target,omitempty"`
	Visible   bool      `json:"visible"`
	Focus     Focus     `json:"focus,omitempty"`
	Frame     string    `json:"frame,omitempty"` // auto, always, never
	Sandbox   string    `json:"sandbox,omitempty"`
	Allow     string    `json:"allow,omitempty"`
	Probe     bool      `json:"probe"`
	Via       string    `json:"via,omitempty"`       // of what nobody sees: fetch, frame, server
	From      string    `json:"from,omitempty"`      // the web request whose answer asked for it
	FrameKey  string    `json:"frame_key,omitempty"` // origin + path template: the key of its verdict
	Refused   string    `json:"refused,omitempty"`   // why the server found that the page cannot be framed; "" if it did not
	Blank     bool      `json:"blank,omitempty"`     // Refused is the word of agents, which outweighs what a browser has found
	Shortened bool      `json:"shortened,omitempty"` // a value was cut to fit
	State     PopState  `json:"state"`
	Detail    string    `json:"detail,omitempty"`     // of the newest receipt, in words
	ClaimedBy string    `json:"claimed_by,omitempty"` // the tab that may open it by itself
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	// TTLms is how many milliseconds the pop may still open by itself, counted
	// at the server when the frame was sent. The client's clock plays no part.
	TTLms    int64     `json:"ttl_ms"`
	Receipts []Receipt `json:"receipts,omitempty"`
}

// PopID returns the id of the pop that popup makes of an event for an agent. It
// depends on nothing else, so an event processed twice cannot make a second pop.
// It is 26 characters of a-z and 2-7, fit for an attribute or a path.
func PopID(tenant, source, eventID, popupID, agentID string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{tenant, source, eventID, popupID, agentID}, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]
}

// Var is one named value of a command, not escaped.
type Var struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// CommandTTL is the longest that a command may wait until it is started.
const CommandTTL = 15 * time.Second

// TTL returns how long a pop of channel c may open by itself.
func TTL(c Channel) time.Duration {
	switch c {
	case Voice:
		return 30 * time.Second
	case Chat:
		return 2 * time.Minute
	}
	return 24 * time.Hour
}
