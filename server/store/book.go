package store

import (
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/crmpop/crmpop/app/wire"
)

// book is the database as the scribe keeps it.
type book struct {
	log     *slog.Logger
	newest  int64        // the newest row written
	settled int64        // the tables show rows up to this one
	since   time.Time    // when the first row after settled was written
	lag     atomic.Int64 // newest - settled; anybody reads it
	soonest atomic.Int64 // when the first pop of unsettled rows is due; anybody reads it
	failed  error        // why settling failed in upkeep
	acked   map[wire.AgentKey]int64
	wal     *checkpoints
}

// never is a time past all others.
const never = math.MaxInt64

// write writes a planned turn. An error has undone all of it.
func (b *book) write(c *conn, t *turn) error {
	if t.begun || t.pages.any() {
		if err := b.tx(c, t.begun, func() error { return t.pages.write(c) }); err != nil {
			return err
		}
	}
	for a, seq := range t.acked {
		b.acked[a] = seq
	}
	if t.settled > 0 {
		b.settled = t.settled
		b.soonest.Store(never)
	}
	b.soonest.Store(min(b.soonest.Load(), t.soonest))
	if t.n > b.newest && b.newest == b.settled {
		b.since = time.Now()
	}
	b.newest = t.n
	b.lag.Store(b.newest - b.settled)
	return nil
}

// tx runs f in a transaction, one that has begun or a new one. An error or a
// panic undoes it.
func (b *book) tx(c *conn, begun bool, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the record: %v", p)
			b.log.Error("panic in the record", "panic", p, "stack", string(debug.Stack()))
		}
		if err != nil {
			c.rollback()
		}
	}()
	if !begun {
		if err := c.exec("begin immediate"); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	return c.exec("commit")
}

// settle brings the tables up to the newest row.
func (b *book) settle(c *conn) error {
	if err := b.tx(c, false, func() error { return settle(c, b.newest, b.acked) }); err != nil {
		return err
	}
	clear(b.acked)
	b.settled = b.newest
	b.lag.Store(0)
	b.soonest.Store(never)
	return nil
}

// upkeep settles when too much waits, and keeps the database's log short. The
// scribe does it between turns.
func (b *book) upkeep(c *conn) {
	if lag := b.newest - b.settled; lag >= settleLag || lag > 0 && time.Since(b.since) > settleAge {
		if b.failed = b.settle(c); b.failed != nil {
			b.since = time.Now() // and again in a while
		}
	}
	b.wal.look(c)
}
