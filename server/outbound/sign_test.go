package outbound_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
)

// verify is what a receiver does, by the words of standardwebhooks.com.
func verify(key []byte, g received) bool {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(g.Header.Get("webhook-id") + "." + g.Header.Get("webhook-timestamp") + "." + g.Body))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, s := range strings.Fields(g.Header.Get("webhook-signature")) {
		if hmac.Equal([]byte(s), []byte(want)) {
			return true
		}
	}
	return false
}

func TestAReceiverCanVerifyTheSignature(t *testing.T) {
	crm := newCRM(t, nil)
	r := newRig(t, crm.URL, callsDoc, func(o *outbound.Options) {
		o.Keys = func(context.Context, string) ([][]byte, error) { return [][]byte{[]byte("new"), []byte("old")}, nil }
	})
	r.send(screenpop.Ringing, "c-1")
	l := r.letter(store.LetterSent)
	got := crm.received()[0]
	if !verify([]byte("new"), got) || !verify([]byte("old"), got) || verify([]byte("other"), got) {
		t.Errorf("signatures %q", got.Header.Get("webhook-signature"))
	}
	if got.Header.Get("webhook-id") != l.PopID {
		t.Errorf("id %q of pop %q", got.Header.Get("webhook-id"), l.PopID)
	}
	at, err := strconv.ParseInt(got.Header.Get("webhook-timestamp"), 10, 64)
	if age := time.Since(time.Unix(at, 0)); err != nil || age < -time.Second || age > time.Minute {
		t.Errorf("timestamp %q", got.Header.Get("webhook-timestamp"))
	}
}

// The first vector of the specification's own tests.
func TestTheSignatureIsTheSpecifications(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	must(t, err)
	h := outbound.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`, key)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; h.Get("webhook-signature") != want {
		t.Errorf("signature %q, want %q", h.Get("webhook-signature"), want)
	}
}
