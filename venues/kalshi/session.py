"""Kalshi's websocket conversation, pure: one Session is one connection.

`seq` counts the frames of a subscription over all its markets, acknowledgements included (AsyncAPI
2.0.0; verbatim frames of 2026-08-07). One missing frame puts every book of the subscription in
doubt, in the same call; each is good again with its own snapshot, while the count goes on. The same
`seq` twice is a duplicate. A lower one: the subscription began anew, and because it may as well be
an old frame that came late, only answers to new questions count from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from venues.book import Top
from venues.kalshi import normalize_stream as normalize
from venues.kalshi.books import PRICES, SIZES, Books
from venues.kalshi.normalize import VENUE
from venues.kalshi.normalize_stream import Complaint, KalshiNews, Missed
from venues.kalshi.subscriptions import DEADLINE_NS, PAUSE_NS, BookRequests
from venues.kalshi.wire import stream as wire
from venues.ladder import Ladder
from venues.market import Contract
from venues.money import Price
from venues.sides import Side
from venues.stream import Counts, OwnChange, Private, Reconcile, Watched

LATE_MS: Final = 3_000
"""How old a change may be when it comes. Nobody trades on a stream that falls behind."""
_UNKNOWN_SID: Final = 7
_TOO_MANY: Final = 27
_ENDED: Final = (10, 25)
_BOOK_TYPES: Final = frozenset({"orderbook_delta", "orderbook_snapshot"})
_PRIVATE_TYPES: Final = frozenset({"fill", "user_order", "market_position"})
_read, _Delta = wire.frame, wire.Delta
_BUY, _SELL = Side.BUY, Side.SELL


@dataclass(slots=True)
class _Cursor:
    sid: int
    channel: str
    seq: int = 0


class Session:
    """A venues.stream.Session: books of the markets it is given, and `channels` beside them (name →
    markets, none for all). `yes_prices`: which way to ask for asks, see Books."""

    def __init__(
        self, *, channels: Mapping[str, tuple[str, ...]] | None = None, yes_prices: bool = True
    ) -> None:
        self.outbox: list[str] = []
        self.private: list[Private] = []
        self.public: list[KalshiNews] = []
        self.counts = Counts()
        self._channels = dict(channels or {})
        self._pending: dict[str, tuple[int, int]] = {}
        self._numbers = count(1)
        self._requests = BookRequests(self._numbers, self.outbox, yes_prices=yes_prices)
        self._books = Books(self._requests, self.counts, yes_prices=yes_prices)
        self._ladders = self._books.ladders
        self._ask_prices = self._books.ask_prices
        self.changed = self._books.changed
        self._mark = self.changed.add
        self._cursors: dict[int, _Cursor] = {}
        self._ended: set[int] = set()
        self._book_cursor: _Cursor | None = None
        self._confirmed_ms = self._confirmed_ns = 0
        self._gone: str | None = None
        self._doubt = ""
        self._last: Ladder | None = None
        self._late = ""

    @property
    def unproven(self) -> int:
        return self._requests.unproven + len(self._pending)

    def open(self, markets: Iterable[str], now_ns: int) -> None:
        for channel in self._channels:
            self._subscribe(channel, now_ns)
        self._books.add(markets, now_ns)

    def add(self, markets: Iterable[str], now_ns: int) -> None:
        self._books.add(markets, now_ns)

    def remove(self, markets: Iterable[str], now_ns: int) -> None:
        self._books.remove(markets, now_ns)

    def watched(self, market: str) -> Watched | None:
        found = self._books.watched(market, self._confirmed_ms, self._confirmed_ns)
        if found is None:
            return None
        fault = self._doubt or found.fault or self._late or None
        return found if fault == found.fault else replace(found, fault=fault)

    def top(self, market: str) -> Top | None:
        return self._books.top(market)

    def doubt(self, why: str) -> None:
        """For good: what still comes over this connection changes nothing about it."""
        self._doubt = why
        self._books.doubt(why)
        self._reconcile(why)

    def heartbeat(self, now_ms: int, now_ns: int) -> None:
        """`seq` proves the order of frames, so that a sign of life confirms every good book."""
        if self._book_cursor is not None:
            self._confirmed_ms, self._confirmed_ns = now_ms, now_ns

    def tick(self, now_ns: int) -> str | None:
        for ticker in self._requests.overdue(now_ns):
            self.counts.overdue += 1
            self._books.fault(ticker, "the venue sent no book in time")
        for channel, (number, due_ns) in [*self._pending.items()]:
            if due_ns < now_ns:
                self.counts.overdue += number > 0
                self._subscribe(channel, now_ns)
        self._books.look_for_crossed(now_ns)
        self._look_for_lateness()
        return self._gone

    def _look_for_lateness(self) -> None:
        """Frames come in order, so that one late change of the last second speaks for all books."""
        last, self._last = self._last, None
        late_ms = last.received_ms - (last.venue_ms or last.received_ms) if last else 0
        late = f"the stream is {late_ms // 1_000} s behind, or our clock is wrong"
        before, self._late = self._late, late if late_ms > LATE_MS else ""
        if bool(before) != bool(self._late):
            self.changed.update(self._ladders)

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        """Changes of books, nearly all that ever comes, are dealt with right here."""
        try:
            frame = _read(raw)
        except (ValueError, RecursionError) as error:
            self.counts.unreadable = str(error)
            self._odd(raw, now_ns)
            return
        if type(frame) is not _Delta:
            self._other(frame, now_ms, now_ns)
            return
        cursor = self._book_cursor
        if cursor is None or frame.sid != cursor.sid:
            self._stray(frame.sid, now_ns)
            return
        seq = frame.seq
        if seq != cursor.seq + 1 and not self._in_order(cursor, seq, now_ns):
            return
        cursor.seq = seq
        self._confirmed_ms = now_ms
        self._confirmed_ns = now_ns
        change = frame.msg
        ticker = change.market_ticker
        try:
            ladder = self._ladders[ticker]
            if ladder.fault:  # it waits for its snapshot, and hears nothing else
                return
            if change.side == "yes":
                ladder.apply(_BUY, PRICES[change.price_dollars], SIZES[change.delta_fp])
            else:
                ladder.apply(_SELL, self._ask_prices[change.price_dollars], SIZES[change.delta_fp])
        except (KeyError, ValueError) as error:
            self._books.unreadable(change, error, now_ns)
            return
        self._last = ladder
        ladder.received_ms = now_ms
        ladder.venue_ms = change.ts_ms
        self._mark(ticker)
        if ladder.fault:
            self._books.poisoned(ladder, ladder.fault, now_ns)
        elif change.client_order_id:
            self.private.append(self._own(ladder.contract, change))

    def _own(self, contract: Contract, change: wire.Change) -> OwnChange:
        side, prices = (_BUY, PRICES) if change.side == "yes" else (_SELL, self._ask_prices)
        return OwnChange(
            contract=contract,
            side=side,
            price=Price(prices[change.price_dollars]),
            delta=SIZES[change.delta_fp],
            client_id=change.client_order_id,
        )

    def _other(self, frame: wire.Frame, now_ms: int, now_ns: int) -> None:
        if isinstance(frame, wire.Subscribed):
            self._opened(frame.msg.channel, frame.msg.sid, now_ns)
            return
        if isinstance(frame, wire.Ok):
            self._merged(frame, now_ns)
        is_book = isinstance(frame, wire.Snapshot)
        cursor = self._cursors.get(frame.sid)
        if is_book and (cursor is None or cursor is not self._book_cursor):
            self._stray(frame.sid, now_ns)
            return
        if cursor is not None and (frame.seq or is_book):
            if not self._in_order(cursor, frame.seq, now_ns):
                return
            cursor.seq = frame.seq
            if cursor is self._book_cursor:
                self._confirmed_ms, self._confirmed_ns = now_ms, now_ns
        try:
            self._tell(frame, now_ms, now_ns)
        except ValueError as error:
            self.counts.broken += 1
            self._reconcile(f"a frame made no sense: {error}")

    def _tell(self, frame: wire.Frame, now_ms: int, now_ns: int) -> None:
        match frame:
            case wire.Snapshot():
                self._books.replace(frame.msg, frame.id, now_ms, now_ns)
            case wire.Ok():
                self._requests.acknowledged(frame.id)
            case wire.Error():
                self._error(frame, now_ns)
            case wire.Unsubscribed():
                self._end(frame.sid, "it was unsubscribed", now_ns)
            case wire.Fill() if not frame.msg.subaccount:
                self.private.append(normalize.fill(frame.msg))
            case wire.UserOrder() if not frame.msg.subaccount_number:
                self.private.append(normalize.order(frame.msg))
            case wire.MarketPosition() if not frame.msg.subaccount:
                self.private.append(normalize.position(frame.msg))
            case wire.Trade():
                self.public.append(normalize.trade(frame.msg))
            case wire.MarketLifecycle() | wire.ComboLifecycle():
                self.public.append(normalize.lifecycle(frame.msg))
            case wire.EventFee():
                self.public.append(normalize.fees(frame.msg, now_ms))
            case _:  # nothing is built on the others yet
                pass

    def _in_order(self, cursor: _Cursor, seq: int, now_ns: int) -> bool:
        """Whether a frame counts. A gap or a restart puts in doubt what came over its channel."""
        if seq == cursor.seq + 1:
            return True
        if seq == cursor.seq:
            self.counts.duplicates += 1
            return False
        if seq > cursor.seq:
            self.counts.gaps += 1
            why = f"{seq - cursor.seq - 1} frames are missing"
        else:
            self.counts.restarts += 1
            why = "its subscription began anew"
            if cursor is self._book_cursor:
                self._requests.restart(now_ns)
        if cursor is self._book_cursor:
            self._books.resync(why, now_ns)
        else:
            self.public.append(Missed(cursor.channel))
            if cursor.channel in wire.PRIVATE:
                self._reconcile(why)
        return True

    def _odd(self, raw: str | bytes, now_ns: int) -> None:
        """A frame that cannot be read, or of a type nobody documents: what it said is lost."""
        found = wire.other(raw)
        if found is None:
            self.counts.broken += 1
            self._books.resync("a frame could not be read", now_ns)
            self._reconcile("a frame could not be read")
            return
        if found.type in wire.TYPES:
            self.counts.broken += 1
        else:
            self.counts.unknown += 1
        cursor = self._cursors.get(found.sid)
        if cursor is not None and found.seq:
            if not self._in_order(cursor, found.seq, now_ns):
                return
            cursor.seq = found.seq
        of_books = found.seq or found.type in _BOOK_TYPES  # where it names no subscription of ours
        if cursor is not None:
            of_books = cursor is self._book_cursor
        if found.type in _PRIVATE_TYPES or (cursor and cursor.channel in wire.PRIVATE):
            self._reconcile(f"a frame of type {found.type[:40]!r} could not be read")
        elif of_books:
            self._lost(found, cursor, now_ns)

    def _lost(self, found: wire.Other, cursor: _Cursor | None, now_ns: int) -> None:
        """Only one book is in doubt if the frame kept its place in the sequence and names it."""
        why = f"a frame of type {found.type[:40]!r} could not be read"
        placed = cursor is not None and found.seq
        if placed and found.type in _BOOK_TYPES and found.ticker in self._ladders:
            self._books.resync_one(found.ticker, why, now_ns)
        elif not (placed and found.type == "ok"):
            self._books.resync(why, now_ns)

    def _stray(self, sid: int, now_ns: int) -> None:
        """A book frame of a subscription that is not ours, or not any more."""
        self.counts.stray += 1
        if self._book_cursor is not None and sid not in self._ended:
            self._books.resync("a frame came over an unknown subscription", now_ns)

    def _reconcile(self, why: str) -> None:
        if not wire.PRIVATE.isdisjoint(self._channels):
            self.private.append(Reconcile(venue=VENUE, why=why))

    def _subscribe(self, channel: str, now_ns: int) -> None:
        number = next(self._numbers)
        self._pending[channel] = (number, now_ns + DEADLINE_NS)
        params = wire.Subscribe(channels=(channel,), market_tickers=self._channels[channel])
        self.outbox.append(wire.subscribe(number, params))

    def _opened(self, channel: str, sid: int, now_ns: int) -> None:
        is_books = channel == wire.BOOKS and self._requests.opening
        if sid in self._cursors or not (is_books or channel in self._pending):
            self.counts.stray += 1
            return
        cursor = self._cursors[sid] = _Cursor(sid, channel)
        if is_books:
            self._book_cursor = cursor
            self._requests.opened(sid, self._ladders, now_ns)
            return
        del self._pending[channel]
        if channel in wire.PRIVATE and wire.PRIVATE.isdisjoint(self._pending):
            self._reconcile("the stream has begun: what came before it was not told")

    def _merged(self, frame: wire.Ok, now_ns: int) -> None:
        """A subscribe to what the venue thinks we have already is answered by `ok`."""
        channel = next((c for c, (id, _) in self._pending.items() if id == frame.id), "")
        if self._requests.opening == frame.id != 0:
            channel = wire.BOOKS
        if channel and frame.sid and frame.sid not in self._cursors:
            self._opened(channel, frame.sid, now_ns)
            self._cursors[frame.sid].seq = frame.seq - 1

    def _error(self, frame: wire.Error, now_ns: int) -> None:
        problem = frame.msg
        named = problem.market_tickers or tuple(filter(None, (problem.market_ticker,)))
        sid = frame.sid or (self._requests.sid if problem.code == _UNKNOWN_SID else 0)
        cursor = self._cursors.get(sid)
        complaint = Complaint(
            code=problem.code,
            words=problem.msg[:200],
            channel=cursor.channel if cursor else "",
            markets=named,
        )
        self.public.append(complaint)
        why = f"the venue refused it: {complaint.words} (error {problem.code})"
        if problem.code == _TOO_MANY:
            self._requests.slow_down(now_ns)
        for ticker in self._requests.refused(frame.id, named, now_ns):
            self._books.fault(ticker, why)
        if problem.code in _ENDED and not cursor:
            self._gone = why
            self._books.doubt(why)
        elif problem.code in {*_ENDED, _UNKNOWN_SID}:
            self._end(sid, why, now_ns)

    def _end(self, sid: int, why: str, now_ns: int) -> None:
        """A subscription is no more: everything of it is asked for anew."""
        cursor = self._cursors.get(sid)
        if cursor is None:
            return
        self._forget(cursor)
        if cursor is self._book_cursor:
            self._book_cursor = None
            self._books.doubt(why)
            self._requests.ended(self._ladders, now_ns)
        elif cursor.channel in self._channels:
            self._pending[cursor.channel] = (0, now_ns + PAUSE_NS)  # after a breath, by `tick`
            if cursor.channel in wire.PRIVATE:
                self._reconcile(why)

    def _forget(self, cursor: _Cursor) -> None:
        self._ended.add(cursor.sid)
        self._cursors.pop(cursor.sid, None)
