# demo: a real model to its first gate.  test: the whole suite.  lint: ruff and mypy.  bench: paired speed figures.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test lint bench install lock
.DEFAULT_GOAL := help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(READY) ## take the demo's model from base weights to its first gate
	@$(BIN)/sluicegate run deployments/reviews-en.yaml

test: $(READY) ## the whole suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: $(READY) ## speed against the baselines, in pairs
	@$(BIN)/python -m benchmarks

install: $(READY) ## only build .venv

$(READY): requirements.lock pyproject.toml bin/sluicegate
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed, not $$($(PYTHON) --version): make PYTHON=python3.11 …"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@install -m 755 bin/sluicegate $(BIN)/sluicegate
	@touch $@

lock: ## write requirements.lock anew from pyproject.toml
	@$(BIN)/python -m uv pip compile pyproject.toml --all-extras --python-version 3.11 --no-header --no-annotate \
	  $$(sed 's/^/--no-emit-package /' requirements.not-locked) -o requirements.lock
