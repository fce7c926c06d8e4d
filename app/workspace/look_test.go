package workspace_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const webDir = "../../web"

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryIconThatIsDrawnIsThere(t *testing.T) {
	css := read(t, webDir+"/css/icons.css")
	goldens, err := filepath.Glob("testdata/*.html")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	names := regexp.MustCompile(`icon-[a-z-]+`)
	for _, g := range goldens {
		for _, name := range names.FindAllString(read(t, g), -1) {
			if !strings.Contains(css, "."+name+" ") && !strings.Contains(css, "."+name+",") {
				t.Errorf("%s draws %s, which has no style", g, name)
			}
		}
	}
	for _, file := range regexp.MustCompile(`url\(/web/([^)]+)\)`).FindAllStringSubmatch(css, -1) {
		if _, err := os.Stat(filepath.Join(webDir, file[1])); err != nil {
			t.Errorf("icons.css: %v", err)
		}
	}
}

// TestColoursCanBeRead holds text to a contrast of 4.5:1 and marks to 3:1, in
// light and dark.
func TestColoursCanBeRead(t *testing.T) {
	light, dark, ok := strings.Cut(read(t, webDir+"/css/tokens.css"), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark set")
	}
	text := []string{"text surface", "text surface-2", "text surface-3", "text-dim surface", "text-dim surface-2", "text-dim surface-3",
		"on-accent accent", "accent surface", "accent surface-2", "ring surface", "ring surface-2", "ring surface-3", "talk surface-2", "miss surface", "miss surface-2",
		"miss miss-2", "text ring-2", "text accent-2", "warn surface", "warn surface-2"}
	marks := []string{"ring-edge surface-2", "talk-edge surface-2", "wrap-edge surface-2", "miss-edge surface-2", "line-strong surface",
		"ring-edge surface", "talk-edge surface", "wrap-edge surface", "miss-edge surface"}
	for name, set := range map[string]string{"light": light, "dark": dark} {
		for _, pair := range text {
			checkContrast(t, name, set, pair, 4.5)
		}
		for _, pair := range marks {
			checkContrast(t, name, set, pair, 3)
		}
	}
}

func checkContrast(t *testing.T, name, set, pair string, least float64) {
	t.Helper()
	front, back, _ := strings.Cut(pair, " ")
	a, errA := luminance(set, front)
	b, errB := luminance(set, back)
	if errA != nil || errB != nil {
		t.Errorf("%s %s: %v %v", name, pair, errA, errB)
		return
	}
	if got := (math.Max(a, b) + .05) / (math.Min(a, b) + .05); got < least {
		t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", name, front, back, got, least)
	}
}

// luminance returns the relative luminance (WCAG 2) of a colour of the set.
func luminance(set, name string) (float64, error) {
	m := regexp.MustCompile(`--` + name + `: #([0-9a-f]{3,6});`).FindStringSubmatch(set)
	if m == nil {
		return 0, fmt.Errorf("no colour %s", name)
	}
	hex := m[1]
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return 0, err
	}
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= .03928 {
			return v / 12.92
		}
		return math.Pow((v+.055)/1.055, 2.4)
	}
	return .2126*linear(n>>16) + .7152*linear(n>>8) + .0722*linear(n), nil
}
