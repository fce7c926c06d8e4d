package api_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/server/api"
)

func TestReadiness(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var fault error
	tried := 0
	h := api.NewHealth(func(context.Context) error { tried++; return fault }, func() time.Time { return now })
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	if code, body := ask("/readyz"); code != 200 || !strings.Contains(body, `"ready":true`) {
		t.Errorf("readyz = %d %s, want ready", code, body)
	}
	for range 10 {
		ask("/readyz")
	}
	if tried != 1 {
		t.Errorf("the store was tried %d times within a second, want once", tried)
	}
	fault = errors.New("disk full")
	now = now.Add(time.Second)
	if code, body := ask("/readyz"); code != 503 || !strings.Contains(body, "storage: disk full") {
		t.Errorf("readyz with a full disk = %d %s", code, body)
	}
	fault = nil
	now = now.Add(time.Second)
	if code, _ := ask("/readyz"); code != 200 {
		t.Errorf("readyz once the disk is free again = %d", code)
	}
	h.Drain()
	if code, body := ask("/readyz"); code != 503 || !strings.Contains(body, "draining") {
		t.Errorf("readyz while stopping = %d %s", code, body)
	}
	if code, _ := ask("/healthz"); code != 200 {
		t.Errorf("healthz = %d, want 200 as long as the process runs", code)
	}
}
