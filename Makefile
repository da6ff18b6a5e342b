# make, make test, make demo: nothing but Go is needed. The first run downloads
# the modules, and lint the tools that tools/go.mod names.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT   ?= $(shell git rev-parse HEAD 2>/dev/null)
FUZZTIME ?= 30s
# Without what turns help into man pages and Markdown, which starts up for nothing.
TAGS     := urfave_cli_no_docs
BIN      := bin/kube-cert-audit

# The race detector needs a C compiler; without one, the tests run without it. By
# default it makes every process wait a second at its end.
CC   := $(shell for c in "$$CC" cc gcc clang; do command -v "$$c" && break; done)
RACE := $(if $(CC),CGO_ENABLED=1 CC=$(CC) GORACE=atexit_sleep_ms=0 go test -race,go test)

.PHONY: all build test demo lint golden fuzz bench corpus html-check screenshots

all: build test

build:
	CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)" -o $(BIN) ./cmd/kube-cert-audit

test:
	$(if $(CC),,@echo "no C compiler: testing without the race detector")
	$(RACE) ./...

demo: build
	$(BIN) demo

lint:
	@echo gofmt -l .; files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt is due: $$files"; exit 1; fi
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	go mod tidy -diff

# Only packages with golden files know the flag.
golden:
	go test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n 1 dirname | sort -u) -update

# FUZZTIME for each target; go test takes one at a time.
fuzz:
	@set -e; for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 50x $$package; \
		done; \
	done

bench:
	scripts/bench.sh

# CORPORA is a folder with one folder of files for each source.
corpus:
	@test -d "$(CORPORA)" || { echo "make corpus CORPORA=DIR: no such folder: $(CORPORA)"; exit 1; }
	KUBE_CERT_AUDIT_CORPORA="$(abspath $(CORPORA))" go test -v -count=1 -run '^TestReplay$$' ./internal/corpus
	KUBE_CERT_AUDIT_CORPORA="$(abspath $(CORPORA))" go test -count=1 -run '^TestNaughtyStrings$$' ./report

# Both take node, npm and Chromium: CHROMIUM says where it is, if not in /usr/bin.
html-check: build
	scripts/html-check.sh

screenshots: build
	scripts/screenshots.sh
