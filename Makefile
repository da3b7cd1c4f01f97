# make results | test | test-kernels | lint | verify | bench | lock | oracle | graph | clean. See `make help`.

PYTHON ?= python3
CORES  ?= 4
VENV   := .venv
STAMP  := $(VENV)/.complete
TREE   := results/$(shell sed -n 's/^trial: *//p' config/resolve.yaml)-$(shell sed -n 's/^version: *"\(.*\)".*/\1/p' config/resolve.yaml)

# What rounding can change, run again with the kernels that BLAS and NumPy choose on a processor
# without AVX-512; a processor that has no such kernels to leave out runs its own.
NUMERICAL := tests/estimate tests/missing tests/resample tests/analyses tests/design tests/oracle \
             tests/test_responder.py tests/test_seeds.py
KERNELS   := OPENBLAS_CORETYPE=Haswell NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR"
PYTEST    := python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# One BLAS thread a process: faster at this size, and the same bits on any number of cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: results env test test-kernels lint verify pdf release bench lock oracle reference graph clean help
.DEFAULT_GOAL := results

results: $(STAMP)  ## build the environment and run the whole chain (CORES=4)
	snakemake --cores $(CORES)

env: $(STAMP)  ## build .venv from the hash-locked file

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("trialrr needs Python 3.11 or newer, found %d.%d at %s; say which one by make PYTHON=python3.12" % (v[0], v[1], sys.executable))'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $@

test: $(STAMP)  ## tests, a file at a time on each of 2 cores, then every linter
	$(PYTEST)
	@$(MAKE) --no-print-directory lint

test-kernels: $(STAMP)  ## the numerical tests with the kernels of a processor without AVX-512
	$(KERNELS) $(PYTEST) $(NUMERICAL)

lint: $(STAMP)  ## ruff, mypy, snakefmt, snakemake --lint
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

verify: $(STAMP)  ## recompute in a temporary copy; fail naming the first output that differs
	trialrr verify --cores $(CORES)

release: $(STAMP)  ## freeze the current results under results/releases/
	trialrr release

pdf: $(STAMP)  ## print the report of the current results, by Chromium
	snakemake --cores $(CORES) $(TREE)/report.pdf

bench: $(STAMP)  ## wall time from nothing to the report; speed against R and statsmodels
	python bench/run.py
	python bench/resampling.py
	python bench/rerandomization.py
	python bench/imputation.py
	python bench/mmrm.py

lock:  ## resolve pyproject.toml anew into requirements.lock (UPGRADE=--upgrade for newer releases)
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(PYTHON) -m venv "$$tools" \
	&& "$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv \
	&& "$$tools/bin/uv" pip compile pyproject.toml --extra dev --quiet $(UPGRADE) \
	    --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file requirements.lock

oracle: $(STAMP)  ## rerun the R programs of tests/oracle against their stored values (needs R)
	python tests/oracle/compare.py

reference: $(STAMP)  ## write the plan's schema and config/README.md of its models
	python -m trialrr.plan.reference

graph: $(STAMP)  ## draw the rules of the workflow into the README
	python -m scripts.draw_rules

clean:  ## remove the current results tree; releases and the environment stay
	rm -rf $(TREE)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile
