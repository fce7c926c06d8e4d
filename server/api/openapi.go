package api

import (
	_ "embed"
	"net/http"
)

// openAPIFile describes the table of routes; a test compares the two.
//
//go:embed openapi.json
var openAPIFile []byte

// openAPI serves the description of this API.
func (a *API) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(openAPIFile) // an error here is the reader's going away
	return nil
}
