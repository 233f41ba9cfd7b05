"""What happened, in the database: episodes with their snapshots, near-misses, metadata of markets.

Every method but `prune` is one transaction: all of it is kept, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from app.store import tables_history  # noqa: F401 - makes the tables known
from app.store.opening import reading
from app.store.upsert import said, upsert
from matching.pairs import MarketKey
from scanner.engine import STOPPED
from scanner.episode import Change, Episode, Happened, Proof
from scanner.opportunity import Opportunity
from venues import Book, Market

HOUR_MS: Final = 3_600_000

_EPISODES: Final = SQLModel.metadata.tables["episodes"]
_SNAPSHOTS: Final = SQLModel.metadata.tables["snapshots"]
_COUNTS: Final = SQLModel.metadata.tables["near_miss_counts"]
_VERSIONS: Final = SQLModel.metadata.tables["metadata_versions"]
_OPPORTUNITY: Final = TypeAdapter(Opportunity)
_PROOF: Final = TypeAdapter(Proof)
_BOOKS: Final = TypeAdapter(list[Book | None])
_BATCH: Final = 500
_PRUNED_AT_ONCE: Final = 100

Books = Mapping[MarketKey, Book]
"""YES books as they were at the change."""


class HistoryUnavailable(Exception):
    """The database did not take it, or did not answer; nothing of that call is kept."""


class Moment(NamedTuple):
    """An episode at one of its changes."""

    at_ms: int
    happened: Happened
    found: Opportunity


class History:
    """Every method may raise HistoryUnavailable. `node`: whose episodes these are; a SQLite file
    has only one."""

    def __init__(self, engine: Engine, node: str) -> None:
        self._engine, self._node = engine, node
        self._to_read = reading(engine)

    def keep(self, changes: Iterable[tuple[Change, Books]]) -> None:
        """Keeps each episode as it is now, and a snapshot of each change with its own books."""
        every = list(changes)
        now = {change.episode.id: change.episode for change, _ in every}
        if not every:
            return
        with self._begin() as connection:
            put = upsert(connection, _EPISODES)
            new = {c.name: put.excluded[c.name] for c in _EPISODES.c if c.name != "id"}
            rows = [self._episode(episode) for episode in now.values()]
            connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=new), rows)
            connection.execute(insert(_SNAPSHOTS), [_snapshot(*each) for each in every])

    def close_left_open(self) -> int:
        """Ends what this node had open when its process ended, at the moment it was seen last: how
        many. Call it at the start. Half-lives that nobody saw stay unknown."""
        mine: ColumnElement[bool] = _EPISODES.c.ended_ms.is_(None)
        if self._engine.dialect.name == "postgresql":
            mine = and_(mine, _EPISODES.c.node == self._node)
        ended = {"ended_ms": _EPISODES.c.last_ms, "ended_by": STOPPED}
        with self._begin() as connection:
            return connection.execute(update(_EPISODES).where(mine).values(ended)).rowcount

    def episodes(
        self, since_ms: int = 0, *, pair: str | None = None, limit: int = 1_000
    ) -> Sequence[Episode]:
        """Those that lasted at `since_ms` or began later, newest first."""
        asked = select(_EPISODES).where(
            or_(_EPISODES.c.ended_ms.is_(None), _EPISODES.c.ended_ms >= since_ms)
        )
        if pair is not None:
            asked = asked.where(_EPISODES.c.pair_id == pair)
        newest = asked.order_by(_EPISODES.c.first_ms.desc(), _EPISODES.c.id).limit(limit)
        with self._begin(self._to_read) as connection:
            return [_episode_of(row) for row in connection.execute(newest).mappings()]

    def episode(self, id: str) -> Episode | None:
        """As it was kept last."""
        with self._begin() as connection:
            row = connection.execute(select(_EPISODES).where(_EPISODES.c.id == id)).mappings()
            found = row.first()
            return _episode_of(found) if found else None

    def life(self, id: str, *, limit: int = 1_000) -> Sequence[Moment]:
        """What an episode was at its newest changes, the oldest of them first."""
        asked = select(_SNAPSHOTS.c.ts_ms, _SNAPSHOTS.c.happened, _SNAPSHOTS.c.opportunity)
        newest = asked.where(_SNAPSHOTS.c.episode_id == id).order_by(_SNAPSHOTS.c.id.desc())
        with self._begin() as connection:
            rows = connection.execute(newest.limit(limit)).all()
        return [
            Moment(ts_ms, Happened(happened), _OPPORTUNITY.validate_json(told))
            for ts_ms, happened, told in reversed(rows)
        ]

    def count_near_misses(self, counts: Mapping[str, int], now_ms: int) -> None:
        """Adds a report's `near_misses` to those of its hour."""
        hour_ms = now_ms - now_ms % HOUR_MS
        rows = [{"ts_ms": hour_ms, "reason": r, "count": n} for r, n in sorted(counts.items())]
        if not rows:
            return
        with self._begin() as connection:
            put = upsert(connection, _COUNTS)
            more = {"count": _COUNTS.c.count + put.excluded["count"]}
            keys = ["ts_ms", "reason"]
            connection.execute(put.on_conflict_do_update(index_elements=keys, set_=more), rows)

    def near_misses(self, since_ms: int = 0) -> Mapping[str, int]:
        """How many pairs stopped at each gate since the hour of `since_ms`."""
        asked = (
            select(_COUNTS.c.reason, func.sum(_COUNTS.c.count))
            .where(_COUNTS.c.ts_ms >= since_ms - since_ms % HOUR_MS)
            .group_by(_COUNTS.c.reason)
        )
        with self._begin(self._to_read) as connection:
            return {reason: int(count) for reason, count in connection.execute(asked)}

    def note_metadata(self, markets: Iterable[Market], now_ms: int) -> Sequence[MarketKey]:
        """Keeps what differs from what was seen last; the markets that were known and changed."""
        changed: list[MarketKey] = []
        by_venue = sorted(markets, key=lambda market: (market.venue, market.id))
        with self._begin() as connection:
            for venue, group in groupby(by_venue, key=lambda market: market.venue):
                texts = {market.id: metadata_text(market) for market in group}
                ids = list(texts)
                for start in range(0, len(ids), _BATCH):
                    batch = {id: texts[id] for id in ids[start : start + _BATCH]}
                    changed += _note(connection, venue, batch, now_ms)
        return changed

    def prune(self, before_ms: int) -> int:
        """Forgets episodes that ended before, counts, and metadata that was replaced: how many
        rows. What a market is like now stays. Episodes go by the hundred, each a transaction, so
        that others come to write between them."""
        gone = self._prune_versions_and_counts(before_ms)
        while ids := self._ended_before(before_ms):
            with self._begin() as connection:
                for each in (_SNAPSHOTS.c.episode_id, _EPISODES.c.id):
                    gone += connection.execute(delete(each.table).where(each.in_(ids))).rowcount
        return gone

    def _ended_before(self, before_ms: int) -> Sequence[str]:
        old = and_(_EPISODES.c.ended_ms.is_not(None), _EPISODES.c.ended_ms < before_ms)
        with self._begin(self._to_read) as connection:
            asked = select(_EPISODES.c.id).where(old).limit(_PRUNED_AT_ONCE)
            return list(connection.execute(asked).scalars())

    def _prune_versions_and_counts(self, before_ms: int) -> int:
        newer = _VERSIONS.alias()
        replaced = (
            select(newer.c.seen_ms)
            .where(
                newer.c.venue == _VERSIONS.c.venue,
                newer.c.market == _VERSIONS.c.market,
                newer.c.seen_ms > _VERSIONS.c.seen_ms,
                newer.c.seen_ms < before_ms,
            )
            .exists()
        )
        with self._begin() as connection:
            counts = delete(_COUNTS).where(_COUNTS.c.ts_ms < before_ms - before_ms % HOUR_MS)
            each = (counts, delete(_VERSIONS).where(replaced))
            return sum(connection.execute(statement).rowcount for statement in each)

    @contextmanager
    def _begin(self, engine: Engine | None = None) -> Iterator[Connection]:
        try:
            with (engine or self._engine).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise HistoryUnavailable(f"the history cannot be kept: {said(error)}") from None

    def _episode(self, episode: Episode) -> dict[str, Any]:
        best, last = episode.best, episode.last
        return {
            "id": episode.id,
            "pair_id": episode.pair_id,
            "node": self._node,
            "first_ms": episode.first_ms,
            "last_ms": last.seen_ms,
            "ended_ms": episode.ended_ms,
            "ended_by": episode.ended_by,
            "best_seen_ms": best.seen_ms,
            **_figures("best", best),
            **_figures("last", last),
            "half_life_ms": episode.half_life_ms,
            "was_good": episode.was_good,
            "best": _OPPORTUNITY.dump_json(best).decode(),
            "last": _OPPORTUNITY.dump_json(last).decode(),
            "proof": _PROOF.dump_json(episode.proof).decode(),
        }


