package admin

import (
	"strconv"
	"strings"
	"time"
)

// revision is a document as it was published.
type revision struct {
	Number   int64     `json:"revision"`
	Document string    `json:"document"`
	Author   string    `json:"author"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

// numberOf reads the revision from an ETag; 0 without one.
func numberOf(etag string) int64 {
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(etag, "W/"), `"`), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func etagOf(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }
