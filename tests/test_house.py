"""The house rules that a program can check.

A rule looks at one source file and yields (line, what is wrong and what to do). Each has an example
that it must refuse. An exception is a line in a table below, with its reason.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("venues", "matching", "scanner", "execution", "alerts", "app")
WIRING: Final = {"app/demo.py", *(f"app/{each.name}" for each in (ROOT / "app").glob("wiring*.py"))}
FOLDERS: Final = {path.name for path in (ROOT / "venues").glob("[a-z]*") if path.is_dir()}
FILES: Final = {path.stem for path in (ROOT / "venues").glob("*.py")}
FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 60

# Where a library may be imported in the product; everything not named here may go anywhere.
HOMES: Final = {
    "msgspec": (
        "venues/*/wire*",  # the payloads themselves
        "venues/*/calls*",  # the exact bytes of a body that is sent
        "venues/http.py",  # decodes an answer into the type that its call names
        *("venues/tape*.py", "execution/codec.py"),  # lines of a tape, rows of the journal
    ),
    "pydantic": ("app/*",),
    "pydantic_settings": ("app/*",),
    "typer": ("app/*",),
    "sqlmodel": ("app/store/*",),
    "sqlalchemy": ("app/store/*",),
    "alembic": ("app/store/*",),
    "apscheduler": ("scanner/schedule.py",),
    "coincurve": ("venues/polymarket/signing.py", "venues/sim/*"),
    "random": ("venues/sim/*",),
}
FLOAT_FREE: Final = ("venues", "scanner", "execution")
FLOAT_ALLOWED: Final = {
    "venues/http.py": "stamina's answer to 'how long to wait' is bool or float seconds",
}
CATCH_ALL_ALLOWED: Final = {"scanner/jobs.py": "the top of a task: the error is kept with its run"}
CLOCK: Final = "venues/clock.py"
CLOCK_READERS: Final = {
    *("time.time", "time.monotonic", "time.perf_counter", "time.sleep"),
    *("time.time_ns", "time.monotonic_ns", "time.perf_counter_ns", "datetime.date.today"),
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
}
LOOSE_TASKS: Final = {"asyncio.gather", "asyncio.ensure_future"}
DRAWERS: Final = {"utils.py", "util.py", "helpers.py", "base.py", "common.py", "misc.py"}

# Put together here, so that this file does not contain what it looks for.
REGISTRIES: Final = "pypi_org pythonhosted_org npmjs_ crates_io".replace("_", ".").split()
PRIVATE_KEY: Final = re.compile("BEGIN [A-Z ]*PRIVATE" + " KEY")
TOP_FILES: Final = (
    *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile", ".gitignore"),
    *("config.example.yaml", ".ci/run", "bench/peers/requirements.txt"),
    *(f"requirements/{name}.txt" for name in ("runtime", "dev", "build", "bootstrap")),
)


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file; `path` is from the top of the repository, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.split("/")[0]

    @property
    def is_product(self) -> bool:
        return self.package in PACKAGES

    @property
    def folder(self) -> str:
        """The venue folder it stands in, "" for none."""
        parts = self.path.split("/")
        return parts[1] if self.package == "venues" and len(parts) > 2 else ""


Findings = Iterator[tuple[int, str]]
Rule = Callable[[Source], Findings]


def imports_point_left(source: Source) -> Findings:
    for line, module in _imports(source.tree):
        target = module.split(".")[0]
        if not module:
            yield line, "a relative import; write it from the top"
        elif target == "tests":
            yield line, "nobody imports tests"
        elif source.is_product and target in PACKAGES[PACKAGES.index(source.package) + 1 :]:
            yield line, f"{source.package} may not import {target}: imports point left"


def venue_folders_are_wired_in_one_place(source: Source) -> Findings:
    if not source.is_product or source.path in WIRING:
        return
    for line, module in _imports(source.tree):
        first, _, rest = module.partition(".")
        folder, _, name = rest.partition(".")
        if first != "venues" or folder == source.folder != "":
            continue
        if folder in FOLDERS:
            yield line, f"names the venue folder {folder}; only app/wiring*.py and app/demo.py may"
        elif source.package != "venues" and folder in FILES and name in _exported():
            yield line, f"reaches into venues.{folder}; write `from venues import …`"


def libraries_stay_in_their_homes(source: Source) -> Findings:
    for line, module in _imports(source.tree):
        homes = HOMES.get(module.split(".")[0])
        if source.is_product and homes and not any(fnmatch(source.path, h) for h in homes):
            yield line, f"imports {module.split('.')[0]}, which stays in {', '.join(homes)}"


def libraries_are_declared(source: Source) -> Findings:
    known = {*sys.stdlib_module_names, *PACKAGES, ""}
    for line, module in _imports(source.tree):
        top = module.split(".")[0]
        name = {"yaml": "pyyaml", "Crypto": "pycryptodome"}.get(top, top.replace("_", "-"))
        if source.is_product and top not in known and name not in _declared(extras=True):
            yield line, f"imports {top}, which is no dependency in pyproject.toml"


def money_and_time_are_whole(source: Source) -> Findings:
    if source.package not in FLOAT_FREE or source.path in FLOAT_ALLOWED:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "uses float; money is micros, time is whole ns, ms or s"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the float {node.value}; write a whole number of a smaller unit"


def time_is_read_by_the_clock(source: Source) -> Findings:
    if not source.is_product or source.path == CLOCK:
        return
    for line, name in _uses(source.tree):
        if name in CLOCK_READERS:
            yield line, f"{name}: ask a Clock; only {CLOCK} reads the system's time"


def tasks_have_parents(source: Source) -> Findings:
    for line, name in _uses(source.tree):
        parent, _, method = name.rpartition(".")
        if name in LOOSE_TASKS or (method == "create_task" and not parent.endswith("group")):
            yield line, f"{name}: make tasks in a TaskGroup, and call it a group"


def only_app_prints(source: Source) -> Findings:
    for line, name in _uses(source.tree):
        if name == "print" and source.is_product and source.package != "app":
            yield line, "print: log an event; only app/ speaks to a person"


def files_and_functions_are_small(source: Source) -> Findings:
    if (lines := len(source.text.splitlines())) > FILE_LINES_MAX:
        yield lines, f"a file of {lines} lines; {FILE_LINES_MAX} at most, one subject each"
    for node in _functions(source.tree):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield node.lineno, f"{node.name} has {lines} lines; {FUNCTION_LINES_MAX} at most"


def names_say_a_subject(source: Source) -> Findings:
    if (name := PurePosixPath(source.path).name) in DRAWERS:
        yield 1, f"{name} is a drawer for leftovers; name the file after its subject"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Manager"):
            yield node.lineno, f"{node.name}: say what it does instead of Manager"


def names_of_tests_are_sentences(source: Source) -> Findings:
    for node in _functions(source.tree):
        is_test = source.package == "tests" and node.name.startswith("test_")
        if is_test and node.name.count("_") < 3:
            yield node.lineno, f"{node.name}: a test's name is a sentence"


def errors_are_caught_by_name(source: Source) -> Findings:
    if not source.is_product or source.path in CATCH_ALL_ALLOWED:
        return
    for node in ast.walk(source.tree):
        caught: list[ast.expr | None] = []
        if isinstance(node, ast.ExceptHandler):
            caught = [*node.type.elts] if isinstance(node.type, ast.Tuple) else [node.type]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = [*node.args]
        for error in caught:
            if error is None or ast.unparse(error) in {"Exception", "BaseException"}:
                yield getattr(node, "lineno", 1), "catches everything; name the error"


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported dotted name with its line; "" stands for a relative import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, "" if node.level else f"{node.module}.{alias.name}"


def _uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that is read, dotted and with import aliases undone: `dt.now` → datetime.…"""
    origin: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            origin |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            origin |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            yield node.lineno, origin.get(first, first) + dot + rest


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def _exported() -> frozenset[str]:
    vocabulary = ast.parse((ROOT / "venues/__init__.py").read_text())
    return frozenset(module.split(".")[-1] for _, module in _imports(vocabulary))


