package hub_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the other processes of BenchmarkIdleAgents.
func TestMain(m *testing.M) {
	if role := os.Getenv(idleRole); role != "" {
		os.Exit(play(role))
	}
	goleak.VerifyTestMain(m)
}
