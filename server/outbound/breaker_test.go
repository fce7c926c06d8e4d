package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
)

// desk is a record that keeps the steps of letters in memory, for tests that set
// the time.
type desk struct {
	mu    sync.Mutex // guards steps
	steps []store.Posting
}

func (d *desk) PostAll(_ context.Context, all ...store.Posting) ([]wire.Hint, []error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps = append(d.steps, all...)
	return nil, make([]error, len(all))
}

func (d *desk) DueLetters(context.Context, time.Time, int) ([]store.Letter, error) { return nil, nil }

// ends returns how many letters have come to each end.
func (d *desk) ends() map[store.LetterState]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	ends := map[store.LetterState]int{}
	for _, p := range d.steps {
		if p.State != store.LetterSending && p.State != store.LetterQueued {
			ends[p.State]++
		}
	}
	return ends
}

// road answers for hosts as a test says, and counts.
type road struct {
	mu     sync.Mutex // guards what follows
	asked  map[string]int
	at     []time.Duration // when the bad host was asked
	begun  time.Time
	answer func(r *http.Request) (int, error)
}

func (r *road) RoundTrip(q *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.asked[q.URL.Host]++
	if q.URL.Host == "bad.example" {
		r.at = append(r.at, time.Since(r.begun))
	}
	r.mu.Unlock()
	status, err := r.answer(q)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: q}, nil
}

func (r *road) count(host string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[host]
}

// sending runs an Outbound in a bubble on a road.
func sending(t *testing.T, answer func(*http.Request) (int, error)) (*outbound.Outbound, *desk, *road) {
	d := &desk{}
	r := &road{asked: map[string]int{}, begun: time.Now(), answer: answer}
	out := outbound.New(outbound.Options{Record: d, Transport: r})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); out.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return out, d, r
}

// letterTo is a letter that has just been written.
func letterTo(host string, n int, tries time.Duration) store.Letter {
	now := time.Now()
	return store.Letter{N: int64(n), Tenant: "t", PopID: host + strconv.Itoa(n), RequestID: "c", AgentID: "anna", Host: host, CreatedAt: now, Due: now,
		State: store.LetterQueued, Until: now.Add(tries), Letter: screenpop.Letter{Method: "POST", URL: "https://" + host + "/", Until: now.Add(tries)}}
}

func TestAHostThatFailsIsHeldOffAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := false
		out, d, r := sending(t, func(*http.Request) (int, error) {
			if up {
				return 200, nil
			}
			return 0, errors.New("broken")
		})
		for n := range 200 {
			out.Take(letterTo("bad.example", n, 24*time.Hour))
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if n := r.count("bad.example"); n < 5 || n > 5+8 {
			t.Fatalf("asked %d times in a row before it was held off; want 5, and what was under way by then", n)
		}
		before := r.count("bad.example")
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := r.count("bad.example") - before; n < 1 || n > 6 {
			t.Errorf("asked %d times in a minute while it was down; want one try a pause", n)
		}
		up = true
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if got := d.ends(); got[store.LetterSent] != 200 {
			t.Errorf("once it was up again: %v", got)
		}
	})
}

func TestLettersToAHostThatIsHeldOffEndInTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, d, _ := sending(t, func(*http.Request) (int, error) { return 0, errors.New("broken") })
		for n := range 100 {
			out.Take(letterTo("bad.example", n, 30*time.Second))
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := d.ends(); got[store.LetterFailed]+got[store.LetterMissed] != 100 || got[store.LetterMissed] == 0 {
			t.Errorf("after their time: %v", got)
		}
	})
}

func TestManyHostsThatHangLeaveRoomForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, d, r := sending(t, func(q *http.Request) (int, error) {
			if q.URL.Host != "good.example" {
				<-q.Context().Done()
				return 0, q.Context().Err()
			}
			return 200, nil
		})
		for host := range 3 {
			for n := range 50 {
				out.Take(letterTo("hangs"+strconv.Itoa(host)+".example", n, time.Hour))
			}
		}
		for n := range 50 {
			out.Take(letterTo("good.example", n, 30*time.Second))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := d.ends(); got[store.LetterSent] != 50 || r.count("hangs0.example") != 8 {
			t.Errorf("%v in a second, %d under way to a host that hangs", got, r.count("hangs0.example"))
		}
	})
}

func TestAnotherTenantsTroubleIsNotOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, d, _ := sending(t, func(q *http.Request) (int, error) {
			if q.Header.Get("Idempotency-Key")[0] == 'x' {
				<-q.Context().Done()
				return 0, q.Context().Err()
			}
			return 200, nil
		})
		for n := range 500 {
			l := letterTo("crm.example", n, time.Hour)
			l.Tenant, l.PopID = "x", "x"+strconv.Itoa(n)
			out.Take(l)
		}
		out.Take(letterTo("crm.example", 1, time.Minute))
		time.Sleep(time.Second)
		synctest.Wait()
		if got := d.ends(); got[store.LetterSent] != 1 {
			t.Errorf("our letter waits: %v", got)
		}
	})
}

func TestAttemptsComeLessAndLessOftenForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, d, r := sending(t, func(*http.Request) (int, error) { return 500, nil })
		out.Take(letterTo("bad.example", 1, 24*time.Hour))
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if n := r.count("bad.example"); n < 20 || n > 70 {
			t.Errorf("%d attempts in a day", n)
		}
		for i := 1; i < len(r.at); i++ {
			if gap := r.at[i] - r.at[i-1]; gap > time.Hour+2*time.Minute {
				t.Errorf("attempt %d came %v after the one before it", i+1, gap)
			}
		}
		if got := d.ends(); got[store.LetterFailed] != 1 || r.at[len(r.at)-1] < 22*time.Hour {
			t.Errorf("ends %v, the last attempt after %v", got, r.at[len(r.at)-1])
		}
	})
}
