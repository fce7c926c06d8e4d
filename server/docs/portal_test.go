package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inPortal  = regexp.MustCompile(`\*\*Portal → ([^*]+)\*\*`)
	navEntry  = regexp.MustCompile(`\{(screen[A-Za-z]+), path`)
	navName   = regexp.MustCompile(`(screen[A-Za-z]+): +"([^"]+)"`)
	navPicked = regexp.MustCompile(`ui\.Pick\(e\.screen == (screen[A-Za-z]+), "([^"]+)"`)
)

// Where the manual sends people in the portal, the navigation has an entry.
func TestThePortalHasWhatTheManualNames(t *testing.T) {
	src := code(t, "../../app/admin")
	names := map[string]string{}
	for _, of := range []*regexp.Regexp{navName, navPicked} { // what is picked stands for the name
		for _, m := range of.FindAllStringSubmatch(src, -1) {
			names[m[1]] = m[2]
		}
	}
	var have []string
	for _, m := range navEntry.FindAllStringSubmatch(src, -1) {
		have = append(have, names[m[1]])
	}
	named := 0
	for page, text := range pages(t) {
		for _, m := range inPortal.FindAllStringSubmatch(text, -1) {
			if named++; !slices.Contains(have, m[1]) {
				t.Errorf("web/docs/%s names %s of the portal, whose navigation has %q", page, m[1], have)
			}
		}
	}
	if named < 5 {
		t.Errorf("%d entries of the portal found in the manual; look at the test", named)
	}
}

// code returns the code of a room.
func code(t *testing.T, dir string) string {
	t.Helper()
	var src strings.Builder
	files, err := filepath.Glob(dir + "/*.go")
	must(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		must(t, err)
		src.Write(b)
	}
	return src.String()
}

// The buttons that the manual tells people to press are called so.
func TestButtonsAreCalledAsTheManualCallsThem(t *testing.T) {
	var manual strings.Builder
	for _, text := range pages(t) {
		manual.WriteString(text)
	}
	for dir, names := range map[string][]string{
		"../../app/admin":     {"Try", "Copy link", "Pop it in my workspace", "Roll back", "Publish"},
		"../../app/workspace": {"Use here", "Page is blank?", "Open"},
	} {
		src := code(t, dir)
		for _, name := range names {
			if !strings.Contains(src, `"`+name) || !strings.Contains(manual.String(), "**"+name+"**") {
				t.Errorf("%q is no button in %s, or the manual does not name it", name, dir)
			}
		}
	}
}
