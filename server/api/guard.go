package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/auth"
)

// policy is the Content-Security-Policy of everything we serve. Pages pop from
// hosts that only the configuration knows, so frames and the probe's objects may
// come from anywhere, and pages that nobody sees are asked for wherever they are;
// scripts and styles are ours alone.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"img-src 'self' data: blob:; connect-src 'self' http: https:; manifest-src 'self'; worker-src 'self'; " +
	"frame-src http: https:; object-src http: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// features are those of the browser that neither we nor a popped page ever
// need. What a page may need (camera, clipboard) it gets by its popup's allow.
const features = "payment=(), usb=(), serial=(), hid=(), midi=()"

// guard is what stands before every request. There is no COEP: it would keep
// CRM pages out of their frames.
func (a *API) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, o := range a.o.Origins {
		if err := cross.AddTrustedOrigin(o); err != nil { // auth.ParseOrigin has made them
			panic(fmt.Sprintf("trust origin %q: %v", o, err))
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.writeError(w, r, screenpop.Errorf(screenpop.CodeDenied, "cross-origin",
			"a page of another site asked for this; programs send an API key and no Origin"))
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer a.survive(w, r)
		a.secure(w.Header())
		a.limitBody(w, r)
		if a.o.Loopback && !auth.IsLoopback(r.Host) {
			a.writeError(w, r, &problem{status: http.StatusMisdirectedRequest, fault: screenpop.Errorf(screenpop.CodeDenied, "wrong-host",
				"this server answers as 127.0.0.1 or localhost only; say --public-url to give it a name")})
			return
		}
		start := a.o.Now()
		protected.ServeHTTP(w, r)
		// The path of /in/ holds a secret: the pattern is all that is logged.
		a.o.Log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method),
			slog.String("route", r.Pattern), slog.Duration("took", a.o.Now().Sub(start)))
	})
}

func (a *API) secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Permissions-Policy", features)
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if strings.HasPrefix(a.publicURL(), "https://") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// survive answers a panic: one bad request must not take the others' sockets
// along.
func (a *API) survive(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	a.writeError(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
}
