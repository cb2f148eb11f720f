# make book | test [NB=…] | check | site | html | lab | run NB=… | assign | bench | matrix | address URL=… | constraints
.DELETE_ON_ERROR:
.PHONY: book test check site html lab run assign bench matrix address constraints chromium

.NOTPARALLEL:

PYTHON ?= python3
BIN := .venv/bin
# uv, where PIP names it, must fill this environment and no other
export VIRTUAL_ENV := $(CURDIR)/.venv
# an environment whose Python has gone, or that was left half made, is made anew
$(shell $(BIN)/python -c 'import pip' 2> /dev/null || rm -f $(BIN)/python .venv/.book .venv/.all .venv/.bench)
PIP ?= $(BIN)/python -m pip
CONSTRAINTS ?= -c constraints.txt
# Assignments have blanks: they are not run, but have tests of their own.
ASSIGNMENTS := chapters/09_assignments
LECTURES = $(filter-out $(ASSIGNMENTS)%,$(NB))
NBVAL := $(BIN)/pytest -p no:warnings --ignore=$(ASSIGNMENTS) \
	--nbval --nbval-current-env --nbval-sanitize-with nbval.cfg --nbval-cell-timeout 300 --dist loadfile
# tests that drive a browser
BROWSED := tests/test_site.py tests/test_experiments.py
# What a notebook prints must not depend on the shell that it was started from.
RUN := DLM_SCALE=small DLM_PROGRESS=0 PYTHONHASHSEED=0

# build the book from the stored outputs and serve it on this machine
book: html
	$(BIN)/python tools/serve.py _build/html

# lectures, library, contracts and pages; NB=chapters/02_mlp checks one part
test: .venv/.all
ifdef NB
	$(BIN)/pytest tests/test_notebooks.py $(if $(findstring $(ASSIGNMENTS),$(NB)),tests/test_assignments.py) $(NB:%=--notebooks=%)
	$(if $(LECTURES),$(RUN) OMP_NUM_THREADS=1 $(NBVAL) -n auto $(LECTURES))
else
	$(MAKE) check site
	$(RUN) OMP_NUM_THREADS=1 $(NBVAL) -n auto chapters
endif

# style, library, contracts
check: .venv/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/pytest tests $(BROWSED:%=--ignore=%)

# the built pages and the experiments in a browser
site: html chromium
	DLM_SITE=_build/html $(BIN)/pytest -n auto $(BROWSED)

html: .venv/.book
	$(BIN)/jupyter-book build . --warningiserror --keep-going

lab: .venv/.all
	$(BIN)/jupyter lab chapters

# execute in place and normalise
run: $(if $(NB),.venv/.all)
	$(RUN) $(BIN)/python tools/run.py $(or $(NB),$(error say which: make run NB=chapters/02_mlp/mlp_classifier.ipynb))

# make the assignments from their sources
assign: .venv/.all
	$(BIN)/python tools/assign.py

bench: .venv/.bench
	$(RUN) $(BIN)/python tools/bench.py

# the stored outputs come out the same whatever the number of threads and the CPU's instructions
matrix: .venv/.all
	$(RUN) $(BIN)/python tools/matrix.py $(NBVAL) $(or $(NB),chapters)

address:
	$(PYTHON) tools/address.py $(or $(URL),$(error say which: make address URL=https://github.com/you/dl-measured))

# write down the exact versions that are installed, after a green run; on the oldest Python that should work (Debian's 3.11.2),
# as some packages' newest versions refuse it, and in a fresh .venv
constraints: .venv/.all
	$(BIN)/python -m pip freeze --all --exclude pip --exclude-editable | sed 's/+cpu//' > constraints.txt

chromium: .venv/.all
	$(BIN)/python tools/chromium.py

# Setting up: once, and again only when what is required has changed.
.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version + "; name one: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear .venv

.venv/.book: requirements-book.txt constraints.txt | .venv/bin/python
	$(PIP) install -q -r requirements-book.txt $(CONSTRAINTS)
	touch $@

.venv/.all: requirements.txt requirements-book.txt constraints.txt pyproject.toml | .venv/bin/python
	$(PIP) install -q -r requirements.txt $(CONSTRAINTS)
	$(PIP) install -q --no-deps --no-build-isolation -e .
	touch .venv/.book $@

.venv/.bench: requirements-bench.txt .venv/.all
	$(PIP) install -q -r requirements-bench.txt $(CONSTRAINTS)
	touch $@
