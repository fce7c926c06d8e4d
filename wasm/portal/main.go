//go:build js && wasm

// Command portal is the browser's half of the portal: a program of its own, so
// that what admins use costs agents nothing.
package main

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/routes/portal"
)

func main() {
	portal.Register()
	goapp.RunWhenOnBrowser()
}