def metadata_text(market: Market) -> str:
    """What an order of the market must keep to: tick, minimum, lot, status and fees."""
    told = {
        "status": market.status.value,
        "tick": [[band.start, band.end, band.step] for band in market.grid.bands],
        "minimum": market.minimum,
        "lot": market.lot,
        "fees": [[since_ms, repr(model)] for since_ms, model in market.fees.entries],
    }
    return json.dumps(told, separators=(",", ":"))


def _figures(which: str, found: Opportunity) -> dict[str, int]:
    return {
        f"{which}_profit": found.profit,
        f"{which}_quantity": found.quantity,
        f"{which}_outlay": found.outlay,
        f"{which}_edge_bps": found.edge_bps,
    }


def _snapshot(change: Change, books: Books) -> dict[str, Any]:
    episode = change.episode
    keys = [MarketKey(leg.contract.venue, leg.contract.market) for leg in episode.last.legs]
    return {
        "episode_id": episode.id,
        "ts_ms": episode.last.seen_ms if episode.ended_ms is None else episode.ended_ms,
        "happened": change.happened.value,
        "opportunity": _OPPORTUNITY.dump_json(episode.last).decode(),
        "books": _BOOKS.dump_json([books.get(key) for key in keys]).decode(),
        "one_age_ms": episode.proof.ages_ms[0],
        "two_age_ms": episode.proof.ages_ms[1],
    }


