# Every target sets up what it needs on a machine with only python3 (3.11 or newer) and PyPI.
# Variables: PYTHON=python3.12   DEMO_SECONDS=60   UPGRADE=--upgrade (lock)   ARGS=… (test, bench,
# campaign)   SEEDS=5000 (campaign)   KILLS=200 (kills)

.PHONY: setup demo test check audit bench campaign kills pictures reference rows oracles browser lock clean
.DEFAULT_GOAL := setup

PYTHON ?= python3
BIN := .venv/bin
PACKAGES := venues matching scanner execution alerts app
LOCKS := requirements/dev.txt requirements/build.txt
PEERS := bench/peers/.venv
ORACLES := oracles/.venv
AUDIT := .audit

# uv carries its own certificates. Where the system has a store, as behind a company proxy, trust
# that one instead. The second name is what a uv older than 0.13 reads.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS ?= true
export UV_NATIVE_TLS ?= true
endif
# The cache is often on another disk than .venv; uv would warn about each copy.
export UV_LINK_MODE ?= copy
export UV_PYTHON_DOWNLOADS := never

# What .venv was made from. The first line is the folder: scripts in .venv hold absolute paths.
KEY := { pwd; cksum $(LOCKS) requirements/bootstrap.txt pyproject.toml; }

# Ends with $$uv set: the machine's own uv, or else the pinned one, put into .venv by pip.
define find_uv
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "dutchbook needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=python3.12"; \
		exit 1; }; \
	uv=$$(command -v uv || true); \
	if [ -n "$$uv" ]; then \
		[ -x $(BIN)/python ] || "$$uv" venv --quiet --python "$$(command -v $(PYTHON))" .venv; \
	else \
		[ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv; \
		$(BIN)/pip install -qq --disable-pip-version-check --require-hashes \
			-r requirements/bootstrap.txt; \
		uv=$(BIN)/uv; \
	fi
endef

# The stamp is taken away first and written last: no stamp means an interrupted set-up, which
# starts again from nothing. The lock keeps two makes in one folder from building over each other.
setup:
	@set -eu; \
	fresh() { [ -x $(BIN)/dutchbook ] && $(BIN)/python -c '' && $(KEY) | cmp -s - .venv/.stamp; }; \
	if fresh 2>/dev/null; then exit 0; fi; \
	exec 9>.setup.lock; if command -v flock >/dev/null; then flock 9; fi; \
	if fresh 2>/dev/null; then exit 0; fi; \
	if [ "$$(head -n 1 .venv/.stamp 2>/dev/null)" != "$$(pwd)" ] || ! $(BIN)/python -c ''; then \
		rm -rf .venv; fi; \
	rm -f .venv/.stamp; \
	echo "setting up .venv"; \
	$(find_uv); \
	into="--quiet --python $(BIN)/python"; \
	"$$uv" pip install $$into --require-hashes $(LOCKS:%=-r %); \
	"$$uv" pip install $$into --no-deps --no-build-isolation --reinstall-package dutchbook -e .; \
	$(KEY) >.venv/.stamp.new; mv .venv/.stamp.new .venv/.stamp

demo: setup
	@exec $(BIN)/dutchbook demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

test: setup oracles browser
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: setup audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES) tests

# Known vulnerabilities of what a user installs. A finding fails; where the database, or the program
# that asks it, cannot be had within 25 seconds, this says so and nothing was looked at.
audit: setup
	@set -eu; key() { pwd; cksum requirements/audit.txt; }; $(find_uv); \
	skip() { echo "NO AUDIT: $$1; known vulnerabilities were not looked for (make audit)" >&2; exit 0; }; \
	if ! key | cmp -s - $(AUDIT)/.stamp 2>/dev/null; then \
		rm -rf $(AUDIT); \
		"$$uv" venv --quiet --python "$$(command -v $(PYTHON))" $(AUDIT); \
		timeout 10 "$$uv" pip install --quiet --python $(AUDIT)/bin/python --require-hashes \
			-r requirements/audit.txt || skip "pip-audit cannot be installed"; \
		key >$(AUDIT)/.stamp; \
	fi; \
	code=0; said=$$(timeout 15 $(AUDIT)/bin/pip-audit --disable-pip --require-hashes --timeout 5 \
		--progress-spinner off -r requirements/runtime.txt 2>&1) || code=$$?; \
	case "$$code $$said" in \
		0*"could not be audited"*) skip "its database does not know these packages";; \
		0*) echo "no known vulnerability in requirements/runtime.txt"; exit 0;; \
		*"known vulnerabilit"*) echo "$$said" >&2; exit 1;; \
	esac; \
	skip "its database does not answer"

