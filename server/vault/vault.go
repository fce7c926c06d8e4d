// Package vault encrypts what only the server may read: the secrets of web
// requests. Its key lies in a file beside the database and never in it, so that a
// copy of the database gives nothing away.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// keyBytes is the size of the key: AES-256.
const keyBytes = 32

// FileName is the name of the key's file, beside the database.
const FileName = "secret-key"

// ErrSealed is what Open returns for bytes that this key has not sealed for this
// place: another key, another owner, or changed bytes.
var ErrSealed = errors.New("it was sealed with another key, or for another place")

// Vault seals and opens. It is safe for use by many goroutines. The key's file is
// made when something is sealed for the first time.
type Vault struct {
	path string

	mu   sync.Mutex // guards aead
	aead cipher.AEAD
}

// New returns a vault whose key lies in a folder.
func New(folder string) *Vault { return &Vault{path: filepath.Join(folder, FileName)} }

// Seal encrypts a text for a place: whose it is, and where it may go. Only Open
// with the very same place returns it.
func (v *Vault) Seal(text string, place ...string) ([]byte, error) {
	aead, err := v.key(true)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // never fails: crypto/rand ends the program instead
	return aead.Seal(nonce, nonce, []byte(text), bound(place)), nil
}

// Open returns a text that Seal has encrypted for the place.
func (v *Vault) Open(sealed []byte, place ...string) (string, error) {
	aead, err := v.key(false)
	if err != nil {
		return "", err
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return "", ErrSealed
	}
	text, err := aead.Open(nil, sealed[:n], sealed[n:], bound(place))
	if err != nil {
		return "", ErrSealed
	}
	return string(text), nil
}

// bound is a place as it is bound to what is sealed. Its parts hold no NUL.
func bound(place []string) []byte { return []byte(strings.Join(place, "\x00")) }

// key reads the key, and makes it where it may.
func (v *Vault) key(make bool) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.aead != nil {
		return v.aead, nil
	}
	key, err := readKey(v.path)
	if make && errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(v.path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the secrets: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	v.aead, err = cipher.NewGCM(block)
	return v.aead, err
}

func readKey(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if fi.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read %s; say chmod 600 to it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keyBytes {
		return nil, fmt.Errorf("%s holds no key; bring it back from where you keep it", path)
	}
	return key, nil
}

// makeKey writes a new key. It stands whole on the disk before anything is sealed
// with it: what is sealed with a key that is lost is lost.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, keyBytes)
	rand.Read(key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err == nil {
		err = f.Sync()
	}
	return key, errors.Join(err, f.Close(), syncFolder(filepath.Dir(path)))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// SecretPlace is the place of a tenant's secret: with another host it does not
// open.
func SecretPlace(tenant, name, host string) []string { return []string{"secret", tenant, name, host} }

// SigningPlace is the place of what a tenant's web requests are signed with.
func SigningPlace(tenant string) []string { return []string{"signing", tenant} }
