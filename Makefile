# Two commands do all the set-up: `make run` and `make test`.
PY ?= python3
DATELINE = .venv/bin/dateline

.PHONY: run test setup demo lint bench soak lock browser

run: .venv/.ok
	$(DATELINE) run

setup: .venv/.ok

.venv/.ok: requirements.lock pyproject.toml
	$(PY) -m venv .venv
	.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Three at a time, also where there are two processors: those that start processes wait most of the time.
test: .venv/.ok browser
	.venv/bin/python -m pytest -n 3

# The page is tested in a real browser, which no Python package ships.
browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends chromium chromium-driver >/dev/null; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
	  sudo apt-get update -q >/dev/null && sudo apt-get install -y -q --no-install-recommends chromium chromium-driver >/dev/null; \
	else echo "No chromium and chromedriver here and no right to install them: the browser tests are left out."; \
	  echo "Mend: install the packages chromium and chromium-driver."; fi

demo: .venv/.ok
	$(DATELINE) demo

lint: .venv/.ok
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	@! grep -nE 'https?://|--index|--find-links' requirements.lock

bench: .venv/.ok
	.venv/bin/python -m bench

soak: .venv/.ok
	.venv/bin/python -m pytest -m soak tests/

# Needs uv; writes names, versions and hashes only.
lock:
	printf 'hatchling\neditables\n' | uv pip compile -q pyproject.toml - --group dev --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --python-version 3.11 -o requirements.lock
