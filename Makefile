# make setup | demo | test | lint | perf | soak | lock
.DELETE_ON_ERROR:
BIN := .venv/bin

.PHONY: setup demo test lint unit perf soak lock clean

setup: .venv/.ready-all

# The virtual environment with the command `derender` in it, and every extra.
.venv/.ready-all: pyproject.toml locks/all.txt tools/setup
	@tools/setup all >&2
	@touch $@

# The same plus what the tests and the linters use.
.venv/.ready-dev: .venv/.ready-all locks/dev.txt
	@tools/setup dev >&2
	@touch $@

# Package installation aside: no network, no key, no GPU. The gallery's path is the last line printed.
demo: .venv/.ready-all
	@$(BIN)/derender setup all env:vision2code >&2 || true
	@$(BIN)/python demo/run.py -o demo-out

test: .venv/.ready-dev
	@$(BIN)/derender setup all env:py2024 env:vision2code >&2
	@$(MAKE) --no-print-directory lint unit

unit: .venv/.ready-dev
	$(BIN)/pytest -n 2 --dist loadfile

lint: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/check_licences.py

perf: .venv/.ready-dev
	@$(BIN)/python perf/run.py
	@$(BIN)/python perf/metrics.py

# Hours, on a small machine: thousands of programs, then minutes in which workers are killed.
soak: .venv/.ready-dev
	@$(BIN)/python perf/soak.py

# Locks hold names, versions and hashes; they hold no address to download from.
lock: .venv/.ready-dev
	tools/lock

clean:
	rm -rf .venv demo-out perf/out
