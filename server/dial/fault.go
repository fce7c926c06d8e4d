package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
)

// IsTLS reports whether a connection failed for the sake of its encryption.
func IsTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

// TLSWords says in a few words what is wrong with the encryption.
func TLSWords(err error) string {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "it is for another name"
	case errors.As(err, &unknown):
		return "nobody known has signed it"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has run out"
	case errors.As(err, &invalid):
		return "it is not valid"
	}
	return "no connection came about"
}
