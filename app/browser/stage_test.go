package browser_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/google/go-cmp/cmp"
)

const (
	workspace = "https://work.example"
	crm       = "https://crm.example/c"
	words     = "the page does not want it"
)

// fixture is a stage on a board, and what it has told.
type fixture struct {
	*browser.Stage
	t      *testing.T
	board  *browser.Board
	shelf  browser.Shelf
	events []string
}

func newFixture(t *testing.T, limit int) *fixture {
	f := &fixture{t: t, board: browser.NewBoard(), shelf: browser.Shelf{}}
	f.Stage = browser.StageOn(limit, workspace, f.shelf, f.board, func(ev browser.PageEvent) {
		line := fmt.Sprintf("%s %s %d %s", ev.ID, ev.What, ev.Loads, ev.After)
		if ev.Detail != "" {
			line += ": " + ev.Detail
		}
		f.events = append(f.events, line)
	})
	return f
}

func (f *fixture) wantTold(want ...string) {
	f.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, f.events); diff != "" {
		f.t.Errorf("told (-want +got):\n%s", diff)
	}
	f.events = nil
}

func (f *fixture) wantDid(want ...string) {
	f.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, f.board.Did()); diff != "" {
		f.t.Errorf("did (-want +got):\n%s", diff)
	}
}

func TestAddedPageGetsOneFrameThatIsOnlyHiddenAndShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		page := browser.Page{ID: "a", URL: crm}
		if !f.Add(page) || f.Add(page) {
			t.Error("Add: want true, then false for the page that is there")
		}
		f.wantDid("create a " + crm)
		f.board.Loads["a"]()
		f.wantTold("a loaded 1 0s")
		for range 3 {
			f.Show("a")
			f.Show("")
		}
		f.wantDid("mark a true", "hide false", "mark a false", "hide true",
			"mark a true", "hide false", "mark a false", "hide true",
			"mark a true", "hide false", "mark a false", "hide true")
		if got := f.Loads("a"); got != 1 {
			t.Errorf("Loads = %d, want 1", got)
		}
		f.Remove("a")
		f.Remove("a")
		f.wantDid("drop a")
		if f.Has("a") || f.Loads("a") != 0 || len(f.Pages()) != 0 {
			t.Error("the removed page is still known")
		}
	})
}

func TestPageShownBeforeItIsAddedIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		f.Show("a")
		f.wantDid()
		f.Add(browser.Page{ID: "a", URL: crm})
		f.wantDid("create a "+crm, "mark a true", "hide false")
		f.Cover("a", true)
		f.wantDid("mark a false", "hide true")
		f.Cover("a", false)
		f.wantDid("mark a true", "hide false")
		f.Add(browser.Page{ID: "b", URL: crm})
		f.Show("b")
		f.wantDid("create b "+crm, "mark a false", "mark b true")
		f.Title("b", "Ola")
		f.wantDid("title b Ola")
		f.Remove("b")
		f.wantDid("drop b", "hide true")
	})
}

