package store

import (
	"context"
	"database/sql/driver"
	"time"
)

// AuditEntry says who changed what. Before and After are the change in short,
// at most MaxAudit bytes each, and hold no secret.
type AuditEntry struct {
	N      int64     `json:"n"` // orders the entries; the newest has the greatest
	Tenant string    `json:"-"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Object string    `json:"object"`
	Before string    `json:"before,omitempty"`
	After  string    `json:"after,omitempty"`
}

// MaxAudit is how many bytes of Before and After are kept each.
const MaxAudit = 500

// AuditFilter chooses entries. Its zero value chooses the newest.
type AuditFilter struct {
	Words    string // stands in actor, action, object, before or after, without case
	From, To time.Time
	Before   int64 // only entries with a smaller N
	Limit    int   // 50 if 0
}

type auditKey struct{}

// Audited returns a context in which the next write of the directory also
// writes e, in the same transaction. Where the write itself decides what comes
// of it (a revision's number), it completes e.After.
func Audited(ctx context.Context, e *AuditEntry) context.Context {
	return context.WithValue(ctx, auditKey{}, e)
}

func auditOf(ctx context.Context) *AuditEntry {
	e, _ := ctx.Value(auditKey{}).(*AuditEntry) // nil without one
	return e
}

// write adds the entry; nil adds nothing.
func (e *AuditEntry) write(c *conn, now time.Time) error {
	if e == nil {
		return nil
	}
	return c.exec(`insert into audit (tenant, at, actor, action, object, before, after) values (?, ?, ?, ?, ?, ?, ?)`,
		e.Tenant, stamp(now), e.Actor, e.Action, e.Object, cut(e.Before, MaxAudit), cut(e.After, MaxAudit))
}

// Note writes an entry about something that changed no table of the directory.
func (s *SQLite) Note(ctx context.Context, e AuditEntry) error {
	return s.write(ctx, func(c *conn) error { return e.write(c, s.o.Now()) })
}

// auditLook is how many entries one call looks through at most.
const auditLook = 50_000

// Audit returns entries, the newest first. next is the Before of the next page,
// 0 after the last.
func (s *SQLite) Audit(ctx context.Context, tenant string, f AuditFilter) (entries []AuditEntry, next int64, err error) {
	orElse(&f.Limit, 50)
	orElse(&f.Before, 1<<62)
	to := int64(1 << 62)
	if !f.To.IsZero() {
		to = stamp(f.To)
	}
	words := fold(f.Words)
	err = s.look(ctx, func(r reader) error {
		entries, next = nil, 0
		looked := 0
		err := r.each(`select n, at, actor, action, object, before, after from audit
			where tenant = ? and n < ? and at >= ? and at <= ? order by n desc limit ?`, func(row []driver.Value) error {
			if looked++; len(entries) > f.Limit {
				return nil
			}
			e := AuditEntry{N: number(row[0]), Tenant: tenant, At: unstamp(number(row[1])), Actor: text(row[2]), Action: text(row[3]),
				Object: text(row[4]), Before: text(row[5]), After: text(row[6])}
			if e.has(words) {
				entries = append(entries, e)
			} else if looked == auditLook {
				next = e.N
			}
			return nil
		}, tenant, f.Before, stamp(f.From), to, auditLook)
		if len(entries) > f.Limit {
			entries = entries[:f.Limit]
			next = entries[f.Limit-1].N
		}
		return err
	})
	return entries, next, err
}

func (e AuditEntry) has(words string) bool {
	return words == "" || within(words, e.Actor, e.Action, e.Object, e.Before, e.After)
}
