"""docs/reference/cli.md, from the program itself: `make reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from app.cli import app

TO = Path(__file__).resolve().parents[1] / "docs/reference/cli.md"


def pages() -> Iterator[str]:
    yield "# Every command\n\nWritten by `make reference` from the program; change it there.\n"
    yield from _of(typer.main.get_command(app), "dutchbook")


def _of(command: Any, name: str) -> Iterator[str]:
    """A group is the list of its commands."""
    if hasattr(command, "commands"):
        for word in sorted(command.commands):
            yield from _of(command.commands[word], f"{name} {word}")
        return
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    words = " ".join(_argument(each) for each in arguments)
    yield f"## `{name}{f' {words}' if words else ''}`\n"
    yield f"{' '.join((command.help or '').split())}\n"
    rows = [(f"`{each.name}`", each.help or "") for each in arguments if each.help]
    rows += [(_named(each), each.help or "") for each in options if not each.hidden]
    if rows:
        yield "\n".join(f"- {what}: {said}" if said else f"- {what}" for what, said in rows) + "\n"


def _argument(each: Any) -> str:
    dots = " …" if each.nargs != 1 else ""
    name = each.name.upper()
    return f"{name}{dots}" if each.required else f"[{name}{dots}]"


def _named(each: Any) -> str:
    flags = ", ".join(f"`{flag}`" for flag in (*each.opts, *each.secondary_opts))
    plain = each.is_flag or each.default in (None, False) or callable(each.default)
    return flags if plain else f"{flags} (default {each.default})"


if __name__ == "__main__":
    TO.write_text("\n".join(pages()), encoding="utf-8")
