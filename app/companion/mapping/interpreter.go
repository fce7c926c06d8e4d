//go:build !js

package mapping

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// interpreters run what their arguments tell them. A mapping to one of them is
// refused until the administrator says that it is meant.
var interpreters = []string{
	"cmd", "powershell", "powershell_ise", "pwsh", "wscript", "cscript", "mshta", "rundll32", "regsvr32", "msiexec",
	"bash", "wsl", "forfiles", "pcalua", "conhost", "msbuild", "installutil", "certutil", "bitsadmin", "wmic",
	"sh", "ash", "dash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "env", "xargs", "sudo", "doas", "ssh",
	"python", "perl", "ruby", "node", "deno", "bun", "php", "lua", "tclsh", "awk", "gawk", "mawk", "sed", "find",
	"osascript", "open", "swift", "java", "dotnet", "make",
}

// metacharacters mean something to one shell or another. A % is among them, so an
// interpreter gets no argument in the form of a query.
const metacharacters = "&|<>^%!\"\n\r'`$;\\(){}*?~#"

// judgeInterpreter returns why an interpreter may not be used as it is mapped.
func (e *Entry) judgeInterpreter(goos string) error {
	name, is := interpreter(goos, e.Exe)
	switch {
	case !is && !e.Interpreter:
		return nil
	case !e.Interpreter:
		return fmt.Errorf("%s runs what its arguments say. Map the program itself, or write \"interpreter\": true and a pattern for each variable", name)
	}
	for _, a := range e.Args {
		if len(a.Query) > 0 {
			return errors.New(`args: an interpreter gets no "query", whose & and % it might act on; list {"var": …} instead`)
		}
		if a.Var != "" && e.Vars[a.Var] == nil {
			return fmt.Errorf("args: an interpreter needs a pattern for %q", a.Var)
		}
	}
	for name, pattern := range e.Vars {
		if r, lets := letsThrough(pattern.String()); lets {
			return fmt.Errorf("vars: the pattern of %q lets %q through, which an interpreter might act on", name, r)
		}
	}
	return nil
}

// interpreter names the interpreter that exe is, whatever version stands behind
// its name: python3.12 is python.
func interpreter(goos, exe string) (string, bool) {
	name := exe[strings.LastIndexAny(exe, `/\`)+1:]
	if goos == "windows" || goos == "darwin" { // file names there ignore case
		name = strings.ToLower(name)
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".exe"), ".com")
	bare := strings.TrimRight(name, "0123456789.-")
	return name, slices.Contains(interpreters, bare) || slices.Contains(interpreters, name)
}

// letsThrough returns a metacharacter that a text matching pattern may hold.
func letsThrough(pattern string) (rune, bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, true
	}
	for _, r := range metacharacters {
		if mayHold(re, r) {
			return r, true
		}
	}
	return 0, false
}

// mayHold reports whether some part of re matches r. It looks at no order of the
// parts, and so may say yes too often, never too rarely.
func mayHold(re *syntax.Regexp, r rune) bool {
	switch re.Op {
	case syntax.OpLiteral:
		return slices.Contains(re.Rune, r)
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] <= r && r <= re.Rune[i+1] {
				return true
			}
		}
		return false
	case syntax.OpAnyChar:
		return true
	case syntax.OpAnyCharNotNL:
		return r != '\n'
	}
	return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return mayHold(sub, r) })
}
