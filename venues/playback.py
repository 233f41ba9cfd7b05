"""A recorded day's books, played again: the same calls of the same sessions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from venues.book import Book, Level, Top
from venues.market import Contract
from venues.money import Price, Quantity
from venues.polled import PolledBooks
from venues.sides import Outcome
from venues.stream import Session, Watched
from venues.tape_stream import Break, Call, Levels, Names, Op, Polled, Told

MakeSession: TypeAlias = Callable[[], Session[Any]]
Learn: TypeAlias = Callable[[str, str, str], None]
"""Takes a market, and the venue's names of its YES and NO."""


class VenueBooks:
    """One venue's books, as its feed kept them. `skipped`: frames of connections whose beginning is
    not on tape, which say nothing without it."""

    def __init__(self, venue: str, make: MakeSession) -> None:
        self.skipped = 0
        self._venue = venue
        self._make = make
        self._lines: dict[int, Session[Any]] = {}
        self._homes: dict[str, Session[Any]] = {}
        self._polled = PolledBooks()
        self._books: dict[str, Book] = {}
        self._is_polling = False

    def book(self, market: str) -> Watched | None:
        if self._is_polling:
            return self._polled.get(market)
        home = self._homes.get(market)
        return home.watched(market) if home else None

    def top(self, market: str) -> Top | None:
        if self._is_polling:
            polled = self._polled.get(market)
            return polled.book.top if polled else None
        home = self._homes.get(market)
        return home.top(market) if home else None

    def call(self, call: Call) -> list[str]:
        """The markets that changed."""
        session = self._lines.get(call.line)
        if call.op is Op.OPEN:
            session = self._opened(call)
        if session is None:
            self.skipped += call.op is Op.RECEIVE
            return []
        match call.op:
            case Op.OPEN:
                session.open(call.markets, call.now_ns)
            case Op.ADD:
                self._homes.update(dict.fromkeys(call.markets, session))
                session.add(call.markets, call.now_ns)
            case Op.REMOVE:
                for market in call.markets:
                    if self._homes.get(market) is session:
                        del self._homes[market]
                session.remove(call.markets, call.now_ns)
            case Op.RECEIVE:
                session.receive(call.frame, call.now_ms, call.now_ns)
            case Op.HEARTBEAT:
                session.heartbeat(call.now_ms, call.now_ns)
            case Op.TICK:
                session.tick(call.now_ns)
            case Op.DOUBT:
                session.doubt(call.text)
        return _drained(session)

    def _opened(self, call: Call) -> Session[Any]:
        self._is_polling = False
        session = self._make()
        self._homes.update(dict.fromkeys(call.markets, session))
        used = set(map(id, self._homes.values()))
        self._lines = {n: each for n, each in self._lines.items() if id(each) in used}
        self._lines[call.line] = session
        return session

    def polled(self, told: Polled) -> list[str]:
        gone = [] if self._is_polling else list(self._homes)
        self._is_polling = True
        self._books.update({each.market: self._book(each) for each in told.books})
        ids = (*(each.market for each in told.books), *told.same, *told.untold)
        books = {id: self._books[id] for id in ids if id in self._books and id not in told.untold}
        return gone + self._polled.take(ids, books, told.now_ms, told.now_ns)

    def broken(self) -> list[str]:
        gone = list(self._homes)
        self._lines.clear()
        self._homes.clear()
        return gone

    def _book(self, told: Told) -> Book:
        contract = Contract(self._venue, told.market, Outcome.YES)
        bids, asks = _levels(told.bids), _levels(told.asks)
        return Book(contract, bids, asks, told.received_ms, told.venue_ms)


class Player:
    """`sessions` by venue make those of books; `learn`, where a venue's sessions want names."""

    def __init__(self, sessions: Mapping[str, MakeSession], learn: Mapping[str, Learn]) -> None:
        self.books = {venue: VenueBooks(venue, make) for venue, make in sessions.items()}
        self._learn = learn

    def play(self, record: Call | Names | Polled | Break) -> list[tuple[str, str]]:
        """(venue, market) of every book or fault that changed. Raises ValueError for tapes that
        contradict themselves, or a venue that nobody knows."""
        if isinstance(record, Break):
            return [(venue, id) for venue, each in self.books.items() for id in each.broken()]
        books, learn = self.books.get(record.venue), self._learn.get(record.venue)
        if isinstance(record, Names) and learn:
            learn(record.market, record.yes, record.no)
            return []
        if isinstance(record, Names) or not books:
            raise ValueError(f"nobody knows the venue {record.venue[:40]!r}")
        changed = books.polled(record) if isinstance(record, Polled) else books.call(record)
        return [(record.venue, market) for market in changed]

    @property
    def skipped(self) -> int:
        return sum(each.skipped for each in self.books.values())


def _drained(session: Session[Any]) -> list[str]:
    changed = sorted(session.changed)
    for waiting in (session.changed, session.outbox, session.private, session.public):
        waiting.clear()
    return changed


def _levels(levels: Levels) -> tuple[Level, ...]:
    return tuple([Level(Price(price), Quantity(size)) for price, size in levels])
