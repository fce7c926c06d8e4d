package ui_test

import (
	"strings"
	"testing"
	"time"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/ui"
)

func TestTabKeyGoesRoundAndToTheEnds(t *testing.T) {
	tests := []struct {
		key    string
		at, n  int
		want   int
		wantOK bool
	}{
		{"ArrowRight", 0, 3, 1, true},
		{"ArrowRight", 2, 3, 0, true},
		{"ArrowLeft", 0, 3, 2, true},
		{"ArrowLeft", 1, 3, 0, true},
		{"Home", 2, 3, 0, true},
		{"End", 0, 3, 2, true},
		{"ArrowLeft", 0, 1, 0, true},
		{"Enter", 0, 3, 0, false},
		{"ArrowRight", 0, 0, 0, false},
	}
	for _, tt := range tests {
		if got, ok := ui.TabKey(tt.key, tt.at, tt.n); got != tt.want || ok != tt.wantOK {
			t.Errorf("TabKey(%q, %d, %d) = %d, %v, want %d, %v", tt.key, tt.at, tt.n, got, ok, tt.want, tt.wantOK)
		}
	}
}

func TestPanicInHandlerEndsThere(t *testing.T) {
	handler, _ := ui.Do("test", func(goapp.Context, goapp.Event) { panic("boom") })
	handler(goapp.Context{}, goapp.Event{})
}

func TestButtonSaysItsNameAndKey(t *testing.T) {
	html := goapp.HTMLString(ui.Button{Key: "x", Label: "Reload page", Icon: "reload", Short: "Alt+R", IconOnly: true,
		Press: func(goapp.Context) {}}.UI())
	for _, want := range []string{`aria-label="Reload page"`, `title="Reload page (Alt+R)"`, `icon-reload`, `type="button"`} {
		if !strings.Contains(html, want) {
			t.Errorf("button has no %s:\n%s", want, html)
		}
	}
}

func TestValueWithPercentIsShownAsItIs(t *testing.T) {
	const odd = "100%d %s %!"
	html := goapp.HTMLString(ui.Button{Key: "x", Label: odd, Hint: odd, Press: func(goapp.Context) {}}.UI())
	if n := strings.Count(html, odd); n != 2 {
		t.Errorf("%q stands %d times in the button, want 2:\n%s", odd, n, html)
	}
}

func TestToastsAreAtMostThree(t *testing.T) {
	var all []ui.Toast
	for i := range 5 {
		all = append(all, ui.Toast{ID: i, Text: "toast"})
	}
	html := goapp.HTMLString(ui.Toasts(all, func(int) {}, nil))
	if n := strings.Count(html, "<li"); n != ui.MaxToasts {
		t.Errorf("%d toasts stand, want %d", n, ui.MaxToasts)
	}
}

func TestNumberKeepsItsText(t *testing.T) {
	html := goapp.HTMLString(ui.Number("+4722334455"))
	if n := strings.Count(html, "<span"); n != 6 {
		t.Errorf("number has %d spans, want 6:\n%s", n, html)
	}
}

func TestClockOfNothingIsEmpty(t *testing.T) {
	beat := ui.NewBeat(func() time.Time { return time.Unix(0, 0) })
	html := goapp.HTMLString(&ui.Clock{Beat: beat})
	if !strings.Contains(html, `class="clock"`) {
		t.Errorf("clock is %s", html)
	}
	beat.Paint()
	if beat.Len() != 0 {
		t.Errorf("beat keeps %d clocks that are not on the page", beat.Len())
	}
}
