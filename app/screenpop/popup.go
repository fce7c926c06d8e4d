package screenpop

import "github.com/crmpop/crmpop/app/urltemplate"

// Popup is a configured rule: when it pops, and what it does then. A popup of a
// parsed document is valid and never changes; which fields count depends on its
// Kind. Level is set by Effective.
type Popup struct {
	ID        string // unique in its document; by default its position, from "1"
	Kind      Kind
	On        []Trigger // empty: DefaultTrigger of the request's channel
	Channels  []Channel // empty: every channel
	Queues    []string  // globs of queue_key; empty: every queue
	Direction Direction // "": both
	When      []Condition
	Again     bool // may pop more than once a request
	Level     string
	Line      int // of its element, from 1
	Column    int
	Title     *urltemplate.Template // nil: the host of the URL
	URL       *urltemplate.Template // url
	Target    string                // url: TargetRequest, TargetBlank or a window's name
	Visible   bool                  // url
	Focus     Focus                 // url
	Frame     string                // url: FrameAuto, FrameAlways or FrameNever
	Sandbox   string                // url: what the frame may more than others, space-separated
	Allow     string                // url: the frame's allow attribute
	Probe     bool                  // url: may be fetched once more to learn whether it can be framed
	Via       string                // url that is not visible: ViaFetch, ViaFrame or ViaServer
	Text      *urltemplate.Template // clipboard
	Method    string                // webrequest: GET or POST
	Href      *urltemplate.Template // webrequest
	Format    string                // webrequest: FormatForm, FormatJSON or FormatBody
	Fields    []Field               // webrequest
	Headers   []Field               // webrequest
	Reply     string                // webrequest: ReplyJSON if its answer may ask for pages
	Fallback  *Popup                // webrequest: the page that pops instead of a reply; nil for none
	Name      string                // command: the name that the PC maps to a program
	Vars      []Field               // command: its named values
}

// Condition is a <when>: what a variable must be.
type Condition struct {
	Variable string
	Op       string // "is", "not" or "matches", which takes a glob
	Value    string
}

// Field is a named value of a web request or of a command. Its template's kind
// follows the request's format; a command's is plain text.
type Field struct {
	Name  string
	Value *urltemplate.Template
}

// The values of the frame attribute. FrameAuto, the default, frames a page that
// lets itself be framed.
const (
	FrameAuto   = "auto"
	FrameAlways = "always"
	FrameNever  = "never"
)

// The values of the via attribute: who asks for an address that nobody sees.
// ViaFetch, the default, is the agent's browser with its cookies, and nothing of
// the page runs; ViaFrame a hidden frame, where it does; ViaServer our server.
const (
	ViaFetch  = "fetch"
	ViaFrame  = "frame"
	ViaServer = "server"
)

// The values of the format attribute. A body is sent as plain text.
const (
	FormatForm = "form"
	FormatJSON = "json"
	FormatBody = "body"
)

// ReplyJSON is the reply attribute of a web request whose answer is JSON that
// asks for pages.
const ReplyJSON = "json"

// Key names the popup over all levels: "level:id".
func (p *Popup) Key() string { return p.Level + ":" + p.ID }

// DefaultTrigger returns the moment at which a popup without on pops.
func DefaultTrigger(c Channel) Trigger {
	switch c {
	case Chat:
		return Assigned
	case Email, Social:
		return Accepted
	}
	return Ringing
}
