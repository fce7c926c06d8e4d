//go:build unix && failpoint

// Package failpoint lets tests end the companion at a point of their choice, as a
// power cut would. Without the build tag failpoint there is nothing in it.
package failpoint

import (
	"os"
	"syscall"
)

// Reach kills the program if it is to end at that point.
func Reach(point string) {
	if os.Getenv("CRMPOP_END_AT") == point {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // it does not return
		select {}
	}
}
