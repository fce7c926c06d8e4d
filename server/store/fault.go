package store

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/crmpop/crmpop/app/screenpop"
)

// ErrClosed is what everything returns once the record is closed.
var ErrClosed = screenpop.Errorf(screenpop.CodeUnavailable, "closed", "the record is closed; the server is about to stop")

// fault gives an error of the database its code. What already has one keeps it.
func fault(err error) error {
	var e *screenpop.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	switch primary(err) {
	case sqlite3.SQLITE_FULL:
		return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "storage", Err: err,
			Msg: "the record's disk is full; free space on the disk that holds the database, what was accepted so far is safe"}
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "storage", Err: err,
			Msg: "the record cannot be written; check the disk that holds the database"}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "storage", Err: err,
			Msg: "another program holds the database; close it, or send this again"}
	}
	return &screenpop.Error{Code: screenpop.CodeInternal, Kind: "record", Err: err, Msg: "the record could not take this"}
}

// storage reports whether the fault lies with the disk and not with a row, so
// that no other row would fare better.
func storage(err error) bool { return screenpop.ErrorCode(fault(err)) == screenpop.CodeUnavailable }

// closed reports whether err is ErrClosed.
func closed(err error) bool { return errors.Is(err, ErrClosed) }

// primary returns SQLite's result code without its extension, 0 for other errors.
func primary(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
