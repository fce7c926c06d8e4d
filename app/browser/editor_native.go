//go:build !js

package browser

// LoadEditor does nothing: natively there is no editor.
func LoadEditor(address string, ready func()) {}

// EditorReady returns false: natively there is no editor.
func EditorReady() bool { return false }

// MountEditor returns false: natively there is no editor.
func MountEditor(host string, o EditorOptions) (mounted bool, err error) { return false, nil }

// UnmountEditor does nothing: natively there is no editor.
func UnmountEditor(id string) {}

// OpenText does nothing: natively there are no fields.
func OpenText(id, text string) {}

// MarkText does nothing: natively there are no fields.
func MarkText(id string, marks []Mark) {}
