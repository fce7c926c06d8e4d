package configfile

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
)

// lint is the command that checks documents.
type lint struct {
	JSON  bool     `name:"json" help:"Print the findings as a JSON array."`
	Files []string `arg:"" name:"file" help:"Popup documents; - is the standard input."`
}

func (l *lint) run(ctx context.Context, t *terminal) int {
	exit := exitOK
	findings := []finding{}
	for i, file := range l.Files {
		if file == "-" && slices.Contains(l.Files[:i], "-") {
			continue
		}
		src, err := t.read(ctx, file)
		if err != nil {
			t.fail(file, err)
			exit = exitFault
			continue
		}
		for _, f := range check(file, src) {
			findings = append(findings, f)
			if f.Severity == screenpop.SeverityError {
				exit = exitFault
			}
		}
	}
	if l.JSON {
		if err := t.json(findings); err != nil {
			t.fail("standard output", err)
			return exitFault
		}
		return exit
	}
	for _, f := range findings {
		fmt.Fprintln(t.out, f)
	}
	return exit
}

// check returns the findings of a document, by their places.
func check(file string, src []byte) []finding {
	_, found := screenpop.ParseDocument(src)
	var all []finding
	for _, f := range found {
		all = append(all, finding{file, f})
	}
	return all
}

// json writes v for programs, in a form that people can read too.
func (t *terminal) json(v any) error {
	enc := json.NewEncoder(t.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