# What goes wrong in hedges, drawn anew for each seed, and kills at every read too (docs/campaign.md).
campaign: setup
	DUTCHBOOK_CAMPAIGN_SEEDS=$(or $(SEEDS),5000) DUTCHBOOK_SWEEP_ALL=1 DUTCHBOOK_CONSERVED=1000 \
		$(BIN)/python -m pytest -q tests/simulation/test_campaign.py \
		tests/simulation/test_crash_sweep.py tests/simulation/test_conservation.py \
		tests/unit/app/test_taken_over.py $(ARGS)

# Real processes over real sockets, killed with SIGKILL in the middle of hedges (docs/campaign.md).
kills: setup
	PYTHONPATH=.:tests/stages $(BIN)/python tests/stages/kills.py $(or $(KILLS),200) $(or $(WORLDS),8)

# Every page of the demo, desktop and phone, dark and light: to be looked at.
pictures: setup browser
	$(BIN)/python bench/pictures.py $(or $(ARGS),pictures)

# docs/reference/cli.md, as the program says it now.
reference: setup
	$(BIN)/python bench/reference.py

# docs/rows.md: every test that proves a row of the checklist is run, and its result written down.
rows: setup
	$(BIN)/python bench/rows.py $(or $(ARGS),-n 2)

# The peers are what the benchmarks compare with; a benchmark skips that part where they are missing.
bench: setup $(PEERS)/.stamp
	$(BIN)/python -m pytest -s tests/benchmarks $(ARGS)

$(PEERS)/.stamp: bench/peers/requirements.txt | setup
	@set -eu; rm -rf $(PEERS); $(find_uv); \
	"$$uv" venv --quiet --python "$$(command -v $(PYTHON))" $(PEERS); \
	"$$uv" pip install --quiet --python $(PEERS)/bin/python --require-hashes -r $<; \
	touch $@

# The packages of others that our simulated venues must satisfy. They need Python 3.13: without one
# this says so, and the tests that ask them are skipped. A pyenv shim that is not switched on fails,
# so its versions are looked at too.
oracles: setup
	@set -eu; key() { pwd; cksum oracles/requirements.txt; }; \
	if key | cmp -s - $(ORACLES)/.stamp 2>/dev/null; then exit 0; fi; \
	shim=$$(command -v python3.13 || true); python=; \
	for each in "$$shim" "$${shim%/shims/*}"/versions/3.13*/bin/python3.13; do \
		if "$$each" -c '' 2>/dev/null; then python=$$each; break; fi; done; \
	if [ -z "$$python" ]; then \
		echo "NO PYTHON 3.13: the packages of others are not asked (make oracles)" >&2; exit 0; fi; \
	echo "setting up $(ORACLES)"; rm -rf $(ORACLES); $(find_uv); \
	"$$uv" venv --quiet --python "$$python" $(ORACLES); \
	"$$uv" pip install --quiet --python $(ORACLES)/bin/python --require-hashes \
		-r oracles/requirements.txt; \
	key >$(ORACLES)/.stamp

# The browser that looks at the page in the tests. Where it cannot be installed this says so, and
# those tests are skipped.
browser:
	@set -eu; for each in chromium chromium-browser google-chrome; do \
		if command -v $$each >/dev/null; then exit 0; fi; done; \
	root=; if [ "$$(id -u)" != 0 ]; then root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$root true 2>/dev/null; then \
		echo "installing chromium"; \
		$$root apt-get update -qq >/dev/null 2>&1 || true; \
		if $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends chromium >/dev/null 2>&1; then exit 0; fi; \
	fi; \
	echo "NO BROWSER: the page is not looked at (make browser; install chromium)" >&2

# Keeps every pin that still fits. `make lock UPGRADE=--upgrade` takes the newest of everything.
lock:
	@set -eu; $(find_uv); \
	compile() { "$$uv" pip compile --quiet --universal --generate-hashes \
		--python-version $${for:-3.11} \
		--custom-compile-command "make lock" $(UPGRADE) "$$@"; }; \
	compile pyproject.toml -o requirements/runtime.txt; \
	compile pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt; \
	compile pyproject.toml --extra postgres -c requirements/runtime.txt -c requirements/dev.txt \
		-o requirements/postgres.txt; \
	compile --group build -c requirements/dev.txt -o requirements/build.txt; \
	for=3.13 compile --group oracles -o oracles/requirements.txt; \
	compile --group audit -o requirements/audit.txt; \
	compile --group bootstrap -o requirements/bootstrap.txt; \
	compile --group peers -o bench/peers/requirements.txt

clean:
	rm -rf .venv $(PEERS) $(ORACLES) $(AUDIT) .setup.lock dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
