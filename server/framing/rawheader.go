package framing

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// maxRaw is how many bytes of raw header lines are read.
const maxRaw = 1 << 20

// response is what is known of one response. status is 0 without a status line.
type response struct {
	status int
	header http.Header
}

// redirects reports whether another response may follow this one.
func (r response) redirects() bool { return r.status < 200 || r.status >= 300 && r.status < 400 }

// readResponses reads raw header lines as browsers do. Blocks end at a blank line
// or at the next status line. What follows the header of a response that leads
// nowhere else is its body. Interim responses (1xx) are left out; without any
// line there is one response with no header.
func readResponses(r io.Reader) ([]response, error) {
	var all []response
	var block []string
	end := func() {
		if len(block) > 0 && (statusOf(block[0]) > 0 || slices.ContainsFunc(block, isHeader) && (len(all) == 0 || all[len(all)-1].redirects())) {
			all = append(all, parseBlock(block))
		}
		block = nil
	}
	lines := bufio.NewScanner(io.LimitReader(r, maxRaw))
	lines.Buffer(nil, maxRaw)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" || statusOf(line) > 0 {
			end()
		}
		if line != "" {
			block = append(block, line)
		}
	}
	end()
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read header lines: %w", err)
	}
	return final(all), nil
}

// final drops interim responses.
func final(all []response) []response {
	var kept []response
	for _, r := range all {
		if r.status == 0 || r.status >= 200 {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		kept = []response{{header: http.Header{}}}
	}
	return kept
}

// statusOf returns the number in a status line, 0 for another line.
func statusOf(line string) int {
	version, rest, ok := strings.Cut(line, " ")
	if !ok || !strings.HasPrefix(version, "HTTP/") {
		return 0
	}
	number, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 100 || n > 999 {
		return 0
	}
	return n
}

// isHeader reports whether the line begins as a header does, with a word and a
// colon.
func isHeader(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	return ok && isToken(strings.TrimRight(name, " \t"))
}

// isToken reports whether s is a word as HTTP has it.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// parseBlock reads header lines. A line that begins with white space belongs to
// the one before; one without a colon is nothing.
func parseBlock(lines []string) response {
	r := response{status: statusOf(lines[0]), header: http.Header{}}
	if r.status > 0 {
		lines = lines[1:]
	}
	last := ""
	for _, line := range lines {
		if line[0] == ' ' || line[0] == '\t' {
			if n := len(r.header[last]); n > 0 {
				r.header[last][n-1] += " " + strings.Trim(line, " \t")
			}
			continue
		}
		name, v, ok := strings.Cut(line, ":")
		if last = textproto.CanonicalMIMEHeaderKey(strings.TrimRight(name, " \t")); !ok || last == "" {
			last = ""
			continue
		}
		r.header[last] = append(r.header[last], strings.Trim(v, " \t"))
	}
	return r
}
