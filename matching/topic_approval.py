"""Known questions about approval in polls."""

from __future__ import annotations

import re
from typing import Final

from matching.amounts import NANO
from matching.terms import Domain, Said
from matching.topic_kinds import Topic

_APPROVAL: Final = re.compile(r"(?P<net>net )?(?P<what>dis)?approval(?: rating)?")
_WHOSE: Final = re.compile(r"(?:(?P<name>[a-z]+(?: [a-z]+)?)'s |(?P<president>the president))")
_POLLSTERS: Final = re.compile(
    r"realclearpolitics|\brcp\b|silver bulletin|nate silver|votehub|538|fivethirtyeight|gallup"
    r"|rasmussen|yougov|economist|decision desk|ddhq|morning consult|quinnipiac|new york times"
    r"|strength in numbers"
)
_POLLSTER_IDS: Final = {
    "rcp": "realclearpolitics",
    "nate silver": "silver bulletin",
    "fivethirtyeight": "538",
    "ddhq": "decision desk",
}
_TENTH: Final = NANO // 10  # polls are told to a tenth of a point


def approval(low: str) -> Topic | None:
    """Whose approval, and in whose polls; `low`: title and answer in lower case."""
    found = _APPROVAL.search(low)
    if not found:
        return None
    poll = _POLLSTERS.search(low)
    return Topic(
        id="net_approval" if found["net"] else "disapproval" if found["what"] else "approval",
        domain=Domain.APPROVAL,
        span=found[0],
        subject=_subject(low),
        source=Said(_POLLSTER_IDS.get(poll[0], poll[0]), poll[0]) if poll else None,
        grid=_TENTH,
    )


def _subject(low: str) -> Said | None:
    """Of whom; the president is Trump."""
    who = _WHOSE.search(low)
    if not who:
        return None
    is_president = who["president"] or who["name"].endswith(("president", "trump"))
    return Said("trump" if is_president else who["name"], who[0].strip())
