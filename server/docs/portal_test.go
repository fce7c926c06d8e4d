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
	var src strings.Builder
	files, err := filepath.Glob("../../app/admin/*.go")
	must(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		must(t, err)
		src.Write(b)
	}
	names := map[string]string{}
	for _, of := range []*regexp.Regexp{navName, navPicked} { // what is picked stands for the name
		for _, m := range of.FindAllStringSubmatch(src.String(), -1) {
			names[m[1]] = m[2]
		}
	}
	var have []string
	for _, m := range navEntry.FindAllStringSubmatch(src.String(), -1) {
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
