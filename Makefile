# The front door. A verb that needs more than Python sets it up in .venv, inside this checkout.

PYTHON  ?= python3
PARTS   := tests --ignore tests/e2e
TESTS   ?= $(PARTS)
WORKERS ?= auto
MINUTES ?= 60
SEED    ?= 1

VENV  := .venv
RUN   := $(VENV)/bin/python
READY := $(VENV)/ready
PIP   := $(RUN) -m pip --quiet --disable-pip-version-check --no-input
CI_ON := $(filter-out 0 false no,$(CI))

PYTEST := $(RUN) -m pytest --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal $(if $(CI_ON),-p tests.no_skips)

# Tests start hundreds of processes: what one of them has compiled is there for the others.
KEPT := env -u PYTHONDONTWRITEBYTECODE

# Whoever names a Python gets that one or an error; otherwise the next best is looked for.
PYTHONS := $(PYTHON) $(if $(filter python3,$(PYTHON)),python3.13 python3.12 python3.11)

.DEFAULT_GOAL := help
.PHONY: help demo studio page test e2e pictures fuzz faults farm share service lint format types constraints audit docs dist bench clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: page ## make a film, drop clips into it and watch the takes appear (ONCE=1 ends by itself, DEMO=PATH is where)
	@$(RUN) -m examples.demo $(if $(filter-out 0,$(ONCE)),--once)

studio: $(READY) ## run seven machines of one film on a PostgreSQL, kill three, and check every take (QUICK=1 fewer)
	@$(RUN) -m examples.studio $(if $(filter-out 0,$(QUICK)),--quick)

page: $(READY) ## build the gallery's page, where its sources have changed
	@$(RUN) hatch_build.py page

test: page ## run the tests of all parts (TESTS="tests/events -k chain" chooses, WORKERS=0 runs them one by one)
	$(KEPT) $(PYTEST) $(TESTS)
	$(if $(filter-out $(PARTS),$(TESTS)),,$(RUN) hatch_build.py npm test)

e2e: page ## run the tests of the whole: daemons as users start them, and the page in Chromium and Firefox (minutes)
	$(KEPT) $(PYTEST) tests/e2e

fuzz: page ## put more than two thousand requests, right ones and wrong ones, to the API (some minutes)
	EXAMPLES=100 $(RUN) -m pytest --capture no --timeout 900 tests/e2e/test_fuzz.py tests/daemon/decoding/test_fuzz.py

faults: page ## kill, fail and cut the power at every turn, for half an hour (QUICK=1 two minutes; ROWS="-k drop" chooses)
	$(PYTEST) -p tests.faults.campaign -o python_files='rows_*.py' --timeout 1500 $(if $(filter-out 0,$(QUICK)),--quick) $(ROWS) tests/faults

pictures: page ## keep a picture of every view of the gallery, in five windows and both themes, in build/screenshots/
	PICTURES=1 $(PYTEST) tests/e2e/looks/test_looks.py tests/e2e/looks/test_stories.py

farm: page ## have 64 workers of a studio make 1,024 takes, kill half of them and let some sleep (minutes)
	FARM=64 $(RUN) -m pytest $(if $(CI_ON),-p tests.no_skips) tests/e2e/studio/test_farm.py -k whatever

share: $(READY) ## run the tests of a real NFS between three virtual machines (on Debian, as root; ten minutes)
	$(RUN) -m pytest $(if $(CI_ON),-p tests.no_skips) tests/share/nfs.py tests/share/studio.py

service: $(READY) ## run the tests of the service under a systemd of a virtual machine's own (on Debian, as root; minutes)
	$(RUN) -m pytest $(if $(CI_ON),-p tests.no_skips) tests/service/service.py

soak: page ## work on a film for MINUTES, in peace and with faults, and give it very much at once (SEED chooses which)
	$(RUN) -m pytest -p tests.faults.campaign -o python_files='soak_*.py rows_crowds.py' --timeout 0 --thorough --minutes $(MINUTES) --seed $(SEED) $(ROWS) tests/faults

lint: $(READY) ## check style, form and types
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(RUN) -m mypy --package examples
	$(RUN) -m gallery.api_types --check
	$(RUN) hatch_build.py npm run check

format: $(READY) ## mend style and form where a machine can
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

types: $(READY) ## write the gallery's types of the API from what the API says of itself
	@$(RUN) -m gallery.api_types

constraints: $(READY) ## write down which runtime packages are known to work, each with its hashes, in constraints.txt
	@$(PIP) install --constraint constraints-dev.txt --group audit
	@UV_CUSTOM_COMPILE_COMMAND="make constraints" $(VENV)/bin/uv --quiet --no-progress pip compile pyproject.toml --constraint constraints-dev.txt --universal --python-version 3.11 --generate-hashes --no-annotate --output-file constraints.txt

audit: $(READY) ## ask the index for known holes in what constraints.txt names, where it tells
	@$(PIP) install --constraint constraints-dev.txt --group audit
	@$(RUN) audit.py

docs: $(READY) ## build the documents as a site in site/, and check their links
	$(RUN) -m zensical build --clean --strict

dist: export CI := true
dist: page ## build the wheel and the source archive in dist/, never without the page
	rm -rf dist
	$(RUN) -m hatchling build --target sdist --target wheel

bench: page ## measure speed and size beside a peer (QUICK=1 says whether it runs; ROWS="studio tails" chooses)
	$(RUN) -m benchmarks $(if $(filter-out 0,$(QUICK)),--quick) $(ROWS)

clean: ## remove what the other verbs made
	@if [ -d demo ] && [ -x $(RUN) ]; then $(RUN) -m examples.demo --remove; fi
	rm -rf $(VENV) daemon/page gallery/node_modules build dist site .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints-dev.txt
	@python=; \
	for each in $(PYTHONS); do \
	  if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "takes needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) --version 2>/dev/null || echo not here`." >&2; \
	  echo "Install a newer one, or say where it is: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make a virtual environment: a part of it is missing." >&2; \
	  echo "On Debian and Ubuntu this brings it: sudo apt install python3-venv" >&2; exit 1; \
	fi; \
	echo "Setting up $(VENV) with `$$python --version`, this once. It takes about a minute."; \
	$$python -m venv --clear $(VENV)
	@$(PIP) install --constraint constraints-dev.txt --upgrade pip
	@$(PIP) install --constraint constraints-dev.txt --build-constraint constraints-dev.txt --group dev --group docs --group bench --editable '.[studio]'
	@$(RUN) hatch_build.py node || $(PIP) install --constraint constraints-dev.txt --group node
	@pwd > $@

# A virtual environment knows its own path: it is made anew in a checkout that was moved or copied.
ifneq ($(shell test -x $(RUN) && cat $(READY) 2>/dev/null),$(shell pwd))
.PHONY: $(READY)
endif
