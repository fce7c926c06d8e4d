package screenpop_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/crmpop/crmpop/app/screenpop"
)

func TestErrorCode(t *testing.T) {
	missing := screenpop.Errorf(screenpop.CodeNotFound, "not-found", "no pop %q here", "x")
	tests := []struct {
		name string
		err  error
		want screenpop.Code
	}{
		{"none", nil, ""},
		{"ours", missing, screenpop.CodeNotFound},
		{"wrapped", fmt.Errorf("read pop: %w", missing), screenpop.CodeNotFound},
		{"pointed", missing.At("/request/id"), screenpop.CodeNotFound},
		{"foreign", io.EOF, screenpop.CodeInternal},
	}
	for _, tt := range tests {
		if got := screenpop.ErrorCode(tt.err); got != tt.want {
			t.Errorf("%s: ErrorCode = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestErrorKeepsItsCauseAndPlace(t *testing.T) {
	e := &screenpop.Error{Code: screenpop.CodeInternal, Msg: "the store is full", Err: io.ErrShortWrite}
	at := e.At("/id")
	if e.Pointer != "" || at.Pointer != "/id" {
		t.Errorf("At changed the error: %q, %q", e.Pointer, at.Pointer)
	}
	if got, want := at.Error(), "the store is full: short write"; got != want || !errors.Is(at, io.ErrShortWrite) {
		t.Errorf("Error = %q, want %q with its cause", got, want)
	}
}

func TestValidWords(t *testing.T) {
	for _, c := range screenpop.Channels {
		if !c.Valid() {
			t.Errorf("channel %q is not valid", c)
		}
	}
	for _, e := range screenpop.EventTypes {
		if !e.Valid() {
			t.Errorf("event type %q is not valid", e)
		}
	}
	if screenpop.Channel("fax").Valid() || screenpop.Trigger("rung").Valid() || screenpop.Direction("").Valid() || !screenpop.Out.Valid() {
		t.Error("a word is judged wrongly")
	}
}
