# Everything here sets itself up: a machine with Python 3.11 or later and make is enough.
#   make run              forecast the default programme          ARGS="--replications 1000" adds options
#   make test             lint, types, documentation, all tests   ARGS="tests/test_calendars.py" picks tests
#   make help             all targets

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
SCENARIO ?= scenarios/programme-2021.toml
ARGS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test lint format types docs docs-serve browser reference machine-code bench validate coverage mutate lock clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

.venv/ready: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "etablera needs Python 3.11 or later; install it or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv (the first time takes some minutes)" >&2
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --no-compile --require-hashes -r requirements.txt
	-@$(BIN)/python -m compileall -qq -j 0 .venv/lib  # on all cores, which pip does not; what is no module for this Python is left
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

run: .venv/ready  ## forecast the default programme
	$(BIN)/etablera run $(SCENARIO) $(ARGS)

test:  ## everything that must hold: lint, types, documentation, all tests
	@$(MAKE) --no-print-directory -j2 .venv/ready browser
	@$(MAKE) --no-print-directory -j2 machine-code lint docs
	$(BIN)/python -m pytest -q -n auto $(ARGS)

lint: .venv/ready types  ## style, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready  ## types alone
	$(BIN)/mypy

format: .venv/ready  ## put imports and layout in order
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

docs: .venv/ready  ## build the documentation into site/, strictly and with nothing from outside
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@! grep -rnoE --include='*.html' '<(script|link|img|iframe)[^>]* (src|href)="?(https?:)?//[^ >]*' site

docs-serve: .venv/ready  ## show the documentation while writing it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

reference: .venv/ready  ## write the generated pages and the shown outputs of the documentation anew
	$(BIN)/python scripts/renew_docs.py

browser:  ## Chromium for the report's tests, when CI=true or BROWSER=1
	@if test "$(CI)" = true || test -n "$(BROWSER)"; then sh scripts/browser.sh; fi

machine-code: .venv/ready  ## compile the engine now; a first run would do it
	@$(BIN)/python -m compileall -q sim
	@folder=$$(mktemp -d) && $(BIN)/etablera run $(SCENARIO) --replications 20 --quiet --out "$$folder"; status=$$?; rm -rf "$$folder"; exit $$status

bench: .venv/ready  ## measure speed
	$(BIN)/python benchmarks/bench.py $(ARGS)

validate: .venv/ready  ## write docs/validation.md anew
	$(BIN)/python scripts/validate.py $(ARGS)

coverage: .venv/ready machine-code  ## share of the branches that the tests take, by room; takes half an hour, ARGS="-n auto" less
	$(BIN)/python scripts/cover.py $(ARGS)

mutate: .venv/ready  ## mutation testing; takes hours, ARGS="calendars --most 20" less
	$(PIP) install cosmic-ray
	$(BIN)/python scripts/mutate.py $(ARGS)

lock: .venv/ready  ## pin anew after a change in pyproject.toml; UPGRADE=--upgrade takes newer versions too
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--no-strip-extras --quiet $(UPGRADE) --output-file requirements.txt

clean:  ## remove what can be made again, results excepted
	rm -rf .venv site build dist test-artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
