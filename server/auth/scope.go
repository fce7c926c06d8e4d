package auth

// The scopes of API keys: what a key may do.
const (
	ScopeEvents      = "events:write"   // report events
	ScopeConfigRead  = "config:read"    // read popup configurations
	ScopeConfigWrite = "config:write"   // publish popup configurations
	ScopeDirectory   = "directory:read" // list users, groups, sources, unmapped agents

	ScopeDirectoryWrite = "directory:write" // change users, groups, sources; map agents

	ScopeAudit    = "audit:read"    // read who changed what
	ScopeRequests = "requests:read" // read requests, traces and pops
	ScopeConnect  = "connect"       // open an agent's socket
)

// Scopes lists every scope.
var Scopes = []string{ScopeEvents, ScopeConfigRead, ScopeConfigWrite, ScopeDirectory, ScopeDirectoryWrite,
	ScopeAudit, ScopeRequests, ScopeConnect}
