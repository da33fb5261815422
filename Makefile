# Maru's commands. `make` lists them. Everything is installed into .venv, and again only when a
# requirements file changes. Another Python: make install PYTHON=python3.12

SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c "$(SUITABLE)" 2>/dev/null && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
PYTEST_ARGS ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test test-all test-slow check format bench screenshots audit docs clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.runtime ## make .venv with what Maru needs
install-dev: $(VENV)/.dev ## the same, and what test and check need

run: install ## serve the chat page (ARGS="--port 8000")
	$(PY) -m app serve $(ARGS)

test: install-dev ## the tests, without the slow ones (PYTEST_ARGS="-k store")
	$(PY) -m pytest -m "not slow" $(PYTEST_ARGS)

test-all: install-dev ## all tests
	$(PY) -m pytest $(PYTEST_ARGS)

test-slow: install-dev ## only the slow tests
	$(PY) -m pytest -m slow $(PYTEST_ARGS)

check: install-dev ## style, types and the direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: install-dev ## let ruff put the style right
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: install-dev ## list the benchmarks; make bench-NAME runs one (ARGS="…")
	@$(PY) -m benchmarks

bench-%: install-dev
	$(PY) -m benchmarks.$(subst -,_,$*) $(ARGS)

screenshots: install-dev ## take the pictures of the docs again (needs Chromium)
	$(PY) -m benchmarks.screenshots $(ARGS)

docs: install-dev ## write docs/cli.md from the commands and docs/metrics.md from the metrics
	$(PY) -m app.terminal.reference

# chromadb's CVE-2026-45829 is in its Python FastAPI server, which Maru never imports
# (tests/test_architecture.py): the embedded client is the only part in use.
audit: install-dev ## known vulnerabilities of everything installed (needs the network)
	@list=$$(mktemp) && $(PY) -m pip list --format=freeze | sed 's/+[a-z0-9.]*$$//' > $$list && \
		$(VENV)/bin/pip-audit --strict --disable-pip --no-deps --ignore-vuln CVE-2026-45829 -r $$list; \
		status=$$?; rm -f $$list; exit $$status

clean: ## remove .venv and all caches (your data in MARU_HOME stays)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Maru needs Python 3.11 or newer. Install it, or name it: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c "$(SUITABLE)" || { echo "$(PYTHON) is older than 3.11. Name a newer one: make PYTHON=…"; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "venv failed (on Debian: apt install python3-venv)"; exit 1; }

$(VENV)/.runtime: requirements.txt requirements-embedded.txt | $(VENV)/bin/python
	@$(PY) -c "import torch" 2>/dev/null || command -v nvidia-smi >/dev/null || test "$$(uname)" = Darwin || \
		echo "No GPU found: see “How much is downloaded” in README.md to have pip take torch's smaller CPU build."
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -r requirements-embedded.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-quantization.txt $(VENV)/.runtime
	$(PIP) install -r requirements-dev.txt
	@touch $@
