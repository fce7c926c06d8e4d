// Package routes is the one table of pages: the server asks it what to prerender
// and the wasm what to run, so that the two can never differ.
package routes

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/workspace"
)

// Register tells go-app every page. Both mains call it once, before anything is
// served or run.
func Register() {
	desk := workspace.NewDesk()
	goapp.Route("/", func() goapp.Composer { return &workspace.Workspace{Desk: desk} })
}

// BuildEnv names the version of the page in the environment that the page sees.
const BuildEnv = "CRMPOP_BUILD"

// Handler returns the handler of the pages of Register and of the scripts that
// start them. version is the hash over all that browsers load; workerTemplate is
// the text of web/js/worker.js. The files below /web/ are served elsewhere; their
// addresses carry "?v=" and the version. Set WasmContentLength to the size of the
// decoded wasm before the first request, or progress is not shown right.
func Handler(version, workerTemplate string) *goapp.Handler {
	return &goapp.Handler{
		Name:            "CRM Pop",
		ShortName:       "CRM Pop",
		Title:           "CRM Pop",
		Description:     "Opens the right CRM page for every call, chat, e-mail and social message.",
		Lang:            "en",
		LoadingLabel:    "Starting… {progress} %",
		ThemeColor:      "#f4f5f7",
		BackgroundColor: "#f4f5f7",
		Version:         version,
		Icon: goapp.Icon{
			Default:  "/web/icons/icon-192.png",
			Large:    "/web/icons/icon-512.png",
			SVG:      "/web/icons/icon.svg",
			Maskable: "/web/icons/maskable-512.png",
		},
		Styles: []string{
			"/web/css/tokens.css", "/web/css/base.css", "/web/css/icons.css", "/web/css/workspace.css",
		},
		Scripts:               []string{"/web/js/watchdog.js defer", "/web/js/count.js defer"},
		Env:                   map[string]string{BuildEnv: version},
		Resources:             versioned(version),
		ServiceWorkerTemplate: workerTemplate,
	}
}

// versioned puts the version into the addresses of files, so that a file that is
// kept by a browser can never be taken for a newer one.
type versioned string

// Resolve returns the address of a file.
func (v versioned) Resolve(location string) string {
	file := strings.HasPrefix(location, "/web/") && !strings.HasSuffix(location, "/")
	if !file {
		return location
	}
	return location + "?v=" + string(v)
}
