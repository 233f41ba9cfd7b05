"""The rows F01 – F40 and I1 – I25, what proves them and what nobody proved: makes docs/rows.md.

A test that is named for a row (`test_f01_…`) proves it; other tests are named in rows.yaml.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/rows.md"
ROWS: Final = (*(f"F{n:02}" for n in range(1, 41)), *(f"I{n}" for n in range(1, 26)))
CHECKER: Final = ROOT / "tests/stages/invariants.py"
CHECKED: Final = (
    "simulation/test_campaign.py::test_a_seed_breaks_no_invariant",
    "simulation/test_crash_sweep.py::test_a_kill_at_any_point_ends_as_if_there_had_been_none",
    "simulation/test_invariants.py::test_a_plain_hedge_keeps_every_invariant",
)
"""These ask the checker after every row of the journal; it names the invariant that broke."""


@dataclass(frozen=True, slots=True)
class Row:
    """`about` in a few words; `also`: tests not named for the row, from tests/; `left`: what
    the row promises and none of its tests shows."""

    about: str
    also: tuple[str, ...] = ()
    left: str = ""


def _read() -> dict[str, Row]:
    rows = yaml.safe_load((ROOT / "tests/stages/rows.yaml").read_text("utf-8"))
    checked = {name: CHECKED if row.pop("checked", False) else () for name, row in rows.items()}
    also = {name: (*checked[name], *row.pop("also", ())) for name, row in rows.items()}
    return {name: Row(**row, also=also[name]) for name, row in rows.items()}


TABLE: Final[Mapping[str, Row]] = _read()


@cache
def tests() -> tuple[str, ...]:
    """`folder/file.py::name` of every test, from tests/."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return tuple(
        f"{file.relative_to(ROOT / 'tests').as_posix()}::{node.name}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, kinds) and node.name.startswith("test_")
    )


def proofs(row: str) -> tuple[str, ...]:
    named = f"::test_{row.lower()}_"
    return tuple(dict.fromkeys((*(each for each in tests() if named in each), *TABLE[row].also)))


@cache
def switched() -> Mapping[str, str]:
    """Name of a test → what is off while it has to fail."""
    spec = importlib.util.spec_from_file_location("switches", ROOT / "tests/simulation/switches.py")
    assert spec
    assert spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return {each.test: each.off for each in module.SWITCHES}


HEAD: Final = """\
# The rows, and what proves them

Written by `make rows`, which runs every test named here; change it in `tests/stages/rows.yaml`.
F: faults, I: invariants, numbered as in the project's checklist for reliability. How the execution
rows were put to the test, and what that does not prove: [campaign](campaign.md).

A result is that of the last `make rows`, with the number of cases. *Off*: what is switched off
while the test has to fail (`tests/simulation/switches.py`); a test without that word was never seen
to fail by a switch of ours. **Not shown**: what the row promises and no test beside it proves.
Rows and tests were compared by what the tests say they do, not clause by clause: a row without
that line has a proof, and may still promise more than it.
"""


def render(results: Mapping[str, str]) -> str:
    lines = [HEAD]
    for row in ROWS:
        lines.append(f"**{row}** {TABLE[row].about}\n")
        for each in proofs(row):
            off = switched().get(each.split("::")[1], "")
            said = f"; off: {off}" if off else ""
            lines.append(f"- `{each}`: {results.get(each, 'not run')}{said}")
        if left := TABLE[row].left:
            lines.append(f"- **not shown**: {left}")
        lines.append("")
    return "\n".join(lines)


def written() -> dict[str, str]:
    """The results that stand on the page."""
    found = re.findall(r"^- `(\S+::\w+)`: ([^;\n]+)", PAGE.read_text("utf-8"), re.MULTILINE)
    return dict(found)


def results(reports: Iterable[Path]) -> dict[str, str]:
    """Of pytest's XML: a test failed if one of its cases did."""
    cases: dict[str, list[str]] = {}
    for report in reports:
        for case in ET.parse(report).iter("testcase"):
            file = case.get("classname", "").removeprefix("tests.").replace(".", "/")
            test = f"{file}.py::{case.get('name', '').split('[')[0]}"
            ended = [each.tag for each in case if each.tag in {"failure", "error", "skipped"}]
            cases.setdefault(test, []).append(ended[0] if ended else "passed")
    return {test: _said(ended) for test, ended in cases.items()}


def _said(ended: list[str]) -> str:
    bad = sum(each in {"failure", "error"} for each in ended)
    if bad:
        return f"FAILED ({bad} of {len(ended)})"
    skipped = ended.count("skipped")
    if skipped == len(ended):
        return "skipped"
    return f"passed ({len(ended) - skipped}{f', {skipped} skipped' if skipped else ''})"
