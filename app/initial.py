"""`dutchbook init`: settings made from config.example.yaml, so that both say the same."""

from __future__ import annotations

import json
import re
import shlex
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import typer
import yaml

from app.cli import console, emit
from app.config import Settings, settings_of
from app.private_file import private
from app.problem import Exit, Problem
from app.wiring_terms import VENUES, known_venue

WHO: Final = (
    "Who may use it: each venue says whom it serves, and you keep to that. Polymarket lets API "
    "users in the US, GB, DE, FR, AU, BR and some thirty other places only close positions on "
    "polymarket.com, and serves a few places not at all; Kalshi serves whom its member agreement "
    "names. dutchbook asks, opens nothing where it may not, and works around nothing."
)
_HEADER: Final = "# Settings of dutchbook, made by `dutchbook init`. What you do not need may go.\n"
_LINE: Final = re.compile(r"( *)([a-z_0-9]+):(.*)")
_QUESTIONS: Final = {
    "environment": "Environment: prod (the real venues), kalshi_demo or sim (on this machine)",
    "mode": "Mode: dry_run (nothing is ever sent) or paper (orders meet a simulated exchange)",
    "data_dir": "Where everything is kept",
    "kalshi.key_id": "Id of your Kalshi key (empty: none, public data only)",
    "kalshi.key_file": "File with its private key",
    "polymarket.key_file": "File with the key of your Polymarket wallet (empty: none)",
    "alerts.slack.webhook_file": "File with the address of a Slack webhook (empty: no Slack)",
    "alerts.email.host": "Mail server (empty: no mail)",
    "alerts.email.sender": "Sender of its mails",
    "alerts.email.recipients": "Their recipient",
    "alerts.email.user": "User at the mail server (empty: it asks for none)",
    "alerts.email.password_file": "File with that user's password",
}
_NEEDS: Final = {
    "kalshi.key_file": "kalshi.key_id",
    "alerts.email.sender": "alerts.email.host",
    "alerts.email.recipients": "alerts.email.host",
    "alerts.email.user": "alerts.email.host",
    "alerts.email.password_file": "alerts.email.user",
}
"""Asked for only where the other was answered."""


def init(
    output: Path, given: Mapping[str, Any], *, venues: list[str] | None, asks: bool, as_json: bool
) -> Exit:
    """Raises Problem where the settings are there already, or would not be valid."""
    output = output.expanduser()
    if output.exists() or output.is_symlink():
        raise Problem(Exit.BAD_FILE, f"{output} is there already: nothing was changed.")
    accounts = [known_venue(each) for each in venues or VENUES]
    changes = {name: value for name, value in given.items() if value is not None}
    if asks and sys.stdin.isatty():
        _ask(changes, accounts)
    if changes.get("mode") == "live":
        raise Problem(
            Exit.WRONG_USAGE,
            "mode: live is yours to write into the file, once a dry run looks right.",
        )
    text = settings_text(changes)
    settings = settings_of(yaml.safe_load(text), str(output))
    notes = [*_made_folder(settings.folder), *_missing_files(settings)]
    _write(output, text)
    _report(output, settings, notes, as_json=as_json)
    return Exit.DONE


def settings_text(changes: Mapping[str, Any]) -> str:
    """The example, comments and all, with these values in it."""
    left = dict(changes)
    lines = example().splitlines()
    body = lines[lines.index("") :]
    made, sections = [_HEADER], []  # type: tuple[list[str], list[str]]
    for line in body:
        if told := _LINE.fullmatch(line):
            depth = len(told[1]) // 2
            sections[depth:] = [told[2]]
            name = ".".join(sections)
            if name in left:
                line = f"{told[1]}{told[2]}: {json.dumps(left.pop(name), ensure_ascii=False)}"  # noqa: PLW2901
        made.append(f"{line}\n")
    assert not left, left
    return "".join(made)


def example() -> str:
    """In a wheel it lies beside this file, in a checkout at the top."""
    here = Path(__file__).with_name("config.example.yaml")
    found = here if here.exists() else here.parents[1] / here.name
    return found.read_text(encoding="utf-8")


def _ask(changes: dict[str, Any], accounts: list[str]) -> None:
    """What was not said on the command line, one question after the other; paths, no secrets."""
    for name, question in _QUESTIONS.items():
        section = name.partition(".")[0]
        needs = _NEEDS.get(name)
        skipped = section in VENUES and section not in accounts
        if name in changes or skipped or (needs and needs not in changes):
            continue
        default = {"environment": "prod", "mode": "dry_run"}.get(name, "")
        if name == "data_dir":
            default = str(Settings.model_fields["data_dir"].default)
        said = str(typer.prompt(question, default=default, show_default=bool(default), err=True))
        if said.strip():
            changes[name] = [said.strip()] if name.endswith("recipients") else said.strip()


def _made_folder(folder: Path) -> Iterator[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            yield f"{folder} is open to others: chmod 700 {shlex.quote(str(folder))}"
    except OSError as error:
        said = f"The data folder {folder} cannot be made: {error.strerror}."
        raise Problem(Exit.BAD_FILE, said) from None


def _missing_files(settings: Settings) -> Iterator[str]:
    for name, file in settings.secret_files.items():
        if not file.expanduser().exists():
            yield f"{name}: {file} is not there yet. Put the secret there, then chmod 600 it."


def _write(output: Path, text: str) -> None:
    try:
        with private(output, "x") as file:
            file.write(text)
    except FileExistsError:
        said = f"{output} is there already: nothing was changed."
        raise Problem(Exit.BAD_FILE, said) from None
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{output} cannot be written: {error.strerror}.") from None


def _report(output: Path, settings: Settings, notes: list[str], *, as_json: bool) -> None:
    written = output
    if settings.environment == "sim":
        output = Path("sim.yaml")  # which `sim serve` writes, with the addresses of the moment
    named = "" if output == Path("config.yaml") else f" --config {shlex.quote(str(output))}"
    steps = (
        *(("dutchbook sim serve --settings sim.yaml",) if settings.environment == "sim" else ()),
        f"dutchbook doctor{named}",
        f"dutchbook pairs find{named}",
        f"dutchbook scan{named}",
        f"dutchbook run{named}",
    )
    if as_json:
        emit(
            {
                "schema": "dutchbook.init/1",
                "config": str(written),
                "data_dir": str(settings.folder),
                "environment": settings.environment,
                "mode": settings.mode,
                "notes": notes,
                "next": list(steps),
            }
        )
        return
    out = console()
    out.print(f"{written} is written (0600): {settings.environment}, {settings.mode}.")
    out.print(f"{settings.folder} keeps everything else (0700).")
    for each in notes:
        out.print(f"- {each}")
    says = (
        ("both venues simulated, and settings for them",) if settings.environment == "sim" else ()
    )
    says = (
        *says,
        "says what is wrong here, and what to do",
        "matches both catalogues (some minutes)",
        "prices what was found, once",
        "watches, tells, and serves the page",
    )
    out.print("\nNext:")
    for step, word in zip(steps, says, strict=True):
        out.print(f"    {step:<40} # {word}")
    out.print(f"\n{WHO}")
