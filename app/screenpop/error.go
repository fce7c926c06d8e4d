package screenpop

import (
	"errors"
	"fmt"
)

// Code is the class of an error; the API maps it to an HTTP status.
type Code string

// The codes.
const (
	CodeInvalid      Code = "invalid"
	CodeUnauthorized Code = "unauthorized"
	CodeDenied       Code = "denied"
	CodeNotFound     Code = "not_found"
	CodeConflict     Code = "conflict"
	CodeTooLarge     Code = "too_large"
	CodeUnsupported  Code = "unsupported"
	CodeRateLimited  Code = "rate_limited"
	CodeUnavailable  Code = "unavailable"
	CodeInternal     Code = "internal"
)

// Error is an error with a message for people and a cause for the log.
type Error struct {
	Code    Code
	Kind    string // names the fault for programs: "duplicate-key"; the last part of the problem type
	Msg     string // for people: place, fault, cure
	Pointer string // JSON pointer (RFC 6901) of the field at fault, if one is
	Err     error  // for the log only
}

// Error returns the message, and the cause behind it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Msg + ": " + e.Err.Error()
	}
	return e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error of code with kind and a message for people.
func Errorf(code Code, kind, format string, args ...any) *Error {
	return &Error{Code: code, Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// At returns a copy of e that points at a field (RFC 6901).
func (e *Error) At(pointer string) *Error {
	at := *e
	at.Pointer = pointer
	return &at
}

// ErrorCode returns the code of err, CodeInternal for an error that has none,
// and "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
