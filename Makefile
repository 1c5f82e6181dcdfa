# Each target says what it does; `make` alone lists them.
PYTHON ?= python3
PORT ?= 8000
BIN = .venv/bin
PIP = $(BIN)/pip --quiet --disable-pip-version-check
LOCK = $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --extra build pyproject.toml
# Compiled once, and not by each process that the tests start.
export PYTHONDONTWRITEBYTECODE =

help:            ## lists the targets
	@grep -E '^[a-z-]+: .*##' Makefile | sed 's/:.*##/\t/'

.venv/installed: requirements.lock requirements-dev.lock pyproject.toml
# Begun anew when the last try did not come to its end (Ctrl+C, python3-venv missing).
	test -e $@ && $(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

run: .venv/installed      ## installs, creates the database with the demonstration, serves (PORT=8000)
	$(BIN)/grants demo
	$(BIN)/grants serve --port $(PORT)

install:         ## installs what running needs, and no more, into .venv
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation .

wheel: .venv/installed    ## builds dist/grants-*.whl
	$(BIN)/hatchling build -t wheel

test: .venv/installed lint  ## everything: linters, types, layers, all tests
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser"
	$(BIN)/pytest -n 2 --dist worksteal -m browser

test-fast: .venv/installed  ## the tests alone, without those in browsers and those that take minutes
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser and not slow"

lint: .venv/installed     ## ruff, mypy (strict), import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: .venv/installed     ## long concurrency, crash and fuzz runs (SOAK_SECONDS each, default 60)
	$(BIN)/pytest soak

bench: .venv/installed    ## measures speed and memory (see bench/README.md)
	$(BIN)/python -m bench

lock: .venv/installed     ## writes the lock files anew from pyproject.toml
	$(LOCK) -o requirements.lock
	$(LOCK) --extra s3 -o requirements-s3.lock
	$(LOCK) --extra dev -o requirements-dev.lock

.PHONY: help run install wheel test test-fast lint soak bench lock
