package outbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// KeyPrefix begins a signing secret as people see it: the rest is base64.
const KeyPrefix = "whsec_"

// sign adds the headers of Standard Webhooks (standardwebhooks.com): the id is the
// same in every attempt, the time is this one's. While a secret is being renewed
// there is a signature by each.
func sign(h http.Header, id string, at time.Time, body string, keys [][]byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	var all []string
	for _, k := range keys {
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(id + "." + stamp + "." + body))
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if len(all) > 0 {
		h.Set("webhook-signature", strings.Join(all, " "))
	}
}
