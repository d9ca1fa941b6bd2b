# The commands of CONTRACT: each does all that a fresh machine needs first.
SHELL := /bin/sh
DESK := .venv/desk/bin
ENGINE := .venv/engine/bin
QUIET := RASA_TELEMETRY_ENABLED=false PYTHONWARNINGS=ignore TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1

.PHONY: run test test-quick train derive check lock setup

setup:
	@scripts/setup

run: setup
	@exec $(DESK)/python -m bot.launch run

train: setup
	@$(DESK)/python -m bot.launch train

derive: setup
	@$(DESK)/python -m knowledge derive

lock: setup
	@scripts/lock
