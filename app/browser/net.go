package browser

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const fetchPatience = 15 * time.Second

// Answer is what the server answered, whatever its status.
type Answer struct {
	Status int    // 200, 422, …
	Type   string // the Content-Type, "" if it named none
	Body   []byte
}

// errNoBrowser is what native builds answer where only a browser could do it.
var errNoBrowser = errors.New("there is no browser")

// checkPath refuses what would leave our own origin: "https://…", "//host/…" and
// "/\host/…", which browsers read as the same.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\t\r\n") {
		return fmt.Errorf("path %q: must begin with one slash and stay on this server", path)
	}
	return nil
}
