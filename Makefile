# `make demo` and `make test` need only python3, make and a network for the first run.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := src tests bench docs examples/zhongshan-2022

.PHONY: demo test validate unit coverage lint types bench growth package examples pictures lock clean

demo: $(VENV)/.run  ## a whole year on the real plan; results in demo/, which is replaced each time
	@rm -rf demo
	@$(BIN)/ledgerbook demo demo

test: $(VENV)/.dev  ## every test; those that need another program are skipped without it
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# The folder that `make test KEEP_OUTPUTS=build/outputs` has filled.
JUDGE_OUTPUTS ?= build/outputs

validate: $(VENV)/.dev  ## judge every file that a run of the tests has kept
	JUDGE_OUTPUTS="$(JUDGE_OUTPUTS)" $(BIN)/python -m pytest tests/validation/judge_outputs.py \
		-p no:cacheprovider --log-cli-level=INFO

unit: $(VENV)/.dev  ## the fast tests only
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not clients and not office and not slow"

coverage: $(VENV)/.dev  ## the share of branches that the tests run, without those that drive other programs
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -m "not clients and not office"
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report --skip-covered --sort=cover
	@mkdir -p build
	$(BIN)/python -m coverage json -q -o build/coverage.json
	$(BIN)/python -c "import json, sys; t = json.load(open('build/coverage.json'))['totals']; \
		share = 100 * t['covered_branches'] / t['num_branches']; \
		print(f'branches run: {share:.1f} %'); sys.exit(share < 95)"

lint: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.bench  ## measure speed and memory beside what a user would write instead
	$(BIN)/python bench/run.py $(BENCH)

growth: $(VENV)/.dev  ## measure that ten times the input costs ten times as much
	$(BIN)/python bench/growth.py $(GROWTH)

examples: $(VENV)/.run  ## make the generated examples again
	$(BIN)/python examples/zhongshan-2022/make_docx.py

pictures: $(VENV)/.dev  ## make the pictures of the manual again (needs LibreOffice and poppler)
	$(BIN)/python docs/pictures.py

package: $(VENV)/.dev  ## build wheel and sdist, run each in an empty environment
	PYTHON=$(BIN)/python .ci/try-package

# Extras such as `coverage[toml]` stay in the lock: where only `coverage==…` is pinned, pip
# before 23.3 resolves the extra again and refuses a newer release as not pinned.
lock: $(VENV)/.dev  ## write the lock files again (needs uv)
	uv pip compile -q --universal --generate-hashes --no-strip-extras --python-version 3.11 \
		--extra build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-strip-extras --python-version 3.11 \
		--extra build --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --generate-hashes --no-strip-extras --python-version 3.11 \
		--extra build --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock

clean:
	rm -rf $(VENV) demo build dist

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新的版本，请先安装。"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "建不了虚拟环境；Debian/Ubuntu 请先 apt-get install python3-venv。"; rm -rf $(VENV); exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

$(VENV)/.bench: requirements-bench.lock pyproject.toml | $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@
