package screenpop_test

import (
	"os"
	"path/filepath"
	"testing"
)

// goldenDocuments returns the documents of testdata/popup by their names.
func goldenDocuments(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/popup/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(file)] = src
	}
	return all
}
