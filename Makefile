# Kaiin: `make demo` serves a demo site, `make test` runs the tests. Both install what they need first.
# A second run finds the stamps and starts at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
HOST ?= 127.0.0.1
KAIIN_INSTANCE ?= instance
TEST_WORKERS ?= 3
ARGS ?=
ROWS ?= 20000
DATABASE ?= sqlite
export PORT KAIIN_INSTANCE

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
TEMPLATES := core/templates plugins themes
POSTGRESQL_TESTS := tests/contract/test_hook_calls.py tests/core/plugin_host/test_lifecycle.py \
	tests/core/security/test_sessions.py tests/core/security/test_throttling.py \
	tests/core/accounts/test_remembered_devices.py tests/core/activity/test_audit_chain.py \
	tests/plugins/member_tiers/test_points_ledger.py tests/plugins/member_tiers/test_tier_access.py \
	tests/plugins/member_tiers/test_joining.py tests/plugins/member_tiers/test_seats.py \
	tests/plugins/member_tiers/test_import_memberships.py tests/plugins/member_tiers/test_memberships_round_trip.py \
	tests/plugins/member_tiers/test_report_truth.py tests/plugins/member_tiers/test_import_pauses.py \
	$(addprefix tests/plugins/member_tiers/test_points_,chain.py earning.py factors.py caps.py expiry.py reconcile.py many_at_once.py)
# What a thorough run (KAIIN_THOROUGH=1, the build server's) repeats there as well.
ifdef KAIIN_THOROUGH
POSTGRESQL_TESTS += tests/core/customers/reach tests/core/content/test_surfaces.py
POSTGRESQL_TESTS += tests/core/accounts/test_second_step.py tests/core/accounts/test_consents.py \
	tests/core/accounts/test_log_in_delays.py tests/core/accounts/test_own_password.py \
	tests/core/accounts/test_log_in_again.py tests/core/accounts/test_mail_requests.py \
	tests/core/accounts/test_consent_migration.py tests/plugins/member_tiers/test_memberships_migration.py \
	tests/plugins/member_tiers/test_membership_moves.py tests/plugins/member_tiers/test_membership_reminders.py \
	tests/plugins/member_tiers/test_devices_per_tier.py \
	tests/plugins/member_tiers/rules/test_made_up_member.py \
	tests/plugins/member_tiers/rules/test_reading_and_tools.py \
	tests/core/imports/test_running.py tests/core/imports/test_undoing.py \
	tests/core/imports/test_companies.py tests/journeys/test_file_goes_round.py \
	tests/core/database/test_prepared_rows.py tests/faults/test_killed_server.py \
	tests/core/customers/test_field_index.py tests/core/customers/test_fields.py \
	tests/core/customers/test_company_merges.py tests/core/letters \
	tests/core/customers/test_contact_points.py tests/core/customers/test_contact_point_migration.py \
	tests/core/customers/test_undoing_merges.py tests/core/customers/test_duplicates.py \
	tests/core/next_actions/test_next_actions.py tests/core/bulk/test_changing_many.py tests/core/privacy \
	tests/core/exports/test_export_files.py tests/core/exports/test_taking_out.py tests/core/looks/test_looks.py \
	$(addprefix tests/core/customers/test_,company_groups.py company_screens.py related_people.py freshness.py) \
	$(addprefix tests/plugins/wordpress_import/test_,moving_in.py going_on.py) \
	$(addprefix tests/plugins/library/test_library_,gate.py caps.py people.py rules.py) \
	$(addprefix tests/plugins/contact_forms/test_forms_,receipts.py sending.py accepting.py options.py routing.py \
	linking.py files_holding.py retention.py inbound.py)
endif

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo serve test faults ledger check lint types imports templates messages icons bench roundtrip \
	format lock clean
MAKEFLAGS += --no-print-directory

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# --- Set-up --------------------------------------------------------------------------------------

setup: .venv/.core core/static/vendor/.stamp ## Install what running the site needs

setup-test: .venv/.test core/static/vendor/.stamp ## Install what tests and checks need as well

.venv/.made:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Kaiin needs Python 3.11 or newer: make PYTHON=/path/to/python"; exit 1; }
	@echo "Making .venv"
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv .venv; \
	else $(PYTHON) -m pip --version >/dev/null 2>&1 \
		|| { echo "This Python has neither ensurepip nor pip: install python3.11-venv or python3-pip"; exit 1; }; \
	  rm -rf .tools/virtualenv; \
	  $(PYTHON) -m pip install --quiet --require-hashes --target .tools/virtualenv -r requirements/bootstrap.txt \
	  && PYTHONPATH=.tools/virtualenv $(PYTHON) -m virtualenv --quiet .venv; fi
	@touch $@

.venv/.core: .venv/.made requirements/core.txt pyproject.toml
	@echo "Installing the Python packages"
	@$(INSTALL) -r requirements/core.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.core requirements/test.txt
	@echo "Installing the packages for tests and checks"
	@$(INSTALL) -r requirements/test.txt
	@touch $@