func TestVerdictDecides(t *testing.T) {
	probing := browser.Page{ID: "a", URL: crm, Key: "k", Probe: true}
	tests := []struct {
		name     string
		page     browser.Page
		play     func(f *fixture)
		told     []string
		has      bool
		remember string
	}{
		{"a probe that allows lets loaded through", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.wantTold()
			f.board.Probes[crm](browser.Allowed)
		}, []string{"a loaded 1 0s"}, true, "allowed"},
		{"a probe that is refused takes the frame away, and loaded is never said", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.board.Probes[crm](browser.Refused(words))
		}, []string{"a refused 1 0s: " + words}, false, "refused"},
		{"a probe that found nothing decides nothing", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.board.Probes[crm](browser.Unknown)
		}, []string{"a loaded 1 0s"}, true, ""},
		{"loaded waits 1.5 s and no longer", probing, func(f *fixture) {
			f.board.Loads["a"]()
			time.Sleep(1499 * time.Millisecond)
			f.wantTold()
			time.Sleep(time.Millisecond)
			f.wantTold("a loaded 1 0s")
			f.board.Probes[crm](browser.Refused(words))
		}, []string{"a refused 1 1.5s: " + words}, false, "refused"},
		{"a page that speaks is there, whatever the probe", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.Spoke("a")
			f.wantTold("a loaded 1 0s", "a alive 1 0s")
			f.board.Probes[crm](browser.Refused(words))
			f.Spoke("a")
		}, nil, true, "allowed"},
		{"a page with frames of its own is there", probing, func(f *fixture) {
			f.board.Nested["a"] = true
			f.board.Loads["a"]()
		}, []string{"a loaded 1 0s", "a alive 1 0s"}, true, "allowed"},
		{"a page the agent works in is not taken down", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.Entered("a")
			f.wantTold("a entered 1 0s")
			f.board.Probes[crm](browser.Refused(words))
		}, []string{"a loaded 1 0s"}, true, ""},
		{"a second document lets the first through", probing, func(f *fixture) {
			f.board.Loads["a"]()
			f.board.Loads["a"]()
		}, []string{"a loaded 1 0s", "a reloaded 2 0s", "a moved 2 0s"}, true, ""},
		{"an answer for a frame that went is dropped", probing, func(f *fixture) {
			f.Remove("a")
			f.Add(browser.Page{ID: "a", URL: crm})
			f.board.Probes[crm](browser.Refused(words))
		}, nil, true, ""},
		{"without Probe nothing is asked", browser.Page{ID: "a", URL: crm, Key: "k"}, func(f *fixture) {
			f.board.Loads["a"]()
			f.wantDid("create a " + crm)
		}, []string{"a loaded 1 0s"}, true, ""},
		{"Always asks nothing", browser.Page{ID: "a", URL: crm, Key: "k", Probe: true, Always: true}, func(f *fixture) {
			f.wantDid("create a " + crm)
		}, nil, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, 0)
				f.Add(tt.page)
				tt.play(f)
				f.wantTold(tt.told...)
				if got := f.Has("a"); got != tt.has {
					t.Errorf("Has = %t, want %t", got, tt.has)
				}
				if got, _, _ := browser.NewVerdicts(f.shelf, time.Now).Of("k"); got != tt.remember {
					t.Errorf("remembered %q, want %q", got, tt.remember)
				}
			})
		})
	}
}

func TestKnownVerdictAsksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		known := browser.NewVerdicts(f.shelf, time.Now)
		known.Allow("good")
		known.Refuse("bad", words)
		f.Add(browser.Page{ID: "a", URL: crm, Key: "good", Probe: true})
		f.wantDid("create a " + crm)
		bad := browser.Page{ID: "b", URL: crm, Key: "bad", Probe: true}
		if f.Add(bad) || f.Add(bad) || f.Has("b") {
			t.Error("a page known to be refused got a frame")
		}
		f.wantDid()
		f.wantTold("b refused 0 0s: " + words) // once, not twice
		bad.Always = true
		if !f.Add(bad) {
			t.Error("Always did not outweigh the verdict")
		}
	})
}

func TestTheServersWordIsTakenUntilTheBrowserKnowsBetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		page := browser.Page{ID: "a", URL: crm, Key: "k", Probe: true, Refused: words}
		if f.Add(page) {
			t.Error("a page that the server found refused got a frame")
		}
		f.wantDid()
		f.wantTold("a refused 0 0s: " + words)
		f.Reload("a") // the agent wants to see for himself
		f.wantDid("create a "+crm, "probe "+crm)
		f.board.Probes[crm](browser.Allowed)
		synctest.Wait()
		page.ID = "b"
		if !f.Add(page) {
			t.Error("the server's word outweighed what the browser has seen")
		}
		page.ID, page.Key, page.Always = "c", "other", true
		if !f.Add(page) {
			t.Error("Always did not outweigh the server's word")
		}
	})
}

// Other agents' word outweighs what the browser has found, but not its own
// agent's, who may look all the same and is not sent away again.
func TestOtherAgentsWordIsTakenUntilTheOwnAgentLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		page := browser.Page{ID: "a", URL: crm, Key: "k", Probe: true}
		f.Add(page)
		f.board.Probes[crm](browser.Allowed)
		synctest.Wait()
		f.wantDid("create a "+crm, "probe "+crm)
		page.ID, page.Refused, page.Blank = "b", "3 agents found it blank", true
		if f.Add(page) {
			t.Error("what the browser has found outweighed the agents' word")
		}
		f.wantTold("b refused 0 0s: 3 agents found it blank")
		f.Reload("b")
		f.wantDid("create b " + crm)
		page.ID = "c"
		if !f.Add(page) {
			t.Error("the own agent has looked, and the page was refused again")
		}
		f.Refuse("k", "the agent found the page blank")
		page.ID = "d"
		if f.Add(page) {
			t.Error("the own agent's later word did not count")
		}
		f.Allow("k")
		page.ID = "e"
		if !f.Add(page) {
			t.Error("the own agent wants it here, and it was refused")
		}
		page.ID, page.Always = "f", true
		f.Refuse("k", "the agent found the page blank")
		if !f.Add(page) {
			t.Error("Always did not outweigh the agents' word")
		}
	})
}

func TestAgentsWordIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		f.Refuse("k", "the agent found the page blank")
		time.Sleep(29 * 24 * time.Hour)
		f.Add(browser.Page{ID: "a", URL: crm, Key: "k", Probe: true})
		f.wantTold("a refused 0 0s: the agent found the page blank")
		f.wantDid()
	})
}

func TestPagesThatCannotBeFramedGetNoFrame(t *testing.T) {
	for _, url := range []string{"", "crm.example", "javascript:alert(1)", workspace + "/admin", "http://crm.example/"} {
		t.Run(url, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, 0)
				if f.Add(browser.Page{ID: "a", URL: url, Always: true}) || f.Has("a") {
					t.Errorf("Add(%q) made a frame", url)
				}
				synctest.Wait()
				if len(f.events) != 1 {
					t.Errorf("told %q, want one refusal", f.events)
				}
			})
		})
	}
}

func TestSilentPageIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		f.board.Empty["silent"] = true
		for _, id := range []string{"silent", "streaming", "quick", "gone"} {
			f.Add(browser.Page{ID: id, URL: crm})
		}
		f.board.Loads["quick"]()
		f.Remove("gone")
		f.wantTold("quick loaded 1 0s")
		time.Sleep(8 * time.Second)
		f.wantTold("silent slow 0 8s: the page has not answered yet")
		f.board.Loads["silent"]()
		f.wantTold("silent loaded 1 8s")
		f.Reload("silent")
		time.Sleep(8 * time.Second)
		f.wantTold("silent slow 1 8s: the page has not answered yet")
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 1)
		f.Add(browser.Page{ID: "a", URL: crm, Key: "k", Probe: true})
		f.board.Loads["a"]()
		f.board.Probes[crm](browser.Refused(words))
		f.wantTold("a refused 1 0s: " + words)
		f.wantDid("create a "+crm, "probe "+crm, "drop a")

		f.Reload("a") // what was refused is asked again
		f.board.Loads["a"]()
		f.board.Probes[crm](browser.Allowed)
		f.wantTold("a loaded 1 0s")
		f.wantDid("create a "+crm, "probe "+crm)

		f.Reload("a")
		f.board.Loads["a"]()
		f.wantTold("a reloaded 2 0s")
		f.wantDid("navigate a " + crm)

		f.Add(browser.Page{ID: "b", URL: crm, Key: "k"})
		f.wantTold("a unloaded 2 0s: too many pages are open; this one was longest unused")
		f.wantDid("create b "+crm, "drop a")
		f.Reload("a") // what was unloaded comes back, and b gives way
		f.wantDid("create a "+crm, "drop b")
		f.Reload("nobody")
		f.wantDid()
	})
}

func TestPageRefusedAgainAfterReloadIsReportedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, 0)
		f.Add(browser.Page{ID: "a", URL: "http://crm.example/"})
		f.Reload("a")
		synctest.Wait()
		if len(f.events) != 2 {
			t.Errorf("told %q, want two refusals", f.events)
		}
	})
}

