//go:build !js

package main

// Run is run, for tests.
var Run = run

// CompressForLimits returns the sizes that have limits; brotli at its best,
// which has none, would take a minute.
func CompressForLimits(raw []byte) (zst, gz int, err error) {
	sizes := map[string]int{}
	for _, e := range Encodings {
		if e.Ext == "br" {
			continue
		}
		b, err := e.pack(raw, true)
		if err != nil {
			return 0, 0, err
		}
		sizes[e.Ext] = len(b)
	}
	return sizes["zst"], sizes["gz"], nil
}
