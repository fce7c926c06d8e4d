//go:build !js

package home

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
)

const keyFile = "key"

// MakeKey makes a new key and keeps it.
func (f Folder) MakeKey() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	b, err := protect(key.Seed())
	if err != nil {
		return nil, fmt.Errorf("protect the key: %w", err)
	}
	if err := f.writeBytes(keyFile, b); err != nil {
		return nil, fmt.Errorf("keep the key: %w", err)
	}
	return key, nil
}

// Key returns the key.
func (f Folder) Key() (ed25519.PrivateKey, error) {
	path := f.file(keyFile)
	if err := judgeKey(path); err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	seed, err := unprotect(b)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("read the key: it is damaged; unpair and pair again")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
