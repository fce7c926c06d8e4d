package hub

import "github.com/crmpop/crmpop/app/wire"

// Connection is one open workspace: its tab, the build of its page, and whether
// it leads.
type Connection struct {
	Tab, Build string
	Leads      bool
}

// Connected returns the open workspaces of agent a, oldest first; nil for none.
func (h *Hub) Connected(a wire.AgentKey) []Connection {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var all []Connection
	for _, s := range h.agents[a] {
		if c, ok := s.connection(); ok {
			all = append(all, c)
		}
	}
	return all
}

// AtWork reports whether somebody has signed in to an open workspace of agent a.
// A program, which connects with a key, is nobody.
func (h *Hub) AtWork(a wire.AgentKey) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, s := range h.agents[a] {
		if _, ok := s.connection(); ok && s.login != "" {
			return true
		}
	}
	return false
}

func (s *session) connection() (Connection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Connection{Tab: s.tab, Build: s.build, Leads: s.lead}, s.resumed && !s.leaving
}
