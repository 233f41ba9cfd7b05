"""docs/rows.md is true: every row is there, every test exists, and what is not proven is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rows


def test_every_row_of_the_checklist_stands_in_the_table() -> None:
    assert tuple(rows.TABLE) == rows.ROWS


@pytest.mark.parametrize("row", rows.ROWS)
def test_a_row_names_tests_that_exist_or_says_what_is_not_proven(row: str) -> None:
    assert set(rows.proofs(row)) <= set(rows.tests())
    assert rows.proofs(row) or rows.TABLE[row].left


def test_what_the_checker_is_named_for_it_really_checks() -> None:
    checker = rows.CHECKER.read_text("utf-8")
    for row in (row for row in rows.ROWS if set(rows.CHECKED) <= set(rows.proofs(row))):
        assert re.search(rf'assert .*"{row}\b|"{row}[:"]', checker), row


def test_the_page_is_what_the_table_says_and_no_test_there_failed() -> None:
    kept = rows.written()
    assert rows.PAGE.read_text("utf-8") == rows.render(kept), "make rows"
    assert set(kept) == {each for row in rows.ROWS for each in rows.proofs(row)}
    assert [test for test, said in kept.items() if not said.startswith(("passed", "skipped"))] == []


def test_one_failed_case_fails_its_test_and_a_skipped_one_is_no_pass(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    case = '<testcase classname="tests.unit.test_a" name="{}">{}</testcase>'
    cases = [
        *(case.format("test_x[1]", ""), case.format("test_x[2]", "<failure/>")),
        *(case.format("test_y", "<skipped/>"), case.format("test_z[1]", "<skipped/>")),
        case.format("test_z[2]", ""),
    ]
    report.write_text(f"<testsuite>{''.join(cases)}</testsuite>")
    assert rows.results([report]) == {
        "unit/test_a.py::test_x": "FAILED (1 of 2)",
        "unit/test_a.py::test_y": "skipped",
        "unit/test_a.py::test_z": "passed (1, 1 skipped)",
    }
