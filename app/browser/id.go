package browser

import (
	"crypto/rand"
	"encoding/hex"
)

// NewID returns 128 random bits as 32 hexadecimal digits.
func NewID() string {
	var bits [16]byte
	rand.Read(bits[:]) // never fails: it ends the program instead
	return hex.EncodeToString(bits[:])
}
