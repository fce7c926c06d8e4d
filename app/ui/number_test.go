package ui_test

import (
	"strings"
	"testing"

	"github.com/crmpop/crmpop/app/ui"
)

func TestGroups(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"Norway", "+4722334455", "+47 22 33 44 55"},
		{"Denmark", "+4533445566", "+45 33 44 55 66"},
		{"Sweden mobile", "+46701234567", "+46 70 123 45 67"},
		{"France", "+33123456789", "+33 1 23 45 67 89"},
		{"Britain", "+442079460958", "+44 207 946 0958"},
		{"North America", "+12025550123", "+1 202 555 0123"},
		{"three digit code", "+358401234567", "+358 401 234 567"},
		{"Germany, eleven digits", "+4915112345678", "+49 151 1234 5678"},
		{"national", "22334455", "22 33 44 55"},
		{"short number", "1881", "1881"},
		{"thirteen digits leave no lone digit", "1234567890123", "123 456 789 0123"},
		{"not a number", "kari@example.com", "kari@example.com"},
		{"with letters", "+47ABC33445", "+47ABC33445"},
		{"withheld", "anonymous", "anonymous"},
		{"empty", "", ""},
		{"only a plus", "+", "+"},
		{"too long to be one", "+12345678901234567890", "+12345678901234567890"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ui.Spoken(tt.in); got != tt.want {
				t.Errorf("Spoken(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestGroupsKeepEveryDigit(t *testing.T) {
	digits := "123456789012345"
	for _, country := range []string{"", "+", "+1", "+47", "+358", "+33", "+46"} {
		for n := range len(digits) + 1 {
			in := country + digits[:n]
			if got := strings.Join(ui.Groups(in), ""); got != in {
				t.Errorf("Groups(%q) joined = %q", in, got)
			}
		}
	}
}
