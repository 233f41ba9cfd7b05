"""The conversation on Polymarket's market channel, pure: one Session is one connection.

There are no sequence numbers. A book is confirmed by every frame of data on its connection, because
each change is checked against the best prices that it tells (see Books); what that cannot show, and
a stream that merely went silent, full reads show (venues.feed). A PONG confirms nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from venues.book import Top
from venues.feed_settings import FeedSettings
from venues.ladder import Ladder
from venues.polymarket import normalize_stream as normalize
from venues.polymarket import wire_stream as wire
from venues.polymarket.books import ASKS, BIDS, PRICES, SIZES, Books
from venues.polymarket.keepalive import Keepalive
from venues.polymarket.normalize_stream import PolymarketNews
from venues.polymarket.subscriptions import Subscriptions
from venues.polymarket.terms import TermsBook
from venues.sides import Side
from venues.stream import Counts, Private, Watched

LATE_MS: Final = 3_000
"""How old a change may be when it comes. Nobody trades on a stream that falls behind."""
LATE_NS: Final = 30 * 1_000_000_000
"""After this without a frame full reads have shown what there is to show."""
FEED: Final = FeedSettings(
    per_socket=200,
    compare_ms=13_000,
    sample=20_000,
    silent_ms=10_000,
    unproven_ms=60_000,
    moving_ms=10_000,
    again_ms=60_000,
    readers=4,
    keyless=True,
)
"""The venue is said to bear 500 tokens a connection; a full read of 500 books is one call."""
_read, _PriceChange = wire.market_frame, wire.PriceChange
_SIDES: Final = {"BUY": Side.BUY, "SELL": Side.SELL}


class Session:
    """A venues.stream.Session. `terms` must come to know the tokens of the markets it is given; a
    market without them is in doubt until it does."""

    def __init__(self, terms: TermsBook) -> None:
        self.outbox: list[str] = []
        self.private: list[Private] = []
        self.public: list[PolymarketNews] = []
        self.counts = Counts()
        self._terms = terms
        self._keepalive = Keepalive(self.outbox)
        self._subscriptions = Subscriptions(self.outbox)
        self._books = Books(terms, self._subscriptions, self.counts)
        self.changed = self._books.changed
        self._mark = self.changed.add
        self._ladders = self._books.ladders
        self._disagreements = self._books.disagreements
        self._confirmed_ms = self._confirmed_ns = 0
        self._doubt = ""
        self._last: Ladder | None = None
        self._late, self._late_ns = "", 0

    @property
    def unproven(self) -> int:
        return self._books.unproven

    def open(self, markets: Iterable[str], now_ns: int) -> None:
        self._books.add(markets, now_ns)
        self._keep_alive(now_ns)

    def add(self, markets: Iterable[str], now_ns: int) -> None:
        self._books.add(markets, now_ns)

    def remove(self, markets: Iterable[str], now_ns: int) -> None:
        self._books.remove(markets)

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

    def heartbeat(self, now_ms: int, now_ns: int) -> None:
        """Says nothing about the books: sockets stay open here while no data comes."""

    def tick(self, now_ns: int) -> str | None:
        self._books.look_for_names(now_ns)
        self._books.tick(now_ns)
        self._look_for_lateness(now_ns)
        if self._subscriptions.silent(now_ns):
            return "no book came for 30 s"
        return self._keep_alive(now_ns)

    def _keep_alive(self, now_ns: int) -> str | None:
        return None if self._subscriptions.began_ns is None else self._keepalive.tick(now_ns)

    def _look_for_lateness(self, now_ns: int) -> None:
        """That nothing came for a moment does not mean that the stream has caught up."""
        last, self._last = self._last, None
        if last is None and self._late and now_ns - self._late_ns < LATE_NS:
            return
        self._late_ns = now_ns
        late_ms = last.received_ms - (last.venue_ms or last.received_ms) if last else 0
        late = f"the stream is {late_ms // 1_000} s behind, or our clock is wrong"
        before, self._late = self._late, late if late_ms > LATE_MS else ""
        if bool(before) != bool(self._late):
            self.changed.update(ladder.contract.market for ladder in self._ladders.values())

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        try:
            frame = _read(raw)
        except (ValueError, RecursionError) as error:
            self._odd(raw, str(error), now_ms, now_ns)
            return
        if type(frame) is _PriceChange:
            self._change(frame, now_ms, now_ns)
        else:
            for event in frame if isinstance(frame, tuple) else (frame,):
                self._tell(event, now_ms, now_ns)

    def _change(self, frame: wire.PriceChange, now_ms: int, now_ns: int) -> None:
        """Nearly all that ever comes. Best prices are compared once a market's changes are in."""
        self._confirmed_ms, self._confirmed_ns = now_ms, now_ns
        at_ms = frame.timestamp
        ladder: Ladder | None = None
        last: wire.Change | None = None
        for change in frame.price_changes:
            found = self._ladders.get(change.asset_id)
            if found is None:  # not ours
                continue
            if found.fault:  # it waits for a snapshot, which must hold this
                found.venue_ms = max(found.venue_ms or 0, at_ms)
                continue
            if at_ms != found.venue_ms and not self._is_next(found, change, at_ms, now_ns):
                continue
            if ladder is not None and last is not None and ladder is not found:
                self._compare(ladder, last, at_ms, now_ns)
            try:
                found.put(_SIDES[change.side], PRICES[change.price], SIZES[change.size])
            except (KeyError, ValueError) as error:
                found.fault = f"poisoned: {error}"
            found.received_ms = now_ms
            self._mark(found.contract.market)
            ladder, last = found, change
            if found.fault:
                self._books.poisoned(change.asset_id, found.fault, now_ns)
        if ladder is None or last is None:
            self._stray(frame)
            return
        self._last = ladder
        self._compare(ladder, last, at_ms, now_ns)

    def _stray(self, frame: wire.PriceChange) -> None:
        for change in frame.price_changes:
            if change.asset_id not in self._ladders:
                self._books.stray(change.asset_id)

    def _is_next(self, ladder: Ladder, change: wire.Change, at_ms: int, now_ns: int) -> bool:
        """Whether changes of another moment than the last one may be put into a ladder."""
        if at_ms < (ladder.venue_ms or 0):
            self._books.out_of_order(change.asset_id, at_ms, now_ns)
        elif self._disagreements:
            self._books.next_moment(change.asset_id, at_ms, now_ns)
        if ladder.fault:
            return False
        is_next = at_ms >= (ladder.venue_ms or 0)
        if is_next:
            ladder.venue_ms = at_ms
        return is_next

    def _compare(self, ladder: Ladder, last: wire.Change, at_ms: int, now_ns: int) -> None:
        bid, ask = last.best_bid, last.best_ask
        if bid is None or ask is None or ladder.fault:
            return
        try:
            told = BIDS[bid], ASKS[ask]
        except ValueError as error:
            self._books.poisoned(last.asset_id, f"poisoned: {error}", now_ns)
            return
        if self._disagreements or told != (ladder.best_bid, ladder.best_ask):
            self._books.compare(last.asset_id, told, at_ms, now_ns)

    def _tell(self, event: wire.MarketEvent, now_ms: int, now_ns: int) -> None:
        if not isinstance(event, wire.NewMarket | wire.Resolved):
            self._confirmed_ms, self._confirmed_ns = now_ms, now_ns
        try:
            match event:
                case wire.PriceChange():
                    self._change(event, now_ms, now_ns)
                case wire.Book():
                    self._books.replace(event, now_ms, now_ns)
                case wire.BestBidAsk():
                    self._books.compare_quote(event, now_ns)
                case wire.LastTrade():
                    self.public.append(normalize.trade(event, self._terms))
                case wire.TickSize():
                    self._new_tick(event, now_ns)
                case wire.NewMarket():
                    self.public.append(normalize.listed(event))
                case wire.Resolved():
                    found = normalize.resolved(event, self._terms)
                    self._books.resync_market(found.market, "it is resolved", now_ns)
                    self.public.append(found)
        except ValueError:
            self.counts.broken += 1

    def _new_tick(self, event: wire.TickSize, now_ns: int) -> None:
        """Both what rests and what an order must keep to may be other now."""
        named = self._terms.contract_of(event.asset_id)
        if named is None:
            self.counts.stray += 1
            return
        self._terms.forget_terms(named[0])
        self._books.new_tick(named[0], now_ns)
        self.public.append(normalize.tick_changed(event, self._terms))

    def _odd(self, raw: str | bytes, why: str, now_ms: int, now_ns: int) -> None:
        """A PONG, or a frame of which at least one event cannot be read: what that said is lost."""
        if self._keepalive.heard(raw, now_ns):
            return
        self.counts.unreadable = why
        for event in wire.market_events(raw):
            if event is None:
                self.counts.broken += 1
                self._books.resync("a frame could not be read", now_ns)
            elif not isinstance(event, wire.Other):
                self._tell(event, now_ms, now_ns)
            elif not event.is_known:
                self.counts.unknown += 1
            else:
                self.counts.broken += 1
                self._lost(event, now_ns)

    def _lost(self, event: wire.Other, now_ns: int) -> None:
        """Only the books that it names are in doubt; all of them if it names none."""
        why = f"a frame of type {event.event_type} could not be read"
        if event.event_type not in wire.OF_BOOKS:
            return
        if not event.tokens:
            self._books.resync(why, now_ns)
        for token in event.tokens:
            self._books.resync_one(token, why, now_ns)
