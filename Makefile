# Entry points for newcomers. Requires only Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
UV := $(VENV)/lock
MUTANTS := $(VENV)/mutants
CORE := tickets/lifecycle.py,tickets/access.py,tickets/actions.py,messaging/actions.py,analytics_gateway/*
COMPILE := $(UV)/bin/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-annotate --no-header --python-version 3.11
RUN_LOCKS := requirements/base.txt requirements/web.txt requirements/workers.txt requirements/embedded.txt requirements/training.txt requirements/photos.txt
NEW_KEY := $$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))')
PYTEST := $(BIN)/python -m pytest -n 2
# Code without Django: its tests run without Django and without servers.
PURE := tests/common tests/analytics_workers tests/tickets/triage tests/incoming_mail/parsing
RETRAINING := tests/tickets/learning/test_retraining.py
OTHERS := $(addprefix --ignore=,$(PURE) $(RETRAINING))
UNIT = $(PYTEST) -m unit --dist worksteal -p no:schemathesis -p no:django $(1) $(PURE) && \
	$(PYTEST) -m unit --dist worksteal -p no:schemathesis $(1) $(OTHERS)
WEB := campus_helpdesk/web
KEYS := SECRET_KEY=$(NEW_KEY) SERVICE_KEY=$(NEW_KEY)
PRODUCTION := env -u DATABASE_URL DEBUG=0 TLS=1 TRUSTED_PROXIES=192.0.2.1 ADMIN_ENABLED=0 \
	ALLOWED_HOSTS=helpdesk.example.edu $(KEYS)

.PHONY: run install install-dev test unit retraining faults flakes cover mutants format check bench load growth photos lock

run: install
	@exec $(BIN)/python manage.py run

install: $(VENV)/installed

install-dev: $(VENV)/installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v < (3, 11) and sys.exit("Python 3.11 or newer is needed, $(PYTHON) is %d.%d: make PYTHON=python3.12 ..." % v[:2])'
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/installed: $(RUN_LOCKS) | $(BIN)/python
	@echo "Installing the product's dependencies into $(VENV) ..."
	@$(PIP) $(foreach lock,$(RUN_LOCKS),-r $(lock))
	@touch $@

$(VENV)/installed-dev: requirements/dev.txt | $(BIN)/python
	@echo "Installing all dependencies into $(VENV) ..."
	@$(PIP) -r requirements/dev.txt
	@touch $@ $(VENV)/installed

# In two processes; the tests of one file share the servers they start, and the slowest files come first.
test: install-dev
	@$(PYTEST) --dist worksteal -p no:django $(PURE)
	@$(PYTEST) --dist loadfile --no-loadscope-reorder $(OTHERS)

# Without tests that need a browser, a stack, a live server, a worker or a trained model: see tests/conftest.py.
unit: install-dev
	@$(call UNIT)

# Nightly retraining with real trainings: what fifty corrections mend, and what is refused. Two minutes of CPU time.
retraining: install-dev
	@$(BIN)/python -m pytest $(RETRAINING)

# The unit tests five times in random order; `-p randomly --randomly-seed=N` repeats one.
flakes: install-dev
	@failed=0; for run in 1 2 3 4 5; do ($(call UNIT,-p randomly)) || failed=$$((failed + 1)); done; \
	echo "Runs in random order that failed: $$failed of 5"; test $$failed = 0

# Coverage of lines and branches: of everything, and of the core.
cover: install-dev
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -m "not browser"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --show-missing --fail-under=95
	@$(BIN)/coverage report --show-missing --fail-under=100 --include="$(CORE)"

# ONLY=access: only modules of the core whose path contains it.
mutants: install-dev $(MUTANTS)/installed
	@$(BIN)/python -m benchmarks.mutants $(MUTANTS)/bin

$(MUTANTS)/installed: requirements/mutants.txt
	@$(PYTHON) -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $<
	@touch $@

# ONLY="one_winner broker_trouble": only the tests of those promises (docs/reliability.md).
faults: install-dev
	@$(BIN)/python -m pytest tests/chaos --full -n 2 --dist loadfile $(if $(ONLY),-k "$(subst $() $(), or ,$(addsuffix _,$(ONLY)))")

# Fixes what `make check` reports about formatting.
format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt --profile jinja $(WEB)/templates notifications/templates
	$(BIN)/djangofmt --profile django $(WEB)/admin_templates
	$(BIN)/oxfmt $(WEB)/static

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --check --profile jinja $(WEB)/templates notifications/templates
	$(BIN)/djangofmt check --profile jinja $(WEB)/templates notifications/templates
	$(BIN)/djangofmt --check --profile django $(WEB)/admin_templates
	$(BIN)/djangofmt check --profile django $(WEB)/admin_templates
	$(BIN)/oxfmt --check $(WEB)/static
	$(BIN)/codespell
	$(KEYS) $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -p no:django -p no:schemathesis tests/test_import_rules.py
	$(BIN)/python -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: install-dev
	@$(BIN)/python -m benchmarks

load: install-dev
	@$(BIN)/python -m benchmarks.load

# SIZES="10000 100000 1000000" adds a step.
growth: install-dev
	@$(BIN)/python -m benchmarks.growth

# Uploads, decoding beside pages, a backup with photos under writers. UPLOADS=50 makes it shorter.
photos: install-dev
	@$(BIN)/python -m benchmarks.photos

# dev first: it contains everything and constrains the others.
lock:
	@$(PYTHON) -m venv $(UV) && $(UV)/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(COMPILE) requirements/dev.in -o requirements/dev.txt
	@for name in base web workers embedded training semantic photos s3; do \
		$(COMPILE) -c requirements/dev.txt requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	@$(COMPILE) requirements/mutants.in -o requirements/mutants.txt
	@rm -rf $(UV)
