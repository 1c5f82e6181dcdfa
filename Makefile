# Each target says what it does; `make` alone lists them.
PYTHON ?= python3
PORT ?= 8000
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/pip --quiet --disable-pip-version-check
LOCK = $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --extra build pyproject.toml
# Compiled once, and not by each process that the tests start.
export PYTHONDONTWRITEBYTECODE =

help:            ## lists the targets
	@grep -E '^[a-z-]+: .*##' Makefile | sed 's/:.*##/\t/'

$(VENV)/installed: requirements.lock requirements-dev.lock pyproject.toml
# Begun anew when the last try did not come to its end (Ctrl+C, python3-venv missing).
	test -e $@ && $(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

run: $(VENV)/installed      ## installs, creates the database with the demonstration, serves (PORT=8000)
	$(BIN)/grants demo
	$(BIN)/grants serve --port $(PORT)

install:         ## installs what running needs, and no more, into .venv
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation .

wheel: $(VENV)/installed    ## builds dist/grants-*.whl
	$(BIN)/hatchling build -t wheel

test: $(VENV)/installed  ## everything: linters, types, layers, all tests
	$(MAKE) -j 2 lint tests

# Those that share a server or a browser (xdist_group) go to one process.
tests: $(VENV)/installed
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/e2e
	$(BIN)/pytest -n 2 --dist loadgroup tests/e2e

test-fast: $(VENV)/installed  ## within a minute: without browsers, PostgreSQL and what takes long
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/e2e -m "not slow and not postgresql"

# The next Python of Debian; in an environment of its own.
test-next:       ## all tests with python3.13
	$(MAKE) test PYTHON=python3.13 VENV=.venv-next

# Paris is ahead of UTC, years and Februaries end, clocks change: tests of days, at such instants. On
# SQLite alone: Python counts the days, either database keeps instants in UTC.
DATED = $(shell grep -rlE 'today|timedelta|now\(\)' tests --include='test_*.py')
INSTANTS = 2026-06-30T23:30 2026-12-31T23:30 2028-02-29T12:00 2028-02-29T23:30 \
	2027-03-28T00:59 2027-03-28T01:01 2027-10-31T00:59 2027-10-31T01:01
test-dates: $(VENV)/installed  ## the tests of days, at odd instants
	for at in $(INSTANTS); do \
	  echo "$$at UTC"; TESTS_BEGIN=$$at \
	  $(BIN)/pytest -n 2 --dist worksteal -m "not browser and not slow and not postgresql" $(DATED) || exit 1; \
	done

lint: $(VENV)/installed     ## ruff, mypy (strict), import-linter; types of the scripts where npm is
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v npm >/dev/null && { test node_modules/.package-lock.json -nt package-lock.json \
	  || npm ci --silent --no-audit --no-fund; }; \
	then node_modules/.bin/tsc; else echo "scripts not type-checked: no npm, or no package"; fi

soak: $(VENV)/installed     ## long concurrency, crash and fuzz runs (SOAK_SECONDS each, default 60)
	$(BIN)/pytest soak

# In parts: make mutants OF="grants.domain.money* grants.domain.decisions*"; one: mutmut show NAME.
OF = *
mutants: $(VENV)/installed  ## changes the code that decides, bit by bit: a test must fail each time
	nice $(BIN)/python -P tests/mutation.py $(foreach part,$(OF),'$(part)')

bench: $(VENV)/installed    ## measures speed and memory (see bench/README.md)
	$(BIN)/python -m bench

lock: $(VENV)/installed     ## writes the lock files anew from pyproject.toml
	$(LOCK) -o requirements.lock
	$(LOCK) --extra s3 -o requirements-s3.lock
	$(LOCK) --extra dev -o requirements-dev.lock

.PHONY: help run install wheel test tests test-fast test-next test-dates lint soak mutants bench lock
