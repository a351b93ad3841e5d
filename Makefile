# Needs only make and a python3 (CPython) of at least 3.11. Everything else goes into .venv.
# On Windows use the plain commands of README.md.
#
#   make test PYTHON=python3.13 VENV=/tmp/venv313     another Python, another place
#   make test-package FLAGS="-k lock -x"              flags for pytest; for JupyterLab with `make lab`

PYTHON ?= python3
VENV ?= .venv
FLAGS ?=
WORKERS ?= auto
BIN := $(VENV)/bin
CHECK_PYTHON := import sys; sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")
.DEFAULT_GOAL := help
.NOTPARALLEL:
# Where it is set, each of the tests' interpreters would compile all of the package and of the tests anew, in 6 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab test test-package test-notebooks test-sweeps test-libraries lint format notebooks figures links bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(VENV)/lab.done ## open the course in JupyterLab (this machine only, token kept)
	$(BIN)/jupyter lab --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/00_start_here.ipynb notebooks $(FLAGS)

test: test-package test-notebooks ## test the package, then run every notebook and compare its outputs

test-package: $(VENV)/test.done ## test the package only
	$(BIN)/python -m pytest tests -n $(WORKERS) $(FLAGS)

test-notebooks: $(VENV)/test.done ## run every notebook and compare its stored outputs
	$(BIN)/python -m pytest --nbval notebooks -n $(WORKERS) --dist loadfile $(FLAGS)

test-sweeps: $(VENV)/test.done ## test at length what `make test` tries a part of (`.ci/run` does)
	$(BIN)/python -m pytest tests -m sweep -n $(WORKERS) $(FLAGS)

test-libraries: $(VENV)/libraries.done ## test programs that use SQLAlchemy, urllib3, pandas and others, which it installs
	$(BIN)/python -m pytest tests/test_libraries.py tests/test_dataframes.py tests/test_perfetto_ui.py $(FLAGS)

lint: $(VENV)/test.done ## ruff, mypy, clean notebooks, links that agree
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/notebooks.py check
	$(BIN)/python tools/links.py --check

format: $(VENV)/test.done ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

notebooks: $(VENV)/test.done ## run every notebook and store its outputs
	$(BIN)/python tools/notebooks.py execute

figures: $(VENV)/test.done ## draw the pictures of README.md anew
	$(BIN)/python tools/figures.py

links: $(VENV)/test.done ## generate the badge and all links from pyproject.toml
	$(BIN)/python tools/links.py

bench: $(VENV)/bench.done ## measure the cost of recording and drawing
	$(BIN)/python -m benchmarks

clean: ## delete the environment and all caches
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

# -- the environment, in three steps: to learn, to test, to measure ---------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c '' 2>/dev/null || { echo "There is no '$(PYTHON)' here that runs. Install CPython 3.11 or newer, or run make with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c '$(CHECK_PYTHON)' || { echo "$(PYTHON) is" `$(PYTHON) -V 2>&1`"; the course needs CPython 3.11 or newer. Run make with PYTHON=/path/to/a/newer/python3."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv."; exit 1; }

$(VENV)/lab.done: $(BIN)/python requirements.txt pyproject.toml
	@$(BIN)/python -c '$(CHECK_PYTHON)' || { echo "$(VENV) holds" `$(BIN)/python -V 2>&1`"; the course needs CPython 3.11 or newer. Delete it, then run make with PYTHON=/path/to/a/newer/python3."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.done: $(VENV)/lab.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,dev]'
	@touch $@

$(VENV)/libraries.done: $(VENV)/test.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[libraries]'
	@touch $@

$(VENV)/bench.done: $(VENV)/lab.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@
