package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/crmpop/crmpop/server/api"
)

// openAPI is as much of the description as the test compares.
type openAPI struct {
	OpenAPI    string                                `json:"openapi"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas    map[string]json.RawMessage `json:"schemas"`
		Responses  map[string]json.RawMessage `json:"responses"`
		Parameters map[string]json.RawMessage `json:"parameters"`
	} `json:"components"`
}

type operation struct {
	OperationID string                     `json:"operationId"`
	Summary     string                     `json:"summary"`
	Security    []map[string][]string      `json:"security"`
	Responses   map[string]json.RawMessage `json:"responses"`
	Parameters  []struct {
		Ref  string `json:"$ref"`
		Name string `json:"name"`
		In   string `json:"in"`
	} `json:"parameters"`
}

func readOpenAPI(t *testing.T) (openAPI, string) {
	t.Helper()
	a := open(t).do("GET", "/api/v1/openapi.json", "")
	var doc openAPI
	if err := json.Unmarshal(a.body, &doc); err != nil || a.StatusCode != 200 {
		t.Fatalf("openapi.json: %d, %v", a.StatusCode, err)
	}
	return doc, string(a.body)
}

func TestOpenAPIDescribesEveryRouteAndNoOther(t *testing.T) {
	doc, _ := readOpenAPI(t)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi = %q, want 3.1.0", doc.OpenAPI)
	}
	var described []string
	for path, ops := range doc.Paths {
		for method := range ops {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range api.Routes() {
		if !slices.Contains(described, r) {
			t.Errorf("%s is not described", r)
		}
	}
	for _, r := range described {
		if !slices.Contains(api.Routes(), r) {
			t.Errorf("%s is described and no route", r)
		}
	}
}

func TestOpenAPIOperationsAreWhole(t *testing.T) {
	doc, _ := readOpenAPI(t)
	ids := map[string]string{}
	for path, ops := range doc.Paths {
		for method, raw := range ops {
			name := strings.ToUpper(method) + " " + path
			var op operation
			if err := json.Unmarshal(raw, &op); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if op.OperationID == "" || ids[op.OperationID] != "" || op.Summary == "" || len(op.Responses) < 2 || op.Responses["default"] == nil {
				t.Errorf("%s lacks its own operationId, a summary, or responses", name)
			}
			ids[op.OperationID] = name
			if got, want := scopeIn(op), api.Scopes()[name]; got != want {
				t.Errorf("%s: described scope %q, want %q", name, got, want)
			}
			if got, want := strings.Count(path, "{"), pathParameters(op); got != want {
				t.Errorf("%s: %d parameters in the path, %d described", name, got, want)
			}
		}
	}
}

func scopeIn(op operation) string {
	for _, s := range op.Security {
		if scopes, ok := s["key"]; ok && len(scopes) == 1 {
			return scopes[0]
		}
	}
	return ""
}

func pathParameters(op operation) int {
	n := 0
	for _, p := range op.Parameters {
		if p.In == "path" || p.Ref != "" {
			n++
		}
	}
	return n
}

func TestOpenAPIReferencesLeadSomewhere(t *testing.T) {
	doc, text := readOpenAPI(t)
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, `"$ref": "#/components/`)
		if !ok {
			return
		}
		ref, _, _ := strings.Cut(after, `"`)
		kind, name, _ := strings.Cut(ref, "/")
		there := map[string]map[string]json.RawMessage{"schemas": doc.Components.Schemas, "responses": doc.Components.Responses,
			"parameters": doc.Components.Parameters}[kind][name]
		if there == nil {
			t.Errorf("the reference to %s leads nowhere", ref)
		}
		rest = after
	}
}
