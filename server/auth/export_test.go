package auth

// Buckets returns how many accounts and addresses l remembers.
func Buckets(l *Limits) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accounts) + len(l.addresses)
}
