"""The pair book in a database. Every method is one transaction: all of it is kept, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as rows

from app.store.rows import (
    kept_of,
    kept_of_text,
    kept_text,
    listing_of_text,
    listing_text,
    near_of,
    values_of,
    values_of_near,
)
from app.store.tables import KeptRow, ListingRow, NearMissRow, StepRow, TextRow
from matching.hashing import text_hash
from matching.listing import Listing
from matching.pair_book import Kept, NearMiss, Seen, Step
from matching.pairs import MarketKey

NEAR_MISSES_MAX: Final = 10_000

_BATCH: Final = 2_000
_PAIRS: Final = SQLModel.metadata.tables["pairs"]
_HISTORY: Final = SQLModel.metadata.tables["pair_history"]
_TEXTS: Final = SQLModel.metadata.tables["pair_texts"]
_LISTINGS: Final = SQLModel.metadata.tables["listings"]
_CATALOGUES: Final = SQLModel.metadata.tables["catalogues"]
_NEAR: Final = SQLModel.metadata.tables["near_misses"]

Values = dict[str, Any]


class Store:
    """Implements `matching.pair_book.PairBook`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def get(self, id: str) -> Kept | None:
        with Session(self.engine) as session:
            row = session.get(KeptRow, id)
            return kept_of(row) if row else None

    def pairs(self) -> Sequence[Kept]:
        with Session(self.engine) as session:
            found = session.exec(rows(KeptRow).order_by(col(KeptRow.id)))
            return [kept_of(row) for row in found]

    def put(self, changed: Iterable[Kept], *, at_ms: int, texts: Iterable[Listing] = ()) -> None:
        now = list(changed)
        with self.engine.begin() as connection:
            known = set(connection.execute(select(_PAIRS.c.id)).scalars())
            values = [values_of(kept) for kept in now]
            _insert(connection, _PAIRS, (row for row in values if row["id"] not in known))
            _update(connection, _PAIRS, ("id",), (row for row in values if row["id"] in known))
            steps = ({"pair_id": k.id, "at_ms": at_ms, "kept": kept_text(k)} for k in now)
            _insert(connection, _HISTORY, steps)
            _insert(connection, _TEXTS, _new_texts(connection, texts))
            _delete_near(connection, ((k.kalshi.id, k.polymarket.id) for k in now))

    def history(self, id: str) -> Sequence[Step]:
        with Session(self.engine) as session:
            asked = rows(StepRow).where(StepRow.pair_id == id).order_by(col(StepRow.id))
            return [Step(row.at_ms, kept_of_text(row.kept)) for row in session.exec(asked)]

    def text(self, key: MarketKey, digest: str) -> Listing | None:
        with Session(self.engine) as session:
            row = session.get(TextRow, (*key, digest))
            return listing_of_text(row.listing) if row else None

    def listing(self, key: MarketKey) -> Listing | None:
        with Session(self.engine) as session:
            row = session.get(ListingRow, tuple(key))
            return listing_of_text(row.listing) if row else None

    def current(self, key: MarketKey, digest: str) -> Listing | None:
        """A market as it was last seen, else the text of that hash."""
        return self.listing(key) or self.text(key, digest)

    def current_of_pairs(self) -> Mapping[MarketKey, Listing]:
        """The same for every market of every pair at once."""
        found: dict[MarketKey, Listing] = {}
        with self.engine.connect() as connection:
            for venue, market, text in connection.execute(_texts_judged()):
                found[MarketKey(venue, market)] = listing_of_text(text)
            for venue in (_PAIRS.c.kalshi, _PAIRS.c.polymarket):
                asked = select(_LISTINGS.c.market, _LISTINGS.c.listing).where(
                    _LISTINGS.c.venue == venue.name, _LISTINGS.c.market.in_(select(venue))
                )
                for market, text in connection.execute(asked):
                    found[MarketKey(venue.name, market)] = listing_of_text(text)
        return found

    def unlisted(self) -> frozenset[MarketKey]:
        """The markets of pairs that their venues' catalogues, as last seen, do not have."""
        found = set[MarketKey]()
        with self.engine.connect() as connection:
            for side in (_PAIRS.c.kalshi, _PAIRS.c.polymarket):
                here = select(_LISTINGS.c.market).where(
                    _LISTINGS.c.venue == side.name, ~_LISTINGS.c.gone
                )
                away = connection.execute(select(side).where(side.not_in(here))).scalars()
                found |= {MarketKey(side.name, market) for market in away}
        return frozenset(found)

    def listings(
        self, venue: str, wanted: Callable[[str], bool] = lambda _: True
    ) -> Iterator[Listing]:
        """A venue's catalogue as it was last seen; of it what is `wanted`, judged as stored text,
        before the dearer reading of it."""
        asked = select(_LISTINGS.c.listing).where(_LISTINGS.c.venue == venue, ~_LISTINGS.c.gone)
        with self.engine.connect() as connection:
            for text in connection.execute(asked).scalars():
                if wanted(text):
                    yield listing_of_text(text)

    def seen_ms(self, venue: str) -> int | None:
        """When a venue's catalogue was last seen; None: never."""
        with self.engine.connect() as connection:
            return _seen_ms(connection, venue)

    def see(self, venue: str, listings: Iterable[Listing], now_ms: int) -> Seen:
        mine = _LISTINGS.c.venue == venue
        new: list[str] = []
        changed: list[str] = []
        with self.engine.begin() as connection:
            asked = select(_LISTINGS.c.market, _LISTINGS.c.digest, _LISTINGS.c.gone).where(mine)
            known = {
                market: "" if gone else digest for market, digest, gone in connection.execute(asked)
            }
            here = set[str]()
            for batch in _batches(_unlike(known, here, listings, now_ms)):
                _insert(connection, _LISTINGS, (r for r in batch if r["market"] not in known))
                _update(
                    connection,
                    _LISTINGS,
                    ("venue", "market"),
                    (r for r in batch if r["market"] in known),
                )
                new += [r["market"] for r in batch if not known.get(r["market"])]
                changed += [r["market"] for r in batch if known.get(r["market"])]
            gone = [market for market, digest in known.items() if digest and market not in here]
            before = _seen_ms(connection, venue)
            left = ({"venue": venue, "market": m, "gone": True, "seen_ms": before} for m in gone)
            _update(connection, _LISTINGS, ("venue", "market"), left)
            now = {"venue": venue, "seen_ms": now_ms}
            if before is None:
                _insert(connection, _CATALOGUES, [now])
            else:
                _update(connection, _CATALOGUES, ("venue",), [now])
        return Seen(tuple(new), tuple(changed), tuple(gone))

    def put_near_misses(self, found: Iterable[NearMiss], now_ms: int) -> None:
        """Raises nothing for one that is there already: the newest word counts."""
        best = nlargest(NEAR_MISSES_MAX, found, key=lambda near: near.score)
        values = {(n.kalshi, n.polymarket): values_of_near(n, now_ms) for n in best}
        with self.engine.begin() as connection:
            known = {
                (k, p) for k, p in connection.execute(select(_NEAR.c.kalshi, _NEAR.c.polymarket))
            }
            _insert(connection, _NEAR, (row for key, row in values.items() if key not in known))
            again = (row for key, row in values.items() if key in known)
            _update(connection, _NEAR, ("kalshi", "polymarket"), again)
            _forget_the_least(connection)

    def near_misses(self) -> Sequence[NearMiss]:
        with Session(self.engine) as session:
            asked = rows(NearMissRow).order_by(
                col(NearMissRow.score).desc(), col(NearMissRow.kalshi), col(NearMissRow.polymarket)
            )
            return [near_of(row) for row in session.exec(asked)]