@cache
def _declared(*, extras: bool = False) -> frozenset[str]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    more = found["optional-dependencies"].values() if extras else ()
    wanted = sum(more, found["dependencies"])
    return frozenset(re.split(r"[^\w.-]", line)[0].lower() for line in wanted)


def _parse(path: str, text: str) -> Source:
    return Source(path, text, ast.parse(text, path))


@cache
def _sources() -> tuple[Source, ...]:
    files = (file for name in (*PACKAGES, "tests") for file in sorted((ROOT / name).rglob("*.py")))
    return tuple(_parse(f.relative_to(ROOT).as_posix(), f.read_text("utf-8")) for f in files)


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """(path, text) of every text file that git has or would take; outside git, of every file."""
    listing = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    names = set(listing.stdout.decode().split("\0")) - {""}
    if listing.returncode != 0:
        skipped = re.compile(r"(^|/)(\.git|\.venv|__pycache__|\.\w+_cache|\.hypothesis)/")
        paths = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*"))
        names = {path for path in paths if not skipped.search(path)}
    contents = ((n, (ROOT / n).read_bytes()) for n in sorted(names) if (ROOT / n).is_file())
    return tuple((n, raw.decode(errors="replace")) for n, raw in contents if b"\0" not in raw)


def _lines_with(found: Callable[[str], object], texts: tuple[tuple[str, str], ...]) -> list[str]:
    numbered = ((n, i, line) for n, text in texts for i, line in enumerate(text.splitlines(), 1))
    return [f"{name}:{i}" for name, i, line in numbered if found(line)]


