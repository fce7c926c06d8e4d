package store_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// fill gives every field that v holds a value of its own, so that a field which
// the encoder does not know is missed. odd puts characters into texts that need
// escaping.
func fill(v reflect.Value, odd string, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(odd + string(rune('a'+*n%26)) + string(rune('a'+*n/26%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{odd + "k": odd + "v", "k2": ""}))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), odd, n)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 10, *n%60, 0, 123456789, time.FixedZone("CET", 3600))))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), odd, n)
		}
	default:
		panic("no value for " + v.Type().String())
	}
}

var oddTexts = []string{"", `quote " and \ back`, "line\nbreak\ttab\x00", "ø 日本 \u2028 😀", "</script>&", "\x7f"}

func roundTrip[T any](t *testing.T, name string, encode func(T) string, blank func(*T)) {
	t.Helper()
	for _, odd := range oddTexts {
		var in, out, zero T
		n := 0
		fill(reflect.ValueOf(&in).Elem(), odd, &n)
		blank(&in)
		if err := json.Unmarshal([]byte(encode(in)), &out); err != nil {
			t.Fatalf("%s with %q: %v in %s", name, odd, err, encode(in))
		}
		if diff := cmp.Diff(in, out); diff != "" {
			t.Errorf("%s with %q (-in +out):\n%s", name, odd, diff)
		}
		if err := json.Unmarshal([]byte(encode(zero)), &out); err != nil {
			t.Errorf("empty %s: %v in %s", name, err, encode(zero))
		}
	}
}

func TestWhatIsStoredHasEveryField(t *testing.T) {
	roundTrip(t, "event", store.EncodeEvent, func(*screenpop.Event) {})
	roundTrip(t, "request", store.EncodeRequest, func(*screenpop.Request) {})
	roundTrip(t, "decisions", func(d struct{ All []store.Decision }) string { return `{"All":` + store.EncodeDecisions(d.All) + `}` },
		func(*struct{ All []store.Decision }) {})
	roundTrip(t, "pop", store.EncodePop, func(p *screenpop.Pop) {
		// These have columns of their own, or are counted when the pop is sent.
		p.ID, p.RequestID, p.AgentID, p.State, p.ClaimedBy, p.TTLms, p.Receipts = "", "", "", "", "", 0, nil
	})
}

func FuzzEncodedTextIsReadBack(f *testing.F) {
	for _, s := range oddTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want, got screenpop.Event
		plain, err := json.Marshal(screenpop.Event{ID: s, Request: screenpop.RequestReport{Variables: map[string]string{s: s}}})
		if err != nil {
			t.Skip(err)
		}
		if err := json.Unmarshal(plain, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(store.EncodeEvent(screenpop.Event{ID: s, Request: screenpop.RequestReport{Variables: map[string]string{s: s}}})), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-encoding/json +ours):\n%s", s, diff)
		}
	})
}
