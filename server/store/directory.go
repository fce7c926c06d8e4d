package store

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Tenant is a company that uses the product.
type Tenant struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Region string   `json:"region"` // two letters, ISO 3166-1: how numbers without a country code are read
	Hosts  []string `json:"hosts"`  // hosts that {url} may lead to
}

// Role is what a user may do.
type Role string

// The roles.
const (
	Owner       Role = "owner"
	Admin       Role = "admin"
	Supervisor  Role = "supervisor"
	AgentRole   Role = "agent"
	Integration Role = "integration"
)

// User is a person who signs in. Aliases are the names by which event sources
// know the agent; the e-mail address always is one.
type User struct {
	ID       string   `json:"id"`
	Tenant   string   `json:"tenant"`
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	Role     Role     `json:"role"`
	Group    string   `json:"group"`
	Aliases  []string `json:"aliases"`
	Password string   `json:"-"` // argon2id, PHC string
}

// Group is a set of users; each user is in exactly one.
type Group struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
}

// Source is a way events come in. Token is the secret part of its path for
// dialects that cannot carry a key; native sources have none.
type Source struct {
	ID      string `json:"id"`
	Tenant  string `json:"tenant"`
	Name    string `json:"name"`
	Dialect string `json:"dialect"` // "native" or "cti"
	Token   string `json:"-"`
}

// Key is an API key. Only a hash of its secret is stored.
type Key struct {
	ID        string    `json:"id"`
	Tenant    string    `json:"tenant"`
	Source    string    `json:"source"` // the source its events count under
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`
	Hash      []byte    `json:"-"` // SHA-256 of the secret
	CreatedAt time.Time `json:"created_at"`
}

// Login is a signed-in session. Only a hash of its id is stored.
type Login struct {
	Hash      []byte
	Tenant    string
	UserID    string
	CreatedAt time.Time
	SeenAt    time.Time
}

// Revision is one immutable version of a level's screenpopup document. An empty
// document means that the level inherits.
type Revision struct {
	Tenant   string    `json:"tenant"`
	Level    string    `json:"level"`    // tenant, group, user
	LevelID  string    `json:"level_id"` // id of that tenant, group or user
	Revision int64     `json:"revision"`
	Document string    `json:"document"`
	Author   string    `json:"author"`
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// Unmapped is an alias that events named and no user has.
type Unmapped struct {
	Alias   string    `json:"alias"`
	Source  string    `json:"source"`
	Events  int       `json:"events"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	Request string    `json:"request_id"` // the newest request that named it
}

// Directory is who and what a tenant has. Ids that belong to another tenant are
// CodeNotFound.
type Directory interface {
	PutTenant(ctx context.Context, t Tenant) error
	Tenant(ctx context.Context, id string) (Tenant, error)
	PutGroup(ctx context.Context, g Group) error
	Groups(ctx context.Context, tenant string) ([]Group, error)
	PutUser(ctx context.Context, u User) error
	User(ctx context.Context, tenant, id string) (User, error)
	// UserByEmail finds a user over all tenants; e-mail addresses are unique
	// and compared without case.
	UserByEmail(ctx context.Context, email string) (User, error)
	// UserByAlias finds the agent an event names, without case; an alias
	// belongs to one user of the tenant.
	UserByAlias(ctx context.Context, tenant, alias string) (User, error)
	Users(ctx context.Context, tenant string) ([]User, error)
	PutSource(ctx context.Context, s Source) error
	SourceByToken(ctx context.Context, token string) (Source, error)
	Sources(ctx context.Context, tenant string) ([]Source, error)
	PutKey(ctx context.Context, k Key) error
	Key(ctx context.Context, id string) (Key, error)
	Keys(ctx context.Context, tenant string) ([]Key, error)
	DeleteKey(ctx context.Context, tenant, id string) error
	PutLogin(ctx context.Context, l Login) error
	Login(ctx context.Context, hash []byte) (Login, error)
	DeleteLogin(ctx context.Context, hash []byte) error
	// Publish adds a revision and makes it the active one. base is the revision
	// it was edited from, or -1 for whatever is active: another active one is
	// CodeConflict.
	Publish(ctx context.Context, r Revision, base int64) (Revision, error)
	// Active returns the active revision of a level; Revision 0 with an empty
	// document if it has none.
	Active(ctx context.Context, tenant, level, levelID string) (Revision, error)
	Revisions(ctx context.Context, tenant, level, levelID string) ([]Revision, error)
	Unmapped(ctx context.Context, tenant string) ([]Unmapped, error)
}

// ErrNotFound returns the error for a thing that is not there, or not the
// tenant's.
func ErrNotFound(what, id string) error {
	return screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no %s %q here", what, id)
}
