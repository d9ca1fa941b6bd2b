# Each command does all that a fresh machine needs first. PORT and DATA_DIR are described in docs/settings.md.
SHELL := /bin/sh
DESK := .venv/desk/bin
ENGINE := .venv/engine/bin
RASA := RASA_TELEMETRY_ENABLED=false PYTHONWARNINGS=ignore TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1

# Two at a time, each file by one, so that the tests of a file share what they start; what takes minutes first.
TWO := -n 2 --dist loadfile --no-loadscope-reorder

# What of the desk's tests `make test` runs on PostgreSQL too: all else is in `make test-servers`.
ON_POSTGRESQL := tests/log/test_search.py tests/log/test_overview.py tests/cases/test_out.py tests/review/test_decisions.py

.PHONY: setup run train test test-quick test-servers faults evaluate bench check derive format lock screenshots fuzz fuzz-api vulnerabilities

setup:
	@scripts/setup

run: setup
	@exec $(DESK)/python -m bot.launch run

train: setup
	@$(DESK)/python -m bot.launch train

test: train
	@export BROWSER_PATH=$$(scripts/browser) IMAP_SERVER=$$(scripts/imap-server) && \
	$(RASA) $(ENGINE)/python -m pytest -c tests/engine/pytest.ini --rootdir . tests/engine && \
	$(DESK)/python -m pytest $(TWO) -m "not journey and not servers" && \
	TEST_DATABASE=postgresql $(DESK)/python -m pytest $(TWO) $(ON_POSTGRESQL) && \
	$(DESK)/python -m pytest $(TWO) -m journey

# The whole desk on PostgreSQL; Rasa's events over RabbitMQ; and two whole assistants behind HAProxy, restarted in turn.
test-servers: setup
	@scripts/servers && imap=$$(scripts/imap-server) && export IMAP_SERVER=$$imap TEST_DATABASE=postgresql && \
	$(DESK)/python -m pytest $(TWO) -m "not journey and not servers" && \
	$(RASA) $(DESK)/python -m pytest -m servers

# Without the whole running assistant, without Rasa, and without what takes many seconds or minutes.
test-quick: setup
	@imap=$$(scripts/imap-server) && IMAP_SERVER=$$imap $(DESK)/python -m pytest $(TWO) -m "not journey and not endurance and not slow and not servers"

check: setup
	@$(DESK)/ruff format --check .
	@$(DESK)/ruff check .
	@scripts/window tsc
	@scripts/console tsc
	@$(DESK)/mypy actions bot knowledge tests --exclude bot/engine --exclude bot/store/migrations --exclude tests/engine
	@$(DESK)/mypy --python-executable $(ENGINE)/python --python-version 3.10 bot/engine
	@$(DESK)/lint-imports
	@$(DESK)/python -m knowledge check
	@scripts/validate

# Every fault for two minutes under load, on one machine and on two with all servers; an hour. FAULTS="--on sqlite" for less.
faults: train
	@scripts/servers && $(RASA) $(DESK)/python -m tests.faults $(FAULTS)

# How well it understands the development questions, as figures and as a page.
evaluate: setup
	@$(DESK)/python -m bot.evaluate

# How fast and how large it is beside the project of `rasa init`; SECTIONS and QUICK=--quick make it shorter.
bench: setup
	@browser=$$(scripts/browser) && BROWSER_PATH=$$browser $(DESK)/python -m bot.bench $(QUICK) $(SECTIONS)

# Rewrites what is derived from knowledge/.
derive: setup
	@$(DESK)/python -m knowledge derive

# The states of the chat window and the staff's pages as pictures in docs/images/.
screenshots: setup
	@browser=$$(scripts/browser) && export BROWSER_PATH=$$browser && \
	$(DESK)/python -m bot.demo.screenshots && $(DESK)/python -m bot.demo.console_screenshots

format: setup
	@$(DESK)/ruff format .
	@$(DESK)/ruff check --fix .

lock: setup
	@scripts/lock

# Each fuzzer for ten minutes; the tests run each for a moment.
fuzz: setup
	@$(DESK)/python -m tests.fuzz --seconds 600

# 20,000 calls by the OpenAPI document.
fuzz-api: setup
	@$(DESK)/python -m tests.api --cases 20000

# Known weaknesses of every locked package, and which of them nobody accepted; asks osv.dev.
vulnerabilities: setup
	@$(DESK)/python -m bot.vulnerabilities
