package framing_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/framing"
)

// shelf keeps verdicts in memory.
type shelf struct {
	mu      sync.Mutex
	tenants []string
	kept    map[string]map[string]screenpop.PageVerdict
}

func newShelf(tenants ...string) *shelf {
	return &shelf{tenants: tenants, kept: map[string]map[string]screenpop.PageVerdict{}}
}

func (s *shelf) PutPageVerdict(_ context.Context, tenant string, v screenpop.PageVerdict) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[tenant] == nil {
		s.kept[tenant] = map[string]screenpop.PageVerdict{}
	}
	s.kept[tenant][v.Key] = v
	return nil
}

func (s *shelf) PageVerdicts(_ context.Context, tenant string) (map[string]screenpop.PageVerdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]screenpop.PageVerdict{}
	for k, v := range s.kept[tenant] {
		all[k] = v
	}
	return all, nil
}

func (s *shelf) DropPageVerdicts(_ context.Context, tenant string, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, v := range s.kept[tenant] {
		if v.CheckedAt.Before(before) {
			delete(s.kept[tenant], k)
		}
	}
	return nil
}

func (s *shelf) Tenants(context.Context) ([]string, error) { return s.tenants, nil }

// eye looks at pages and notes which; stop, if set, is asked first.
type eye struct {
	mu     sync.Mutex
	seen   []string
	at     []time.Time
	now    int
	most   int
	takes  time.Duration
	answer screenpop.Verdict
}

func (e *eye) Page(ctx context.Context, url string) screenpop.PageVerdict {
	e.mu.Lock()
	e.seen, e.at, e.now = append(e.seen, url), append(e.at, time.Now()), e.now+1
	e.most = max(e.most, e.now)
	takes := e.takes
	e.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now--
	return screenpop.PageVerdict{Verdict: e.answer, Reason: "so", CheckedAt: time.Now()}
}

// take returns what was looked at since it was last called.
func (e *eye) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := e.seen
	slices.Sort(seen)
	e.seen = nil
	return seen
}

func popups(t *testing.T, document string) []screenpop.Popup {
	t.Helper()
	doc, findings := screenpop.ParseDocument([]byte("<screenpopup>" + document + "</screenpopup>"))
	if doc == nil {
		t.Fatal(findings)
	}
	return screenpop.Effective(screenpop.LevelDocument{Doc: doc})
}

func watching(t *testing.T, s *shelf, e *eye, document *string) *framing.Watch {
	return framing.NewWatch(framing.WatchOptions{Look: e, Workspace: origin(t, workspace), Shelf: s,
		Popups: func(context.Context, string) ([]screenpop.Popup, error) { return popups(t, *document), nil }})
}

func TestPagesHaveValuesThatMeanNobody(t *testing.T) {
	all := popups(t, `
		<url on="accepted" channel="email" queue="sup*">https://crm.example/{channel}/{trigger}/{customer_key}?phone={anum}&amp;q={queue_key}&amp;m={email}&amp;d={due_date}&amp;x={ticket_no}</url>
		<url probe="no">https://crm.example/new?phone={anum}</url>
		<url visible="false" target="request">https://crm.example/ended</url>
		<url>{url}</url>
		<clipboard>{anum}</clipboard>`)
	type short struct{ URL, Key string }
	var got []short
	skipped := 0
	for _, p := range framing.Pages(all) {
		got = append(got, short{p.URL, p.Key})
		if p.Skip != "" {
			skipped++
		}
	}
	want := []short{
		{"https://crm.example/email/accepted/0?phone=nobody%40example.com&q=sup&m=nobody%40example.com&d=2026-01-01T00%3A00%3A00Z&x=0", "https://crm.example/{channel}/{trigger}/{customer_key}"},
		{"https://crm.example/new?phone=%2B4700000000", "https://crm.example/new"},
		{"https://crm.example/ended", "https://crm.example/ended"},
		{"", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" || skipped != 3 {
		t.Errorf("%d are skipped, want 3\n%s", skipped, diff)
	}
}

func TestPublishedPagesAreLookedAtOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		document := `<url>https://a.example/?x={anum}</url><url>https://a.example/?y=1</url><url>https://b.example/</url>`
		s, e := newShelf("t"), &eye{answer: screenpop.VerdictAllowed}
		w := watching(t, s, e, &document)
		go w.Run(t.Context())
		synctest.Wait()
		if diff := cmp.Diff([]string{"https://a.example/?x=%2B4700000000", "https://b.example/"}, e.take()); diff != "" {
			t.Errorf("at the start:\n%s", diff)
		}
		document += `<url>https://c.example/</url>`
		w.Published("t")
		synctest.Wait()
		if diff := cmp.Diff([]string{"https://c.example/"}, e.take()); diff != "" {
			t.Errorf("after publishing:\n%s", diff)
		}
		w.Published("t")
		synctest.Wait()
		if seen := e.take(); len(seen) > 0 {
			t.Errorf("published again: %q", seen)
		}
	})
}

func TestAllPagesAreLookedAtEveryNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		document := `<url>https://a.example/</url>`
		s, e := newShelf("t", "u", "v"), &eye{answer: screenpop.VerdictAllowed}
		w := watching(t, s, e, &document)
		go w.Run(t.Context())
		synctest.Wait()
		e.take()
		e.at = nil
		for range 3 {
			time.Sleep(24 * time.Hour)
			synctest.Wait()
		}
		if len(e.at) < 6 || len(e.at) > 9 {
			t.Errorf("%d pages in three nights, want about nine", len(e.at))
		}
		hours := map[string]bool{}
		for _, at := range e.at {
			if at.Hour() < 1 || at.Hour() >= 5 {
				t.Errorf("a page was looked at at %s, which is no night", at)
			}
			hours[at.Format("15:04")] = true
		}
		if len(hours) < 2 {
			t.Error("all tenants at once")
		}
	})
}

func TestFewAreLookedAtAtOnceAndOfEachHostOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		document := ""
		for i := range 12 {
			document += fmt.Sprintf(`<url>https://h%d.example/</url>`, i)
		}
		for i := range 3 {
			document += fmt.Sprintf(`<url>https://slow.example/%d</url>`, i)
		}
		s, e := newShelf("t"), &eye{answer: screenpop.VerdictAllowed, takes: time.Second}
		all, err := watching(t, s, e, &document).Check(t.Context(), "t", popups(t, document))
		if err != nil || len(all) != 15 || len(e.take()) != 15 || e.most > 4 {
			t.Errorf("%d pages, %d at once, %v", len(all), e.most, err)
		}
	})
}

func TestACheckHasAnEndAndOneIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		document := `<url>https://a.example/</url><url>https://b.example/1</url><url>https://b.example/2</url><url probe="no">https://c.example/</url>`
		s, e := newShelf("t"), &eye{answer: screenpop.VerdictAllowed, takes: 12 * time.Second}
		w := watching(t, s, e, &document)
		start := time.Now()
		go func() {
			synctest.Wait()
			if _, err := w.Check(t.Context(), "t", popups(t, document)); screenpop.ErrorCode(err) != screenpop.CodeRateLimited {
				t.Errorf("a second check meanwhile: %v", err)
			}
		}()
		all, err := w.Check(t.Context(), "t", popups(t, document))
		if took := time.Since(start); err != nil || took > 15*time.Second {
			t.Errorf("it took %v, %v", took, err)
		}
		var got []screenpop.Verdict
		for _, j := range all {
			got = append(got, j.Verdict)
		}
		if diff := cmp.Diff([]screenpop.Verdict{"allowed", "allowed", "unknown", "unknown"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// What a crash interrupts is looked at again, and what was known stays.
func TestAStopInTheMiddleOfACheckLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		document := `<url>https://a.example/1</url><url>https://a.example/2</url>`
		s, e := newShelf("t"), &eye{answer: screenpop.VerdictAllowed, takes: time.Second}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan bool)
		go func() { watching(t, s, e, &document).Run(ctx); close(ended) }()
		time.Sleep(1500 * time.Millisecond)
		stop()
		<-ended
		known, _ := s.PageVerdicts(t.Context(), "t")
		if seen := e.take(); len(known) != 1 || len(seen) != 2 {
			t.Fatalf("%d verdicts after %q, want the first only", len(known), seen)
		}
		go watching(t, s, e, &document).Run(t.Context())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"https://a.example/2"}, e.take()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWithoutALookerNothingIsAsked(t *testing.T) {
	all := popups(t, `<url>https://a.example/</url>`)
	w := framing.NewWatch(framing.WatchOptions{Shelf: newShelf("t"), Workspace: origin(t, workspace)})
	w.Run(t.Context()) // ends at once
	w.Published("t")
	if _, err := w.Check(t.Context(), "t", all); err == nil {
		t.Error("a check was made")
	}
	if got, err := w.Verdicts(t.Context(), "t", all); err != nil || got[0].Verdict != screenpop.VerdictUnknown || len(got[0].Snippets) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
