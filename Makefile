# make example   a translated book from nothing, with the embedded engine
# make test      everything that is checked, in both environments
# make docs      the documentation in English and Chinese, into build/docs
# make bench     all benchmarks (hours; some need public books beside this folder; CACHE=FOLDER: one more is fetched into it)
PYTHON ?= python3
BIN := .venv/bin
OLD := .venv-old/bin
OLD_RUNS := $(shell $(PYTHON) -c 'import sys; print("yes" if sys.version_info < (3, 13) else "")')
# The tests start many interpreters, which find the byte code of the first one.
export PYTHONDONTWRITEBYTECODE =

.PHONY: example test test-new test-old lint docs bench clean

example: .venv/example
	$(BIN)/sphinx-build -b amts example_book build/amts || [ $$? -eq 1 ]
	$(BIN)/sphinx-build -q -b html example_book build/html/en
	for tree in build/amts/*/; do \
	    $(BIN)/sphinx-build -q -b html "$$tree" "build/html/$$(basename "$$tree")" || exit 1; \
	done
	@echo
	@echo "The example book, with two languages beside the English original:"
	@for page in build/html/*/index.html; do echo "    $$page"; done
	@echo "Localized sources: build/amts/<language>/. Catalogs: example_book/locale/<language>/LC_MESSAGES/."

# Both environments are installed side by side, which takes half the time of one after the other.
test:
	$(MAKE) -j 2 lint $(if $(OLD_RUNS),.venv-old/test)
	$(MAKE) test-new
	$(MAKE) test-old

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-new: .venv/test
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

# Sphinx 5.3, docutils 0.19 and myst-parser 1.0, as d2lbook 1.0.3 pins them; they do not run on Python 3.13 and newer.
test-old: $(if $(OLD_RUNS),.venv-old/test)
	$(if $(OLD_RUNS),$(OLD)/python -m pytest -q -n 2 --dist worksteal,@echo "test-old: skipped, Sphinx 5.3 does not run on this Python")

docs: .venv/test
	$(BIN)/sphinx-build -W -b html docs build/docs/en
	$(BIN)/sphinx-build -b amts docs build/docs/amts || [ $$? -eq 1 ]
	$(BIN)/sphinx-build -W -b html build/docs/amts/zh_CN build/docs/zh_CN

bench: .venv/bench
	$(if $(CACHE),AMTS_BENCH_CACHE=$(CACHE)) $(BIN)/python bench/run.py

.venv/pip:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade pip
	touch $@

.venv/example: .venv/pip pyproject.toml
	$(BIN)/python -m pip install -q -e '.[myst]'
	touch $@

.venv/test: .venv/pip pyproject.toml
	$(BIN)/python -m pip install -q -e '.[test]'
	touch $@

.venv/bench: .venv/pip pyproject.toml
	$(BIN)/python -m pip install -q -e '.[bench]'
	touch $@

.venv-old/test: pyproject.toml
	$(PYTHON) -m venv .venv-old
	$(OLD)/python -m pip install -q --upgrade pip
	$(OLD)/python -m pip install -q -e '.[d2lbook,test-old]'
	touch $@

clean:
	rm -rf build .venv .venv-old