def _episode_of(row: RowMapping) -> Episode:
    return Episode(
        pair_id=row["pair_id"],
        first_ms=row["first_ms"],
        best=_OPPORTUNITY.validate_json(row["best"]),
        last=_OPPORTUNITY.validate_json(row["last"]),
        proof=_PROOF.validate_json(row["proof"]),
        was_good=row["was_good"],
        half_life_ms=row["half_life_ms"],
        ended_ms=row["ended_ms"],
        ended_by=row["ended_by"],
    )


def _note(
    connection: Connection, venue: str, texts: Mapping[str, str], now_ms: int
) -> list[MarketKey]:
    asked = (
        select(_VERSIONS.c.market, _VERSIONS.c.digest)
        .where(_VERSIONS.c.venue == venue, _VERSIONS.c.market.in_(texts))
        .order_by(_VERSIONS.c.seen_ms)
    )
    known = {row.market: row.digest for row in connection.execute(asked)}
    rows = [
        {"venue": venue, "market": id, "seen_ms": now_ms, "digest": digest, "text": text}
        for id, text in texts.items()
        if known.get(id) != (digest := hashlib.sha256(text.encode()).hexdigest())
    ]
    if rows:
        put = upsert(connection, _VERSIONS)
        new = {name: put.excluded[name] for name in ("digest", "text")}
        keys = ["venue", "market", "seen_ms"]
        connection.execute(put.on_conflict_do_update(index_elements=keys, set_=new), rows)
    return [MarketKey(venue, id) for id in (str(row["market"]) for row in rows) if id in known]
