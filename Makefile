# Everything a person or CI does here. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The one Python that ships, as .chalice/config.json names it, where it is to be had.
SHIPS := 3.11
PYTHON ?= $(shell command -v python$(SHIPS) || echo python3)
STAGE ?= local
SEQUENCES ?= 1200
STORMS ?= 10000
LOCAL_STORMS ?= 300
YEARS ?= 3
KILLS ?= 200
MODEL ?= 1000
# The tiers that take half of the time, much of it waiting: they run beside the others.
LONG := deployed or package or proof
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
export AWS_DEFAULT_REGION ?= eu-west-2

.PHONY: help ships setup lock format pages check test package run demo bench deploy

help: ## list what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

ships:
	@$(PYTHON) -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(SHIPS)")' \
	  || { echo "What ships is packaged by Python $(SHIPS), and this is $$($(PYTHON) --version): say where $(SHIPS) is with PYTHON=…"; exit 1; }

setup: $(READY) ## install everything: what the lock files name, and what the tests run on
	@infra/tools


$(READY): requirements.txt requirements-dev.txt
	@[ "$$(uname -sm)" = "Linux x86_64" ] || { echo "Holdfast is built on Linux x86-64; this is $$(uname -sm)."; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "Holdfast needs Python 3.11 or later; there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Holdfast needs Python 3.11 or later; this is $$($(PYTHON) --version). Say which with PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "This Python cannot make virtual environments: install its venv package (apt-get install python3-venv)."; exit 1; }
	@echo "Installing what the lock files name into $(VENV) …"
	@rm -f $(READY)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $(READY)
	@echo "$(VENV) is ready."

lock: $(READY) ## write the lock files again from their .in files
	@echo "Writing the lock files …"
	@for name in requirements requirements-dev infra/emulator-requirements; do \
	  $(BIN)/uv pip compile --quiet --python-platform x86_64-manylinux_2_28 --python-version 3.11 --generate-hashes \
	    --no-header $$name.in --output-file $$name.txt; done

format: $(READY) ## rewrite the code as the formatter wants it
	@echo "Formatting …"
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pages: $(READY) ## write docs/protocols from the protocol files
	@$(BIN)/python -m workbench pages

check: $(READY) ## exactly what CI runs: format, lint, types, import contracts, tests
	@echo "Format …"; $(BIN)/ruff format --check .
	@echo "Lint …"; $(BIN)/ruff check .
	@echo "Types …"; $(BIN)/mypy chalicelib workbench app.py
	@echo "Import contracts …"; $(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

test: $(READY) ## run every tier of tests
	@infra/tools
	@echo "Tests, every tier …"
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@mkdir -p build
	@$(BIN)/python -m pytest -m "$(LONG)" >build/long-tests.log 2>&1 & long=$$!; \
	  trap 'kill $$long 2>/dev/null || true' EXIT; \
	  $(BIN)/python -m pytest -m "not ($(LONG))" || failed=1; \
	  echo "Those that take long, which ran meanwhile …"; wait $$long || failed=1; \
	  cat build/long-tests.log; exit $${failed:-0}
endif

prove: $(READY) ## prove what is promised, in full: hours. make prove SEED=… tells one storm again
	@infra/tools
ifdef SEED
	@HOLDFAST_SEED=$(SEED) $(BIN)/python -m pytest tests/proofs/test_fault_storm.py
else
	@echo "Telling $(SEQUENCES) stories …"
	@HOLDFAST_SEQUENCES=$(SEQUENCES) $(BIN)/python -m pytest tests/core/test_five_protocols.py --hypothesis-show-statistics
	@echo "Breaking every call of every operation …"
	@HOLDFAST_MATRIX=1 $(BIN)/python -m pytest tests/proofs/test_crash_matrix.py
	@echo "Holding the service against its model, $(MODEL) sequences of fifty steps …"
	@HOLDFAST_MODEL=$(MODEL) $(BIN)/python -m pytest tests/proofs/test_model.py
	@echo "Living through $(YEARS) years of four hundred days …"
	@HOLDFAST_YEARS=$(YEARS) HOLDFAST_YEAR_CASES=30 $(BIN)/python -m pytest tests/proofs/test_year.py
	@echo "Killing $(KILLS) processes of the deployed stack …"
	@HOLDFAST_KILLS=$(KILLS) HOLDFAST_LEASES=wait $(BIN)/python -m pytest tests/deployed/test_process_kill.py
	@echo "Raging through $(STORMS) storms, in two processes, and $(LOCAL_STORMS) on DynamoDB Local …"
	@half=$$(($(STORMS) / 2)); whatever="-m pytest tests/proofs/test_fault_storm.py -k whatever"; \
	  HOLDFAST_FIRST=$$half HOLDFAST_STORMS=$$(($(STORMS) - half)) $(BIN)/python $$whatever & second=$$!; \
	  HOLDFAST_STORMS=$$half $(BIN)/python $$whatever && wait $$second
	@HOLDFAST_LOCAL_STORMS=$(LOCAL_STORMS) $(BIN)/python -m pytest tests/proofs/test_fault_storm.py -k own_engine
	@echo "Changing one thing at a time, and seeing that a test fails …"
	@$(BIN)/python -m tests.mutation
endif

package: ships $(READY) ## build what ships, for STAGE (default local), into build/STAGE
	@echo "Packaging stage $(STAGE) …"
	@$(BIN)/python -m infra.package --stage $(STAGE) --out build/$(STAGE)

run: ships $(READY) ## start the whole service on this machine; Ctrl-C stops it
	@$(BIN)/python -m infra.run

demo: $(READY) ## play the story against the running service
	@$(BIN)/python -m infra.demo

bench: $(READY) ## measure, and print one table
	@echo "Measuring …"
	@$(BIN)/python -m bench

deploy: ships $(READY) ## package and deploy with CloudFormation: make deploy STAGE=production
	@[ "$(origin STAGE)" != file ] || { echo "Say which stage to deploy: make deploy STAGE=production"; exit 1; }
	@echo "Deploying stage $(STAGE) …"
	@$(BIN)/python -m infra.deploy --stage $(STAGE)
