package framing

import (
	"net/url"

	"github.com/crmpop/crmpop/server/dial"
)

// PrivateFault is what is said of a host whose address the guard keeps closed.
func PrivateFault(host string) string {
	reason, _ := fault(&url.URL{Host: host}, dial.ErrPrivate)
	return reason
}
