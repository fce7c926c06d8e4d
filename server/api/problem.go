package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// statuses says with which HTTP status a code is answered.
var statuses = map[screenpop.Code]int{
	screenpop.CodeInvalid:      http.StatusBadRequest,
	screenpop.CodeUnauthorized: http.StatusUnauthorized,
	screenpop.CodeDenied:       http.StatusForbidden,
	screenpop.CodeNotFound:     http.StatusNotFound,
	screenpop.CodeConflict:     http.StatusConflict,
	screenpop.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	screenpop.CodeUnsupported:  http.StatusUnsupportedMediaType,
	screenpop.CodeRateLimited:  http.StatusTooManyRequests,
	screenpop.CodeUnavailable:  http.StatusServiceUnavailable,
	screenpop.CodeInternal:     http.StatusInternalServerError,
}

// retryAfter is what a sender is told to wait when the store is not available.
const retryAfter = 5 * time.Second

// problem is an error with more to say than an Error can: another status than
// its code's, headers, and members of its own.
type problem struct {
	fault  *screenpop.Error
	status int // 0: the code's
	header map[string]string
	extra  map[string]any
}

// Error returns what the log says of it.
func (p *problem) Error() string { return p.fault.Error() }

// Unwrap returns the Error inside.
func (p *problem) Unwrap() error { return p.fault }

func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var e *screenpop.Error
	if errors.As(err, &e) {
		return &problem{fault: e}
	}
	return &problem{fault: &screenpop.Error{Code: screenpop.CodeInternal, Kind: "internal",
		Msg: "something broke on our side; it is in the server's log", Err: err}}
}

func (p *problem) httpStatus() int {
	if p.status != 0 {
		return p.status
	}
	if s, ok := statuses[p.fault.Code]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// body returns the RFC 9457 object.
func (p *problem) body() map[string]any {
	m := map[string]any{"type": "/docs/problems#" + p.fault.Kind, "title": title(p.fault.Kind),
		"status": p.httpStatus(), "detail": p.fault.Msg}
	if p.fault.Pointer != "" {
		m["pointer"] = p.fault.Pointer
	}
	for k, v := range p.extra {
		m[k] = v
	}
	return m
}

// title makes words of a kind: duplicate-key, Duplicate key.
func title(kind string) string {
	words := strings.ReplaceAll(kind, "-", " ")
	if words == "" {
		return "Problem"
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// writeError answers err as a problem. It is the only place where one is logged:
// what the caller can mend is not, what we must mend is.
func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	status := p.httpStatus()
	if status >= http.StatusInternalServerError {
		a.o.Log.Error("answer a request", "method", r.Method, "route", r.Pattern, "status", status, "err", err)
	}
	h := w.Header()
	for k, v := range p.header {
		h.Set(k, v)
	}
	switch {
	case status == http.StatusServiceUnavailable && h.Get("Retry-After") == "":
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	case status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="CRM Pop"`)
	}
	h.Set("Cache-Control", "no-store")
	if readsPages(r) {
		a.writeProblemPage(w, p)
		return
	}
	writeAs(w, "application/problem+json", status, p.body())
}

// writeJSON answers v.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Cache-Control", "no-store")
	writeAs(w, "application/json", status, v)
	return nil
}

func writeAs(w http.ResponseWriter, contentType string, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // what we answer is made of strings, numbers and times
		status, b = http.StatusInternalServerError, []byte(`{"type":"/docs/problems#internal","title":"Internal","status":500}`)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(status)
	w.Write(append(b, '\n')) // an error here is the reader's going away
}

func errMethod(r *http.Request, allow string) error {
	return &problem{fault: screenpop.Errorf(screenpop.CodeInvalid, "method-not-allowed", "%s is not answered here; use %s", r.Method, allow),
		status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": allow}}
}

func errNoRoute(r *http.Request) error {
	return screenpop.Errorf(screenpop.CodeNotFound, "no-such-route", "there is nothing at %s; /api/v1/openapi.json lists what there is", clip(r.URL.Path))
}

// clip shortens what a caller sent before it is said back.
func clip(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}
