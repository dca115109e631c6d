# make serve   set up, then the API on http://localhost:8000 with the shipped champion
# make check   set up, then lint, types, doors and unit tests    make test    all everyday tests
# make test-long  the tests that take minutes
# make train   mlflow run on a generated sample        make ui      mlflow ui
# make champion  train the shipped champion again, on made-up clients
# make manifest  write its manifest again, after a change by hand
# make options write MLproject and docs/options.md from the declared options
# make dist    the wheel, what it is served with (CycloneDX) and under which licences, in dist/
# make test-wheel  the wheel in empty environments        make benchmark  serving beside the alternatives
# make audit   hold the pinned packages against the published vulnerabilities
# make lock    write the pinned requirements again from pyproject.toml

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MLFLOW_DISABLE_TELEMETRY := true
# What `mlflow run --env-manager local` and `mlflow models serve` start, they look for in PATH.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: serve check test test-long train champion manifest options ui dist test-wheel benchmark audit lock clean

serve: .venv/serve
	PORT=$(PORT) $(BIN)/python -m app

# The checker of the page's types, and axe for the tests of accessibility: nothing that is served.
PAGE := tests/page
$(PAGE)/node_modules/installed: $(PAGE)/package-lock.json
	npm --prefix $(PAGE) ci --silent --no-audit --no-fund
	@touch $@

# Under 90 seconds: no process, no Spark, no browser, no training.
check: .venv/dev $(PAGE)/node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm --prefix $(PAGE) run --silent check
	npm --prefix $(PAGE) test --silent
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not process and not long"

# Every day: what `make check` does, and the tests that start processes or train.
test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "process and not long"

# The tests that take minutes, or show what rarely breaks at length.
test-long: .venv/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long

train: .venv/train
	$(BIN)/mlflow run . --env-manager local

# The shipped champion: trained on a tenth of the published size, made up.
champion: .venv/train
	$(BIN)/python -m sample --scale 0.1 --seed 0 --out build/sample
	MLFLOW_TRACKING_URI=sqlite:///build/mlflow.db $(BIN)/python -m train --data build/sample --promote always --export mlruns_reduced

manifest: .venv/train
	$(BIN)/python -m train.manifest mlruns_reduced

options: .venv/train
	$(BIN)/python -m tests.written_options

# Without the mode in its address, MLflow opens the one for language models.
ui: .venv/train
	@echo "open http://localhost:5000/#/experiments?workflowType=machine_learning"
	$(BIN)/mlflow ui

LICENCES = Apache;BSD;MIT;MPL;Mozilla;PSF;LGPL
dist: | .venv/bin/uv
	rm -rf dist build/serving
	$(UV) build --quiet --out-dir dist
	$(UV) venv --quiet --python $(BIN)/python build/serving
	$(UV) pip install --quiet --python build/serving/bin/python -r requirements.txt
	$(UV) tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py environment \
		--pyproject pyproject.toml --output-reproducible -o dist/sbom.cdx.json build/serving/bin/python
	$(UV) tool run --quiet --from pip-licenses==5.5.5 pip-licenses --python build/serving/bin/python \
		--from=mixed --order=license --partial-match --allow-only="$(LICENCES)" --output-file dist/LICENCES.txt

test-wheel: .venv/dev
	$(BIN)/python -m pytest -m "process and long" tests/shipping/test_wheel.py

benchmark: .venv/dev
	$(BIN)/python -m benchmarks.serving --quick --check

PINNED = $(foreach file,$(wildcard requirements*.txt),-r $(file))
audit: | .venv/bin/uv
	$(UV) tool run pip-audit==2.10.1 --strict --require-hashes --disable-pip --progress-spinner off $(PINNED)

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==0.13.9

# The command `credit-scoring`, which runs the code of this folder.
INSTALL = $(UV) pip install --quiet --no-deps --python $(BIN)/python --editable .

.venv/serve: requirements.txt | .venv/bin/uv
	$(UV) pip install --quiet --python $(BIN)/python -r requirements.txt
	$(INSTALL)
	@touch $@

.venv/train: requirements-train.txt | .venv/bin/uv
	$(UV) pip install --quiet --python $(BIN)/python -r requirements-train.txt
	$(INSTALL)
	@touch $@ .venv/serve

.venv/dev: requirements-dev.txt | .venv/bin/uv
	$(UV) pip install --quiet --python $(BIN)/python -r requirements-dev.txt
	$(INSTALL)
	@touch $@ .venv/train .venv/serve

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" pyproject.toml --extra ledger --extra postgres
lock: | .venv/bin/uv
	$(COMPILE) --extra train --extra spark --extra signing --extra dev -o requirements-dev.txt
	$(COMPILE) --extra train -c requirements-dev.txt -o requirements-train.txt
	$(COMPILE) -c requirements-train.txt -o requirements.txt

clean:
	rm -rf .venv build dist
