package portal_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/crmpop/crmpop/app/routes"
	"github.com/crmpop/crmpop/app/routes/portal"
)

// register registers both programs' pages, as the server does.
var register = sync.OnceFunc(func() {
	routes.Register()
	portal.Register()
})

// get returns what the handler of version v1 serves at path.
func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	register()
	w := httptest.NewRecorder()
	portal.Handler("v1", "77", true).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestPortalLoadsItsOwnProgram(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/admin", `src="/admin/app.js"`},
		{"/admin/requests/c-8f2", `src="/wasm_exec.js"`},
		{"/admin/screenpopup/user/u1", `/web/css/admin.css?v=v1`},
		{"/check", `src="/admin/app.js"`},
		{"/check", `/web/css/check.css?v=v1`},
		{"/admin/app.js", `"/web/portal.wasm?v=v1"`},
		{"/admin/app.js", `"/admin/app-worker.js"`},
		{"/admin/app.js", `"GOAPP_ROOT_PREFIX":"/"`},
		{"/admin/app.js", `"CRMPOP_BUILD":"v1"`},
		{"/admin/app.js", `"CRMPOP_EDITOR":"/web/editor.js?v=v1"`},
		{"/admin/app.js", `goappWasmContentLength = "77"`},
		{"/admin/app-worker.js", "// v1"},
	}
	for _, tt := range tests {
		if body := get(t, tt.path).Body.String(); !strings.Contains(body, tt.want) {
			t.Errorf("%s does not contain %s:\n%.2000s", tt.path, tt.want, body)
		}
	}
}

func TestWhatIsPrerenderedIsTheBareShell(t *testing.T) {
	for _, path := range []string{"/admin/requests/c-8f2", "/check"} {
		body := get(t, path+"?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").Body.String()
		if !strings.Contains(body, `class="starting"`) || strings.Contains(body, "alert(1)") || strings.Contains(body, "style=") {
			t.Errorf("%s is not the bare shell:\n%s", path, body)
		}
	}
}

func TestDeepLinksLeadToTheConsoleAndDoNothing(t *testing.T) {
	w := get(t, "/test/AbC.d-e_f?x=1")
	if w.Code != http.StatusFound || w.Header().Get("Location") != "/admin/test/AbC.d-e_f?x=1" {
		t.Errorf("/test answers %d to %q", w.Code, w.Header().Get("Location"))
	}
	if got := get(t, "/test//evil.example/").Header().Get("Location"); strings.HasPrefix(got, "//") || !strings.HasPrefix(got, "/admin/test/") {
		t.Errorf("/test leads away: %q", got)
	}
}

func TestTheComputersPageHasAShortAddress(t *testing.T) {
	if w := get(t, "/computer"); w.Code != http.StatusFound || w.Header().Get("Location") != "/admin/computer" {
		t.Errorf("/computer answers %d to %q", w.Code, w.Header().Get("Location"))
	}
}

func TestOnlyThePortalsPathsAreItsOwn(t *testing.T) {
	for path, want := range map[string]bool{
		"/": false, "/admin": true, "/admin/": true, "/admin/users": true, "/administrator": false, "/test/x": true, "/testing": false, "/docs/": false,
		"/check": true, "/check/window": false, "/checks": false, "/computer": true, "/computers": false,
	} {
		if got := portal.Owns(path); got != want {
			t.Errorf("Owns(%q) = %v, want %v", path, got, want)
		}
	}
	if w := get(t, "/admin/app.js/x"); w.Code != http.StatusOK { // a page that says that there is none
		t.Errorf("an unknown page answers %d", w.Code)
	}
}

func TestStylesAreThere(t *testing.T) {
	for _, file := range []string{"admin.css", "check.css"} {
		if _, err := os.Stat("../../../web/css/" + file); err != nil {
			t.Error(err)
		}
	}
}
