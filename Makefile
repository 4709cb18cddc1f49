SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 10000x

# The packages of make check. Go remembers those that passed and have not changed.
QUICK = $(shell go list ./... | grep -vE '/(internal/bench|cmd/parlor-bench|test/faults|test/sdkmodel|test/env/[a-z0-9]+)$$')

# SQLite's engine is C translated to Go, and under the race detector most of the tests' time
# went into it. It is left out, in its own package; the driver around it is watched, as is
# everything of ours.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false

# Tests of documents: nothing runs at once in them, and the servers that they start are
# programs of their own. All others are raced, those that take longest first.
PLAIN = ./api/... ./test/docs
RACED = $(filter-out $(shell go list $(PLAIN) $(SIDE)), $(shell go list ./test/... ./...))

# The tests of test/e2e are nearly half of all. Raced on both engines they take longer than the rest together, so
# they are raced on one, and run without that on the other. What is done on PostgreSQL alone is raced in the store,
# the service and the fault tests.
# With those of the bench they are as many as the others, beside which they run.
E2E = ./test/e2e
SIDE = $(E2E) ./internal/bench/...

# How many packages are tested at once beside those of SIDE. More make tests fail that hold a server to a time.
PACKAGES ?= $(shell echo $$((($(shell nproc) + 1) / 2)))

# One target after the other: each uses the whole machine by itself.
.NOTPARALLEL:

# The version is stamped in by name. Go's own stamping fails the build wherever
# git distrusts the folder, as in a container that mounts somebody else's.
BUILD := CGO_ENABLED=0 go build -trimpath -buildvcs=false

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build ./bin/parlor and ./bin/parlor-bench, static files
	$(BUILD) -ldflags "-s -w -X main.version=$(VERSION)" -o bin/ ./cmd/parlor ./cmd/parlor-bench

.PHONY: run
run: build ## build and run a server that keeps its data in ./data
	exec bin/parlor serve

.PHONY: demo
demo: build ## build and run a chat page with sample people, at http://127.0.0.1:8090
	@scripts/demo

.PHONY: cluster
cluster: build bin/nats-server ## run two nodes with PostgreSQL and NATS on this machine
	@scripts/cluster

.PHONY: setup
setup: ## install what the tests need (Debian), if it is missing
	@scripts/setup

# A build that is guided by a profile compiles all packages once more: no test needs one.

# Warm, it takes less than a minute. What it leaves out is in CONTRIBUTING.md.
.PHONY: check
check: export GOFLAGS = -pgo=off
check: bin/nats-server bin/versitygw lint ## lint, and the quick tests on SQLite: for while you work
	TEST_ENGINES=sqlite go test -short -vet=off $(QUICK)

# In order of how soon they fail. The linter has the checks of go vet.
.PHONY: test
test: ready lint unit typescript browser fuzz ## run all checks and tests, with nothing but this machine

.PHONY: ready
ready:
	@scripts/setup --check

.PHONY: unit
unit: export GOFLAGS = -pgo=off
unit: bin/nats-server bin/versitygw ## run the Go tests under the race detector, on both engines
	TEST_ENGINES= go test -vet=off -count=1 $(PLAIN)
	$(MAKE) side & side=$$!; failed=0; \
	TEST_ENGINES= CGO_ENABLED=1 go test -p=$(PACKAGES) $(RACE) -vet=off -count=1 -timeout=25m $(RACED) || failed=1; \
	wait $$side || failed=1; exit $$failed

.PHONY: side
side: # one half of unit, beside the other
	TEST_ENGINES= go test -skip '/^sqlite$$|//^sqlite$$' -vet=off -count=1 -timeout=20m $(E2E)
	TEST_ENGINES=sqlite CGO_ENABLED=1 go test $(RACE) -vet=off -count=1 -timeout=25m $(E2E)
	TEST_ENGINES= CGO_ENABLED=1 go test -p=1 $(RACE) -vet=off -count=1 -timeout=25m ./internal/bench/...

NPM_CI := npm ci --no-audit --no-fund --loglevel=error

.PHONY: typescript
typescript: build ## test the TypeScript client and the examples with it against ./bin/parlor
	cd web/client && $(NPM_CI) && npm test
	cd examples/orders-node && $(NPM_CI) && npm test
	cd examples/export && $(NPM_CI) && npm test

.PHONY: browser
browser: build ## run the unmodified web SDK in a real browser against ./bin/parlor
	cd web/e2e && $(NPM_CI) && npm test

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: lint
lint: bin/golangci-lint ## check style, mistakes and import rules
	bin/golangci-lint run ./...

.PHONY: fmt
fmt: bin/golangci-lint ## format the code
	bin/golangci-lint fmt

.PHONY: fuzz
fuzz: ## run each fuzz target FUZZTIME (10000x) times
	FUZZTIME=$(FUZZTIME) scripts/fuzz

.PHONY: bench
bench: build ## build and measure
	bin/parlor-bench

.PHONY: bench-compare
bench-compare: build ## compare with an older revision, BASE=REVISION, row by row
	@scripts/bench-compare $(BASE) $(COMPARE)

.PHONY: pgo
pgo: build ## profile a server at work, for go build to be guided by
	@scripts/pgo

.PHONY: vuln
vuln: bin/govulncheck ## look for known vulnerabilities (needs the network: vuln.go.dev)
	bin/govulncheck ./...

.PHONY: clean
clean: ## remove what was built, but not ./data
	rm -rf bin coverage coverage.*

# The tools' versions are pinned in tools/go.mod, apart from the server's own
# dependencies. The first builds of the linter and of the object
# store take minutes, later ones seconds.
bin/golangci-lint: TOOL = github.com/golangci/golangci-lint/v2/cmd/golangci-lint
bin/govulncheck: TOOL = golang.org/x/vuln/cmd/govulncheck
bin/nats-server: TOOL = github.com/nats-io/nats-server/v2
bin/versitygw: TOOL = github.com/versity/versitygw/cmd/versitygw
bin/golangci-lint bin/govulncheck bin/nats-server bin/versitygw: tools/go.mod tools/go.sum
	cd tools && $(BUILD) -o ../$@ $(TOOL)
