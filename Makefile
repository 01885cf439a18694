# Cordiale. `make help` lists what can be made; README.md says what it is for.
#
# Needed on the machine: make, and Python 3.11 or newer with its venv module.
# Everything else is installed into .venv, at the versions and hashes that
# requirements/ locks. A second run finds it there and installs nothing.

VENV := .venv
PY := $(VENV)/bin/python
PIP := PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip
PYTHON ?=
WORKERS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=

# A test that hangs says where it stands after four minutes and fails, instead of holding everything up.
HANGS_SECONDS := 240
PYTEST = $(PY) -m pytest -o faulthandler_timeout=$(HANGS_SECONDS) -o faulthandler_exit_on_timeout=true \
	-n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

# What `make demo` needs is part of what `make test` needs, so one of the two stamps is enough for it.
RUNNING := $(if $(wildcard $(VENV)/dev.stamp),$(VENV)/dev.stamp,$(VENV)/run.stamp)
DEVELOPING := $(VENV)/dev.stamp

# Python keeps what it compiled, wherever that was switched off: every node and every command of the demonstration and
# of the tests is a process of its own, and would compile all of its source again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test check bench words slow lives docs clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo    play the story of one item between two nodes on this machine'
	@echo '               DOC=path    let a document of your own cross'
	@echo '               PACE=slow   pause after each act'
	@echo '               ONCE=1      end with the story instead of leaving both nodes running'
	@echo 'make test    run the tests (about six minutes on two cores)'
	@echo 'make check   style, types, import contracts, tests and documentation: all of it'
	@echo 'make slow    run the long campaigns'
	@echo 'make lives   live random lives of three nodes; LIVES=100 for so many'
	@echo 'make bench   measure, and write docs/performance.md (with some 16 GiB of disk for a register of a million)'
	@echo 'make docs    write the pages that are made from the source again'
	@echo 'make words   bring the catalogues of translated words up to date'
	@echo 'make clean   remove .venv and what tools left behind'

demo: $(RUNNING)
	@$(PY) -m demo.play $${DOC:+--document "$$DOC"} $${PACE:+--pace "$$PACE"} $${ONCE:+--once}

test: $(DEVELOPING)
	$(PYTEST) -m "not slow"

slow: HANGS_SECONDS := 3600
slow: $(DEVELOPING)
	$(PYTEST) -m slow
	HYPOTHESIS_PROFILE=campaign $(PYTEST) -m "not slow" tests/agreement tests/crypto tests/envelope tests/message tests/rules tests/wire

lives: HANGS_SECONDS := 36000
lives: $(DEVELOPING)
	$(PYTEST) -m slow tests/world/test_whole_lives.py

check: $(DEVELOPING)
	$(PY) -m ruff check src tests demo bench tools
	$(PY) -m mypy src demo bench tools
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(PY) -m tools.pages --check
	$(PYTEST) -m "not slow"

bench: $(DEVELOPING)
	$(PY) -m bench $(BENCH_ARGS)

docs: $(DEVELOPING)
	$(PY) -m tools.pages

words: $(DEVELOPING)
	$(PY) -m cordiale.words.collect

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find bench demo src tests tools -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/made.stamp:
	@python=; for one in "$(PYTHON)" python3 python3.11 python3.12 python3.13 python3.14; do \
	  if [ -n "$$one" ] && command -v "$$one" >/dev/null 2>&1 \
	    && "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$one; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Cordiale needs Python 3.11 or newer, and found none under the names python3, python3.11 to python3.14.' >&2; \
	  echo 'Install one, or name it: make PYTHON=/path/to/python3.12' >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$python has no venv module. On Debian and Ubuntu it is a package of its own: python3-venv" >&2; exit 1; \
	fi; \
	echo "making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv $(VENV)
	@touch $@

# Nothing is built for the demonstration: the source is put on the path, and the command beside the interpreter.
$(VENV)/run.stamp: requirements/run.txt | $(VENV)/made.stamp
	@echo 'installing the locked dependencies into $(VENV) (once)'
	@$(PIP) install --quiet --require-hashes -r requirements/run.txt
	@$(PY) tools/put_on_path.py
	@$(PY) -m compileall -q src
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/made.stamp
	@echo 'installing the locked dependencies and tools into $(VENV) (once)'
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@$(PY) -m compileall -q src
	@touch $@
