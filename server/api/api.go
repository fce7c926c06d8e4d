// Package api is the door: every route of the server, who may use it, and the
// words with which a request is refused. It reads and checks what comes in and
// leaves the deeds to the rooms behind it.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/companions"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/store"
)

// Record is the part of the record that people and programs may look up.
type Record interface {
	Trace(ctx context.Context, tenant, requestID string) (store.Trace, error)
	Pop(ctx context.Context, tenant, popID string) (screenpop.Pop, error)
	Search(ctx context.Context, tenant string, f store.RequestFilter) (found []store.Found, next string, err error)
	Times(ctx context.Context, tenant string, from, to time.Time) (store.Times, error)
	Audit(ctx context.Context, tenant string, f store.AuditFilter) (entries []store.AuditEntry, next int64, err error)
	Note(ctx context.Context, e store.AuditEntry) error
	Outbox(ctx context.Context, tenant string, f store.OutboxFilter) (found []store.Letter, next int64, err error)
	Resend(ctx context.Context, tenant, popID string) (store.Letter, error)
}

// Directory is who and what a tenant has, with what the portal needs of it.
type Directory interface {
	store.Directory
	Revision(ctx context.Context, tenant, level, levelID string, n int64) (store.Revision, error)
	Documents(ctx context.Context, tenant string) ([]store.Revision, error)
	PublishAll(ctx context.Context, all []store.Revision) ([]store.Revision, error)
	PutStage(ctx context.Context, g store.Stage, document string) (store.Stage, error)
	Stages(ctx context.Context, tenant string) ([]store.Stage, error)
	EndStage(ctx context.Context, tenant, group, author string) (store.Revision, error)
	PutTestLink(ctx context.Context, l store.TestLink) error
	TestLink(ctx context.Context, tenant, id string) (store.TestLink, error)
	SpendTestLink(ctx context.Context, tenant, id string) error
	Secret(ctx context.Context, name string) ([]byte, error)
	Logins(ctx context.Context, tenant, user string) ([]store.Login, error)
	AddCompanion(ctx context.Context, m store.Companion) error
	Companion(ctx context.Context, id string) (store.Companion, error)
	Companions(ctx context.Context, a wire.AgentKey) ([]store.Companion, error)
	DeleteCompanion(ctx context.Context, tenant, id string) error
	ForgetBlank(ctx context.Context, tenant, key string) error
	TenantSecrets(ctx context.Context, tenant string) ([]store.TenantSecret, error)
	PutTenantSecret(ctx context.Context, v store.TenantSecret) error
	DeleteTenantSecret(ctx context.Context, tenant, name string) error
	SigningKey(ctx context.Context, tenant string) (store.SigningKey, error)
	RenewSigningKey(ctx context.Context, tenant string, sealed []byte, until time.Time) error
}

// Intake takes events in, and forgets what it remembers of a tenant whose
// configuration has changed.
type Intake interface {
	Ingest(ctx context.Context, tenant, source string, items []dispatch.Item) []dispatch.Result
	Forget(tenant string)
	Map(ctx context.Context, tenant, alias, agent string) (dispatch.Replayed, error)
	Effective(ctx context.Context, who dispatch.Subject, draft *dispatch.Draft) ([]screenpop.Popup, error)
	Rehearse(ctx context.Context, r dispatch.Rehearsal) ([]screenpop.Explanation, error)
	PopTest(ctx context.Context, r dispatch.Rehearsal) (dispatch.Result, error)
}

// Sockets serves the sockets of workspaces, which live on by themselves; an
// error of Serve and Refuse means that nothing was answered yet.
type Sockets interface {
	Serve(w http.ResponseWriter, r *http.Request, who hub.Who) error
	// Refuse takes the socket only to say bye: a browser shows its page no other
	// reason why a socket did not open.
	Refuse(w http.ResponseWriter, r *http.Request, code int, reason string) error
	Streams
	// SignOut sends the sockets of a login away within a second.
	SignOut(login string)
	// Ask puts a question to the people at an agent's open workspaces.
	Ask(a wire.AgentKey, q hub.Question) error
	// Withdraw takes a question back; ok is false once it has ended.
	Withdraw(a wire.AgentKey, id string) (ok bool)
}

