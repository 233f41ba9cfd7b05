"""Opportunities and near-misses as the engine and the history have them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from app.report import WHY
from app.web.models import Leg, Missed, Misses, NearMiss, Opportunities, Row
from app.web.site import Site
from matching.pairs import MarketKey
from scanner.episode import Episode
from scanner.opportunity import Leg as Bought
from venues import Market

ROWS_MAX: Final = 100
TITLE_MAX: Final = 300
Sort = Literal["profit", "edge", "annual", "days", "quantity", "outlay", "since"]
Which = Literal["all", "executable", "proven"]
_UNKNOWN: Final = -(1 << 62)
_KEYS: Final[dict[Sort, Callable[[Episode], int]]] = {
    "profit": lambda e: e.last.profit,
    "edge": lambda e: e.last.edge_bps,
    "annual": lambda e: _UNKNOWN if e.last.annual_bps is None else e.last.annual_bps,
    "days": lambda e: -(1 << 40) if e.last.days is None else -e.last.days,
    "quantity": lambda e: e.last.quantity,
    "outlay": lambda e: e.last.outlay,
    "since": lambda e: e.first_ms,
}
"""Each so that the greatest comes first; of days the fewest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`text`: words that titles or the pair's id must hold."""

    text: str = ""
    sort: Sort = "profit"
    turned: bool = False
    which: Which = "all"


async def opportunities(site: Site, wanted: Wanted) -> Opportunities:
    """Judged in a thread: there may be thousands, and no tick waits for a reader."""
    engine = site.room.engine
    now, near = list(engine.episodes.values()), near_misses(site)
    return await asyncio.to_thread(_opportunities, site, wanted, now, near)


def _opportunities(
    site: Site, wanted: Wanted, now: Sequence[Episode], near: list[NearMiss]
) -> Opportunities:
    found = [e for e in now if _is_wanted(site, e, wanted)]
    found.sort(key=lambda e: e.pair_id)
    found.sort(key=_KEYS[wanted.sort], reverse=not wanted.turned)
    return Opportunities(
        schema="dutchbook.opportunities/1",
        now_ms=site.clock.now_ms(),
        pairs=site.room.engine.pairs,
        total=len(found),
        rows=[row_of(site, each) for each in found[:ROWS_MAX]],
        near_misses=near,
    )


def near_misses(site: Site) -> list[NearMiss]:
    counts = sorted(site.room.engine.near_misses.items(), key=lambda each: (-each[1], each[0]))
    return [
        NearMiss(reason=reason, meaning=WHY.get(reason, reason), count=count)
        for reason, count in counts
    ]


def misses(site: Site, reason: str | None, text: str) -> Misses:
    """The pairs that stopped at a gate, or at any."""
    engine = site.room.engine
    found = [
        id for id, why in engine.reasons.items() if reason in {None, why} and _holds(site, id, text)
    ]
    found.sort()
    return Misses(
        schema="dutchbook.misses/1",
        reason=reason,
        total=len(found),
        rows=[
            Missed(pair_id=id, titles=titles_of(site, id), reason=engine.reasons[id])
            for id in found[:ROWS_MAX]
        ],
    )


async def find_episode(site: Site, id: str) -> Episode | None:
    """One that lasts, else as the history kept it. Raises HistoryUnavailable."""
    now = site.room.engine.episodes.get(id.rpartition("@")[0])
    if now is not None and now.id == id:
        return now
    return await asyncio.to_thread(site.works.history.episode, id)


async def past(site: Site, since_ms: int, pair: str | None, limit: int) -> Sequence[Row]:
    found = await asyncio.to_thread(site.works.history.episodes, since_ms, pair=pair, limit=limit)
    return [row_of(site, each) for each in found]


def row_of(site: Site, episode: Episode) -> Row:
    found = episode.last
    why_not = site.works.source.why_not(episode.pair_id, site.room.markets)
    return Row(
        id=episode.id,
        pair_id=episode.pair_id,
        titles=[_title(site, leg) for leg in found.legs],
        first_ms=episode.first_ms,
        seen_ms=found.seen_ms,
        ended_ms=episode.ended_ms,
        ended_by=episode.ended_by,
        half_life_ms=episode.half_life_ms,
        quantity_micros=found.quantity,
        outlay_micros=found.outlay,
        profit_micros=found.profit,
        best_profit_micros=episode.best.profit,
        edge_bps=found.edge_bps,
        days=found.days,
        annual_bps=found.annual_bps,
        ages_ms=list(episode.proof.ages_ms),
        doubts=list(episode.proof.doubts),
        executable=None if why_not is None else not why_not,
        why_not=list(why_not or ()),
        legs=[_leg(site, leg) for leg in found.legs],
    )


def titles_of(site: Site, pair_id: str) -> list[str]:
    """Of both markets, in their order; the pair's id where one is not known."""
    item = site.room.pair(pair_id)
    markets = (item.one, item.two) if item else (None, None)
    return [short(market.title) if market else pair_id for market in markets]


def short(title: str) -> str:
    """A venue's words on one line, cut short; what cannot be written becomes a question mark."""
    line = " ".join(title.encode("utf-8", "replace").decode().split())
    return line if len(line) <= TITLE_MAX else f"{line[: TITLE_MAX - 1]}…"


def safe_url(market: Market | None) -> str | None:
    """The venue's own page of a market, if it is one: what stands there is the venue's word."""
    if market is None:
        return None
    parts = urlsplit(market.url)
    host = parts.hostname or ""
    ours = host in {"kalshi.com", "polymarket.com"} or host.endswith(
        (".kalshi.com", ".polymarket.com")
    )
    return market.url if parts.scheme == "https" and ours else None


def _is_wanted(site: Site, episode: Episode, wanted: Wanted) -> bool:
    if wanted.which == "proven" and not episode.proof.is_good:
        return False
    if not _holds(site, episode.pair_id, wanted.text):
        return False
    if wanted.which == "executable":
        return site.works.source.why_not(episode.pair_id, site.room.markets) == ()
    return True


def _holds(site: Site, pair_id: str, text: str) -> bool:
    if not text:
        return True
    words = " ".join((pair_id, *titles_of(site, pair_id))).casefold()
    return all(word in words for word in text.casefold().split())


def _market(site: Site, leg: Bought) -> Market | None:
    return site.room.markets.get(MarketKey(leg.contract.venue, leg.contract.market))


def _title(site: Site, leg: Bought) -> str:
    market = _market(site, leg)
    return short(market.title) if market else leg.contract.market


def _leg(site: Site, leg: Bought) -> Leg:
    return Leg(
        venue=leg.contract.venue,
        market=leg.contract.market,
        title=_title(site, leg),
        url=safe_url(_market(site, leg)),
        side=leg.contract.outcome.value,
        quantity_micros=leg.bought,
        average_price_micros=leg.average_price,
        worst_price_micros=leg.worst_price,
        cost_micros=leg.cost,
        fee_micros=leg.fee,
    )
