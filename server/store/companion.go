package store

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// Companion is a program on an agent's PC that was paired. It proves itself with
// the private half of PublicKey, which nobody else has.
type Companion struct {
	Tenant    string
	ID        string
	Agent     string // the user's id
	PublicKey []byte // Ed25519
	Host      string // the PC's name; this and the next three are what the companion says
	OS        string
	OSUser    string
	Version   string
	Address   string // from where it was last heard of
	CreatedAt time.Time
	SeenAt    time.Time
}

// KeepCompanions is how long a companion that nobody uses stays paired.
const KeepCompanions = 90 * 24 * time.Hour

// AddCompanion pairs a companion with a user of a tenant.
func (s *SQLite) AddCompanion(ctx context.Context, m Companion) error {
	if err := need("companion", "a tenant", m.Tenant, "an id", m.ID, "an agent", m.Agent, "a key", string(m.PublicKey)); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := exists(c, "user", m.Agent, `select 1 from person where tenant = ? and id = ?`, m.Tenant, m.Agent); err != nil {
			return err
		}
		return c.exec(`insert into companion values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, m.Tenant, m.ID, m.Agent, m.PublicKey,
			m.Host, m.OS, m.OSUser, m.Version, m.Address, stamp(m.CreatedAt), stamp(m.SeenAt))
	})
}

const companionColumns = `select tenant, id, agent, public_key, host, os, os_user, version, address, created, seen from companion `

func readCompanion(row []driver.Value) (Companion, error) {
	return Companion{Tenant: text(row[0]), ID: text(row[1]), Agent: text(row[2]), PublicKey: []byte(text(row[3])), Host: text(row[4]),
		OS: text(row[5]), OSUser: text(row[6]), Version: text(row[7]), Address: text(row[8]),
		CreatedAt: unstamp(number(row[9])), SeenAt: unstamp(number(row[10]))}, nil
}

// Companion returns a companion by its id alone: that is all one says of itself
// before it has proved anything. One that nobody has used for KeepCompanions is
// not there any more.
func (s *SQLite) Companion(ctx context.Context, id string) (Companion, error) {
	return first(s, ctx, "companion", id, readCompanion, companionColumns+`where id = ? and seen > ?`, id, stamp(s.o.Now().Add(-KeepCompanions)))
}

// Companions returns the companions of an agent, those of the whole tenant where
// the agent's id is "", the newest first.
func (s *SQLite) Companions(ctx context.Context, a wire.AgentKey) ([]Companion, error) {
	return all(s, ctx, readCompanion, companionColumns+`where tenant = ?1 and (?2 = '' or agent = ?2) and seen > ?3 order by created desc, id`,
		a.Tenant, a.ID, stamp(s.o.Now().Add(-KeepCompanions)))
}

// SeeCompanion notes that a companion was heard of, from where, and its version.
// One that is gone meanwhile stays gone.
func (s *SQLite) SeeCompanion(ctx context.Context, id, version, address string, at time.Time) error {
	return s.write(ctx, func(c *conn) error {
		return c.exec(`update companion set version = ?, address = ?, seen = max(seen, ?) where id = ?`, version, address, stamp(at), id)
	})
}

// DeleteCompanion ends a pairing.
func (s *SQLite) DeleteCompanion(ctx context.Context, tenant, id string) error {
	return s.write(ctx, func(c *conn) error {
		if err := exists(c, "companion", id, `select 1 from companion where tenant = ? and id = ?`, tenant, id); err != nil {
			return err
		}
		return c.exec(`delete from companion where tenant = ? and id = ?`, tenant, id)
	})
}

// pruneCompanions removes those that nobody has used for long.
func (s *SQLite) pruneCompanions(ctx context.Context, now time.Time) error {
	return s.write(ctx, func(c *conn) error {
		return c.exec(`delete from companion where seen <= ?`, stamp(now.Add(-KeepCompanions)))
	})
}
