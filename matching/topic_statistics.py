"""Known questions about published statistics: inflation, jobs, growth."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from matching.amounts import NANO, nanos
from matching.relation import IntSet
from matching.tables import Statistic, statistics
from matching.tables import series as series_table
from matching.terms import Domain, Form, Numbers, Said
from matching.topic_kinds import Topic
from matching.topic_places import country_in

_HINT: Final = re.compile(
    r"inflation|cpi|pce|ppi|unemploy|jobs?\b|payroll|jobless|gdp|retail sales|mortgage"
    r"|trade deficit|deficit|recession"
)
_WORD: Final = re.compile(r"[a-z0-9&/-]+")
_HIGHEST: Final = re.compile(r"\breach|\bhit\b|how high|\bmax")
_ESTIMATE: Final = re.compile(
    r"\b(?:flash|advance|final|preliminary|revised|prel|adv|nominal|real)\b"
)


def statistic(series: str, low: str, head: str) -> Topic | None:
    """The published number that is asked; `low`: title and answer in lower case."""
    known = _by_series().get(series) or (_by_phrases(low) if _HINT.search(low) else None)
    if known is None:
        return None
    form, numbers = Form.AT, None
    if _HIGHEST.search(low) or series.endswith("MAX"):
        form = Form.MAX
    if known.id == "recession":  # it begins within the window, or not
        form = Form.MAX
        numbers = Numbers(values=IntSet.between(1, None), grid=NANO, edge="some", span="recession")
    return Topic(
        id=known.id,
        numbers=numbers,
        domain=Domain.ECONOMY,
        span=known.id,
        place=_place(known, series, low, head),
        form=form,
        grid=nanos(known.grid) if known.grid else 0,
        qualifiers=frozenset(_ESTIMATE.findall(low)),
    )


@cache
def _by_series() -> dict[str, Statistic]:
    return {series: each for each in statistics() for series in each.series}


def _by_phrases(low: str) -> Statistic | None:
    """The statistic of the longest phrase whose words all stand in the text."""
    present = set(_WORD.findall(low))
    best, size = None, 0
    for each in statistics():
        if any(word in present for word in each.excludes):
            continue
        for phrase in each.phrases:
            if len(phrase) > size and all(_has(word, present, low) for word in phrase):
                best, size = each, len(phrase)
    return best


def _has(word: str, present: set[str], low: str) -> bool:
    return word in present or (" " in word and word in low)


def _place(known: Statistic, series: str, low: str, head: str) -> Said | None:
    """The country as the title, the series or the event names it, else the statistic's own."""
    place = country_in(low) or _series_countries().get(series) or country_in(head.lower())
    if place is None and known.country:
        return Said(known.country, "", source="implied")
    return place


@cache
def _series_countries() -> dict[str, Said]:
    """The country that a Kalshi series is about, where its titles may not say it."""
    return {each.name: Said(each.country, each.name, source="ticker") for each in series_table()}
