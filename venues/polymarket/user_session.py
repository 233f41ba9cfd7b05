"""The conversation on Polymarket's user channel, pure: our own orders and fills.

The venue tells nothing of before and acknowledges nothing: that it answers the first PING shows
that it took our keys, and from there on what happens is told. The same happening is told again for
every status that it comes to, in any order; the first last word of the venue stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, TypeVar

from venues.book import Top
from venues.order import Fill, Order, OrderState
from venues.polymarket import normalize_stream as normalize
from venues.polymarket import normalize_trades as trades
from venues.polymarket import wire_stream as wire
from venues.polymarket.auth import Credentials
from venues.polymarket.keepalive import Keepalive
from venues.polymarket.normalize import VENUE
from venues.polymarket.normalize_stream import PolymarketNews
from venues.polymarket.normalize_trades import Us
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.wire_trades import Trade
from venues.stream import Counts, Private, Reconcile, Watched

T = TypeVar("T")
_KEPT_MAX: Final = 20_000


class UserSession:
    """A venues.stream.Session without books. `us` says which part of a trade is ours."""

    def __init__(self, credentials: Credentials, us: Us, terms: TermsBook, known: Known) -> None:
        self.outbox: list[str] = []
        self.changed: set[str] = set()
        self.private: list[Private] = []
        self.public: list[PolymarketNews] = []
        self.counts = Counts()
        self._credentials = credentials
        self._us = us
        self._terms = terms
        self._known = known
        self._keepalive = Keepalive(self.outbox)
        self._trades: dict[str, tuple[Fill, ...]] = {}
        self._orders: dict[str, Order] = {}

    @property
    def unproven(self) -> int:
        return 0 if self._keepalive.answered else 1

    def open(self, markets: Iterable[str], now_ns: int) -> None:
        keys = self._credentials
        self.outbox.append(wire.log_in(keys.api_key, keys.secret, keys.passphrase))
        self._keepalive.tick(now_ns)

    def add(self, markets: Iterable[str], now_ns: int) -> None:
        """It is told of all markets anyway."""

    def remove(self, markets: Iterable[str], now_ns: int) -> None: ...

    def watched(self, market: str) -> Watched | None:
        return None

    def top(self, market: str) -> Top | None:
        return None

    def heartbeat(self, now_ms: int, now_ns: int) -> None: ...

    def tick(self, now_ns: int) -> str | None:
        return self._keepalive.tick(now_ns)

    def doubt(self, why: str) -> None:
        self._reconcile(why)

    def receive(self, raw: str | bytes, now_ms: int, now_ns: int) -> None:
        was_answered = self._keepalive.answered
        if self._keepalive.heard(raw, now_ns):
            if not was_answered:
                self._reconcile("the stream has begun: what came before it was not told")
            return
        said = raw.encode(errors="replace") if isinstance(raw, str) else raw
        for event in wire.user_events(self._credentials.hide(said)):
            try:
                self._tell(event)
            except ValueError as error:
                self._reconcile(f"our own event made no sense: {error}")

    def _tell(self, event: wire.UserEvent | wire.Other | None) -> None:
        match event:
            case wire.UserOrder():
                self._order(normalize.order(event, self._terms, self._known))
            case Trade():
                found = trades.fills(event, self._us, self._terms, self._known)
                self._trade(event.id, found)
            case wire.Other() if not event.is_known:
                self.counts.unknown += 1
            case _:
                self.counts.broken += 1
                self._reconcile("a frame could not be read")

    def _trade(self, id: str, found: tuple[Fill, ...]) -> None:
        """Tells fills that are new, settled or reversed. Raises ValueError where the same trade is
        told with other fills than before."""
        before = self._trades.get(id, ())
        if before and [*map(_kernel, before)] != [*map(_kernel, found)]:
            raise ValueError(f"trade {id[:80]} is told in two ways")
        if before and found[0].provisional:
            return
        if before and not before[0].provisional:
            if before[0].reversed is not found[0].reversed:
                raise ValueError(f"trade {id[:80]} is told to stand and to be reversed")
            return
        _keep(self._trades, id, found)
        self.private.extend(found)

    def _order(self, found: Order) -> None:
        """`filled` never shrinks, and what is over stays so."""
        before = self._orders.get(found.order_id)
        now = found if before is None else _merged(before, found)
        if before is None or (before.filled, before.state) != (now.filled, now.state):
            _keep(self._orders, found.order_id, now)
            self.private.append(now)

    def _reconcile(self, why: str) -> None:
        self.private.append(Reconcile(venue=VENUE, why=why))


def _kernel(fill: Fill) -> tuple[object, ...]:
    """What no status of a trade changes."""
    return fill.fill_id, fill.contract, fill.side, fill.price, fill.quantity


def _merged(one: Order, two: Order) -> Order:
    filled = max(one.filled, two.filled)
    newer = max(one, two, key=lambda order: order.venue_ms or 0)
    if filled >= newer.quantity:
        state = OrderState.FILLED
    elif one.over or two.over:
        state = one.state if one.over else two.state
    else:
        state = OrderState.PARTIAL if filled else OrderState.ACKED
    return replace(newer, filled=filled, state=state)


def _keep(kept: dict[str, T], id: str, value: T) -> None:
    """The oldest give way."""
    kept.pop(id, None)
    kept[id] = value
    if len(kept) > _KEPT_MAX:
        del kept[next(iter(kept))]
