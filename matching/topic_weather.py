"""Known questions about the weather: a day's temperature, how much rain or snow falls."""

from __future__ import annotations

import re
from typing import Final

from matching.amounts import NANO
from matching.terms import Domain, Form, Said
from matching.topic_kinds import Topic

_TEMPERATURE: Final = re.compile(
    r"\b(?P<which>high|highest|low|lowest|maximum|minimum|max|min|average)\b"
    r"[ -](?:temp(?:erature)?s?)\b"
)
_WHICH: Final = {
    **dict.fromkeys(("highest", "maximum", "max"), "high"),
    **dict.fromkeys(("lowest", "minimum", "min"), "low"),
}
_CELSIUS: Final = re.compile(r"°\s?c\b|celsius")
_WET: Final = re.compile(r"\b(?P<what>rain(?:fall)?|snow(?:fall)?|precipitation)\b")
_FALLING: Final = re.compile(r"\binch|\bin\b.*\d|will it (?:rain|snow)|\bmm\b|\brain in\b")
_IN_PLACE: Final = re.compile(
    r"\b(?:in|at) (?!(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\b)"
    r"(?P<city>[a-z][a-z .']+?)"
    r"(?=\s+(?:be|is|on|in|exceed|reach|above|below|between|\d|>|<)\b|\s*[?(,]|\s+[<>≥≤\d]|$)"
)
_CITIES: Final = {
    **dict.fromkeys(("new york city", "new york", "central park"), "nyc"),
    "la": "los angeles",
    **dict.fromkeys(("dc", "washington dc", "washington d.c."), "washington"),
    "philly": "philadelphia",
    "sf": "san francisco",
    "vegas": "las vegas",
    "nola": "new orleans",
}


def weather(low: str) -> Topic | None:
    """The measure of the weather that is asked; `low`: title and answer in lower case."""
    if found := _TEMPERATURE.search(low):
        return Topic(
            id=f"temperature_{_WHICH.get(found['which'], found['which'])}",
            domain=Domain.WEATHER,
            span=found[0],
            subject=_city(low),
            grid=NANO,
            qualifiers=frozenset({"celsius"}) if _CELSIUS.search(low) else frozenset(),
        )
    wet = _WET.search(low)
    if not wet or not _FALLING.search(low):
        return None
    return Topic(
        id="snow" if wet["what"].startswith("snow") else "rain",
        domain=Domain.WEATHER,
        span=wet[0],
        subject=_city(low),
        form=Form.TOTAL,
    )


def _city(low: str) -> Said | None:
    found = _IN_PLACE.search(low)
    name = found["city"].strip() if found else ""
    return Said(_CITIES.get(name, name), name) if name else None
