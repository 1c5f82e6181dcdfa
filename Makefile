# Each target says what it does; `make` alone lists them.
PYTHON ?= python3
BIN = .venv/bin
# Compiled once, and not by each process that the tests start.
export PYTHONDONTWRITEBYTECODE =

help:            ## lists the targets
	@grep -E '^[a-z]+: .*##' Makefile | sed 's/:.*##/\t/'

.venv/installed: requirements.lock requirements-dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: .venv/installed      ## installs, creates the database with the demonstration, serves on port 8000
	$(BIN)/grants demo
	$(BIN)/grants serve

test: .venv/installed lint  ## everything: linters, types, layers, all tests
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser"
	$(BIN)/pytest -n 2 --dist worksteal -m browser

lint: .venv/installed     ## ruff, mypy (strict), import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: .venv/installed     ## long concurrency, crash and fuzz runs (SOAK_SECONDS each, default 60)
	$(BIN)/pytest soak

bench: .venv/installed    ## measures speed and memory (see bench/README.md)
	$(BIN)/python -m bench

lock: .venv/installed     ## writes the lock files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

.PHONY: help run test lint soak bench lock
