// Command recorder writes down how it was started, and when it ended.
package main

import (
	"encoding/json"
	"os"
	"time"
)

func main() {
	note := func(what string) {
		dir, _ := os.Getwd()
		line, err := json.Marshal(map[string]any{"what": what, "at": time.Now().UnixNano(), "args": os.Args[1:], "env": os.Environ(), "dir": dir})
		if err != nil {
			panic(err)
		}
		f, err := os.OpenFile(os.Getenv("RECORD"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil {
			panic(err)
		}
		if _, err := f.Write(append(line, '\n')); err != nil { // one write: lines of several recorders do not mix
			panic(err)
		}
	}
	note("start")
	if d, err := time.ParseDuration(os.Getenv("SLEEP")); err == nil {
		time.Sleep(d)
		note("end")
	}
}
