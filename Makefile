# These targets are thin names over cargo, cargo-leptos and npx. `make` alone lists them; scripts/setup installs their
# tools.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL: # cargo uses all cores by itself
.DELETE_ON_ERROR:

# The project's own tools come first. The cargo home comes last, but it is named: where it is missing, rustup puts it
# first.
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/end2end/node_modules/.bin:$(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
unexport CARGO_TARGET_DIR # the recipes write target/

# `app` has one half for the server and one for the browser, and no cargo call may turn on both.
SERVER_SIDE := -p app -p server --features app/ssr
# cargo-leptos calls cargo for the page with the same flags, so that both share what is compiled.
BROWSER_SIDE := -p frontend --target wasm32-unknown-unknown --target-dir target/front --profile wasm-release

# The set-up installs what the named targets need, and runs once for all of them.
SETUP_FLAGS := $(if $(filter test e2e screenshots lighthouse web-vitals,$(MAKECMDGOALS)),--tests) $(if $(filter lint,$(MAKECMDGOALS)),--lint)

heading = @printf '\n== %s\n' "$(1)"

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install what is missing
	@scripts/setup $(SETUP_FLAGS)

.PHONY: run
run: build ## build for release and start: make run ARGS="--help"
	exec target/release/natter $(ARGS)

.PHONY: watch
watch: setup ## build, start, and do it again at every change
	cargo leptos watch

# -- building ----------------------------------------------------------------------------------------------------------

# The server's binary contains the files of the page, so they are made first.
.PHONY: build
build: page ## build target/release/natter
	$(call heading,server)
	cargo build --release -p server

# cargo-leptos writes target/site anew at every call, changed or not, and the server would be compiled again for it. So
# it is called only if a source is newer than this stamp, or a file of the page is (then `cargo leptos watch` has made a
# page for debugging), or the page is missing. Folders are listed with the files, since their times reveal removed
# files.
PAGE := target/front/page.stamp
PAGE_SOURCES := Cargo.toml Cargo.lock .cargo/config.toml scripts/bundle.mjs scripts/shrink.mjs $(shell find app frontend style public 2>/dev/null)
PAGE_FILES := $(sort target/site/pkg/natter.wasm $(wildcard target/site/pkg/*))

.PHONY: page
page: $(PAGE)

$(PAGE): $(PAGE_SOURCES) $(PAGE_FILES) .tools/rustc
	$(call heading,page)
	cargo leptos build --release --frontend-only --split
	@node scripts/bundle.mjs target/site/pkg
	@node scripts/shrink.mjs target/site/pkg
	@touch $@

$(PAGE_FILES):

# Both halves are built by the same compiler. The set-up writes this file when the compiler changes.
.tools/rustc: setup
	@:

# -- checking ----------------------------------------------------------------------------------------------------------

.PHONY: lint
lint: setup ## check the formatting, the lints, the modules, the style, the types of the tests, the spelling and the dependencies
	$(call heading,formatting)
	cargo fmt --all --check
	$(call heading,lints of the server)
	cargo clippy $(SERVER_SIDE) -p simulator -p bench --all-targets -- -D warnings
	$(call heading,lints of the page)
	cargo clippy $(BROWSER_SIDE) -- -D warnings
	$(call heading,circles of modules)
	scripts/circles
	$(call heading,names in the style)
	scripts/styles
	$(call heading,types of the browser tests)
	tsc -p end2end
	$(call heading,spelling)
	typos
	$(call heading,dependencies)
	cargo deny --log-level error check licenses bans sources

.PHONY: docs
docs: page ## build the documentation of the code: any warning is an error
	$(call heading,documentation)
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items $(SERVER_SIDE) -p simulator -p bench
	RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --document-private-items $(BROWSER_SIDE)

.PHONY: fmt
fmt: ## format the Rust code
	cargo fmt --all

.PHONY: test
test: unit schedules e2e ## run all tests
	$(call heading,counts)
	@awk '/^test result:/ { passed += $$4; failed += $$6; skipped += $$8 } \
		END { printf "Rust: %d passed, %d failed, %d skipped\n", passed, failed, skipped }' target/rust-tests.log
	@awk 'NF <= 3 && $$2 ~ /^(passed|failed|skipped)$$/ { count[$$2] = $$1 } \
		END { printf "Browser: %d passed, %d failed, %d skipped\n", count["passed"], count["failed"], count["skipped"] }' \
		target/browser-tests.log

.PHONY: unit
unit: page ## run the Rust tests
	$(call heading,Rust tests)
	cargo test $(SERVER_SIDE) -p bench 2>&1 | tee target/rust-tests.log

# The simulator is always built for release: only many schedules find something.
SIMULATOR := cargo run --quiet --release -p simulator --

.PHONY: schedules
schedules: page ## play 20,000 schedules of faults
	$(call heading,simulator)
	$(SIMULATOR) --schedules 20000

.PHONY: simulate
simulate: FIRST := $(shell od -An -N4 -tu4 /dev/urandom)
simulate: page ## play 1,000,000 new schedules of faults: make simulate SEED=42 replays one
	$(call heading,simulator)
	$(if $(SEED),,@printf 'make simulate FIRST=%s plays these again\n' $(FIRST))
	$(SIMULATOR) $(if $(SEED),--seed $(SEED),--schedules 1000000 --first $(FIRST))

.PHONY: mutants
mutants: page ## remove one rule after the other and see the simulator notice
	scripts/mutants

# The compiler accepts unstable options by RUSTC_BOOTSTRAP. The target needs cargo-fuzz and a C++ compiler.
.PHONY: fuzz
fuzz: ## try frames, names or markup of all kinds until it is stopped: make fuzz TARGET=markup
	RUSTC_BOOTSTRAP=1 cargo fuzz run --target-dir target/fuzz $(or $(TARGET),markup)

# The profile is that of the tests: a build for release takes longer than it saves.
.PHONY: torture
torture: page ## kill the server 200 times under load
	$(call heading,200 kills)
	KILLS=200 cargo test $(SERVER_SIDE) --test torture -- --nocapture kill_minus_nine

# The profile is release, since all clients run on the same cores as the server, and in a build for tests they would be
# the slow part.
.PHONY: blackout
blackout: page ## restart the server under 1,000 clients and print how long they are without it
	$(call heading,restart under 1000 clients)
	CLIENTS=1000 cargo test --release -p server --features app/ssr --test torture -- --nocapture from_a_restart

.PHONY: starts
starts: page ## fill stores with many rooms and messages and print what a start costs
	$(call heading,10000 rooms and 1000000 entries)
	ROOMS=10000 ENTRIES=1000000 $(STARTS)
	$(call heading,100000 rooms)
	ROOMS=100000 ENTRIES=100000 $(STARTS)

STARTS := cargo test --release $(SERVER_SIDE) --test torture -- --nocapture memory_of_a_start

.PHONY: searches
searches: page ## search among 1,000,000 messages and print how long that takes
	$(call heading,searches among 1000000 messages)
	ENTRIES=1000000 cargo test --release $(SERVER_SIDE) --test torture -- --nocapture found_among_many

# The figures mean something on a quiet machine only, and the ratios more than the figures.
.PHONY: bench
bench: build ## measure Natter beside an epoll loop and SQLite alone: make bench ARGS="--help"
	$(call heading,bench)
	cargo run --quiet --release -p bench -- $(ARGS)

.PHONY: e2e
e2e: build ## run the browser tests
	$(call heading,browser tests)
	cd end2end && npx playwright test 2>&1 | tee ../target/browser-tests.log

.PHONY: screenshots
screenshots: build ## take the README's pictures anew
	cd end2end && SCREENSHOTS=1 npx playwright test --grep @screenshots

.PHONY: lighthouse
lighthouse: build ## let Lighthouse judge the page as a slow phone sees it
	$(call heading,Lighthouse)
	cd end2end && node lighthouse.mjs

.PHONY: web-vitals
web-vitals: build ## time the page in the hand, on a processor four times slower
	$(call heading,web vitals)
	cd end2end && VITALS=1 npx playwright test --grep @vitals --workers 1

.PHONY: clean
clean: ## remove what was built
	cargo clean
	rm -rf end2end/test-results
