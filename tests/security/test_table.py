"""docs/security.md and the tests say the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
ROWS: Final = range(1, 21)


def written() -> list[tuple[int, str, list[str]]]:
    """Row, promise, tests."""
    text = (ROOT / "docs/security.md").read_text("utf-8")
    rows = re.findall(r"^\| S(\d+) \| (.+) \| (.*) \|$", text, re.MULTILINE)
    return [(int(row), promise, re.findall(r"`(\w+)`", tests)) for row, promise, tests in rows]


def there() -> list[str]:
    files = [*(ROOT / "tests").rglob("test_*.py")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    functions = (n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return sorted(n.name for n in functions if re.match(r"test_s\d\d_", n.name))


def test_every_row_of_the_checklist_promises_something_and_has_a_test() -> None:
    assert [row for row, _, _ in written()] == [*ROWS]
    for row, promise, tests in written():
        assert len(promise) > 40
        assert tests, f"S{row} has no test"
        assert all(name.startswith(f"test_s{row:02}_") for name in tests), row


def test_every_test_of_a_row_stands_in_the_table_and_every_name_there_is_a_test() -> None:
    named = sorted(name for _, _, tests in written() for name in tests)
    assert named == [*dict.fromkeys(there())]
