package auth

// The scopes of API keys: what a key may do.
const (
	ScopeEvents      = "events:write"   // report events
	ScopeConfigRead  = "config:read"    // read popup configurations
	ScopeConfigWrite = "config:write"   // publish popup configurations
	ScopeDirectory   = "directory:read" // list users, groups, sources, unmapped agents
	ScopeRequests    = "requests:read"  // read requests, traces and pops
	ScopeConnect     = "connect"        // open an agent's socket
)

// Scopes lists every scope.
var Scopes = []string{ScopeEvents, ScopeConfigRead, ScopeConfigWrite, ScopeDirectory, ScopeRequests, ScopeConnect}
