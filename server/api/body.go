package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
)

// bodyTime is how long a body may take to come in: the header's time limit does
// not hold for it, and a sender that dribbles must not keep a connection.
const bodyTime = 15 * time.Second

// limitBody gives the body its time, whether anybody reads it or not: net/http
// itself reads the rest of one that was refused. Sockets are not touched, taking
// a connection over clears its deadlines.
func (a *API) limitBody(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		setReadDeadline(w, time.Now().Add(a.o.BodyTime))
	}
}

// setReadDeadline does nothing for writers without deadlines: those are not
// connections, and cannot dribble.
func setReadDeadline(w http.ResponseWriter, t time.Time) {
	_ = http.NewResponseController(w).SetReadDeadline(t)
}

// readBody reads the whole body, at most limit bytes of it.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body := r.Body
	var b []byte
	err := error(&http.MaxBytesError{Limit: limit})
	if r.ContentLength <= limit {
		b, err = io.ReadAll(http.MaxBytesReader(w, body, limit))
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		hearOut(body, r.ContentLength, limit)
		return nil, errTooLarge(limit)
	case err != nil:
		return nil, &screenpop.Error{Code: screenpop.CodeInvalid, Kind: "body-incomplete",
			Msg: "the body did not come whole in time; send it again", Err: err}
	}
	setReadDeadline(w, time.Time{})
	return b, nil
}

// hearOut reads the rest of a body that is somewhat too large and throws it
// away: most senders listen to no answer before they have said everything.
// Whoever announces far more is cut off.
func hearOut(body io.Reader, announced, limit int64) {
	if announced <= 4*limit {
		io.CopyN(io.Discard, body, 4*limit) // however it ends, the answer is the same
	}
}

func errTooLarge(limit int64) error {
	return screenpop.Errorf(screenpop.CodeTooLarge, "too-large", "the body is too large; at most %d KiB are taken", limit>>10)
}

// readJSON decodes a small JSON object; fields that v does not have are an error.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	if err := wantMedia(r, "application/json"); err != nil {
		return err
	}
	b, err := readBody(w, r, limit)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-json", "the body is not the JSON object that belongs here: %v", err)
	}
	if d.More() {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-json", "something follows the JSON object; send one")
	}
	return nil
}

// wantMedia refuses any other content type: what it is must not be guessed.
func wantMedia(r *http.Request, want ...string) error {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	for _, w := range want {
		if err == nil && got == w {
			return nil
		}
	}
	return screenpop.Errorf(screenpop.CodeUnsupported, "media-type", "send it with Content-Type: %s, not %q", want[0], clip(r.Header.Get("Content-Type")))
}
