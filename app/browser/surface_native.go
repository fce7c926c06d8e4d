//go:build !js

package browser

// nowhere is the surface without a browser: pages stand on it, and nothing ever
// befalls them.
type nowhere struct{}

func newSurface(_, _ func(id string), _ func(origin string)) surface { return nowhere{} }

func (nowhere) create(Page, string, func())              {}
func (nowhere) navigate(_, _ string)                     {}
func (nowhere) title(_, _ string)                        {}
func (nowhere) mark(string, bool)                        {}
func (nowhere) drop(string)                              {}
func (nowhere) hide(bool)                                {}
func (nowhere) empty(string) bool                        { return false }
func (nowhere) nested(string) bool                       { return false }
func (nowhere) focused() string                          { return "" }
func (nowhere) probe(string, func(probed)) (stop func()) { return func() {} }
