package check

// state is how a line of the test stands.
type state string

const (
	running state = ""
	click   state = "click" // it is tested once somebody clicks
	good    state = "good"
	todo    state = "todo"
	unknown state = "unknown"
)

// stateWords say a state, and stateIcons draw it: colour alone says nothing.
var (
	stateWords = map[state]string{running: "Testing…", click: "Needs a click", good: "OK", todo: "To do", unknown: "Not known"}
	stateIcons = map[state]string{running: "mark-loading", click: "mark-waiting", good: "check", todo: "mark-warn", unknown: "question"}
)

// outcome is what came of a test.
type outcome struct {
	State  state
	Says   string // what was found, in a sentence
	Cure   string // what to do, in a sentence; "" for nothing
	Policy string // the browser's policy that does it for the whole company
}

// line is a test with its outcome.
type line struct {
	outcome
	ID     string
	Name   string
	Anchor string // of its heading in the manual
}

// group is a heading with the lines below it.
type group struct {
	name  string
	lines []line
}

// The lines that every browser has.
const (
	idSocket    = "websocket"
	idFallback  = "fallback"
	idClock     = "clock"
	idBuild     = "build"
	idPopups    = "pop-ups"
	idNotices   = "notifications"
	idClipboard = "clipboard"
	idCookies   = "cookies"
	idNetwork   = "network"
	idWorker    = "service-worker"
	idStorage   = "storage"
	idMemory    = "memory"
)

// plan returns the lines of a test, none of which has run.
func plan(f facts) []group {
	pages := []line{
		{ID: idCookies, Name: "Third-party cookies", Anchor: "third-party-cookies"},
		{ID: idNetwork, Name: "Local network", Anchor: "local-network"},
	}
	for i, p := range f.Pages {
		pages = append(pages, line{ID: pageID(i), Name: p.name(), Anchor: "pages"})
	}
	return []group{
		{"Connection", []line{
			{ID: idSocket, Name: "Websocket", Anchor: "websocket"},
			{ID: idFallback, Name: "Without a websocket", Anchor: "without-a-websocket"},
			{ID: idClock, Name: "Clock", Anchor: "clock"},
			{ID: idBuild, Name: "Version", Anchor: "version"},
		}},
		{"What pops may do here", []line{
			{ID: idPopups, Name: "Pop-ups", Anchor: "pop-ups"},
			{ID: idNotices, Name: "Notifications", Anchor: "notifications"},
			{ID: idClipboard, Name: "Clipboard", Anchor: "clipboard"},
		}},
		{"Pages in the request's tab", pages},
		{"This browser", []line{
			{ID: idWorker, Name: "Service worker", Anchor: "service-worker"},
			{ID: idStorage, Name: "Storage", Anchor: "storage"},
			{ID: idMemory, Name: "Memory", Anchor: "memory"},
		}},
	}
}

// find returns the line with an id, nil if there is none.
func find(groups []group, id string) *line {
	for _, g := range groups {
		for i := range g.lines {
			if g.lines[i].ID == id {
				return &g.lines[i]
			}
		}
	}
	return nil
}

// count returns how many lines stand how.
func count(groups []group) (by map[state]int, all int) {
	by = map[state]int{}
	for _, g := range groups {
		for _, l := range g.lines {
			by[l.State]++
			all++
		}
	}
	return by, all
}