node_modules/.stamp: package.json package-lock.json .npmrc requirements/node.txt | .venv/.made
	@echo "Installing the front-end packages"
	@if command -v npm >/dev/null; then npm ci --ignore-scripts --loglevel=error >/dev/null; \
	else $(INSTALL) --target .tools/node --upgrade -r requirements/node.txt \
	  && PYTHONPATH=.tools/node PATH="$(CURDIR)/.tools/node/bin:$(CURDIR)/$(BIN):$$PATH" \
	     npm ci --ignore-scripts --loglevel=error >/dev/null; fi
	@touch $@

core/static/vendor/.stamp: node_modules/.stamp tools/vendor.py tools/vendor.toml tools/icons.txt
	@$(BIN)/python tools/vendor.py
	@touch $@

# --- Running -------------------------------------------------------------------------------------

demo: setup ## Serve a demo site on http://127.0.0.1:$PORT with data in $KAIIN_INSTANCE
	@$(BIN)/kaiin demo --serve

serve: setup ## Serve the site of $KAIIN_INSTANCE: web server and worker, stopped together
	@$(BIN)/kaiin serve --host $(HOST) --port $(PORT)

# --- Checking ------------------------------------------------------------------------------------

# Without bytecode each worker process compiles all tests anew before the first one runs: twelve seconds.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup-test ## Run the tests; ARGS="tests/core/mail -x" chooses
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(ARGS)
ifeq ($(ARGS),)
	@echo "The same on PostgreSQL: what depends most on the database"
	@KAIIN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(POSTGRESQL_TESTS)
endif

faults: setup-test ## Kill a busy server for minutes and fill its disk: nothing is lost, nothing doubled
	@KAIIN_FAULT_SECONDS=300 KAIIN_FAULT_LEAST=20000 $(BIN)/python -m pytest -n0 -rP tests/faults $(ARGS)
	@KAIIN_FAULT_SECONDS=120 KAIIN_TEST_DATABASE=postgresql \
		$(BIN)/python -m pytest -n0 -rP tests/faults/test_killed_server.py $(ARGS)

LEDGER_TESTS := $(addprefix tests/plugins/member_tiers/test_,points_many_at_once.py points_machine.py membership_states.py)
ledger: setup-test ## Fifty spends at once, 200 times (on both databases), 1,000 histories of points and of memberships
	@KAIIN_LEDGER=1 $(BIN)/python -m pytest -n 2 $(LEDGER_TESTS) $(ARGS)
	@KAIIN_LEDGER=1 KAIIN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n0 $(firstword $(LEDGER_TESTS)) $(ARGS)

check: lint types imports templates messages icons test ## Everything that CI runs

lint: setup-test ## Ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-test ## mypy
	@$(BIN)/mypy

imports: setup-test ## The layers of the code (import-linter)
	@$(BIN)/lint-imports --verbose

templates: setup-test ## djLint over the templates
	@$(BIN)/djlint $(TEMPLATES) --lint --quiet

messages: setup-test ## List the texts that have no Japanese translation
	@$(BIN)/python tools/messages.py

icons: setup-test ## List the icons that screens use and tools/icons.txt lacks
	@$(BIN)/python tools/check_icons.py

# With CUSTOMERS or DATABASE only what is about very many customers; with ARGS alone only the rest.
bench: setup-test ## Measure speed beside its floors; CUSTOMERS=1000000 DATABASE=postgresql for many customers
ifeq ($(origin CUSTOMERS)$(filter-out file,$(origin DATABASE)),undefined)
	@$(BIN)/python -m benchmarks $(ARGS)
endif
ifneq ($(origin CUSTOMERS)$(filter-out file,$(origin DATABASE))$(ARGS),undefined$(ARGS))
	@$(BIN)/python -m benchmarks.customers --customers $(or $(CUSTOMERS),100000) --database $(DATABASE) $(ARGS)
else ifeq ($(ARGS),)
	@$(BIN)/python -m benchmarks.customers
endif

roundtrip: setup-test ## Send ROWS untidy customers through import, merges and export, and back: equal?
	@$(BIN)/python -m benchmarks.round_trip_run --rows $(ROWS) --database $(DATABASE) $(ARGS)

# --- Helpers -------------------------------------------------------------------------------------

format: setup-test ## Format the code and apply the safe fixes
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
RUN_EXTRAS = --extra postgres --extra redis --extra postal --extra demo

lock: setup-test ## Pin the newest allowed versions in requirements/*.txt (give UPGRADE=--upgrade) and package-lock.json
	@$(COMPILE) $(UPGRADE) pyproject.toml requirements/build.in $(RUN_EXTRAS) --output-file requirements/core.txt
	@$(COMPILE) $(UPGRADE) pyproject.toml requirements/build.in $(RUN_EXTRAS) --extra test --extra dev \
		--constraint requirements/core.txt --output-file requirements/test.txt
	@$(COMPILE) $(UPGRADE) requirements/node.in --output-file requirements/node.txt
	@$(COMPILE) $(UPGRADE) requirements/bootstrap.in --output-file requirements/bootstrap.txt
	@npm install --package-lock-only --ignore-scripts --loglevel=error

clean: ## Remove what set-up and tools made; the instance stays
	rm -rf .venv .tools node_modules core/static/vendor .pytest_cache .mypy_cache .ruff_cache .import_linter_cache \
		.hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
