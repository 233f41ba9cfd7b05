"""Records a live day: what drove the books, and when the engine looked at them (docs/tape.md).

Recording decides nothing: a disk that is full ends it, and never the day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Final, Generic

import structlog

from venues.book import Book, Top
from venues.clock import Clock
from venues.http import Exchange
from venues.market import Market
from venues.stream import News, Session, Watched
from venues.tape import Record, TapeError, answer_of
from venues.tape_stream import (
    Break,
    Call,
    Levels,
    Names,
    Op,
    Polled,
    Priced,
    Terms,
    Told,
    Watch,
    terms_of,
)
from venues.tapes import Tapes

AGAIN_MS: Final = 60_000
_RECEIVE: Final = Op.RECEIVE
_log = structlog.get_logger()


class Recorder:
    """`trouble`: why nothing is written now, "" while all is well. It is tried again each minute;
    a connection is on tape again from its next beginning. `warn` hears of each trouble once."""

    def __init__(self, tapes: Tapes, clock: Clock) -> None:
        self.trouble = ""
        self.warn: Callable[[str], None] = lambda _why: None
        self.era = 0
        self.clock = clock
        self._tapes = tapes
        self._failed_ms = 0
        self._said = ""
        self._lines = count(1)
        self._names: dict[tuple[str, str], Names] = {}
        self._terms: dict[tuple[str, str], Terms] = {}
        self._pairs: dict[str, None] | None = None
        self._shown: dict[tuple[str, str], tuple[object, object]] = {}
        tapes.head = self._head

    def begin(self) -> None:
        """Nothing that stands on an earlier tape goes on from here."""
        self.write(Break(self.clock.now_ms()))

    def session(self, venue: str, make: Callable[[], Session[News]]) -> Callable[[], Session[News]]:
        """Makes sessions that are recorded."""
        return lambda: Recorded(make(), self, venue, next(self._lines))

    def names(self, venue: str, market: str, yes: str, no: str) -> None:
        record = Names(venue, market, yes, no)
        if self._names.get((venue, market)) != record:
            self._names[venue, market] = record
            self.write(record)

    def polled(
        self, venue: str, ids: Collection[str], told: Mapping[str, Book], now_ms: int, now_ns: int
    ) -> None:
        """One answer of a venue that is read in turn; unchanged books are only named."""
        self.turn(now_ms)
        books, same = [], []
        for id in ids:
            if book := told.get(id):
                shown = (book.bids, book.asks)
                if self._shown.get((venue, id)) == shown:
                    same.append(id)
                else:
                    self._shown[venue, id] = shown
                    books.append(_told(id, book))
        untold = tuple(id for id in ids if id not in told)
        self.write(Polled(venue, now_ms, now_ns, tuple(books), tuple(same), untold))

    def market(self, market: Market) -> None:
        """What is known of a market from now on; told again, it costs nothing."""
        record = terms_of(market)
        key = (market.venue, market.id)
        if self._terms.get(key) != record:
            self._terms[key] = record
            self.write(record)

    def watch(self, pairs: Collection[str], now_ms: int) -> None:
        """The engine watches exactly these pairs, with the markets as they were told last."""
        before, wanted = self._pairs or {}, dict.fromkeys(pairs)
        new = tuple(id for id in wanted if id not in before)
        gone = tuple(id for id in before if id not in wanted)
        self.write(Watch(now_ms, new, gone, anew=self._pairs is None))
        self._pairs = wanted

    def priced(
        self,
        pair: str,
        now_ms: int,
        ages_ms: tuple[int | None, int | None],
        doubts: tuple[str, ...] = (),
    ) -> None:
        self.write(Priced(pair, now_ms, ages_ms, doubts))

    def keep(self, exchange: Exchange) -> None:
        """The recorder that `Http` wants: the answers that told of the markets, as they came."""
        self.write(answer_of(exchange))

    def write(self, record: Record) -> None:
        if self.trouble:
            return
        try:
            self._tapes.write(record)
        except (OSError, TapeError) as error:
            self._fail(error)

    def turn(self, now_ms: int) -> None:
        """Called every second or so."""
        if self.trouble and now_ms - self._failed_ms < AGAIN_MS:
            return
        is_new, self.trouble = bool(self.trouble), ""
        try:
            self._tapes.turn(now_ms)
        except (OSError, TapeError) as error:
            self._fail(error)
        if is_new:
            self.begin()
        elif self._said and not self.trouble and now_ms - self._failed_ms > 2 * AGAIN_MS:
            _log.info("tape.goes_on")
            self._said = ""

    def _fail(self, error: OSError | TapeError) -> None:
        self.trouble = str(error)
        self.era += 1
        self._failed_ms = self.clock.now_ms()
        self._tapes.give_up()
        if self._said != self.trouble:
            self._said = self.trouble
            _log.warning("tape.failed", why=self.trouble)
            self.warn(self.trouble)

    def _head(self) -> Iterator[Record]:
        self._shown.clear()
        yield from self._names.values()
        yield from self._terms.values()
        if self._pairs is not None:
            yield Watch(self.clock.now_ms(), tuple(self._pairs), anew=True)


class Recorded(Generic[News]):
    """A venues.stream.Session that is on tape."""

    def __init__(self, inner: Session[News], recorder: Recorder, venue: str, line: int) -> None:
        self.outbox, self.changed = inner.outbox, inner.changed
        self.private, self.public = inner.private, inner.public
        self.counts = inner.counts
        self._inner = inner
        self._recorder = recorder
        self._write = recorder.write
        self._era = recorder.era
        self._venue = venue
        self._line = line

    @property
    def unproven(self) -> int:
        return self._inner.unproven

    def open(self, markets: Iterable[str], now_ns: int) -> None:
        self._era = self._recorder.era
        given = tuple(markets)
        self._keep(Op.OPEN, now_ns, given)
        self._inner.open(given, now_ns)

    def add(self, markets: Iterable[str], now_ns: int) -> None:
        given = tuple(markets)
        self._keep(Op.ADD, now_ns, given)
        self._inner.add(given, now_ns)

    def remove(self, markets: Iterable[str], now_ns: int) -> None:
        given = tuple(markets)
        self._keep(Op.REMOVE, now_ns, given)
        self._inner.remove(given, now_ns)

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        if self._era == self._recorder.era:
            text, odd = (raw, b"") if isinstance(raw, str) else _text(raw)
            # Without names, the hottest line here takes half the time.
            self._write(Call(self._venue, self._line, _RECEIVE, now_ms, now_ns, (), text, odd))
        self._inner.receive(raw, now_ms, now_ns)

    def heartbeat(self, now_ms: int, now_ns: int) -> None:
        if self._era == self._recorder.era:
            self._write(Call(self._venue, self._line, Op.HEARTBEAT, now_ms, now_ns))
        self._inner.heartbeat(now_ms, now_ns)

    def tick(self, now_ns: int) -> str | None:
        self._recorder.turn(self._recorder.clock.now_ms())
        self._keep(Op.TICK, now_ns)
        return self._inner.tick(now_ns)

    def doubt(self, why: str) -> None:
        self._keep(Op.DOUBT, self._recorder.clock.monotonic_ns(), why=why)
        self._inner.doubt(why)

    def watched(self, market: str) -> Watched | None:
        return self._inner.watched(market)

    def top(self, market: str) -> Top | None:
        return self._inner.top(market)

    def _keep(self, op: Op, now_ns: int, markets: tuple[str, ...] = (), why: str = "") -> None:
        if self._era == self._recorder.era:
            now_ms = self._recorder.clock.now_ms()
            self._write(Call(self._venue, self._line, op, now_ms, now_ns, markets, why))


def _text(raw: bytes) -> tuple[str, bytes]:
    try:
        return raw.decode(), b""
    except UnicodeDecodeError:
        return "", raw


def _told(id: str, book: Book) -> Told:
    return Told(id, _levels(book.bids), _levels(book.asks), book.received_ms, book.venue_ms)


def _levels(levels: Iterable[tuple[int, int]]) -> Levels:
    return tuple([(price, size) for price, size in levels])
