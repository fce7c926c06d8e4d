# Everything this project does is a target here; `make help` lists them. Only
# Go, make and git are needed, npm for the portal's document editor (without it
# there is a plain field), and a Chromium for the end-to-end tests, which
# `make test` installs itself where it may.

LISTEN ?= 127.0.0.1:8000
DATA   ?= ./data
T      ?= 10s

GO       ?= go
GOFILES   = app server wasm web
WASMROOMS = ./app/... ./wasm/...
# Small before fast: what draws is not inlined, which makes the packed program 3 %
# smaller. The libraries of Go itself are; without that they would grow.
WASMFLAGS = -trimpath -ldflags='-s -w' -gcflags='github.com/...=-l'
# Rooms whose goroutines meet; none of them may import SQLite, whose Go
# translation takes many minutes under the race detector.
RACEROOMS = ./app/session ./app/wire ./app/companion/work ./app/companion/process ./server/hub ./server/companions

.PHONY: help run build wasm companion test unit race lint vet fmt e2e bench size screenshots fuzz chromium release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build, then serve the demo on LISTEN (127.0.0.1:8000), data in DATA (./data)
	bin/crmpop serve --demo --listen $(LISTEN) --data $(DATA)

build: wasm ## build bin/crmpop with all that it serves inside
	$(GO) build -trimpath -o bin/crmpop ./server

wasm: ## build the browser's half, the agents' and the portal's, and compress both quickly
	GOOS=js GOARCH=wasm $(GO) build $(WASMFLAGS) -o bin/app.wasm ./wasm
	GOOS=js GOARCH=wasm $(GO) build $(WASMFLAGS) -o bin/portal.wasm ./wasm/portal
	$(GO) run ./web/editor -web web
	$(GO) run ./web/pack -bin bin -web web -level fast

# The companion is built for every system on any of them, and stays below 12 MB.
# -darwin is for Macs with Apple's processors, -darwin-amd64 for those with Intel's.
companion: ## build bin/crmpop-companion, .exe, -darwin and -darwin-amd64, the program on the agents' PCs
	@for to in linux:amd64: windows:amd64:.exe darwin:arm64:-darwin darwin:amd64:-darwin-amd64; do \
		os=$${to%%:*}; arch=$${to#*:}; out=bin/crmpop-companion$${arch#*:}; arch=$${arch%:*}; echo "$(GO) build -o $$out ./app/companion"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags='-s -w' -o $$out ./app/companion || exit 1; \
		if [ $$(wc -c <$$out) -ge 12000000 ]; then echo "$$out has $$(wc -c <$$out) bytes, at most 12000000" >&2; exit 1; fi; \
	done

release: ## build bin/crmpop as for a release: compressed as far as it goes, takes minutes
	GOOS=js GOARCH=wasm $(GO) build $(WASMFLAGS) -o bin/app.wasm ./wasm
	GOOS=js GOARCH=wasm $(GO) build $(WASMFLAGS) -o bin/portal.wasm ./wasm/portal
	$(GO) run ./web/editor -web web
	$(GO) run ./web/pack -bin bin -web web -level best
	$(GO) build -trimpath -ldflags='-s -w' -o bin/crmpop ./server

test: chromium lint build unit race e2e ## everything that has to be green: format, vet, tests, wasm size, Chromium

unit: ## all tests but those in Chromium
	$(GO) test -timeout 15m $$($(GO) list ./... | grep -v '/server/e2e')

race: ## the rooms whose goroutines meet, under the race detector, if there is a C compiler
	@if [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC)" >/dev/null; then \
		echo "$(GO) test -race -short $(RACEROOMS)"; $(GO) test -race -short -timeout 10m $(RACEROOMS); \
	else echo "race detector: left out, there is no C compiler"; fi

lint: fmt vet ## format and vet, for this machine, the browser, and the companion's Windows and macOS

fmt:
	@bad=$$(gofmt -l $(GOFILES)); if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...
	GOOS=js GOARCH=wasm $(GO) vet $(WASMROOMS)
	GOOS=windows $(GO) vet ./app/companion/...
	GOOS=darwin $(GO) vet ./app/companion/...

e2e: chromium build ## the end-to-end tests in Chromium
	$(GO) test -timeout 20m -count=1 ./server/e2e

bench: chromium build ## every benchmark, each with the ratio to its baseline of the same run
	$(GO) test -run '^$$' -bench 'Store' -benchtime 2s ./server/store
	$(GO) test -run '^$$' -bench 'Search' -benchtime 200x -timeout 60m ./server/store
	$(GO) test -run '^$$' -bench 'Effective' ./server/dispatch
	$(GO) test -run '^$$' -bench 'Check' ./server/api
	$(GO) test -run '^$$' -bench 'StuckHost' -benchtime 3x -timeout 10m ./server/outbound
	$(GO) test -run '^$$' -bench 'Idle' -benchtime 1x -timeout 10m ./server/hub
	$(GO) test -run '^$$' -bench 'Idle' -benchtime 1x ./app/companion
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 10m ./server/e2e
	$(MAKE) size

size: wasm companion ## each program's size in each encoding, at the best level
	$(GO) run ./web/pack -bin bin -size
	@wc -c bin/crmpop-companion*

screenshots: chromium build ## draw the pictures in web/docs/img anew, from the running demo
	$(GO) test -timeout 5m -count=1 -run '^Test(Computer)?Screens$$' ./server/e2e -args -screens=$(CURDIR)/web/docs/img

fuzz: ## every fuzz target for T (10s)
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' app server | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$dir/*_test.go | cut -c6-); do \
			$(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(T) ./$$dir || exit 1; \
		done; \
	done

# CHROMIUM names the browser; otherwise it is looked for, and installed by the
# system's package manager where that needs no password.
FIND_CHROMIUM = for c in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable; do \
	if [ -n "$$c" ] && command -v "$$c" >/dev/null 2>&1; then echo "$$c"; break; fi; done

chromium: ## get a Chromium, if there is none
	@if [ -z "$$($(FIND_CHROMIUM))" ]; then \
		as=; if [ "$$(id -u)" != 0 ]; then as="sudo -n"; fi; \
		if [ -z "$$as" ] || sudo -n true 2>/dev/null; then \
			echo "no Chromium here: installing it"; \
			if command -v apt-get >/dev/null; then $$as apt-get update -q && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-liberation; \
			elif command -v dnf >/dev/null; then $$as dnf install -y -q chromium; \
			elif command -v apk >/dev/null; then $$as apk add -q chromium font-liberation; \
			elif command -v pacman >/dev/null; then $$as pacman -Sy --noconfirm --needed chromium; fi; \
		fi; \
		if [ -z "$$($(FIND_CHROMIUM))" ]; then \
			echo "no Chromium: install the package chromium, or set CHROMIUM=/path/to/a/browser, and run this again" >&2; exit 1; fi; \
	fi

clean: ## remove what was built; the demo's data stays
	rm -rf bin
	find web/dist -type f ! -name .gitkeep -exec rm -f {} +
