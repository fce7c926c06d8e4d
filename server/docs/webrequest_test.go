package docs_test

import (
	"testing"

	"github.com/crmpop/crmpop/server/outbound"
)

// The answers that the manual shows to those who write them are taken.
func TestEveryReplyOpensPages(t *testing.T) {
	found := 0
	for _, page := range blocks(t) {
		for _, b := range page {
			if b.info != "json reply" {
				continue
			}
			found++
			pages, left, err := outbound.ReadReply([]byte(b.text), func(host string) bool { return host == "crm.example.com" })
			if err != nil || len(left) > 0 || len(pages) == 0 {
				t.Errorf("%s: %v, %q, %v", b, pages, left, err)
			}
		}
	}
	if found == 0 {
		t.Error("the manual shows no answer")
	}
}
