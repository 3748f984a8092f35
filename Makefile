# Each target sets up what it needs at its first call and starts at once afterwards.
PYTHON ?= python3
BIN := .venv/bin
STAMPS := .venv/stamps
TORCH := torch==2.13.0
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help chat demo run test test-parts test-whole test-slow test-peers check fix evaluation screenshots transcripts setup lock clean

help:
	@echo "make chat       talk to EmotiBot in this terminal"
	@echo "make demo       talk to it in a browser"
	@echo "make run        serve Telegram and Discord (set EMOTIBOT_TELEGRAM_TOKEN, EMOTIBOT_DISCORD_TOKEN)"
	@echo "make test       format, lint, types, import rules, tests"
	@echo "make test-slow  the tests that take minutes: the real weights over both platforms"
	@echo "make test-peers aiogram and hikari, which the bot does not use, talk to our loopback servers"
	@echo "make check      the same as make test, without the tests"
	@echo "make fix        put format and imports in order"
	@echo "make evaluation every model on its test set (DATA=folder): docs/evaluation is written anew"
	@echo "make screenshots the pictures of the demo page are taken anew (with Chromium)"
	@echo "make transcripts what somebody new sees on each platform: docs/first-minutes.md is written anew"
	@echo "make setup      install everything a developer needs"
	@echo "make lock       resolve constraints.txt anew"

chat: $(STAMPS)/models
	@$(BIN)/emotibot chat

demo: $(STAMPS)/demo
	@$(BIN)/emotibot demo

run: $(STAMPS)/models
	@$(BIN)/emotibot run

# The parts are tested beside the whole, each half with one thread for its networks.
HALF = COVERAGE_FILE=.venv/coverage.$(@:test-%=%) OMP_NUM_THREADS=1 $(BIN)/pytest -q -m "not slow" \
	--cov --cov-report= --cov-fail-under=0
test: check
	$(MAKE) --no-print-directory -j2 test-parts test-whole
	$(BIN)/coverage combine --quiet .venv/coverage.parts .venv/coverage.whole
	$(BIN)/coverage report --skip-covered

test-parts: $(STAMPS)/dev
	$(HALF) tests/unit

test-whole: $(STAMPS)/dev
	$(HALF) tests/acceptance tests/integration

test-slow: $(STAMPS)/dev
	$(BIN)/pytest -m slow

# They pin other versions of our own libraries, so they live beside them.
PEERS := tests/peers/foreign/requirements.txt
test-peers: $(STAMPS)/dev $(STAMPS)/peers
	$(BIN)/pytest tests/integration/platforms/test_foreign_peers.py

check: $(STAMPS)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy bot emotibot_models training
	$(BIN)/lint-imports

screenshots: $(STAMPS)/dev
	$(BIN)/python -m docs.screenshots

transcripts: $(STAMPS)/dev
	$(BIN)/python -m docs.first_minutes

fix: $(STAMPS)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Twenty minutes on two cores. RUNS holds training runs whose histories are plotted too.
DATA ?= ../shared/data
RUNS ?= runs
evaluation: $(STAMPS)/dev
	$(BIN)/emotibot evaluate all --data $(DATA) --device cpu --report docs/evaluation --logs logs --runs $(RUNS)

setup: $(STAMPS)/dev

# A plain `torch` resolves to several gigabytes of CUDA packages, so the lock leaves it out;
# TORCH above is its pin, and a GPU host installs the CUDA build of the same version first.
lock: $(STAMPS)/venv
	$(PIP) install uv
	printf 'torch ; python_version < "3"\n' > .venv/torch-override
	$(BIN)/uv pip compile pyproject.toml --all-extras --quiet --no-header \
		--override .venv/torch-override --python $(BIN)/python -o constraints.txt

clean:
	rm -rf .venv

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "EmotiBot needs Python 3.11 or newer; call make with PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python cannot make virtual environments here; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/peers: $(PEERS) | $(STAMPS)/venv
	@$(PYTHON) -m venv .venv/peers
	@.venv/peers/bin/python -m pip --disable-pip-version-check --quiet install -r $(PEERS)
	@touch $@

$(STAMPS)/torch: $(STAMPS)/venv
	@echo "Setting up, step 1 of 2: torch (once, a few minutes)"
	@$(PIP) install '$(TORCH)'
	@touch $@

$(STAMPS)/models: pyproject.toml constraints.txt | $(STAMPS)/torch
	@echo "Setting up, step 2 of 2: EmotiBot and its libraries"
	@$(PIP) install -c constraints.txt -e '.[models]'
	@touch $@

$(STAMPS)/demo: pyproject.toml constraints.txt | $(STAMPS)/torch
	@echo "Setting up, step 2 of 2: EmotiBot, its libraries and the page's"
	@$(PIP) install -c constraints.txt -e '.[demo]'
	@touch $(STAMPS)/models $@

$(STAMPS)/dev: pyproject.toml constraints.txt | $(STAMPS)/torch
	@echo "Setting up, step 2 of 2: EmotiBot, its libraries and the developer's tools"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(STAMPS)/models $(STAMPS)/demo $@
