package browser

import "errors"

// What keeps a file from being read.
var (
	// ErrNoFile says that no file is chosen.
	ErrNoFile = errors.New("choose a file first")
	// ErrFileTooLarge says that a file is larger than the caller takes.
	ErrFileTooLarge = errors.New("the file is too large")
)
