package urltemplate

import (
	"net/netip"
	"strings"
)

// authority checks the host[:port] of a URL of that scheme and returns it as
// browsers write it: lower case, without the scheme's own port. A fault's offset
// counts from the beginning of s.
//
// What browsers and Go read differently is refused rather than interpreted:
// numbers and odd forms that browsers take for IPv4 addresses, characters they
// map to ASCII, percent-encoding, zones, trailing dots.
func authority(scheme, s string) (string, *Fault) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		return "", hostFault(i, "a user name before the host", "remove everything up to the @")
	}
	if f := oddCharacter(s); f != nil {
		return "", f
	}
	host, port, portOff := splitPort(s)
	host, f := checkHost(strings.ToLower(host))
	if f != nil {
		return "", f
	}
	if portOff < 0 {
		return host, nil
	}
	n := 0
	for i := range len(port) {
		if !isDigit(port[i]) || i > 4 {
			return "", hostFault(portOff, "the port "+quote(port), "write a number from 1 to 65535")
		}
		n = n*10 + int(port[i]-'0')
	}
	if n < 1 || n > 65535 {
		return "", hostFault(portOff, "the port "+quote(port), "write a number from 1 to 65535, or leave out the :")
	}
	if scheme == "https" && n == 443 || scheme == "http" && n == 80 {
		return host, nil
	}
	return host + ":" + itoa(n), nil
}

func hostFault(off int, msg, cure string) *Fault {
	return &Fault{Offset: off, Severity: SeverityError, Msg: msg, Cure: cure}
}

// oddCharacter refuses the first character that no host or port holds.
func oddCharacter(s string) *Fault {
	for i, r := range s {
		switch {
		case r == '\\':
			return hostFault(i, `a \, which browsers read as /`, "write /")
		case r == '%':
			return hostFault(i, "percent-encoding in the host", "write the host in plain letters")
		case r > 0x7e:
			return hostFault(i, "the character "+character(r)+" in the host", "write the host in its xn-- form, as the browser's address bar copies it")
		case r <= ' ' || strings.ContainsRune("\"'<>^`{|}!$&()*+,;=~", r):
			return hostFault(i, "the character "+character(r)+" in the host", "a host holds letters, digits, - and .")
		}
	}
	return nil
}

// splitPort cuts s at the colon of its port; portOff is -1 if there is none.
func splitPort(s string) (host, port string, portOff int) {
	from := strings.LastIndexByte(s, ']') + 1
	i := strings.IndexByte(s[from:], ':')
	if i < 0 {
		return s, "", -1
	}
	return s[:from+i], s[from+i+1:], from + i + 1
}

func checkHost(host string) (string, *Fault) {
	switch {
	case host == "":
		return "", hostFault(0, "no host", "write https:// and then the host, as https://crm.example.com/")
	case strings.ContainsAny(host, "[]"):
		return checkIPv6(host)
	case len(host) > 253:
		return "", hostFault(0, "a host of "+itoa(len(host))+" characters", "a host has at most 253")
	}
	off := 0
	for label := range strings.SplitSeq(host, ".") {
		if msg, cure := labelFault(label); msg != "" {
			return "", hostFault(off, msg, cure)
		}
		off += len(label) + 1
	}
	if looksNumeric(host[strings.LastIndexByte(host, '.')+1:]) {
		return checkIPv4(host)
	}
	return host, nil
}

func labelFault(label string) (msg, cure string) {
	switch {
	case label == "":
		return "an empty part in the host", "write one dot between the parts and none at the end"
	case len(label) > 63:
		return "a part of the host has " + itoa(len(label)) + " characters", "a part has at most 63"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "the part " + quote(label) + " of the host begins or ends with -", "correct the host's name"
	case strings.HasPrefix(label, "xn--") && !validPunycode(label[4:]):
		return "the part " + quote(label) + " of the host is not valid punycode", "copy the host from the browser's address bar"
	}
	return "", ""
}

// looksNumeric reports whether a host that ends in this part is an IPv4 address
// to a browser.
func looksNumeric(label string) bool {
	hex := strings.HasPrefix(label, "0x")
	for i := range len(label) {
		if c := label[i]; !isDigit(c) && !(hex && (i == 1 || c >= 'a' && c <= 'f')) {
			return false
		}
	}
	return true
}

func checkIPv4(host string) (string, *Fault) {
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return host, nil
	}
	return "", hostFault(0, "the host "+quote(host)+" is a number in an unusual form", "write a name, or an address as 192.0.2.1")
}

func checkIPv6(host string) (string, *Fault) {
	inner, ok := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	a, err := netip.ParseAddr(inner)
	if !ok || !closed || err != nil || !a.Is6() || a.Is4In6() || a.Zone() != "" {
		return "", hostFault(0, "the host "+quote(host)+" is no IPv6 address", "write it as [2001:db8::1], without a zone; an IPv4 address without brackets")
	}
	return "[" + a.String() + "]", nil
}
