package outbound

import (
	"net/http"
	"time"
)

// Sign returns the headers by which a message is signed.
func Sign(id string, at time.Time, body string, key []byte) http.Header {
	h := http.Header{}
	sign(h, id, at, body, [][]byte{key})
	return h
}
