//go:build !js

package browser

import "log/slog"

func complain(fault, stack string) {
	slog.Error("recovered", "fault", fault, "stack", stack)
}
