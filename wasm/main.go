//go:build js && wasm

// Command wasm is the browser's half of CRM Pop.
package main

import (
	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/routes"
)

func main() {
	routes.Register()
	goapp.RunWhenOnBrowser()
}
