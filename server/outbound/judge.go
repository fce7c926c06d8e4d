package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crmpop/crmpop/server/dial"
)

// verdict says what an answer means for its letter.
type verdict struct {
	sent   bool
	again  bool   // another attempt may help
	broken bool   // the fault is the host's, not the request's
	words  string // "404 in 12 ms, 20 B"
}

// judge judges an answer. Only a 2xx counts; another 4xx than those that ask to
// come again will be the same next time.
func (a answer) judge(host string) verdict {
	switch {
	case a.err != nil && a.status == 0:
		return a.fault(host)
	case a.status/100 == 2:
		return verdict{sent: true, words: a.words()}
	case a.status/100 == 3:
		return verdict{words: a.words() + "; it leads elsewhere, and redirects are not followed"}
	case a.status == http.StatusRequestTimeout, a.status == http.StatusTooEarly:
		return verdict{again: true, words: a.words()}
	case a.status == http.StatusTooManyRequests, a.status/100 == 5:
		return verdict{again: true, broken: true, words: a.words()}
	}
	return verdict{words: a.words()}
}

// words says what was answered: never the body, only how large it was.
func (a answer) words() string {
	s := strconv.Itoa(a.status) + " in " + millis(a.took) + ", " + bytesOf(len(a.body), a.more)
	if a.err != nil {
		s += ", cut off"
	}
	return s
}

// fault says in words why there was no answer. Of addresses only that one is
// private comes out.
func (a answer) fault(host string) verdict {
	var final errFinal
	var inside errInside
	var dns *net.DNSError
	var op *net.OpError
	err := a.err
	switch {
	case errors.As(err, &final):
		return verdict{words: string(final)}
	case errors.As(err, &inside):
		return verdict{again: true, words: inside.words}
	case errors.Is(err, dial.ErrSecret):
		return verdict{words: host + " is at an address that gives away the secrets of a cloud machine; nothing is sent there"}
	case errors.Is(err, dial.ErrOwn):
		return verdict{words: host + " is this server itself; it sends itself nothing"}
	case errors.Is(err, dial.ErrPrivate):
		return verdict{words: host + " is at a private address; the operator opens its network with --allow-private"}
	case strings.Contains(err.Error(), "response headers exceeded"), strings.Contains(err.Error(), "header list"):
		return verdict{broken: true, words: host + " answered with headers of more than " + bytesOf(maxHeaders, false)}
	case errors.As(err, &dns) && dns.IsNotFound:
		return verdict{again: true, broken: true, words: "the name " + host + " is not found"}
	case errors.As(err, &dns):
		return verdict{again: true, broken: true, words: "the name " + host + " could not be looked up"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return verdict{again: true, broken: true, words: host + " refuses connections"}
	case dial.IsTLS(err):
		return verdict{again: true, broken: true, words: host + " has a certificate that is not trusted, or speaks no TLS: " + dial.TLSWords(err)}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op) && op.Timeout(), isTimeout(err):
		return verdict{again: true, broken: true, words: "no answer from " + host + " in " + millis(a.took)}
	}
	return verdict{again: true, broken: true, words: "the connection to " + host + " broke off before an answer"}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// millis writes how long something took: "52 ms", "1.3 s".
func millis(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// bytesOf writes a size: "312 B", "1.2 kB".
func bytesOf(n int, more bool) string {
	s := strconv.Itoa(n) + " B"
	if n >= 1000 {
		s = strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " kB"
	}
	if more {
		return "more than " + s
	}
	return s
}
