"""When a claim must come true: from its title, its event, its ticker or its slug."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from matching.listing import Listing
from matching.terms import Form
from matching.ticker import Ticker
from matching.title import Title
from matching.topic_kinds import Topic
from matching.topic_prices import crypto
from matching.when import Day, Kind, Mention, Window, mentions

_LATE: Final = timedelta(days=7)  # a market may close a little before its day is over
_NOON: Final = 720  # when Polymarket reads a crypto price of a day
_CLOSE: Final = 960  # 4 p.m., when stocks close
_SLUG_YEAR: Final = re.compile(r"-(20[2-4]\d)(?:-|$)")
_EXTREMES: Final = re.compile(r"M(?:AX|IN)(?P<length>Y|MON|W)?$")
_AT_CLOSE: Final = re.compile(r"\bclose")


def window_of(
    listing: Listing, ticker: Ticker | None, title: Title, topic: Topic | None
) -> Window | None:
    """The window of a claim, None where nothing tells it."""
    window = _deadline(title.times)
    if ticker:
        return _of_kalshi(ticker, window, topic)
    window = window or _deadline(mentions(title.head))
    if window is None:
        return None
    if window.year <= 1:
        year = _year_said(title) or _year_of_slug(listing.slug)
        year = year or _year_before(listing.closes_at, window)
        window = window.of_year(year) if year else window
    return _at_its_hour(window, listing, topic)


def year_of(window: Window | None, ticker: Ticker | None, title: Title) -> int:
    """The year of the window, else of the ticker, else any that the title or the event names."""
    if window and window.year > 1:
        return window.year
    return (ticker.year if ticker else 0) or _year_said(title)


def times_beside(window: Window | None, times: tuple[Mention, ...]) -> frozenset[str]:
    """What the times of a title say beside its window: "after" a day, a second day."""
    said = {
        each.prep.split()[0]
        for each in times
        if each.prep.startswith(("after", "since")) and each.window.minute is None
    }
    days = {each.window.last[1:] for each in times if not _is_from_new_year(each.window)}
    if window is not None:
        days.discard(window.last[1:])
    years = {each.window.year for each in times if each.window.first[1:] == (1, 1)} - {0}
    several = frozenset(f"in {year}" for year in years) if len(years) > 1 else frozenset()
    return frozenset(said) | several | frozenset(f"on {month}-{day}" for month, day in days)


def _is_from_new_year(window: Window) -> bool:
    return window.kind is Kind.SPAN and window.first[1:] == (1, 1)


def _deadline(times: tuple[Mention, ...]) -> Window | None:
    """The window that a claim must come true in: a deadline before a day before a stretch."""
    if not times:
        return None
    for kind in (Kind.UNTIL, Kind.AT):
        for mention in times:
            if mention.window.kind is kind:
                return _joined(mention.window, times)
    shortest = min((each.window for each in times), key=lambda w: (_length(w), w.year <= 1))
    return _joined(shortest, times)


def _joined(window: Window, times: tuple[Mention, ...]) -> Window:
    """A window whose missing year another mention gives ("in 2026 … by June 30")."""
    years = {each.window.year for each in times if each.window.year > 1}
    return window.of_year(years.pop()) if window.year <= 1 and len(years) == 1 else window


def _length(window: Window) -> int:
    """About how many days: enough to tell a month from a year."""
    if not window.first:
        return 10_000
    (year, month, day), (last_year, last_month, last_day) = window.first, window.last
    return (last_year - year) * 366 + (last_month - month) * 31 + last_day - day


def _year_said(title: Title) -> int:
    for mention in (*title.times, *mentions(title.head)):
        if mention.window.year > 1:
            return mention.window.year
    return 0


def _year_before(closes_at: datetime | None, window: Window) -> int:
    """The last year in which a day without one comes before a market's close; 0 without a close."""
    if closes_at is None:
        return 0
    day, closes = window.last[1:], closes_at + _LATE
    return closes_at.year - (day > (closes.month, closes.day) and closes.year == closes_at.year)


def _year_of_slug(slug: str) -> int:
    found = _SLUG_YEAR.search(slug)
    return int(found[1]) if found else 0


def _at_its_hour(window: Window, listing: Listing, topic: Topic | None) -> Window:
    """A price of a day, with the hour that Polymarket takes it at where the title names none."""
    if topic is None or topic.id != "price" or topic.form is not Form.AT:
        return window
    if window.minute is not None or window.kind is not Kind.AT:
        return window
    if _AT_CLOSE.search(listing.title):
        return replace(window, minute=_CLOSE)
    is_crypto = topic.subject is not None and topic.subject.value in crypto()
    return replace(window, minute=_NOON) if is_crypto else window


def _of_kalshi(ticker: Ticker, window: Window | None, topic: Topic | None) -> Window | None:
    """The title's window, its year and hour from the ticker; the ticker's own where it has none."""
    day = ticker.day
    if window is None:
        return _of_ticker(ticker, topic)
    if window.year <= 1 and day:
        year = day[0] - 1 if day[1:] == (1, 1) and window.last[1] == 12 else day[0]
        window = window.of_year(year + max(window.year, 0))
    if window.kind is Kind.UNTIL and (start := _start_of_series(ticker, window)):
        window = replace(window, kind=Kind.SPAN, first=start)
    unread = window.kind is Kind.AT and window.minute is None and window.last == day
    return replace(window, minute=ticker.minute) if unread else window


def _start_of_series(ticker: Ticker, window: Window) -> Day | tuple[()]:
    """From when on a series of highs or lows counts: its month, or its year."""
    found = _EXTREMES.search(ticker.series)
    if not found:
        return ()
    year, month, day = window.last
    if found["length"] == "MON":
        return (year, month, 1)
    return (year, 1, 1) if found["length"] == "Y" and (month, day) == (12, 31) else ()


def _of_ticker(ticker: Ticker, topic: Topic | None) -> Window | None:
    day = ticker.day
    if not day or not day[1]:
        return None
    year, month, number = day
    if not number:
        last = (year, month, monthrange(year, month)[1])
        return Window(Kind.SPAN, (year, month, 1), last, None, "ticker")
    if topic and topic.form is Form.AT:
        return Window(Kind.AT, day, day, ticker.minute, "ticker")
    if day[1:] == (1, 1):
        return Window(Kind.UNTIL, (), (year - 1, 12, 31), None, "ticker")
    return Window(Kind.UNTIL, (), day, None, "ticker")