func TestLongestUntouchedGivesWay(t *testing.T) {
	tests := []struct {
		name string
		play func(f *fixture)
		want []string
	}{
		{"the oldest", func(f *fixture) {}, []string{"b", "c", "d"}},
		{"not one that was shown since", func(f *fixture) { f.Show("a"); f.Show("") }, []string{"a", "c", "d"}},
		{"not the one that is shown", func(f *fixture) { f.Show("a"); f.Cover("a", true) }, []string{"a", "c", "d"}},
		{"never one that was entered", func(f *fixture) { f.Entered("a"); f.Show("b"); f.Show("") }, []string{"a", "b", "d"}},
		{"never one that has the keyboard", func(f *fixture) { f.board.Focus = "a" }, []string{"a", "c", "d"}},
		{"nobody, if all were entered", func(f *fixture) { f.Entered("a"); f.Entered("b"); f.Entered("c") }, []string{"a", "b", "c", "d"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, 3)
				for _, id := range []string{"a", "b", "c"} {
					f.Add(browser.Page{ID: id, URL: crm})
				}
				tt.play(f)
				synctest.Wait()
				f.Add(browser.Page{ID: "d", URL: crm})
				if diff := cmp.Diff(tt.want, f.Pages()); diff != "" {
					t.Errorf("Pages (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestListenerMayCallTheStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board := browser.NewBoard()
		var s *browser.Stage
		s = browser.StageOn(0, workspace, browser.Shelf{}, board, func(ev browser.PageEvent) {
			s.Remove(ev.ID)
			panic("and may fail")
		})
		s.Add(browser.Page{ID: "a", URL: crm})
		s.Add(browser.Page{ID: "b", URL: crm})
		board.Loads["a"]()
		board.Loads["b"]()
		synctest.Wait()
		if got := s.Pages(); len(got) != 0 {
			t.Errorf("Pages = %q, want none", got)
		}
	})
}

func TestPageThatGoesOn(t *testing.T) {
	tests := []struct {
		name string
		do   func(f *fixture)
		want []string
	}{
		{"by itself", func(f *fixture) { f.board.Loads["a"]() }, []string{"a reloaded 2 0s", "a moved 2 0s"}},
		{"with the agent in it", func(f *fixture) { f.Entered("a"); f.board.Loads["a"]() }, []string{"a entered 1 0s", "a reloaded 2 0s"}},
		{"because the agent reloads it", func(f *fixture) { f.Reload("a"); f.board.Loads["a"]() }, []string{"a reloaded 2 0s"}},
		{"reloaded, and then by itself", func(f *fixture) { f.Reload("a"); f.board.Loads["a"](); f.board.Loads["a"]() },
			[]string{"a reloaded 2 0s", "a reloaded 3 0s", "a moved 3 0s"}},
		{"to a page that refuses", func(f *fixture) { f.PolicyRefused("https://login.example"); f.board.Loads["a"]() },
			[]string{"a reloaded 2 0s", "a moved 2 0s: " + policyWords + ": https://login.example"}},
		{"with the agent in it, to a page that refuses", func(f *fixture) {
			f.Entered("a")
			f.PolicyRefused("https://login.example")
			f.board.Loads["a"]()
		}, []string{"a entered 1 0s", "a reloaded 2 0s", "a moved 2 0s: " + policyWords + ": https://login.example"}},
		{"long after another page was refused", func(f *fixture) {
			f.PolicyRefused("https://login.example")
			synctest.Wait()
			time.Sleep(time.Second)
			f.Entered("a")
			f.board.Loads["a"]()
		}, []string{"a entered 1 1s", "a reloaded 2 1s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, 0)
				f.Add(browser.Page{ID: "a", URL: crm})
				f.board.Loads["a"]()
				f.wantTold("a loaded 1 0s")
				tt.do(f)
				f.wantTold(tt.want...)
			})
		})
	}
}

const policyWords = "the page's Content-Security-Policy (frame-ancestors) does not allow this workspace to show it"

func TestReportedRefusalIsThatOfTheOnePageItCanBe(t *testing.T) {
	refused := func(id, origin string) string { return id + " refused 0 0s: " + policyWords + ": " + origin }
	tests := []struct {
		name   string
		pages  []string
		origin string
		want   []string
	}{
		{"the only page", []string{crm}, "https://crm.example", []string{refused("a", "https://crm.example")}},
		{"the only page, redirected", []string{crm}, "https://login.example", []string{refused("a", "https://login.example")}},
		{"one of two", []string{crm, "https://kb.example/"}, "https://kb.example", []string{refused("b", "https://kb.example")}},
		{"either of two", []string{crm, crm + "?2"}, "https://crm.example", nil},
		{"one of two, redirected", []string{crm, "https://kb.example/"}, "https://login.example", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, 0)
				for i, url := range tt.pages {
					f.Add(browser.Page{ID: string(rune('a' + i)), URL: url, Key: url})
				}
				f.PolicyRefused(tt.origin)
				f.wantTold(tt.want...)
			})
		})
	}
}
