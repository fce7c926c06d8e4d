package routes_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/crmpop/crmpop/app/routes"
)

var register = sync.OnceFunc(routes.Register)

// get returns what the handler of version v1 serves at path.
func get(t *testing.T, path string) (int, string) {
	t.Helper()
	register()
	worker, err := os.ReadFile("../../web/js/worker.js")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	routes.Handler("v1", string(worker)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func TestShellHoldsNothingOfTheRequest(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	_, plain := get(t, "/")
	code, odd := get(t, "/?n="+strings.ReplaceAll(evil, " ", "+"))
	if code != http.StatusOK {
		t.Fatalf("status is %d", code)
	}
	if strings.Contains(odd, "alert(1)") {
		t.Errorf("the page repeats its address:\n%s", odd)
	}
	if !strings.Contains(plain, `class="starting"`) {
		t.Errorf("the page is not the bare shell:\n%s", plain)
	}
}

func TestPageNeedsNobodyElse(t *testing.T) {
	for _, path := range []string{"/", "/app.js", "/app-worker.js", "/manifest.webmanifest"} {
		_, body := get(t, path)
		for _, part := range []string{"githubusercontent", "https://github.com", "{{."} {
			if strings.Contains(body, part) {
				t.Errorf("%s contains %q", path, part)
			}
		}
	}
}

func TestNothingIsInline(t *testing.T) {
	_, body := get(t, "/")
	for i, part := range strings.Split(body, "<script")[1:] {
		if !strings.Contains(part[:strings.Index(part, ">")], "src=") {
			t.Errorf("script %d has no src: %.80s", i, part)
		}
	}
	if strings.Contains(body, "style=") || strings.Contains(body, "<style") {
		t.Error("the page has inline styles")
	}
}

func TestFilesCarryTheVersion(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/", `/web/css/workspace.css?v=v1`},
		{"/", `/web/js/watchdog.js?v=v1`},
		{"/", `/web/icons/icon.svg?v=v1`},
		{"/app.js", `"/web/app.wasm?v=v1"`},
		{"/app.js", `"CRMPOP_BUILD":"v1"`},
		{"/app.js", `"GOAPP_STATIC_RESOURCES_URL":"/web"`},
		{"/app-worker.js", `"/web/app.wasm?v=v1"`},
		{"/app-worker.js", `const version = "v1"`},
	}
	for _, tt := range tests {
		if _, body := get(t, tt.path); !strings.Contains(body, tt.want) {
			t.Errorf("%s does not contain %s", tt.path, tt.want)
		}
	}
}

func TestEveryFileOfThePageIsThere(t *testing.T) {
	_, worker := get(t, "/app-worker.js")
	start := strings.Index(worker, "const resources = [")
	list := worker[start : start+strings.Index(worker[start:], "]")]
	for _, quoted := range strings.Split(list, `"`) {
		file, ok := strings.CutPrefix(quoted, "/web/")
		if !ok || strings.HasPrefix(file, "app.wasm") {
			continue
		}
		file, _, _ = strings.Cut(file, "?")
		if _, err := os.Stat("../../web/" + file); err != nil {
			t.Errorf("the page needs %s: %v", quoted, err)
		}
	}
}

func TestUnknownPageIsNotFound(t *testing.T) {
	if code, _ := get(t, "/no-such-page"); code != http.StatusNotFound {
		t.Errorf("status is %d, want 404", code)
	}
}
