# Everything a newcomer types. A fresh machine needs Python 3.11 or newer and make; the rest is fetched here.
SHELL := /bin/bash
.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
# uv installs in seconds what takes pip most of a minute; without it pip does the same.
INSTALL = ( $(PY) -m pip install -q uv 2>/dev/null && $(PY) -m uv pip install -q --python $(PY) -r $(1) ) || $(PY) -m pip install -q -r $(1)

.PHONY: help install install-dev demo stack test test-long mutation bench check messages screens requirements clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Jindou needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

.make/install: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the town needs"
	@$(call INSTALL,requirements.txt)
	@mkdir -p .make && touch $@

.make/install-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need"
	@$(call INSTALL,requirements-dev.txt)
	@mkdir -p .make && touch $@ .make/install

install: .make/install ## the virtual environment with what the town needs

install-dev: .make/install-dev ## the same, with what tests and checks need

demo: .make/install ## build the demo town on SQLite and serve it at http://127.0.0.1:8000 (PORT=…)
	@$(PY) tools/demo.py --port $(PORT)

stack: .make/install ## the demo on PostgreSQL and a broker (DATABASE_URL, CELERY_BROKER_URL), with real processes
	@$(PY) tools/stack.py --port $(PORT)

test: .make/install-dev ## all tests, on SQLite and on a real PostgreSQL
	@$(PY) tools/test.py $(ARGS)

test-long: .make/install-dev ## faults with their controls: servers and workers killed, disks full, long random histories
	@$(PY) tools/test_long.py $(ARGS)

mutation: .make/install-dev ## small changes to the ledger's code, each of which a test must notice (goes on where it stopped)
	@$(PY) tools/mutation.py --least 85 $(ARGS)

bench: .make/install-dev ## the ledger measured beside raw SQL, pgbench, django-hordak and a plain ORM ledger; writes docs/benchmarks.md
	@$(PY) -m tools.bench

check: .make/install-dev ## everything static: style, types, imports between rooms, migrations, translations, templates
	@$(PY) tools/check.py

messages: .make/install-dev ## collect the sentences of the product into locale/ and compile them
	@$(PY) tools/messages.py

screens: .make/install-dev ## pictures of the main pages, into docs/screens/ (needs Chromium and a Chinese font)
	@$(PY) tools/screens.py

requirements: .make/install-dev ## resolve requirements*.in again
	@$(PY) -m pip install -q uv
	@$(PY) -m uv pip compile -q --no-emit-index-url --universal --python-version 3.11 requirements.in -o requirements.txt
	@$(PY) -m uv pip compile -q --no-emit-index-url --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean: ## remove the virtual environment and everything built
	rm -rf $(VENV) .make var staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find locale -name '*.mo' -delete
