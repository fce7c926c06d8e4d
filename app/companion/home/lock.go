//go:build !js

package home

import (
	"errors"
	"os"
)

// ErrRunning says that a companion runs already.
var ErrRunning = errors.New("a companion of this user runs already")

// Lock is the right to be the one running companion of this user.
type Lock struct{ f *os.File }

// Release gives the lock back.
func (l *Lock) Release() { _ = l.f.Close() } // the file is empty
