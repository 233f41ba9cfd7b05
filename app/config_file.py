"""The file of the settings as names and values. What cannot be read is told without its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from app.problem import Exit, Problem


def read_settings(path: Path) -> dict[str, Any]:
    """Raises Problem. A section whose lines are all comments is left out."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader) or {}  # noqa: S506 - safe
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        said = f"The settings {path} cannot be read: {_why(error)}."
        raise Problem(Exit.BAD_FILE, said) from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise Problem(Exit.BAD_FILE, f"The settings {path} must be names and values, as in YAML.")
    return {name: value for name, value in found.items() if value is not None}


def _why(error: Exception) -> str:
    """Why and where, without the line itself and what is quoted of it: it may be a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
        why = (error.problem or "this is no YAML").partition("'")[0].strip()
        return f"{why} (line {mark.line + 1}, column {mark.column + 1})"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) if isinstance(error, _Twice) else f"it is no YAML ({type(error).__name__})"


class _Twice(yaml.YAMLError):
    """str() names the setting."""


class _Loader(yaml.SafeLoader):
    """YAML as it is, except that a name that stands there twice is not quietly dropped."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise _Twice(f"{name} stands there twice")
        return super().construct_mapping(node, deep)
