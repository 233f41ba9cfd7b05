"""Known questions: prices, published statistics, central banks, weather, approval.

A topic is recognised by its own words or by a known series, never by likeness. What it explains is
cut out of the text, so that what is left over shows whether more was asked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from matching.tables import assets, banks
from matching.terms import Said
from matching.title import Title
from matching.topic_approval import approval
from matching.topic_banks import of_bank
from matching.topic_kinds import Topic
from matching.topic_prices import price
from matching.topic_statistics import statistic
from matching.topic_weather import weather

_NAME_WORD: Final = re.compile(r"[a-z0-9&/.-]+")


def topic_of(series: str, title: Title) -> Topic | None:
    """The known question of a title, None where none is. `series`: Kalshi's, "" for Polymarket."""
    low = f"{title.text} {title.answer}".lower()
    low = low.replace("month-over-month", "mom").replace("year-over-year", "yoy")
    return (
        of_bank(series, low, title)
        or approval(low)
        or statistic(series, low, title.head)
        or weather(low)
        or price(series, low, title)
    )


@lru_cache(maxsize=1 << 10)
def names_of(subject: Said | None) -> frozenset[str]:
    """Every word of every name of an asset or a bank."""
    if subject is None:
        return frozenset()
    named = [asset.names for asset in assets() if asset.id == subject.value]
    named += [bank.names + bank.rates for bank in banks() if bank.id == subject.value]
    return frozenset(
        word for names in named for name in names for word in _NAME_WORD.findall(name.lower())
    )
