"""Documents → HTML. Whatever a template writes is escaped, and stripped of what steers a reader's
eye: control characters and those that turn the direction of writing or hide."""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.jobs_commands import lasting
from app.report import percent
from app.web.doors import Session
from app.web.site import MODES, Site, status_of
from venues import ONE
from venues.money import text

HERE: Final = Path(__file__).parent
TEXT_MAX: Final = 40_000
"""Characters of one text; rules are a few thousand."""
NAV: Final = (
    ("/opportunities", "Opportunities"),
    ("/pairs", "Pairs"),
    ("/positions", "Positions & P&L"),
    ("/hedges", "Hedges"),
    ("/alerts", "Alerts"),
    ("/jobs", "Jobs"),
    ("/venues", "Venues"),
    ("/settings", "Settings"),
)
INBOX: Final = ("/inbox", "Inbox")
"""The demo's alone."""


async def page(
    site: Site, template: str, session: Session | None, *, status: int = 200, **values: Any
) -> HTMLResponse:
    """`values`: what the template shows besides what every page does. Written in a thread: a
    hundred rows take some milliseconds, and no tick waits for them."""
    here = f"/{template.partition('.')[0]}"
    words = await asyncio.to_thread(
        _environment().get_template(template).render,
        status=status_of(site),
        mode=MODES[site.settings.mode],
        nav=(*NAV, *([INBOX] if site.inbox else ())),
        here=values.pop("here", here),
        session=session,
        **values,
    )
    return HTMLResponse(words, status_code=status)


def legible(value: object) -> object:
    """What stands in a template's `{{ }}`, before it is escaped."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return "".join(_kept(value[:TEXT_MAX]))
    return value


def _kept(words: str) -> Iterable[str]:
    for c in words:
        if c in "\n\t":
            yield c
        else:
            yield " " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else c


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=legible,
    )
    made.filters |= {
        "dollars": dollars,
        "rest": rest,
        "plain_dollars": lambda micros: f"{dollars(micros)}{rest(micros)}",
        "amount": amount,
        "price": lambda micros: text(micros, 2),
        "percent": percent,
        "lasting": lasting,
        "utc": utc,
        "clock": lambda ms: utc(ms)[11:],
        "segment": lambda words: quote(_written(words), safe=""),
        "packed": lambda value: json.dumps(value, separators=(",", ":")),
    }
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": True}
    return made


def dollars(micros: int) -> str:
    """To the cent, cut off: what `rest` holds is the rest of it. The sign stands in front."""
    whole, fraction = divmod(abs(micros), ONE)
    return f"{'−' if micros < 0 else ''}${whole:,}.{fraction // 10_000:02d}"


def rest(micros: int) -> str:
    """What follows the cents, "" where nothing does."""
    return f"{abs(micros) % 10_000:04d}".rstrip("0")


def amount(micros: int) -> str:
    """Contracts, all digits of them."""
    whole, dot, digits = text(abs(micros), 0).partition(".")
    return f"{'−' if micros < 0 else ''}{int(whole):,}{dot}{digits}"


def utc(at_ms: int | None) -> str:
    if at_ms is None:
        return "never"
    return f"{datetime.fromtimestamp(at_ms // 1_000, UTC):%Y-%m-%d %H:%M:%S}"


def _written(words: str) -> str:
    return words.encode("utf-8", "replace").decode()
