"""Every row's own test fails as soon as what guards the row is switched off."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from execution.journal import JournalError
from execution.orders import IllegalMove

HERE: Final = Path(__file__).parent
_NUMBERS: Final = (*range(1, 9), *range(16, 29), *range(30, 36), 37, 40)
ROWS: Final = [f"F{number:02}" for number in _NUMBERS]
"""Those that concern execution."""
SEEN: Final = (AssertionError, pytest.fail.Exception, IllegalMove, JournalError)


@cache
def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"rows_{name}", HERE / f"{name}.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


def rows_and_tests() -> dict[str, Any]:
    files = [module(path.stem) for path in sorted(HERE.glob("test_faults_*.py"))]
    return {name: each for file in files for name, each in vars(file).items() if "test_f" in name}


SWITCHES: Final = module("switches").SWITCHES


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda each: each.id)
def test_a_row_is_noticed_when_its_guard_is_off(
    switch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name, value in switch.patches:
        monkeypatch.setattr(owner, name, value)
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        rows_and_tests()[switch.test](*switch.args)
    assert isinstance(_leaf(caught.value), SEEN), repr(_leaf(caught.value))


def test_every_row_has_tests_and_every_test_has_a_switch() -> None:
    names = rows_and_tests()
    assert set(names) == {each.test for each in SWITCHES}
    assert sorted({f"F{re.findall('[0-9]+', name)[0]}" for name in names}) == ROWS


def _leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
