package browser_test

import (
	"testing"

	"github.com/crmpop/crmpop/app/browser"
)

func TestPlacesInATextAreCountedAsBrowsersDo(t *testing.T) {
	tests := []struct {
		text         string
		bytes, units int
	}{
		{"abc", 2, 2}, {"æøå", 4, 2}, {"a😀b", 5, 3}, {"😀", 4, 2}, {"", 0, 0}, {"abc", 3, 3},
	}
	for _, tt := range tests {
		if got := browser.Units(tt.text, tt.bytes); got != tt.units {
			t.Errorf("units(%q, %d) = %d, want %d", tt.text, tt.bytes, got, tt.units)
		}
		if got := browser.BytesOf(tt.text, tt.units); got != tt.bytes {
			t.Errorf("bytesOf(%q, %d) = %d, want %d", tt.text, tt.units, got, tt.bytes)
		}
	}
	if got := browser.Units("ab", 9); got != 2 {
		t.Errorf("units behind the end = %d, want 2", got)
	}
}

func TestPlacesInAFieldCountALineEndAsOne(t *testing.T) {
	tests := []struct {
		text         string
		bytes, units int
	}{
		{"a\r\nb", 3, 2}, {"a\r\n\r\nb", 6, 4}, {"a\nb", 2, 2}, {"å\r\n😀\r\nx", 10, 5}, {"\r\n", 2, 1}, {"ab", 1, 1}, {"a\r\n", 1, 1}, {"", 0, 0},
	}
	for _, tt := range tests {
		if got := browser.FieldUnits(tt.text, tt.bytes); got != tt.units {
			t.Errorf("fieldUnits(%q, %d) = %d, want %d", tt.text, tt.bytes, got, tt.units)
		}
		if got := browser.FieldBytes(tt.text, tt.units); got != tt.bytes {
			t.Errorf("fieldBytes(%q, %d) = %d, want %d", tt.text, tt.units, got, tt.bytes)
		}
	}
}

func TestAFieldKeepsTheLineEndsItWasGiven(t *testing.T) {
	tests := []struct{ name, given, value, want string }{
		{"lines of \\n", "a\nb", "a\nbc", "a\nbc"},
		{"unchanged", "a\r\nb\rc\n", "a\nb\nc\n", "a\r\nb\rc\n"},
		{"changed", "a\r\nb\r\n", "a\nx\nb\n", "a\r\nx\r\nb\r\n"},
		{"a mixture, changed", "a\r\nb\n", "a\nbc\n", "a\nbc\n"},
		{"nothing given", "", "a\nb", "a\nb"},
	}
	for _, tt := range tests {
		if got := browser.TextOfField(tt.given, tt.value); got != tt.want {
			t.Errorf("%s: %q given, %q in the field = %q, want %q", tt.name, tt.given, tt.value, got, tt.want)
		}
	}
}
