package api

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strconv"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// maxPair is the largest request of a companion to be paired, in bytes.
const maxPair = 4 << 10

// maxPairText is the longest name in it, in characters.
const maxPairText = 100

// beginPairing takes in a companion that asks to be paired, and gives it the code
// that its agent types. Anybody may ask; nothing comes of it without an agent.
func (a *API) beginPairing(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		PublicKey string `json:"public_key"`
		Host      string `json:"host"`
		OS        string `json:"os"`
		OSUser    string `json:"os_user"`
		Version   string `json:"version"`
	}
	if err := readJSON(w, r, maxPair, &in); err != nil {
		return err
	}
	from := a.address(r)
	if wait, ok := a.pairLimits.Take("pair "+from.String()+in.Host, from); !ok {
		return errTooManyCodes(wait)
	}
	key, err := base64.RawURLEncoding.DecodeString(in.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return screenpop.Errorf(screenpop.CodeInvalid, "bad-companion",
			"public_key is no Ed25519 key; it is 32 bytes as base64url without padding").At("/public_key")
	}
	asks := store.Companion{PublicKey: key, Address: from.String()}
	for _, f := range []struct {
		name string
		in   string
		to   *string
	}{{"host", in.Host, &asks.Host}, {"os", in.OS, &asks.OS}, {"os_user", in.OSUser, &asks.OSUser}, {"version", in.Version, &asks.Version}} {
		if *f.to = plain(f.in); *f.to == "" || len([]rune(f.in)) > maxPairText {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-companion", "%s is a name of 1 to %d characters", f.name, maxPairText).At("/" + f.name)
		}
	}
	p, ok := a.pairings.begin(asks, a.o.Now())
	if !ok {
		return screenpop.Errorf(screenpop.CodeUnavailable, "unavailable", "too many companions ask to be paired at once; try again in some minutes")
	}
	return writeJSON(w, http.StatusCreated, map[string]any{"pairing_id": p.id, "user_code": p.code, "number": p.number,
		"expires_in": int(pairWait.Seconds()), "interval": int(pairInterval.Seconds())})
}

// pairingState tells a companion how its pairing stands.
func (a *API) pairingState(w http.ResponseWriter, r *http.Request) error {
	p := a.pairings.of(r.PathValue("pairing_id"), a.o.Now())
	out := map[string]any{"state": p.state}
	if p.state == pairConfirmed {
		if p.asks.ID == "" { // it is being written
			out["state"] = pairWaiting
		} else {
			out["companion_id"], out["agent"], out["agent_name"], out["tenant"] = p.asks.ID, p.by.Email, p.by.Name, p.tenant
		}
	}
	return writeJSON(w, http.StatusOK, out)
}

// connectCompanion opens a companion's socket. Browsers, which say from which page
// they come, have no business here.
func (a *API) connectCompanion(w http.ResponseWriter, r *http.Request) error {
	if len(r.Header.Values("Origin")) > 0 {
		return errOrigin
	}
	return a.o.Companions.Serve(w, r, a.address(r).String())
}

func errTooManyCodes(wait time.Duration) error {
	return &problem{
		fault:  screenpop.Errorf(screenpop.CodeRateLimited, "too-many-codes", "too many codes in a short time; try again in %v", wait),
		header: map[string]string{"Retry-After": strconv.Itoa(int(wait.Seconds()))},
	}
}
