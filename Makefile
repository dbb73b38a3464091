# make demo    a town of made-up estates at http://localhost:8000/ (PORT=8001 make demo for another port)
# make test    everything CI runs: checks, then all tests, in a real browser too
# make check   format, lint, types, templates, migrations, deployment settings
# make fmt     put code and templates into the house style
# make bench   figures on an installation of its own; ONLY="pages faults" for some groups; they also stand in var/bench.json
# make lock    renew requirements*.txt from pyproject.toml

PORT ?= 8000
HOST ?= 127.0.0.1
# The first Python on this machine that is new enough; PYTHON=/path/to/python3.12 for another.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := $(CURDIR)/.venv/bin
CODE := config accounts estates repairs oversight bench tests manage.py
export PATH := $(BIN):$(PATH)
export PORT HOST

.PHONY: demo test check fmt bench lock
.DEFAULT_GOAL := demo

.venv/installed: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Anju needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing what Anju needs into .venv; this takes a minute."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@

demo: export ANJU_DEMO := 1
demo: export LOG_LEVEL ?= WARNING
demo: .venv/installed
	@python -m config.postgres run -- sh -c 'python -m config.setup demo && exec honcho start'

test: .venv/installed
	@.ci/system
	@$(MAKE) --no-print-directory check
	pytest -n 2

check: .venv/installed
	ruff format --check .
	ruff check .
	mypy $(CODE)
	find templates -name '*.html' -exec djade --target-version 5.2 --check {} +
	python manage.py makemigrations --check --dry-run
	python -m config.postgres run -- env ANJU_EMBEDDED=0 SECRET_KEY=$$(python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		ALLOWED_HOSTS=anju.example python manage.py check --deploy --fail-level WARNING

fmt: .venv/installed
	ruff format .
	ruff check --fix .
	find templates -name '*.html' -exec djade --target-version 5.2 {} +

bench: .venv/installed
	@python -m bench $(ONLY)

LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --quiet
lock: .venv/installed
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
