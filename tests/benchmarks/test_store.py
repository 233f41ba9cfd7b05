"""The history store beside bare sqlite3: the same rows, the same settings, as many transactions.

What is measured is our share: an episode and a snapshot made of each change, as JSON, and the way
through SQLAlchemy. Goal: 0.3 of the bare rate. The books have 20 levels a side.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from app.store.history import History
from app.store.opening import NAME, open_database
from matching.pairs import MarketKey
from scanner.episode import Change, Happened, Proof, begin, go_on
from scanner.opportunity import Leg, Opportunity
from venues import Book, Cash, Contract, Level, Outcome, Price, Quantity

COUNT: Final = 20_000
BATCH: Final = 500
ROUNDS: Final = 3
KEYS: Final = (
    MarketKey("kalshi", "KXFEDDECISION-26DEC-H0"),
    MarketKey("polymarket", "0x" + "a" * 64),
)


def found(pair: int, seen_ms: int, cost: int) -> Opportunity:
    legs = tuple(
        Leg(
            contract=Contract(key.venue, key.id, outcome),
            bought=Quantity(10_000_000),
            average_price=Price(450_000),
            worst_price=Price(460_000),
            cost=Cash(cost),
            fee=Cash(20_000),
        )
        for key, outcome in zip(KEYS, (Outcome.YES, Outcome.NO), strict=True)
    )
    return Opportunity(
        pair_id=f"KXFEDDECISION-26DEC-H0~{pair:08d}",
        legs=(legs[0], legs[1]),
        quantity=Quantity(10_000_000),
        seen_ms=seen_ms,
        days=20,
    )


def changes() -> Iterator[Change]:
    """Each episode appears and changes once: as many episodes as half of the changes."""
    proof = Proof(ages_ms=(12, 300))
    for n in range(COUNT // 2):
        begun = begin(found(n, 1_700_000_000_000 + n, 4_600_000), proof)
        yield Change(happened=Happened.APPEARED, episode=begun)
        more = found(n, 1_700_000_000_500 + n, 4_500_000)
        yield Change(happened=Happened.CHANGED, episode=go_on(begun, more, proof))


def books() -> dict[MarketKey, Book]:
    return {
        key: Book(
            Contract(key.venue, key.id, Outcome.YES),
            tuple(Level(Price(440_000 - n * 10_000), Quantity(5_000_000 + n)) for n in range(20)),
            tuple(Level(Price(450_000 + n * 10_000), Quantity(5_000_000 + n)) for n in range(20)),
            1_700_000_000_000,
        )
        for key in KEYS
    }


def test_the_history_is_written_at_a_share_of_the_bare_rate(tmp_path: Path) -> None:
    every, kept = list(changes()), books()
    ours, bare = [], []
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        with open_database(folder) as engine:
            history = History(engine, "a")
            ours.append(_rate(partial(_keep, history, every, kept)))
            rows = [_table(engine, name) for name in ("episodes", "snapshots")]
        bare.append(_rate(partial(_write_bare, folder / "bare.db", folder / NAME, rows)))
    share = max(ours) / max(bare)
    print(
        f"\nhistory: {max(ours):,.0f} changes a second through the store, {max(bare):,.0f} by bare "
        f"executemany of the same rows ({COUNT // BATCH} transactions): ratio {share:.2f} "
        f"(goal 0.30)"
    )


def _keep(history: History, every: list[Change], kept: dict[MarketKey, Book]) -> None:
    for start in range(0, COUNT, BATCH):
        history.keep((each, kept) for each in every[start : start + BATCH])


def _rate(work: Callable[[], None]) -> float:
    began = perf_counter()
    work()
    return COUNT / (perf_counter() - began)


def _table(engine: Any, name: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]


def _write_bare(path: Path, like: Path, rows: list[list[tuple[Any, ...]]]) -> None:
    """The rows as the store left them, into tables and indexes like the store's."""
    with sqlite3.connect(like) as made:
        asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name IN (?, ?)"
        tables = [sql for (sql,) in made.execute(asked, ("episodes", "snapshots"))]
    made.close()
    to = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        to.execute(f"PRAGMA {pragma}")
    for sql in tables:
        to.execute(sql)
    episodes, snapshots = rows
    for start in range(0, COUNT, BATCH):
        to.execute("BEGIN IMMEDIATE")
        for name, part in (
            ("episodes", episodes[start // 2 : (start + BATCH) // 2]),
            ("snapshots", snapshots[start : start + BATCH]),
        ):
            to.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(part[0]))})", part)
        to.execute("COMMIT")
    to.close()
