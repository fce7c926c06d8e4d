package api

import (
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
)

// ring lets the demo's phone ring at whoever asks for it.
func (a *API) ring(w http.ResponseWriter, r *http.Request) error {
	if a.o.Demo == nil || a.o.Demo.Ring == nil {
		return screenpop.Errorf(screenpop.CodeNotFound, "no-demo", "this is not a demo; there is no phone to ring")
	}
	if err := a.o.Demo.Ring(r.Context(), callerOf(r).user.Email); err != nil {
		return &screenpop.Error{Code: screenpop.CodeUnavailable, Kind: "demo-phone", Msg: "the demo phone could not ring", Err: err}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