def _names_a_registry(line: str) -> bool:
    return any(host in line.lower() for host in REGISTRIES)


LONG: Final = "def f() -> None:\n" + "    pass\n" * FUNCTION_LINES_MAX
REFUSED: Final[tuple[tuple[Rule, str, str], ...]] = (
    (imports_point_left, "scanner/a.py", "def f():\n    from execution import Hedge"),
    (imports_point_left, "venues/a.py", "import app.cli"),
    (imports_point_left, "app/a.py", "from . import cli"),
    (imports_point_left, "tests/a.py", "from tests.b import c"),
    (venue_folders_are_wired_in_one_place, "venues/a.py", "from venues.kalshi import wire"),
    (venue_folders_are_wired_in_one_place, "venues/kalshi/a.py", "import venues.sim.world"),
    (venue_folders_are_wired_in_one_place, "app/cli.py", "from venues import polymarket"),
    (venue_folders_are_wired_in_one_place, "scanner/a.py", "from venues.money import micros"),
    (libraries_stay_in_their_homes, "venues/kalshi/venue.py", "import msgspec"),
    (libraries_stay_in_their_homes, "execution/a.py", "from pydantic import BaseModel"),
    (libraries_stay_in_their_homes, "venues/kalshi/auth.py", "import coincurve"),
    (libraries_are_declared, "app/a.py", "import pytest"),
    (money_and_time_are_whole, "execution/a.py", "def f(x: int) -> float | None: ..."),
    (money_and_time_are_whole, "scanner/a.py", "edge = 0.01"),
    (time_is_read_by_the_clock, "app/a.py", "from datetime import datetime as dt\ndt.now()"),
    (time_is_read_by_the_clock, "venues/sim/a.py", "import time as t\nclock = t.monotonic"),
    (tasks_have_parents, "venues/a.py", "import asyncio\nasyncio.create_task(f())"),
    (tasks_have_parents, "tests/a.py", "from asyncio import gather\ngather(f())"),
    (only_app_prints, "alerts/a.py", "print('naked')"),
    (files_and_functions_are_small, "app/a.py", LONG),
    (files_and_functions_are_small, "app/a.py", "\n" * (FILE_LINES_MAX + 1)),
    (names_say_a_subject, "app/store/utils.py", ""),
    (names_say_a_subject, "app/a.py", "class OrderManager: ..."),
    (names_of_tests_are_sentences, "tests/a.py", "def test_flip(): ..."),
    (errors_are_caught_by_name, "venues/a.py", "try: ...\nexcept (OSError, Exception): ..."),
    (errors_are_caught_by_name, "venues/a.py", "try: ...\nexcept: ..."),
    (errors_are_caught_by_name, "alerts/a.py", "with suppress(Exception): ..."),
)
ACCEPTED: Final = (
    ("app/wiring.py", "from venues.kalshi.venue import Kalshi\nfrom venues.http import Http"),
    ("execution/a.py", "from scanner import Leg\nfrom venues import Book, micros"),
    (
        "venues/kalshi/wire.py",
        "import msgspec\nfrom venues.kalshi import fees\nimport venues.money",
    ),
    ("venues/sim/a.py", "import random\nseed = random.Random(1)"),
    (CLOCK, "import time\ntime.time_ns()"),
    ("matching/a.py", "score: float = 0.5"),
    ("app/a.py", "print('hello')\nawait_ = self._group.create_task(f())"),
    ("tests/a.py", "import time\nimport pytest\ntime.monotonic()\ndef test_a_b_c(): ..."),
    ("venues/a.py", "try: ...\nexcept ValueError: ..."),
)
RULES: Final = tuple(dict.fromkeys(rule for rule, _, _ in REFUSED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_whole_tree_keeps_the_rule(rule: Rule) -> None:
    found = {f"{s.path}:{line}: {what}": None for s in _sources() for line, what in rule(s)}
    assert not found, "\n" + "\n".join(found)


def test_the_rules_look_at_the_product_and_at_the_tests() -> None:
    seen = {source.path for source in _sources()}
    assert {*(f"{name}/__init__.py" for name in PACKAGES), "tests/test_house.py"} <= seen
    assert "venues/money.py" in seen
    assert "tests/test_house.py" in dict(_texts())


def test_tests_is_no_package_because_some_libraries_install_one() -> None:
    assert not [*(ROOT / "tests").rglob("__init__.py")]


def test_the_files_a_reader_expects_are_there() -> None:
    assert not [name for name in TOP_FILES if not (ROOT / name).is_file()]
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_no_file_names_a_package_registry() -> None:
    assert not (found := _lines_with(_names_a_registry, _texts())), found


def test_s16_lock_files_hold_no_option_but_hashes() -> None:
    locks = tuple((name, text) for name, text in _texts() if "requirements" in name)
    assert len(locks) >= 5
    assert not (found := _lines_with(re.compile(r"\s*-(?!-hash=)").match, locks)), found


def test_no_private_key_stands_outside_the_test_data() -> None:
    texts = tuple((n, text) for n, text in _texts() if not n.startswith("tests/data/"))
    assert not (found := _lines_with(PRIVATE_KEY.search, texts)), found


def test_s16_every_dependency_is_locked_and_every_lock_has_hashes() -> None:
    runtime, dev = ((ROOT / f"requirements/{n}.txt").read_text() for n in ("runtime", "dev"))
    pins = [
        re.findall(r"^([\w.-]+)==.* \\\n    --hash", text, re.MULTILINE) for text in (runtime, dev)
    ]
    assert _declared() <= set(pins[0]) <= set(pins[1])
    assert [text.count("\n    # via") for text in (runtime, dev)] == [*map(len, pins)]


@pytest.mark.parametrize(("rule", "path", "text"), REFUSED)
def test_a_rule_refuses_its_bad_example(rule: Rule, path: str, text: str) -> None:
    assert [*rule(_parse(path, text))]


@pytest.mark.parametrize(("path", "text"), ACCEPTED)
def test_the_rules_let_good_code_pass(path: str, text: str) -> None:
    assert not [what for rule in RULES for what in rule(_parse(path, text))]


def test_every_rule_has_an_example_that_it_refuses() -> None:
    hints = {name: getattr(it, "__annotations__", {}) for name, it in globals().items()}
    assert {n for n, hint in hints.items() if hint.get("return") == "Findings"} == {
        rule.__name__ for rule in RULES
    }
    assert _names_a_registry("index = https://" + REGISTRIES[0])
    assert PRIVATE_KEY.search("-----BEGIN EC PRIVATE" + " KEY-----")
