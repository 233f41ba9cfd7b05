"""What the documentation says of itself and of the program: links, the map, commands, reference."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from app.cli import app

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {words.replace(" ", "-") for words in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in link:
            continue
        where, _, anchor = link.partition("#")
        there = (page.parent / where).resolve() if where else page
        assert there.exists(), link
        if anchor and there.suffix == ".md":
            assert anchor in _anchors(there), link


def test_the_map_names_every_page() -> None:
    listed = (ROOT / "docs/index.md").read_text()
    for page in PAGES:
        name = page.relative_to(ROOT / "docs") if page.is_relative_to(ROOT / "docs") else None
        if name and name.name != "index.md" and name.parts[0] != "decisions":
            assert f"]({name})" in listed, name


def _commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for block in re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                found = re.match(r"(?:\$ )?(?:\.venv/bin/)?dutchbook( .*|$)", line)
                if found:
                    yield str(page.relative_to(ROOT)), found[1].strip()


@pytest.mark.parametrize(("page", "line"), sorted(set(_commands())))
def test_every_command_of_the_docs_is_one_of_the_program(page: str, line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = shlex.split(line, comments=True)
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        assert words[0] in command.commands, f"{page}: {line}"
        command = command.commands[words.pop(0)]
    flags = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in flags | {"--help"}, f"{page}: {line}"


def test_the_reference_is_what_the_program_says() -> None:
    written = runpy.run_path(str(ROOT / "bench/reference.py"))
    assert written["TO"].read_text() == "\n".join(written["pages"]()), "make reference"
