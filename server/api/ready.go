package api

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// probeEvery is how often readiness is really tried; what asks more often gets
// the last answer.
const probeEvery = time.Second

// Health is what the admin listener tells load balancers: whether the process
// runs (/healthz) and whether it can take events (/readyz).
type Health struct {
	probe    func(context.Context) error
	now      func() time.Time
	draining atomic.Bool

	mu   sync.Mutex // guards at and last
	at   time.Time
	last error
}

// NewHealth returns a Health that finds out with probe, a real write, whether
// events can be taken.
func NewHealth(probe func(context.Context) error, now func() time.Time) *Health {
	return &Health{probe: probe, now: now}
}

// Drain makes /readyz answer no from now on.
func (h *Health) Drain() { h.draining.Store(true) }

// Handler returns the admin listener's routes.
func (h *Health) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeAs(w, "application/json", http.StatusOK, map[string]bool{"alive": true})
	})
	mux.HandleFunc("GET /readyz", h.ready)
	return mux
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	reasons := []string{}
	if h.draining.Load() {
		reasons = append(reasons, "draining: the server is about to stop")
	}
	if err := h.tried(r.Context()); err != nil {
		reasons = append(reasons, "storage: "+err.Error())
	}
	status := http.StatusOK
	if len(reasons) > 0 {
		status = http.StatusServiceUnavailable
	}
	writeAs(w, "application/json", status, map[string]any{"ready": len(reasons) == 0, "reasons": reasons})
}

func (h *Health) tried(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); h.at.IsZero() || now.Sub(h.at) >= probeEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		h.last, h.at = h.probe(ctx), now
	}
	return h.last
}
