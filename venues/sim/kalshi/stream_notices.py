"""Which frames a notice of the house becomes for one connection (12.5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from venues.sim.kalshi import frames_lifecycle, frames_market, frames_user
from venues.sim.kalshi.catalogue import Catalogue, Event
from venues.sim.kalshi.frames import Message
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.notices import (
    BookChanged,
    EventCreated,
    EventFeeChanged,
    FillMade,
    GroupChanged,
    MarketChanged,
    Notice,
    OrderUpdated,
    PositionChanged,
    ShardChanged,
    TradePrinted,
)
from venues.sim.kalshi.records import FillRecord, GroupRecord, OrderRecord, PositionRecord
from venues.sim.kalshi.stream_channels import Channel
from venues.sim.kalshi.stream_subscription import Subscription

Owned = OrderRecord | FillRecord | PositionRecord | GroupRecord


class Told(NamedTuple):
    """A frame to send: on which subscription, its `type`, the market it is about ("" for none)."""

    subscription: Subscription
    kind: str
    ticker: str
    msg: Message


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose connection it is; a key may be locked to one subaccount."""

    user_id: str
    subaccount: int | None = None

    def owns(self, it: Owned) -> bool:
        return it.user_id == self.user_id and self.subaccount in {None, it.subaccount}


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Turns notices into frames; `subscriptions` is the connection's own, and changes.

    `taker_marked` as in `StreamKnobs`.
    """

    viewer: Viewer
    taker_marked: bool
    knobs: Knobs
    catalogue: Catalogue
    subscriptions: Mapping[Channel, Subscription]

    def told(self, notice: Notice) -> Iterator[Told]:
        """Nothing for what it is not subscribed to. Tickers are not told here."""
        match notice:
            case BookChanged():
                return self._book(notice)
            case TradePrinted():
                return self._trade(notice)
            case MarketChanged() | EventCreated() | EventFeeChanged():
                return self._lifecycle(notice)
            case OrderUpdated() | FillMade() | PositionChanged() | GroupChanged():
                return self._private(notice)
            case ShardChanged():
                return iter(())
            case _:
                assert_never(notice)

    def _private(
        self, notice: OrderUpdated | FillMade | PositionChanged | GroupChanged
    ) -> Iterator[Told]:
        legacy = self.knobs.legacy_side_action
        match notice:
            case OrderUpdated(order=it):
                for on in self._seeing(Channel.ORDERS, it.ticker, it):
                    yield Told(on, "user_order", it.ticker, frames_user.order(it, legacy=legacy))
            case FillMade(fill=it):
                for on in self._seeing(Channel.FILLS, it.ticker, it):
                    yield Told(on, "fill", it.ticker, frames_user.fill(it, legacy=legacy))
            case PositionChanged(position=it):
                for on in self._seeing(Channel.POSITIONS, it.ticker, it):
                    yield Told(on, "market_position", it.ticker, frames_user.position(it))
            case GroupChanged(group=it):
                for on in self._seeing(Channel.GROUPS, "", it):
                    yield Told(on, "order_group_updates", "", frames_user.group(notice))

    def _seeing(
        self, channel: Channel, ticker: str, owned: Owned | None = None
    ) -> Iterator[Subscription]:
        """The subscription of this channel, if it may and wants to see this."""
        it = self.subscriptions.get(channel)
        if it is None or (owned is not None and not self.viewer.owns(owned)):
            return
        if not ticker or it.sees(ticker):
            yield it

    def _trade(self, notice: TradePrinted) -> Iterator[Told]:
        for on in self._seeing(Channel.TRADES, notice.trade.ticker):
            yield Told(on, "trade", notice.trade.ticker, frames_market.trade(notice.trade))

    def _book(self, change: BookChanged) -> Iterator[Told]:
        for it in self._seeing(Channel.BOOKS, change.ticker):
            msg = frames_market.delta(
                change,
                self.catalogue.markets[change.ticker].id,
                yes_price=it.use_yes_price,
                cause=self._cause(change),
            )
            yield Told(it, "orderbook_delta", change.ticker, msg)

    def _cause(self, change: BookChanged) -> OrderRecord | None:
        """The viewer's own order behind a change, as far as a delta names it."""
        if change.taker is not None and self.taker_marked and self.viewer.owns(change.taker):
            return change.taker
        named = not change.hit or self.knobs.hit_carries_client_id
        return change.order if named and self.viewer.owns(change.order) else None

    def _lifecycle(self, notice: MarketChanged | EventCreated | EventFeeChanged) -> Iterator[Told]:
        """Combos have a channel, and a type of market frame, of their own."""
        parent: Event = notice.parent if isinstance(notice, MarketChanged) else notice.event
        combo = parent.multivariate
        for it in self._seeing(Channel.COMBO_LIFECYCLE if combo else Channel.LIFECYCLE, ""):
            match notice:
                case MarketChanged(market=market):
                    yield Told(it, it.channel.value, market.ticker, frames_lifecycle.market(notice))
                case EventCreated(event=event):
                    yield Told(it, "event_lifecycle", "", frames_lifecycle.event(event))
                case EventFeeChanged(event=event):
                    yield Told(it, "event_fee_update", "", frames_lifecycle.event_fee(event))
