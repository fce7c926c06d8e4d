//go:build !js

package mapping_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmpop/crmpop/app/companion/mapping"
	"github.com/crmpop/crmpop/app/wire"
)

func TestArgumentsAreExact(t *testing.T) {
	long := strings.Repeat("7", 129)
	for _, c := range []struct {
		name, rest string
		vars       []wire.CompanionVar
		want       []string
		err        string
	}{
		{"the seed's form", ``, vars("anum", "2149", "queue_key", "sales"), []string{"anum=2149&queue_key=sales"}, ""},
		{"injection", ``, vars("anum", "1&queue_key=x", "queue_key", "sales"), []string{"anum=1%26queue_key%3Dx&queue_key=sales"}, ""},
		{"shell", ``, vars("anum", "$(reboot)`x`;\"'|<>"), []string{"anum=%24%28reboot%29%60x%60%3B%22%27%7C%3C%3E"}, ""},
		{"option in a query", ``, vars("-x", "1", "/S", "-y"), []string{"%2Dx=1&%2FS=-y"}, ""},
		{"spaces, plus and percent", ``, vars("a", "+47 22%"), []string{"a=%2B47%2022%25"}, ""},
		{"letters beyond ASCII", ``, vars("name", "Åse"), []string{"name=%C3%85se"}, ""},
		{"no variables", ``, nil, nil, ""},
		{"empty value", ``, vars("anum", ""), []string{"anum="}, ""},
		{"listed", `, "args": [{"query": ["queue_key", "anum"]}]`, vars("anum", "1", "x", "2"), []string{"queue_key=&anum=1"}, ""},
		{"literal and bare", `, "args": ["-n", {"var": "anum"}, ""]`, vars("anum", "+47 22 33"), []string{"-n", "+47 22 33", ""}, ""},
		{"bare that is an option", `, "args": [{"var": "anum"}]`, vars("anum", "-rf"), nil, "begins with -, as an option does"},
		{"bare that is a Windows option", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": ".*"}}`, vars("anum", "/S"), nil, "begins with /, as an option does"},
		{"bare that is not plain", `, "args": [{"var": "anum"}]`, vars("anum", "1&2"), nil, "holds more than letters"},
		{"bare that is long", `, "args": [{"var": "anum"}]`, vars("anum", long), nil, "longer than 128"},
		{"bare that is missing", `, "args": [{"var": "anum"}]`, vars("x", "1"), nil, "is missing or empty"},
		{"bare with a pattern", `, "args": [{"var": "anum"}], "vars": {"anum": {"pattern": "[0-9&]+"}}`, vars("anum", "1&2"), []string{"1&2"}, ""},
		{"pattern is of the whole", `, "vars": {"anum": {"pattern": "[0-9]+|x"}}`, vars("anum", "12a"), nil, "does not match its pattern"},
		{"pattern and a newline at the end", `, "vars": {"anum": {"pattern": "(?m)[0-9]+$"}}`, vars("anum", "12\n"), nil, "control character"},
		{"pattern of an unused variable", `, "args": ["x"], "vars": {"anum": {"pattern": "[0-9]+"}}`, vars("anum", "a"), nil, "does not match its pattern"},
		{"NUL", ``, vars("anum", "1\x00"), nil, "control character"},
		{"newline", ``, vars("anum", "1\n2"), nil, "control character"},
		{"C1", ``, vars("anum", "\u009b31m"), nil, "control character"},
		{"control character in a name", ``, vars("a\n", "1"), nil, "control character"},
		{"not UTF-8", ``, vars("anum", "\xff"), nil, "control character"},
		{"200 KiB", ``, vars("anum", strings.Repeat("1", 200<<10)), nil, "204800 bytes, at most 4096"},
		{"too much when encoded", ``, vars("anum", strings.Repeat("&", 2000)), nil, "more than 4096 bytes"},
		{"too much together", ``, vars("a", strings.Repeat("1", 3000), "b", strings.Repeat("1", 3000)), nil, "more than 4096 bytes"},
		{"twice", ``, vars("a", "1", "a", "2"), nil, "came twice"},
		{"without a name", ``, vars("", "1"), nil, "a name has 1 to 64 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := find(t, "linux", `{"a": {"exe": "/opt/a"`+c.rest+`}}`, "a")
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Argv(c.vars)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("argv %q, want %q", got, c.want)
			}
		})
	}
}

func TestTooManyVariablesAreRefused(t *testing.T) {
	e, err := find(t, "linux", `{"a": "/opt/a"}`, "a")
	if err != nil {
		t.Fatal(err)
	}
	var many []wire.CompanionVar
	for i := range 65 {
		many = append(many, wire.CompanionVar{Name: strings.Repeat("x", i+1)})
	}
	if _, err := e.Argv(many); err == nil {
		t.Error("65 variables are taken")
	}
}

// Whatever a caller is called: the arguments are as many as listed, the query's
// variables are those that came, none begins like an option, and all decodes to
// what came.
func FuzzArgv(f *testing.F) {
	f.Add("anum", "1&queue_key=x", "name", "-rf /")
	f.Add("-x", "%00", "/S", "Åse\u202e")
	f.Add("a=b", "\"'`$(x)", "a", " ")
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2 string) {
		c, err := mapping.Decode([]byte(`{"a": {"exe": "/opt/a", "args": [{"query": ["*"]}, "-fixed", {"var": "anum"}]}}`), "x", "linux")
		if err != nil {
			t.Fatal(err)
		}
		e, err := c.Find("a")
		if err != nil {
			t.Fatal(err)
		}
		sent := []wire.CompanionVar{{Name: n1, Value: v1}, {Name: n2, Value: v2}, {Name: "anum", Value: v1}}
		argv, err := e.Argv(sent)
		if err != nil {
			return
		}
		if len(argv) != 3 || argv[1] != "-fixed" || argv[2] != v1 {
			t.Fatalf("argv %q", argv)
		}
		for _, a := range []string{argv[0], argv[2]} {
			if strings.HasPrefix(a, "-") || strings.HasPrefix(a, "/") || !utf8.ValidString(a) || strings.ContainsAny(a, "\x00\n\r") {
				t.Fatalf("argument %q", a)
			}
		}
		pairs := strings.Split(argv[0], "&")
		if len(pairs) != len(sent) {
			t.Fatalf("%d variables in %q, want %d", len(pairs), argv[0], len(sent))
		}
		for i, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			n, err1 := url.PathUnescape(name)
			v, err2 := url.PathUnescape(value)
			if err1 != nil || err2 != nil || n != sent[i].Name || v != sent[i].Value {
				t.Fatalf("%q decodes to %q=%q, want %+v", pair, n, v, sent[i])
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"a": {"exe": "/opt/a", "args": [{"var": "x"}], "vars": {"x": {"pattern": "[0-9]+"}}}}`)
	f.Add(`{"a": "c:\\windows\\ddesend.exe"}`)
	f.Fuzz(func(t *testing.T, src string) {
		for _, goos := range []string{"linux", "windows"} {
			c, err := mapping.Decode([]byte(src), "x", goos)
			if err != nil {
				continue
			}
			for _, e := range c.Entries {
				if _, err := c.Find(e.Name); err != nil {
					continue
				}
				exe := strings.ToLower(e.Exe)
				if goos == "windows" && !strings.HasSuffix(exe, ".exe") && !strings.HasSuffix(exe, ".com") || goos == "linux" && !strings.HasPrefix(exe, "/") {
					t.Fatalf("%s: %q may be started", goos, e.Exe)
				}
			}
		}
	})
}
