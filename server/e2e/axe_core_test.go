package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
)

// axe-core finds what keeps people out who see, hear or move otherwise. It comes
// from npm by the lock file in axe/, once; it is no part of the product. It is put
// into the page through DevTools, which the page's content security policy does
// not hold up and which leaves that as it is.
const axeFolder = "axe"

// npmTime is how long npm may take for the one package.
const npmTime = 2 * time.Minute

// axeCore returns the source of axe-core, or why it is not to be had here.
var axeCore = sync.OnceValues(func() (string, error) {
	file := filepath.Join(axeFolder, "node_modules", "axe-core", "axe.min.js")
	if src, err := os.ReadFile(file); err == nil && strings.Contains(string(src[:200]), "axe v"+axeVersion()) {
		return string(src), nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), npmTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1")
	cmd.Dir = axeFolder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w: %.300s", err, out)
	}
	src, err := os.ReadFile(file)
	return string(src), err
})

// axeVersion returns the version that package.json asks for.
func axeVersion() string {
	b, err := os.ReadFile(filepath.Join(axeFolder, "package.json"))
	var p struct {
		DevDependencies map[string]string `json:"devDependencies"`
	}
	if err != nil || json.Unmarshal(b, &p) != nil {
		return "?"
	}
	return p.DevDependencies["axe-core"]
}

// needAxe skips the test with one clear line where axe-core is not to be had. In
// CI with npm on the machine that is a failure: nobody would read the line.
func needAxe(t *testing.T) {
	t.Helper()
	_, err := axeCore()
	if err == nil {
		return
	}
	says := fmt.Sprintf("axe-core was left out (%v): install npm, then run npm ci --ignore-scripts in server/e2e/axe", err)
	if _, missing := exec.LookPath("npm"); missing == nil && os.Getenv("CI") == "true" {
		t.Fatal(says)
	}
	fmt.Println("e2e:", says)
	t.Skip(says)
}

// violation is a rule that a page breaks, and where.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"` // minor, moderate, serious or critical
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// runAxe has axe-core look at the document. What stands inside frames is other
// people's.
const runAxe = `(async () => {
	await Promise.all(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished.catch(() => null)));
	const found = await axe.run(document, {iframes: false, resultTypes: ["violations"], ...%s});
	return found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
		nodes: v.nodes.map(n => n.target.join(" ") + "\n\t\t" + n.html.slice(0, 200) + "\n\t\t" + n.failureSummary.replace(/\s+/g, " ").slice(0, 300))}));
})()`

// accessible looks at the page as it stands, in light and in dark. What is
// serious or critical fails the test; all else is in its log.
func (b *tab) accessible(page string) {
	b.t.Helper()
	src, err := axeCore()
	if err != nil {
		b.t.Fatal(err)
	}
	// In the dark only colours are others.
	for scheme, rules := range map[string]string{"light": `{}`, "dark": `{runOnly: ["color-contrast", "link-in-text-block"]}`} {
		b.emulate("prefers-color-scheme", scheme)
		if !eval[bool](b, `"axe" in window`) {
			eval[bool](b, src+"\n;true")
		}
		found := eval[[]violation](b, fmt.Sprintf(runAxe, rules))
		for _, v := range found {
			says := fmt.Sprintf("%s, %s: %s (%s, %s)\n\t%s", page, scheme, v.Help, v.ID, v.Impact, strings.Join(v.Nodes[:min(len(v.Nodes), 6)], "\n\t"))
			if slices.Contains([]string{"serious", "critical"}, v.Impact) {
				b.t.Error(says)
				continue
			}
			b.t.Log(says)
		}
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}
