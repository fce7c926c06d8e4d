package store

import (
	"database/sql/driver"
	"errors"
	"log/slog"
	"sync/atomic"

	"modernc.org/sqlite"
)

// checkpoints moves what the database's log holds into the database, so that the
// log does not grow for ever. The bulk is moved beside the writer, which then
// only waits for what it has added meanwhile: when all is moved, SQLite begins
// the log anew.
type checkpoints struct {
	c     *conn
	log   *slog.Logger
	bulk  chan struct{} // asks for the bulk to be moved
	gone  chan struct{} // closed when nobody does so any more
	moved atomic.Bool   // the bulk has been moved
	asked bool
	next  int // at how many pages in the log to look again
}

// logPages is how many pages the log may hold before they are moved.
const logPages = 8192

func newCheckpoints(c *conn, log *slog.Logger) *checkpoints {
	k := &checkpoints{c: c, log: log, bulk: make(chan struct{}, 1), gone: make(chan struct{}), next: logPages}
	go k.run()
	return k
}

func (k *checkpoints) run() {
	defer close(k.gone)
	for range k.bulk {
		if _, err := checkpoint(k.c); err != nil {
			k.log.Error("move the database's log into it", "err", err)
		}
		k.moved.Store(true)
	}
}

// close ends the moving.
func (k *checkpoints) close() error {
	close(k.bulk)
	<-k.gone
	return k.c.close()
}

// look moves the log if it has grown. The writer calls it between transactions.
func (k *checkpoints) look(c *conn) {
	pages, err := written(c)
	if err != nil || pages < k.next {
		return
	}
	if !k.asked {
		k.asked = true
		k.bulk <- struct{}{}
		return
	}
	if !k.moved.Load() {
		return
	}
	k.asked = false
	k.moved.Store(false)
	whole, err := checkpoint(c)
	if err != nil {
		k.log.Error("move the rest of the database's log into it", "err", err)
	}
	if k.next = pages + logPages; !whole { // somebody reads an old moment: soon again
		k.next = pages + logPages/8
	}
}

// checkpoint moves what can be moved and reports whether that was all.
func checkpoint(c *conn) (whole bool, err error) {
	err = c.query("pragma wal_checkpoint(passive)", func(row []driver.Value) error {
		whole = number(row[0]) == 0 && number(row[1]) == number(row[2])
		return nil
	})
	return whole, err
}

// written returns how many pages the connection has written to the log.
func written(c *conn) (int, error) {
	s, ok := c.c.(sqlite.DBStatus)
	if !ok {
		return 0, errors.New("the driver does not count pages")
	}
	pages, _, err := s.Status(sqlite.DBStatusCacheWrite, false)
	return pages, err
}
