package browser

import (
	"strings"
	"time"
)

// Page is a web page to be put on the stage.
type Page struct {
	ID    string // unique on the stage; becomes data-pop
	Title string // the frame's accessible name
	URL   string // absolute, http or https, never of the workspace's own origin

	// Sandbox names permissions beyond the base ones, separated by spaces:
	// "modals", "storage-access" or their allow-… tokens. Others are left out,
	// top navigation above all.
	Sandbox string
	// Allow is the frame's permissions policy ("clipboard-write"); empty grants nothing.
	Allow string

	// Key is what the page's verdict is remembered by: origin and path template,
	// so that one look-up answers for all contacts. Empty remembers nothing.
	Key string
	// Probe lets the stage ask the page once, by a second GET, whether it may be
	// framed. Leave it false for addresses whose GET creates something.
	Probe bool
	// Refused is why the server found that the page cannot be framed, "" if it did
	// not. What this browser has found itself counts before that.
	Refused string
	// Blank says that Refused is the word of other agents, who saw nothing. It
	// outweighs what this browser has found, but not its own agent's word.
	Blank bool
	// Always frames the page whatever is remembered and asks nothing.
	Always bool
}

// Happening is what befell a page.
type Happening string

// What can befall a page, in the order it usually does.
const (
	PageLoaded   Happening = "loaded"   // its document is there; said once a frame
	PageReloaded Happening = "reloaded" // a further document: a login redirect, a link, or Reload
	PageSlow     Happening = "slow"     // nothing has come after 8 s; it still may
	PageRefused  Happening = "refused"  // it may not be shown here; it has no frame (any more), Detail says why
	PageAlive    Happening = "alive"    // it has certainly been shown: its script spoke, or it has frames of its own
	PageUnloaded Happening = "unloaded" // taken down because too many pages are open; Reload brings it back
	PageEntered  Happening = "entered"  // the agent has clicked or tabbed into it
	PageMoved    Happening = "moved"    // it went on by itself; Detail says of a page that refuses to be shown why
)

// PageEvent reports a happening.
type PageEvent struct {
	ID     string
	What   Happening
	Detail string        // words for people: why a page was refused
	Loads  int           // how many documents its frame has loaded so far
	After  time.Duration // since its address was last set; 0 for what never had a frame
}

// sandboxBase is what every page may do: be a working web application, and open
// windows that are free of the sandbox. It may not navigate the workspace away
// nor stop it with a dialog.
const sandboxBase = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"

// sandboxAdditions are the permissions a configuration may add, by their short
// name and by their token.
var sandboxAdditions = map[string]string{
	"modals":         "allow-modals",
	"storage-access": "allow-storage-access-by-user-activation",
}

// sandbox returns the tokens of p's frame.
func (p Page) sandbox() string {
	tokens := sandboxBase
	for _, word := range strings.Fields(p.Sandbox) {
		for short, token := range sandboxAdditions {
			if (word == short || word == token) && !strings.Contains(tokens, token) {
				tokens += " " + token
			}
		}
	}
	return tokens
}
