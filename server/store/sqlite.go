package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// Options set a record up; the zero value works.
type Options struct {
	Now          func() time.Time // time.Now if nil
	Log          *slog.Logger     // nothing is said if nil
	KeepFrames   int              // of each agent's stream; 10,000 if 0
	KeepFor      time.Duration    // how long a frame is kept; 24 h if 0
	KeepKeys     time.Duration    // how long an event is known to have come; 7 days if 0
	KeepRequests time.Duration    // how long a request is kept after its last frame, once closed everywhere; 7 days if 0
	Readers      int              // connections that read; one a core, at least 4, if 0
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orElse(&o.KeepFrames, 10_000)
	orElse(&o.KeepFor, 24*time.Hour)
	orElse(&o.KeepKeys, 7*24*time.Hour)
	orElse(&o.KeepRequests, 7*24*time.Hour)
	orElse(&o.Readers, max(4, runtime.NumCPU()))
}

func orElse[T comparable](field *T, v T) {
	var zero T
	if *field == zero {
		*field = v
	}
}

// SQLite is the record in one file. Its methods may be called from anywhere.
type SQLite struct {
	o     Options
	epoch int64
	w     *writer
	db    *sql.DB // reads
	lock  *conn   // keeps other programs out

	once  sync.Once          // Close
	stop  context.CancelFunc // ends what is under way beside the writer
	aside sync.WaitGroup     // counts it
}

// Open opens the database at path, makes it if there is none, and brings an
// older one up. The folder must exist. One program has it at a time: a second
// Open is CodeUnavailable. A database written by a newer version is
// CodeUnsupported.
func Open(ctx context.Context, path string, o Options) (*SQLite, error) {
	o.defaults()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the record: %w", err)
	}
	if fi, err := os.Stat(filepath.Dir(path)); err != nil || !fi.IsDir() {
		return nil, fmt.Errorf("open the record: the folder %s is not there; make it first", filepath.Dir(path))
	}
	s := &SQLite{o: o}
	aside, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if err := s.open(ctx, aside, path); err != nil {
		s.release()
		return nil, fmt.Errorf("open the record %s: %w", path, err)
	}
	go s.w.run()
	return s, nil
}

func (s *SQLite) open(ctx, aside context.Context, path string) (err error) {
	if s.lock, err = takeLock(path + "-lock"); err != nil {
		return err
	}
	c, err := dial(path, "journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 0",
		"cache_size = -65536", "temp_store = memory", "foreign_keys = off")
	if err != nil {
		return err
	}
	if err := s.openWriter(ctx, aside, c, path); err != nil {
		return err
	}
	if s.db, err = sql.Open("sqlite", dsn(path)+"&_pragma=query_only(1)&_pragma=cache_size(-8192)"); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(s.o.Readers)
	s.db.SetMaxIdleConns(s.o.Readers)
	return s.db.PingContext(ctx)
}

// openWriter brings the schema up on c and makes the writer, which owns c then.
func (s *SQLite) openWriter(ctx, aside context.Context, c *conn, path string) (err error) {
	defer func() {
		if s.w == nil {
			c.close()
		}
	}()
	all, err := readMigrations(migrations)
	if err != nil {
		return err
	}
	if err := migrate(ctx, c, all, s.o.Now()); err != nil {
		return err
	}
	if s.epoch, err = begin(c, s.o.Now()); err != nil {
		return err
	}
	eyes, err := dial(path, "query_only = on", "cache_size = -16384")
	if err != nil {
		return err
	}
	mover, err := dial(path, "synchronous = full")
	if err != nil {
		eyes.close()
		return err
	}
	s.w = newWriter(c, eyes, mover, s.o)
	return s.w.start(func(v *sieve) { s.fillSieve(aside, v) })
}

// takeLock keeps other programs, and other records of this one, out of the
// database: the writer's memory must be the only one.
func takeLock(path string) (*conn, error) {
	c, err := dial(path, "busy_timeout = 0", "locking_mode = exclusive")
	if err != nil {
		return nil, err
	}
	if err := c.script("begin exclusive"); err != nil {
		c.close()
		return nil, &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "locked", Err: err,
			Msg: "another program has this database open; stop it first"}
	}
	return c, nil
}

// begin makes the record's one row, if it is new, and returns its epoch, which
// no other record has and which is greater in one made later.
func begin(c *conn, now time.Time) (epoch int64, err error) {
	var b [8]byte
	rand.Read(b[:])
	epoch = now.UnixMilli()<<10 | int64(binary.LittleEndian.Uint64(b[:])&1023)
	err = c.exec(`insert into record select ?, 0, 0 where not exists (select 1 from record)`, epoch)
	if err != nil {
		return 0, fmt.Errorf("begin the record: %w", err)
	}
	return integer(c, `select epoch from record`)
}

// Close carries out what was handed in, settles it and closes the database.
// What comes later is ErrClosed.
func (s *SQLite) Close() error {
	var err error
	s.once.Do(func() {
		s.w.end()
		err = s.release()
	})
	return err
}

// release closes what is open.
func (s *SQLite) release() error {
	s.stop()
	s.aside.Wait()
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	if s.w != nil {
		if e := s.w.close(); err == nil {
			err = e
		}
	}
	if s.lock != nil {
		s.lock.close()
	}
	return err
}

// Ready does a real write and returns why the record cannot take events.
func (s *SQLite) Ready(ctx context.Context) error {
	_, err := s.w.one(ctx, func(t *turn, _ *unit) error {
		c, err := t.conn()
		if err != nil {
			return err
		}
		return c.exec(`update record set probed = ?`, stamp(t.now))
	})
	return err
}

// integer returns the number that a statement finds, 0 if it finds nothing.
func integer(c *conn, sql string, args ...driver.Value) (n int64, err error) {
	err = c.query(sql, func(row []driver.Value) error { n = number(row[0]); return nil }, args...)
	return n, err
}

var (
	_ Record    = (*SQLite)(nil)
	_ Directory = (*SQLite)(nil)
	_ Bus       = (*LocalBus)(nil)
)
