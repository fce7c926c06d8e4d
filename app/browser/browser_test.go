package browser_test

import (
	"regexp"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/google/go-cmp/cmp"
)

func TestGoSurvivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		browser.Go(func() { panic("boom") })
		done := false
		browser.Go(func() { done = true })
		synctest.Wait()
		if !done {
			t.Error("the second function did not run")
		}
	})
}

func TestSerialRunsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s browser.Serial
		var got, want []int
		for i := range 100 {
			want = append(want, i)
			s.Push(func() {
				got = append(got, i)
				if i%10 == 0 {
					panic("one that fails does not stop the rest")
				}
			})
		}
		synctest.Wait()
		s.Push(func() { got = append(got, 100) })
		synctest.Wait()
		if diff := cmp.Diff(append(want, 100), got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

func TestNewID(t *testing.T) {
	a, b := browser.NewID(), browser.NewID()
	if a == b || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(a) {
		t.Errorf("NewID = %q, %q: want two of 32 hexadecimal digits", a, b)
	}
}

func TestStorageKeepsAreasApart(t *testing.T) {
	browser.Save(browser.Local, "t.a", "1")
	browser.Save(browser.Local, "t.b", "2")
	browser.Save(browser.Session, "t.a", "3")
	browser.Delete(browser.Local, "t.b")
	if v, ok := browser.Load(browser.Local, "t.a"); v != "1" || !ok {
		t.Errorf("Load = %q, %t, want 1", v, ok)
	}
	if _, ok := browser.Load(browser.Local, "t.b"); ok {
		t.Error("the deleted key is there")
	}
	if got := browser.Keys(browser.Local, "t."); !slices.Equal(got, []string{"t.a"}) {
		t.Errorf("Keys = %q, want t.a", got)
	}
}