// Streams serves the workspaces that no websocket reaches. An error means that
// nothing was answered yet.
type Streams interface {
	// Stream answers with a stream of events until the session ends.
	Stream(w http.ResponseWriter, r *http.Request, who hub.Who) error
	RefuseStream(w http.ResponseWriter, r *http.Request, code int, reason string) error
	// OpenPoll starts a session that is read by polls, and answers the first of them.
	OpenPoll(w http.ResponseWriter, r *http.Request, who hub.Who) error
	Poll(w http.ResponseWriter, r *http.Request, id, caller string, turn int) error
	// Say takes what a client says on its way up.
	Say(id, caller string, frames []byte) error
}

// Companions serves the sockets of the programs on agents' PCs, which live on by
// themselves; an error of Serve means that nothing was answered yet.
type Companions interface {
	Serve(w http.ResponseWriter, r *http.Request, address string) error
	Connected(a wire.AgentKey) []companions.Connection
	// Revoke sends a companion away whose pairing has ended.
	Revoke(a wire.AgentKey, id string)
}

// Watch knows which pages can be framed.
type Watch interface {
	// Published has a tenant's pages looked at soon. It does not wait for that.
	Published(tenant string)
	Verdicts(ctx context.Context, tenant string, popups []screenpop.Popup) ([]framing.Judged, error)
	// Check asks for the pages now, in at most 15 seconds.
	Check(ctx context.Context, tenant string, popups []screenpop.Popup) ([]framing.Judged, error)
}

// Demo is what is different in a demo: its users and password are no secret.
type Demo struct {
	Users    []string // e-mail addresses
	Password string
	PhoneURL string
	Ring     func(ctx context.Context, agent string) error // rings at an agent, by e-mail address
}

// Options are what an API works with. Directory, Record, Intake, Sockets,
// Companions, Watch, Vault, Origins and Web are needed.
type Options struct {
	Directory  Directory
	Record     Record
	Intake     Intake
	Sockets    Sockets
	Companions Companions
	Watch      Watch
	Vault      Vault
	Post       func(letters ...store.Letter) // is told of web requests that are to be sent again; nil sends none

	Origins   auth.Origins   // of our own pages; the first is the public address
	Loopback  bool           // only this machine reaches us: any other Host is refused
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed
	Web       fs.FS          // dist, css, icons, js, docs, manifest.webmanifest
	Pages     http.Handler   // draws the pages; nil when the wasm has not been built
	Manual    http.Handler   // answers /docs/; nil for no manual
	Build     string         // version of the browser's half
	Demo      *Demo          // nil outside a demo
	BodyTime  time.Duration  // that a body may take to come in; 15 s if 0
	Passwords *auth.Passwords
	Limits    *auth.Limits
	Now       func() time.Time
	Log       *slog.Logger
}

// API is the door. Handler returns it whole.
type API struct {
	o          Options
	assets     *assets
	ends       ends
	asks       asks
	pairings   pairings
	pairLimits *auth.Limits // of codes, apart from those of passwords
}

// New returns an API, or an error when the web files cannot be read.
func New(o Options) (*API, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Post == nil {
		o.Post = func(...store.Letter) {}
	}
	if o.BodyTime == 0 {
		o.BodyTime = bodyTime
	}
	if o.Passwords == nil {
		o.Passwords = auth.NewPasswords(0)
	}
	if o.Limits == nil {
		o.Limits = auth.NewLimits(o.Now)
	}
	files, err := newAssets(o.Web, o.Build)
	if err != nil {
		return nil, err
	}
	return &API{o: o, assets: files, pairLimits: auth.NewLimits(o.Now)}, nil
}

// Handler returns the whole server: the routes of the table, the pages and the
// files, behind the checks that hold for all of them.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	a.mountRoutes(mux)
	a.mountFiles(mux)
	return a.guard(mux)
}

// publicURL returns the address under which the outside knows us.
func (a *API) publicURL() string { return a.o.Origins[0] }
