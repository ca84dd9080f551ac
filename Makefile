# Works with GNU make (3.81 and later) and BSD make, alone or with -j.
# VENV=FOLDER takes another virtual environment, PYTHON=NAME the interpreter that makes it,
# ARGS="..." is handed to the command of demo, test, fast, bench and lock.

VENV = .venv
BIN = $(VENV)/bin
ARGS =
REPEAT = 1
# Compiled code is kept, whatever the environment says: the tests start hundreds of processes.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest
# Many tests wait for a process or a broker: two workers, each with its own broker.
SIDE_BY_SIDE = --numprocesses 2 --dist loadfile

.PHONY: help install demo test faults fast check static fix bench lock schemas packages clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

install: $(VENV)/.installed ## make .venv with everything in it (the others do so when needed)

demo: $(VENV)/.installed ## break a model, watch it heal: real Kafka, scorers, healer, producer
	$(BIN)/selfheal demo $(ARGS)

test: packages $(VENV)/.installed ## all tests, those on a real Kafka broker included
	$(PYTEST) $(SIDE_BY_SIDE) $(ARGS)

faults: packages $(VENV)/.installed ## kill and hang every process, REPEAT=N times each, and count what was lost
	REPEAT=$(REPEAT) $(PYTEST) tests/faults $(ARGS)

fast: static ## format, lint, types and the tests without a broker
	$(PYTEST) -m "not component" $(SIDE_BY_SIDE) $(ARGS)

check: static test ## all that CI runs: format, lint, types and all tests

static: $(VENV)/.installed ## format, lint and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python

fix: $(VENV)/.installed ## format, and mend what lint can mend by itself
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(VENV)/.installed ## messages a second beside the bare Kafka client (ARGS=--quick)
	$(BIN)/selfheal bench throughput $(ARGS)

lock: ## pin what pyproject.toml asks for in requirements.lock (needs uv; ARGS=--upgrade)
	uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-header --no-emit-index-url $(ARGS) \
	  --output-file requirements.lock

schemas: $(VENV)/.installed ## write docs/schemas from the record types
	$(BIN)/python -m selfheal.records.schemas docs/schemas

clean: ## remove .venv, caches and build leftovers
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis build dist ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

packages:
	@missing=$$(.ci/missing-packages); test -z "$$missing" || \
	  { echo "missing: sudo apt install" $$missing; exit 1; }

# --no-build-isolation: setuptools comes from the lock, so nothing unpinned is fetched.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || \
	  { python=$$(.ci/find-python) && echo "making $(VENV) with $$python" && "$$python" -m venv $(VENV); }
	$(BIN)/python -m pip install --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@
