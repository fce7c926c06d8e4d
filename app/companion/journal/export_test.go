//go:build !js

package journal

// Compact is compact, for tests that do not write 40,000 lines.
func (j *Journal) Compact() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.compact()
}
