# Écluse. `make help` lists what can be asked; `make test` is the one that
# matters: on a fresh Debian machine with Go, git and make it installs what the
# tests need, then runs them all. Nothing is installed twice.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Absolute, because some recipes run inside the tools module.
BIN := $(CURDIR)/.cache/bin
HELM := $(BIN)/helm

# Two packages at a time: each may start a browser or a database of its own.
GOTEST := go test -p 2 -timeout 30m

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: packages tools/node_modules/.package-lock.json $(HELM) $(BIN)/staticcheck $(BIN)/gofumpt ## Install what the tests need (Debian and npm packages, Go tools)

.PHONY: lint
lint: $(BIN)/gofumpt $(BIN)/staticcheck vet ## Check formatting (gofumpt), then go vet and staticcheck
	@unformatted=$$(find . \( -name node_modules -o -name '.?*' \) -prune -o -name '*.go' -print0 | xargs -0 $(BIN)/gofumpt -l); \
	if [ -n "$$unformatted" ]; then printf 'gofumpt would change:\n%s\n' "$$unformatted"; exit 1; fi
	$(BIN)/staticcheck ./...
	cd tools && go vet ./... && $(BIN)/staticcheck ./...

.PHONY: test
test: setup vet chart scale libcrypto race ## Install what is missing and run every test

# The vet of the test run itself is off: `vet` above is the complete one.
.PHONY: race
race: ## Run the tests of the main module under the race detector
	$(GOTEST) -race -vet=off ./...

.PHONY: libcrypto
libcrypto: ## Test the build that signs through OpenSSL's libcrypto
	go vet -tags libcrypto ./internal/keys/...
	$(GOTEST) -vet=off -tags libcrypto ./internal/keys/...

# Under the race detector these play a tenth or nothing: reading a whole academy takes longer there than a view may be old.
.PHONY: scale
scale: ## Run what is large, without the race detector
	ECLUSE_SCALE=1 $(GOTEST) -vet=off -run OfAWholeAcademy ./internal/store/sqldb ./internal/attrs
	ECLUSE_SCALE=1 $(GOTEST) -vet=off -run ThatIsKilledIsWhole ./internal/app
	$(GOTEST) -vet=off -run 'TheCanaryAgrees|EverywhereTheSame' ./internal/app
	$(GOTEST) -vet=off -run 'TestEveryPageInEvery|TestEveryJourneyWithoutScript|TestStoriesOfTheDesk' ./internal/browsertest

# Products that are no tools of ours, and larger than them all: `make test` needs none. Never from the cache: Go does not see
# that one changed.
.PHONY: interop
interop: ## Install Shibboleth, mod_auth_mellon, SimpleSAMLphp and pysaml2, and have each sign in and out
	@scripts/setup-debian interop
	ECLUSE_INTEROP=1 $(GOTEST) -vet=off -count=1 ./internal/interop

# The walks of `make test`, in the other versions and in English too, and with pictures: 1500 or so, 200 MB.
.PHONY: album
album: setup ## Keep pictures of every page, wording, language, width and scheme: album/index.html
	rm -rf album
	ECLUSE_ALBUM="$(CURDIR)/album" $(GOTEST) -count=1 -run 'TestEveryPage|TestStories' ./internal/browsertest

.PHONY: bench
bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem -timeout 20m ./...

.PHONY: demo
demo: ## Run the demonstration on 127.0.0.1:8080 until Ctrl-C
	go run ./cmd/gateway demo

# Never from the cache: Go does not see that a template changed.
.PHONY: chart
chart: $(HELM) ## Lint and render the Helm chart, decode every object strictly
	cd tools && $(GOTEST) -count=1 ./charttest

.PHONY: clean
clean: ## Remove what make built or installed in this tree
	rm -rf .cache bin coverage tools/node_modules

# What follows has no line in help.

.PHONY: packages
packages:
	@scripts/setup-debian

.PHONY: vet
vet:
	go vet ./...

# npm writes this file last, so a broken install is done again.
tools/node_modules/.package-lock.json: tools/package.json tools/package-lock.json tools/.npmrc | packages
	cd tools && npm ci
	@touch $@

# Go leaves a binary alone when it would not change, hence touch. Helm takes
# minutes on a cold build cache, so nothing else rebuilds it.
$(BIN)/helm: PKG := helm.sh/helm/v3/cmd/helm
$(BIN)/staticcheck: PKG := honnef.co/go/tools/cmd/staticcheck
$(BIN)/gofumpt: PKG := mvdan.cc/gofumpt
$(BIN)/helm $(BIN)/staticcheck $(BIN)/gofumpt: tools/go.mod tools/go.sum
	cd tools && go build -trimpath -ldflags '-s -w' -o $@ $(PKG)
	@touch $@
