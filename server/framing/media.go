package framing

import (
	"mime"
	"slices"
	"strings"
)

// notShown says why a browser does not show an answer in the workspace's frame
// although its headers let it: it is saved, or needs a viewer that sandboxed
// frames have not.
func notShown(a answer) (why string, is bool) {
	sent := strings.Join(values(a.header, "Content-Type"), ", ")
	media, _, err := mime.ParseMediaType(sent)
	switch {
	case sent == "" || err != nil: // the browser looks at the body
		return "", false
	case media == "application/pdf":
		return "refused: " + a.where() + " is a PDF, which browsers do not show in a sandboxed frame", true
	case isShown(media):
		return "", false
	}
	return "refused: " + a.where() + " is of the type " + clip(media, 60) + ", which browsers save and do not show", true
}

func isShown(media string) bool {
	kind, sub, _ := strings.Cut(media, "/")
	switch kind {
	case "text":
		return !slices.Contains(savedTexts, sub)
	case "image", "audio", "video", "multipart":
		return true
	}
	return strings.HasSuffix(sub, "+xml") || strings.HasSuffix(sub, "+json") || slices.Contains(shownPrograms, sub)
}

// What browsers save of text/…, and show of application/….
var (
	savedTexts    = []string{"calendar", "comma-separated-values", "csv", "directory", "ldif", "rtf", "tab-separated-values", "tsv", "vcard", "x-vcard", "x-csv"}
	shownPrograms = []string{"ecmascript", "javascript", "json", "x-javascript", "xml"}
)
