package ingest

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// The media types a dialect may read.
const (
	mediaJSON      = "application/json"
	mediaEvent     = "application/cloudevents+json"
	mediaBatch     = "application/cloudevents-batch+json"
	mediaForm      = "application/x-www-form-urlencoded"
	mediaMultipart = "multipart/form-data"
)

// readable returns the media type of a body, which must be one of known and
// neither compressed nor in another character set than UTF-8. boundary is set
// for multipart bodies only.
func readable(h http.Header, known ...string) (media, boundary string, err *screenpop.Error) {
	for _, e := range h.Values("Content-Encoding") {
		if e = strings.TrimSpace(e); e != "" && !strings.EqualFold(e, "identity") {
			return "", "", unsupported("unsupported-encoding",
				"Content-Encoding %q is not taken; send the body uncompressed", clip(e))
		}
	}
	types := h.Values("Content-Type")
	if len(types) != 1 || strings.TrimSpace(types[0]) == "" {
		return "", "", unsupported("unsupported-media-type",
			"the request must carry exactly one Content-Type; send %s", known[0])
	}
	media, params, bad := mime.ParseMediaType(types[0])
	if bad != nil || !slices.Contains(known, media) {
		return "", "", unsupported("unsupported-media-type",
			"Content-Type %q is not taken here; send one of %s", clip(types[0]), strings.Join(known, ", "))
	}
	for name, v := range params {
		switch {
		case name == "charset" && strings.EqualFold(v, "utf-8"):
		case name == "boundary" && media == mediaMultipart:
			boundary = v
		default:
			return "", "", unsupported("unsupported-media-type",
				"Content-Type parameter %q is not taken; send %s in UTF-8", clip(name+"="+v), media)
		}
	}
	return media, boundary, nil
}

func unsupported(kind, format string, args ...any) *screenpop.Error {
	return screenpop.Errorf(screenpop.CodeUnsupported, kind, format, args...)
}
