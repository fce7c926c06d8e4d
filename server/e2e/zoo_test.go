package e2e_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/e2e/zoo"
)

// keeper is an agent in whose workspace the pages of the zoo pop.
type keeper struct {
	*workspace
	zoo *zoo.Zoo
	// late are the pages that a busy machine had no answer of in the time there is
	// for one, so that they are asked anew.
	late map[string]bool
}

// TestZoo pops every page of the zoo, twice, in a browser as Chrome ships it and
// in one that blocks third-party cookies: each page comes to the end that it is
// meant to have, and none is ever left blank.
func TestZoo(t *testing.T) {
	t.Parallel()
	for name, cookies := range map[string]cookieControls{"cookies as Chrome ships them": asChromeShips, "third-party cookies blocked": thirdBlocked} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKeeper(t, cookies)
			var quick, patient []zoo.Page
			for _, p := range zoo.Pages() {
				if p.Unknown {
					patient = append(patient, p)
				} else {
					quick = append(quick, p)
				}
			}
			k.ring(patient, "first") // these take seconds, which the others fill
			k.pop(quick, "first")
			k.pop(known(quick), "second")
			k.see(patient, "first")
			k.end(patient, "first")
			k.sent(cookies)
			k.signsIn(cookies)
			k.keepsTheKeyboard()
			k.isAttacked()
			k.violatesNothing()
		})
	}
}

// known returns pages with the end that they have once that is known.
func known(pages []zoo.Page) []zoo.Page {
	again := slices.Clone(pages)
	for i, p := range again {
		again[i].End = cmp.Or(p.Then, p.End)
	}
	return again
}

