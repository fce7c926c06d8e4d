package outbound_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"

	"github.com/crmpop/crmpop/server/store"
)

// secretOf answers for secrets by their names: value and host.
func secretOf(all map[string][2]string) func(context.Context, string, string) (string, string, error) {
	return func(_ context.Context, _, name string) (string, string, error) {
		v, ok := all[name]
		if !ok {
			return "", "", store.ErrNotFound("secret", name)
		}
		return v[0], v[1], nil
	}
}

// syncBuffer is a log that a test reads.
type syncBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *syncBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
