"""Known questions about prices: of what, and whether at an instant or as a window's extreme."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from matching.lexicon import any_of, word_set
from matching.tables import Asset, assets
from matching.terms import Domain, Form, Said
from matching.text import name_key
from matching.title import Title
from matching.topic_kinds import Topic
from matching.topic_places import state_in
from matching.when import Kind

_ASKING: Final = re.compile(
    r"\bprice\b|\bprices\b|\babove\b|\bbelow\b|\breach|\bhits?\b|\bdip|\bbetween\b|\bclose"
    r"|\bsettle|\bup or down\b|\bdrop|\bfall|\bget above\b|\bget below\b|\ball[- ]time high\b"
    r"|\bhow (?:high|low)\b|>|<|\btrimmed mean\b|\bexchange rate\b|\bover\b|\bunder\b"
)
_BEGINNING: Final = re.compile(r"^(?:will|when will|how high will|how low will|what will)\s")
# What may stand before an asset that is the subject: "the price of a barrel of".
_FRAME: Final = re.compile(
    r"\b(?:the|national|us|spot|price|prices|of|front|month|settle|settlement|oil|close|closing"
    r"|open|opening|trimmed|mean|maximum|minimum|average|futures?|exchange|rate|index|stock"
    r"|shares?|crude|retail|regular|range|value|1|oz|ounce|token|coin|s|high|low|cl|si|gc|ng|wti"
    r"|spx|aapl|level)\b"
)
_HIGHEST: Final = re.compile(
    r"\breach|\bhits?\b(?!.*\(?low\)?)|\bhow high\b|\bmaximum\b|\bget above\b|\bwhen will\b"
    r"|\btop\b|\(high\)|\ball[- ]time high\b"
)
_LOWEST: Final = re.compile(
    r"\bdips?\b|\bdrop|\bfall|\bhow low\b|\bminimum\b|\bget below\b|\(low\)|\bcrash"
)
_HIGHEST_SERIES: Final = re.compile(r"MAX(?:Y|MON|W|\d+)?$|MAX[A-Z]{2}$")
_LOWEST_SERIES: Final = re.compile(r"MIN(?:Y|MON|W)?$|MIN[A-Z]{2}$")
_BELOW: Final = re.compile(r"\bbelow\b|\bunder\b|<")
_UP: Final = re.compile(r"\bup or down\b|\bprice up in\b")
_SETTLES: Final = re.compile(r"\bsettle\b")
_OPENS: Final = re.compile(r"\bopen\b")
_CLOSES: Final = re.compile(r"\bclose\b")
# What follows an asset's name in a series of its prices: nothing, or when.
_SERIES_END: Final = re.compile(
    r"^(?:D|H|W|M|Y|U|E|S|MON|POS|\d+M?|M(?:AX|IN)(?:Y|MON|W|M|\d+)?(?:[A-Z]{2})?|PERP"
    r"|[DWM][A-Z]{2}|\d{4,})?$"
)
_TRIMMED_MEAN: Final = "trimmed mean"


def price(series: str, low: str, title: Title) -> Topic | None:
    """The price that is asked; `low`: title and answer in lower case."""
    if not _ASKING.search(low):
        return None
    asset, span = _asset_in(series, title.timeless)
    if asset is None or _asks_more(title.timeless, span):
        return None
    form = _form(series, low, title)
    return Topic(
        id="price",
        domain=Domain.PRICE,
        span=span,
        subject=Said(asset.id, span),
        place=state_in(low) if asset.id == "GASOLINE" else None,
        source=Said(_TRIMMED_MEAN, _TRIMMED_MEAN) if _TRIMMED_MEAN in low else None,
        form=Form.UP if _UP.search(low) else form,
        qualifiers=_qualifiers(low, form),
    )


@cache
def crypto() -> frozenset[str]:
    """The ids of crypto assets, which Polymarket settles at noon where a title names no hour."""
    return frozenset(asset.id for asset in assets() if asset.kind == "crypto")


def _asset_in(series: str, title: str) -> tuple[Asset | None, str]:
    """The asset whose price a title asks: it must be the title's subject, not just named in it."""
    pattern, names = _asset_names()
    key = name_key(title)
    if found := pattern.search(key):
        before = _BEGINNING.sub("", key[: found.start()])
        if not _FRAME.sub("", before).strip():
            return names[found[0]], found[0]
    for asset in assets():
        if series and any(_asks_price(series, start) for start in asset.series):
            return asset, found[0] if found else series
    return None, ""


@cache
def _asset_names() -> tuple[re.Pattern[str], dict[str, Asset]]:
    names = {name_key(name): asset for asset in assets() for name in asset.names}
    return any_of(names), names


def _asks_price(series: str, start: str) -> bool:
    """Whether a series is an asset's prices: its name, and at most a word that says when."""
    return series.startswith(start) and bool(_SERIES_END.match(series[len(start) :]))


def _asks_more(title: str, span: str) -> bool:
    """Whether a title asks something else of an asset than its price ("outperform", "deliver")."""
    if not span[0].islower():
        return False  # known by its series
    words = set(name_key(title).replace(span, " ", 1).split())
    unexplained = words - _name_parts(span) - word_set("price")
    return any(word.isalpha() for word in unexplained)


@lru_cache(maxsize=1 << 10)
def _name_parts(span: str) -> frozenset[str]:
    """The words of every name of the asset that a text calls `span`: "Silver (SI)"."""
    asset = _asset_names()[1].get(span)
    found = set(span.split())
    for name in asset.names if asset else ():
        found.update(name_key(name).split())
    return frozenset(found)


def _form(series: str, low: str, title: Title) -> Form:
    bare = series.removeprefix("KX")
    if _LOWEST.search(low) or _LOWEST_SERIES.search(bare):
        return Form.MIN
    if _HIGHEST.search(low) or _HIGHEST_SERIES.search(bare):
        return Form.MAX
    if any(each.window.kind is Kind.UNTIL for each in title.times):
        return Form.MIN if _BELOW.search(low) else Form.MAX
    return Form.AT


def _qualifiers(low: str, form: Form) -> frozenset[str]:
    """An opening is another instant; a close is another extreme, but the usual instant."""
    found = {"settle"} if _SETTLES.search(low) else set()
    if form is Form.AT and _OPENS.search(low):
        found.add("open")
    if form is not Form.AT and _CLOSES.search(low):
        found.add("close")
    return frozenset(found)