// newKeeper starts a server that is reached over https, and the zoo, publishes a
// popup for each of its pages and signs an agent in.
func newKeeper(t *testing.T, cookies cookieControls) *keeper {
	t.Helper()
	s := serve(t)
	c := plugTLS(t, s)
	z, err := zoo.Open(c.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(z.Close)
	var doc strings.Builder
	for _, p := range zoo.Pages() {
		fmt.Fprintf(&doc, "<url id=%q on=\"ringing\" queue=%[1]q target=\"request\" title=%[1]q>%s?call={request_id}</url>\n", p.Name, z.Address(p))
	}
	if status, body := s.publish("<screenpopup>" + doc.String() + "</screenpopup>"); status != http.StatusOK {
		t.Fatalf("publish: %d %s", status, body)
	}
	k := &keeper{zoo: z, late: map[string]bool{}, workspace: &workspace{person: personWith(t, cookies), server: s, origin: c.url}}
	k.tab = k.person.first
	k.onEveryLoad(`self === top && (window.violations = [], document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI)))`)
	k.allow("X-Frame-Options", "frame-ancestors", "frame is sandboxed", "Unsafe attempt to initiate navigation", "Failed to load resource", "ERR_", "Ignored call to", "Blocked opening", "Mixed Content")
	k.signIn(anna)
	k.noGesture()
	return k
}

// personWith returns somebody whose browser treats third-party cookies so.
func personWith(t *testing.T, cookies cookieControls) *person {
	t.Helper()
	if cookies == asChromeShips {
		return newPerson(t)
	}
	other, stop, err := startBrowser(cookies)
	if err != nil {
		t.Fatalf("start %s: %v", chromium, err)
	}
	t.Cleanup(stop)
	return newPersonIn(t, other)
}

// forCall names the call of a page for the first or second time.
func forCall(p zoo.Page, sight string) string { return p.Name + "-" + sight }

// pop lets pages pop, a few at a time, and sees that each comes to its end.
func (k *keeper) pop(pages []zoo.Page, sight string) {
	k.t.Helper()
	var batch []zoo.Page
	next := func(p ...zoo.Page) {
		k.ring(p, sight)
		k.see(p, sight)
		k.end(p, sight)
	}
	for _, p := range pages {
		if p.Alone {
			next(p)
		} else if batch = append(batch, p); len(batch) == 6 {
			next(batch...)
			batch = nil
		}
	}
	next(batch...)
}

// ring announces a call for each page.
func (k *keeper) ring(pages []zoo.Page, sight string) {
	k.t.Helper()
	for _, p := range pages {
		k.server.ring(forCall(p, sight), caller{name: "Zoo " + p.Name, number: "+4722334455"}, anna, p.Name)
	}
}

// ends are the receipts that lead to an end.
var ends = map[zoo.End][]screenpop.PopState{
	zoo.Shown:    {screenpop.PopShown},
	zoo.Refused:  {screenpop.PopRefused, screenpop.PopWaiting},
	zoo.NoAnswer: {screenpop.PopFailed},
	zoo.Late:     {screenpop.PopFailed, screenpop.PopShown},
	zoo.MovesOn:  {screenpop.PopShown},
	zoo.MovesOut: {screenpop.PopShown, screenpop.PopRefused},
}

// see waits for the end of each page and looks at what the agent has before eyes.
func (k *keeper) see(pages []zoo.Page, sight string) {
	k.t.Helper()
	for _, p := range pages {
		k.of(p.Name+", "+sight+" sight", func() {
			if pop := k.untilEnd(p, sight); !strings.Contains(details(pop), p.Why) {
				k.t.Errorf("the receipts say %s, want a reason with %q", details(pop), p.Why)
			}
			k.look(p, sight)
			k.asked(p, sight)
		})
	}
}

// of does a part of the test in a test of its own.
func (k *keeper) of(name string, part func()) {
	whole := k.t
	set := func(t testing.TB) { k.t, k.server.t, k.person.t = t, t, t }
	defer set(whole)
	whole.(*testing.T).Run(name, func(t *testing.T) {
		set(t)
		part()
	})
}

// untilEnd waits until the receipts of a page's pop are those of its end.
func (k *keeper) untilEnd(p zoo.Page, sight string) screenpop.Pop {
	k.t.Helper()
	want := ends[p.End]
	var pop screenpop.Pop
	until(k.t, fmt.Sprintf("the receipts to be %v", want), func() (bool, string) {
		for _, pop = range k.server.trace(forCall(p, sight)).Pops {
			var got []screenpop.PopState
			for _, r := range pop.Receipts {
				if !r.State.Open() {
					got = append(got, r.State)
				}
			}
			if len(got) > 1 && got[0] == screenpop.PopFailed && !p.Unknown {
				got, k.late[p.Name] = got[1:], true
			}
			return slices.Equal(got, want), fmt.Sprint(got, " ", details(pop))
		}
		return false, "no pop"
	})
	return pop
}

func details(pop screenpop.Pop) string {
	var all []string
	for _, r := range pop.Receipts {
		all = append(all, string(r.State)+": "+r.Detail)
	}
	return strings.Join(all, "; ")
}

// scene is what stands in the place of a page.
type scene struct {
	Frame bool     // a frame that can be seen
	Says  string   // of the card
	More  string   // of the card
	Big   []string // the card's big buttons, the first one first
	Hint  string   // beside the views
	Acts  []string // beside the views
}

const sceneNow = `(() => {
	const text = (s) => document.querySelector(s)?.innerText ?? "", all = (s) => [...document.querySelectorAll(s)].map((b) => b.getAttribute("aria-label") || b.innerText);
	const seen = (f) => f.checkVisibility({visibilityProperty: true, opacityProperty: true}) && f.getBoundingClientRect().height > 100;
	return {Frame: [...document.querySelectorAll("#stage iframe")].some(seen), Says: text(".card-says"), More: text(".card-more"),
		Big: all(".card-acts button"), Hint: text(".moved"), Acts: all(".acts button")};
})()`

// press shows a view by its tabs, without a gesture: nothing but the tabs hears it.
const press = `((request, view) => {
	const tab = (list, ok) => [...document.querySelectorAll('[role=tablist][aria-label="' + list + '"] [role=tab]')].find((t) => ok(t.getAttribute("aria-label") ?? t.innerText));
	const shown = (t) => t?.getAttribute("aria-selected") === "true" || (t?.click(), false);
	return shown(tab("Requests", (n) => n.startsWith(request + ","))) && shown(tab("Views", (n) => n === view));
})`

// look shows a page's view and compares what stands there with what has to.
func (k *keeper) look(p zoo.Page, sight string) {
	k.t.Helper()
	k.untilJS("the view of "+p.Name, press+`(`+strconv.Quote("Zoo "+p.Name)+`, `+strconv.Quote(p.Name)+`)`)
	until(k.t, p.Name+" to be seen as "+string(p.End), func() (bool, string) {
		is, err := tryEval[scene](k.tab, sceneNow)
		return err == nil && is.shows(p.End), fmt.Sprintf("%+v %v", is, err)
	})
	lives := k.zoo.Told(forCall(p, sight), zoo.Alive)
	switch framed := p.End != zoo.Refused && p.End != zoo.NoAnswer; {
	case framed && !p.Mute && lives == 0:
		k.t.Error("its frame is there, but no script of it ran")
	case !framed && lives > 0 && p.Excuse == "":
		k.t.Error("its script ran although it is refused")
	}
}

// shows reports whether a page that has come to an end is seen like this.
func (is scene) shows(end zoo.End) bool {
	big := ""
	if len(is.Big) > 0 {
		big = is.Big[0]
	}
	switch end {
	case zoo.Refused:
		return !is.Frame && strings.Contains(is.Says, "refuses to be shown here, and the browser stopped a new tab") && strings.HasPrefix(big, "Open") && is.More != ""
	case zoo.NoAnswer:
		return !is.Frame && strings.Contains(is.Says, "No answer from crm.localhost yet") && strings.HasPrefix(big, "Open in a tab")
	case zoo.MovesOut:
		return !is.Frame && strings.Contains(is.Says, "went on to a page that refuses") && strings.HasPrefix(big, "Open in a tab") && is.More != ""
	}
	return is.Frame && is.Says == "" && slices.Contains(is.Acts, "Page is blank?") && slices.Contains(is.Acts, "Open in a tab") && (is.Hint != "") == (end == zoo.MovesOn)
}

// asked compares how often a page was asked for with how often it had to be: once
// more than its frame does at first sight, and never for a page that is known.
func (k *keeper) asked(p zoo.Page, sight string) {
	k.t.Helper()
	n := map[string]int{}
	for _, h := range k.zoo.Hits(p.Name, forCall(p, sight)) {
		n[h.Dest]++
	}
	frames, questions := n["iframe"], n["object"]
	switch {
	case n["document"] > 0:
		k.t.Error("a tab asked for it")
	case p.Unasked || sight == "second" && p.End == zoo.Refused:
		if frames+questions > 0 {
			k.t.Errorf("asked for %v, want never", n)
		}
	case sight == "second":
		if frames != 1 || questions != 0 && !k.late[p.Name] {
			k.t.Errorf("it is known, and was asked for %v, want once, by its frame", n)
		}
	default:
		if frames != 1 || questions > 1 {
			k.t.Errorf("asked for %v, want once by its frame, and once more at most", n)
		}
	}
}

// end closes the calls.
func (k *keeper) end(pages []zoo.Page, sight string) {
	k.t.Helper()
	for _, p := range pages {
		k.server.then(screenpop.Closed, forCall(p, sight))
	}
	for _, p := range pages {
		k.untilJS("the call of "+p.Name+" to be gone", `![...document.querySelectorAll('[role=tablist][aria-label="Requests"] [role=tab]')].some((t) => (t.getAttribute("aria-label") ?? "").startsWith(`+strconv.Quote("Zoo "+p.Name+",")+`))`)
	}
}

// violatesNothing sees that no part of the workspace is against its own policy.
func (k *keeper) violatesNothing() {
	k.t.Helper()
	if all := eval[[]string](k.tab, `violations`); len(all) > 0 {
		k.t.Errorf("the workspace violates its own policy: %q", all)
	}
}

// sent compares the cookies that the page got back with those that the browser's
// setting lets through.
func (k *keeper) sent(cookies cookieControls) {
	k.t.Helper()
	want := []string{zoo.Partitioned}
	if cookies == asChromeShips {
		want = []string{zoo.None, zoo.Partitioned}
	}
	for _, h := range k.zoo.Hits("cookies", "cookies-second") {
		if got := slices.Sorted(slices.Values(h.Cookies)); !slices.Equal(got, want) {
			k.t.Errorf("the cookies %q came back to the page in its frame, want %q", got, want)
		}
	}
}

// signsIn opens a page that wants a sign-in from its card, signs in in that tab and
// tries again: where the page's cookies reach a frame, it is shown then.
func (k *keeper) signsIn(cookies cookieControls) {
	k.t.Helper()
	page := zoo.Page{Name: "private", End: zoo.Refused}
	k.ring([]zoo.Page{page}, "third")
	k.of("private, third sight", func() {
		k.untilEnd(page, "third")
		k.look(page, "third")
		k.clickExact("button", "Open")
		tab := k.person.opened("/sign-in")
		k.server.untilState(forCall(page, "third"), page.Name, screenpop.PopOpened)
		tab.allow("Failed to load resource")
		tab.goTo(k.zoo.At(zoo.CRM, "signed-in"))
		k.clickExact("button", "Try here again")
		end := page.End
		if cookies == asChromeShips {
			end = zoo.Shown
		}
		until(k.t, "private to be seen as "+string(end), func() (bool, string) {
			is, err := tryEval[scene](k.tab, sceneNow)
			ok := is.shows(zoo.Shown)
			if end == zoo.Refused {
				ok = !is.Frame && strings.Contains(is.Says, "It is open in a browser tab") && slices.Equal(is.Big, []string{"Open in a tab", "Try here again"})
			}
			return err == nil && ok, fmt.Sprintf("%+v %v", is, err)
		})
	})
	k.end([]zoo.Page{page}, "third")
}

// clickAgain is how long a click may take to arrive before an agent clicks again.
const clickAgain = 3 * time.Second

// isAttacked clicks into the pages that are out for the workspace's place.
func (k *keeper) isAttacked() {
	k.t.Helper()
	eval[bool](k.tab, `(window.untouched = true)`)
	at, tabs := eval[string](k.tab, `location.href`), len(k.person.pages())
	for _, p := range zoo.Pages() {
		if !p.Hostile {
			continue
		}
		k.ring([]zoo.Page{p}, "attack")
		k.of(p.Name+", clicked", func() {
			k.untilEnd(p, "attack")
			k.look(p, "attack")
			k.clickAt(720, 500)
			clicked := time.Now()
			if p.Blank == "" {
				until(k.t, "the click to arrive", func() (bool, string) {
					n := k.zoo.Told(forCall(p, "attack"), zoo.Clicked)
					if n == 0 && time.Since(clicked) > clickAgain { // the browser had not put the frame there yet
						k.clickAt(720, 500)
						clicked = time.Now()
					}
					return n > 0, fmt.Sprint(n)
				})
			}
			if now := eval[string](k.tab, `location.href + " " + window.untouched`); now != at+" true" {
				k.t.Errorf("the workspace went from %s to %s", at, now)
			}
			if n := len(k.person.pages()); n != tabs {
				k.t.Errorf("%d tabs are open, want %d", n, tabs)
			}
			k.look(p, "attack")
		})
		k.end([]zoo.Page{p}, "attack")
	}
}

// keepsTheKeyboard sees that a page which nobody has turned to does not get the
// agent's keys, however often it asks for them.
func (k *keeper) keepsTheKeyboard() {
	k.t.Helper()
	k.noGesture()
	page := zoo.Page{Name: "grabs", End: zoo.Shown}
	k.ring([]zoo.Page{page}, "third")
	k.of("grabs, third sight", func() {
		k.untilEnd(page, "third")
		k.look(page, "third")
		eval[bool](k.tab, `(document.querySelector('[role=tablist][aria-label="Views"] [role=tab]').focus(), true)`)
		before := k.zoo.Told("grabs-third", zoo.Grabbed)
		until(k.t, "the page to have tried for a while", func() (bool, string) {
			n := k.zoo.Told("grabs-third", zoo.Grabbed)
			return n > before+1, fmt.Sprint(n)
		})
		k.untilJS("the keyboard where the agent left it", `document.activeElement.matches("[role=tab]")`)
		if n := eval[int](k.tab, `new Promise((done) => { let away = 0, n = 0; const look = setInterval(() => { away += document.activeElement.matches("iframe"); if (++n === 50) { clearInterval(look); done(away) } }, 10) })`); n > 10 {
			k.t.Errorf("the page had the keyboard at %d of 50 looks", n)
		}
	})
	k.end([]zoo.Page{page}, "third")
}