def _seen_ms(connection: Connection, venue: str) -> int | None:
    """When the venue's catalogue was last seen."""
    asked = select(_CATALOGUES.c.seen_ms).where(_CATALOGUES.c.venue == venue)
    found: int | None = connection.execute(asked).scalar()
    return found


def _texts_judged() -> Select[Any]:
    """The texts that the pairs were judged by last."""
    kalshi = (_TEXTS.c.venue == "kalshi") & _TEXTS.c.text_hash.in_(select(_PAIRS.c.kalshi_text))
    other = (_TEXTS.c.venue != "kalshi") & _TEXTS.c.text_hash.in_(select(_PAIRS.c.polymarket_text))
    return select(_TEXTS.c.venue, _TEXTS.c.market, _TEXTS.c.listing).where(kalshi | other)


def _unlike(
    known: dict[str, str], here: set[str], listings: Iterable[Listing], now_ms: int
) -> Iterator[Values]:
    """The rows of listings that are not what was known; all ids go into `here`."""
    for listing in listings:
        if listing.id in here:
            continue
        here.add(listing.id)
        text = listing_text(listing)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if known.get(listing.id) != digest:
            yield {
                "venue": listing.venue,
                "market": listing.id,
                "text_hash": text_hash(listing),
                "digest": digest,
                "seen_ms": now_ms,
                "gone": False,
                "listing": text,
            }


def _new_texts(connection: Connection, texts: Iterable[Listing]) -> Iterator[Values]:
    wanted = {(each.venue, each.id, text_hash(each)): each for each in texts}
    if not wanted:
        return
    asked = select(_TEXTS.c.venue, _TEXTS.c.market, _TEXTS.c.text_hash)
    known = {(v, m, h) for v, m, h in connection.execute(asked)}
    for (venue, market, digest), listing in wanted.items():
        if (venue, market, digest) not in known:
            yield {
                "venue": venue,
                "market": market,
                "text_hash": digest,
                "listing": listing_text(listing),
            }


def _forget_the_least(connection: Connection) -> None:
    """Near-misses beyond the limit: the least likely go, of equals the oldest."""
    asked = (
        select(_NEAR.c.kalshi, _NEAR.c.polymarket)
        .order_by(_NEAR.c.score.desc(), _NEAR.c.at_ms.desc(), _NEAR.c.kalshi, _NEAR.c.polymarket)
        .offset(NEAR_MISSES_MAX)
    )
    _delete_near(connection, ((k, p) for k, p in connection.execute(asked).all()))


def _delete_near(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    gone = delete(_NEAR).where(*_is(_NEAR, ("kalshi", "polymarket")))
    for batch in _batches({"is_kalshi": k, "is_polymarket": p} for k, p in keys):
        connection.execute(gone, batch)


def _insert(connection: Connection, table: Table, values: Iterable[Values]) -> None:
    for batch in _batches(values):
        connection.execute(insert(table), batch)


def _update(
    connection: Connection, table: Table, keys: Sequence[str], values: Iterable[Values]
) -> None:
    for batch in _batches(values):
        changed: Values = {name: bindparam(f"to_{name}") for name in batch[0] if name not in keys}
        asked = update(table).where(*_is(table, keys)).values(changed)
        named = [
            {f"is_{n}" if n in keys else f"to_{n}": value for n, value in row.items()}
            for row in batch
        ]
        connection.execute(asked, named)


def _is(table: Table, keys: Sequence[str]) -> list[Any]:
    return [table.c[name] == bindparam(f"is_{name}") for name in keys]


def _batches(values: Iterable[Values]) -> Iterator[list[Values]]:
    rest = iter(values)
    while batch := list(islice(rest, _BATCH)):
        yield batch
