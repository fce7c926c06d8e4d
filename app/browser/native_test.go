//go:build !js

package browser_test

import (
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/browser"
)

// Native builds are inert, but sane enough to build and test upon.
func TestNativeIsSane(t *testing.T) {
	gained := make(chan struct{})
	steal := browser.Lead("n", func() { close(gained) }, func() { t.Error("lost the lead") })
	<-gained
	steal()
	if browser.OpenWindow(crm, "_blank") || browser.WindowOpen("kb") {
		t.Error("a window opened without a browser")
	}
	if ok, why := browser.CopyText("x"); ok || why == "" {
		t.Errorf("CopyText = %t, %q, want false and a reason", ok, why)
	}
	if _, err := browser.Fetch("GET", "/api/v1/session", "", nil); err == nil {
		t.Error("Fetch answered without a browser")
	}
	if got, want := browser.SocketURL("/api/v1/connect"), "wss://workspace.invalid/api/v1/connect"; got != want {
		t.Errorf("SocketURL = %q, want %q", got, want)
	}
	if browser.TryWindow("/check/window") || browser.TrySocket("/api/v1/connect", time.Second).Opened || browser.TryFrame(crm).Allowed || browser.Permission("notifications") != "" {
		t.Error("a test of the browser found something without one")
	}
	if browser.Tab() == "" || browser.Tab() != browser.Tab() {
		t.Error("Tab changes")
	}
	s := browser.NewStage(0, nil)
	if !s.Add(browser.Page{ID: "a", URL: crm}) || !s.Has("a") {
		t.Error("a native stage holds no page")
	}
}
