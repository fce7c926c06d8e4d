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
