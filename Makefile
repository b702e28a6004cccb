# The front door. Everything a person or a build machine does with this project is one of these.

SHELL := /bin/sh
PYTHON := .venv/bin/python
BOOTSTRAP := python3 tools/bootstrap.py
PYTEST := $(PYTHON) -m pytest

.DEFAULT_GOAL := help
.PHONY: help run day test check together shots bench campaign package lock

help:  ## this list
	@awk -F ':.*## +' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run:  ## install what is missing, make the demo school, start its server and open the workstation
	@$(BOOTSTRAP) run
	@$(PYTHON) -m tools.demo

day:  ## play one school day with the real window offscreen; leaves build/day/
	@$(BOOTSTRAP) run
	@$(PYTHON) -m tools.day

test: check  ## lint, types, contracts and all tests, with a real PostgreSQL and a real keyring
	@$(PYTEST) -n 2 --dist loadfile $(ARGS)

check:  ## lint, format, types and import contracts alone
	@$(BOOTSTRAP) run test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports --no-logo

together:  ## the stories of two workstations and a server, told aloud
	@$(BOOTSTRAP) run test
	@$(PYTEST) -v tests/together $(ARGS)

shots:  ## draw every screen, light and dark, 100 to 200 %, into build/shots/
	@$(BOOTSTRAP) run
	@$(PYTHON) -m tools.shots

bench:  ## print the figures as ratios; ROWS=desk, sync, server, documents, backup, or the long ones scale, load, newdesk and yearbackup, runs one group
	@$(BOOTSTRAP) run test bench
	@ROWS="$(ROWS)" $(PYTHON) -m tests.bench

campaign:  ## live through many more seeded stories; EJOURNAL_CAMPAIGN="SEEDS=100000 CLOCKS=2000 DAYS=170"; build/campaign/report.md
	@$(BOOTSTRAP) run test campaign
	@$(PYTHON) -m tests.campaigns

package:  ## build the .deb of the workstation and of the server into build/packages/
	@$(BOOTSTRAP) run package
	@$(PYTHON) -m installer.build

lock:  ## pin every dependency anew with its hashes (UPGRADE=1 takes newer releases)
	@$(BOOTSTRAP) test
	@$(PYTHON) -m tools.lock $(if $(UPGRADE),--upgrade)
