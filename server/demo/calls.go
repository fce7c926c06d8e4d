package demo

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// call is what a web request has told the CRM of a call.
type call struct {
	Phone string `json:"phone"`
	Agent string `json:"agent"`
	Queue string `json:"queue"`
	at    time.Time
	key   string // its Idempotency-Key
}

// calls keeps the newest calls, each once however often it was told.
type calls struct {
	mu  sync.Mutex // guards all
	all []call     // the newest first
}

// The bounds of what is kept.
const (
	maxCalls    = 8
	maxCallBody = 4 << 10
)

func (k *calls) add(c call) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, known := range k.all {
		if known.key == c.key {
			return
		}
	}
	k.all = append([]call{c}, k.all...)
	k.all = k.all[:min(len(k.all), maxCalls)]
}

// Time returns when it was told.
func (c call) Time() string { return c.at.Format("15:04:05") }

func (k *calls) newest() []call {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]call{}, k.all...)
}

// takeCall takes what the configuration's web request says.
func (c *crm) takeCall(w http.ResponseWriter, r *http.Request) {
	told := call{at: c.now(), key: r.Header.Get("Idempotency-Key")}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCallBody)).Decode(&told); err != nil || told.key == "" {
		http.Error(w, "a call is JSON with an Idempotency-Key", http.StatusBadRequest)
		return
	}
	c.calls.add(told)
	w.WriteHeader(http.StatusNoContent)
}
