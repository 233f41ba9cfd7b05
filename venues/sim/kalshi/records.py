"""What the house writes down: orders, fills, trades, positions, settlements (6.7).

All frozen; money in micro-dollars, counts in micro-contracts, times in UTC epoch milliseconds,
prices in dollars of YES unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from venues.money import ONE, Cash, Price, Quantity
from venues.sides import Outcome, Side
from venues.sim.exchange import SelfTrade, State, Tif

NOTHING: Final = Cash(0)
NONE: Final = Quantity(0)


class BookSide(StrEnum):
    """bid buys YES; ask sells YES, which is buying NO."""

    BID = "bid"
    ASK = "ask"

    @property
    def outcome(self) -> Outcome:
        return Outcome.YES if self is BookSide.BID else Outcome.NO

    @property
    def engine(self) -> Side:
        return Side.BUY if self is BookSide.BID else Side.SELL

    @property
    def sign(self) -> int:
        """What one contract does to a signed position."""
        return 1 if self is BookSide.BID else -1

    def own(self, yes_price: Price) -> Price:
        """The price in the dollars of the outcome that is bought."""
        return yes_price if self is BookSide.BID else Price(ONE - yes_price)


class SelfTradePrevention(StrEnum):
    """The venue's words for the engine's `SelfTrade`."""

    TAKER_AT_CROSS = "taker_at_cross"
    MAKER = "maker"

    @property
    def engine(self) -> SelfTrade:
        if self is SelfTradePrevention.MAKER:
            return SelfTrade.CANCEL_MAKER
        return SelfTrade.STOP_TAKER


class UpdateReason(StrEnum):
    """`last_update_reason` (9.2). A cancel by the user and an IOC remainder carry none (our
    reading: the list has no word for them)."""

    TRADE = "Trade"
    DECREASE = "Decrease"
    AMEND = "Amend"
    MARGIN_CANCEL = "MarginCancel"
    SELF_TRADE_CANCEL = "SelfTradeCancel"
    EXPIRY_CANCEL = "ExpiryCancel"
    CLOSE_CANCEL = "CloseCancel"
    HALT_CANCEL = "HaltCancel"
    POST_ONLY_CROSS_CANCEL = "PostOnlyCrossCancel"
    REDUCE_ONLY_CANCEL = "ReduceOnlyCancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """The body of a create (9.1). `exchange_index` None or −1: by the market's own shard."""

    ticker: str
    side: BookSide
    count: Quantity
    price: Price
    time_in_force: Tif = Tif.GTC
    self_trade_prevention_type: SelfTradePrevention = SelfTradePrevention.TAKER_AT_CROSS
    client_order_id: str | None = None
    expiration_time_s: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    cancel_order_on_pause: bool = False
    subaccount: int = 0
    order_group_id: str | None = None
    exchange_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """The body of an amend (9.4). `count` is the new total; `expiration_time_s` None keeps the
    expiry and 0 removes it."""

    ticker: str
    side: BookSide
    count: Quantity
    price: Price
    client_order_id: str | None = None
    updated_client_order_id: str | None = None
    expiration_time_s: int | None = None
    exchange_index: int | None = None
    subaccount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """One cancel (9.5): without ticker and shard it looks on shard 0 only."""

    order_id: str
    market_ticker: str | None = None
    exchange_index: int | None = None
    subaccount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """An order. The costs are in the dollars of the side bought; `carried` is the order's fee
    accumulator (11.3). `remaining` is zero once it does not rest."""

    order_id: str
    user_id: str
    subaccount: int
    client_order_id: str
    ticker: str
    exchange_index: int
    side: BookSide
    price: Price
    initial: Quantity
    filled: Quantity
    remaining: Quantity
    status: State
    time_in_force: Tif
    self_trade_prevention_type: SelfTradePrevention
    order_group_id: str | None
    cancel_order_on_pause: bool
    expires_ms: int | None
    created_ms: int
    updated_ms: int
    last_update_reason: UpdateReason | None = None
    taker_cost: Cash = NOTHING
    maker_cost: Cash = NOTHING
    taker_fees: Cash = NOTHING
    maker_fees: Cash = NOTHING
    carried: Cash = NOTHING

    @property
    def outcome(self) -> Outcome:
        return self.side.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """One match as everybody sees it."""

    trade_id: str
    ticker: str
    price: Price
    count: Quantity
    taker_side: BookSide
    created_ms: int
    is_block_trade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FillRecord:
    """One match as one side sees it. `fee` is the net fee; REST shows no client_order_id.
    `post_position` is the signed position right after it."""

    trade_id: str
    order_id: str
    client_order_id: str
    user_id: str
    subaccount: int
    ticker: str
    exchange_index: int
    side: BookSide
    price: Price
    count: Quantity
    is_taker: bool
    fee: Cash
    post_position: int
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRecord:
    """What one subaccount holds of one market: `count` signed, + YES, − NO.

    `cost` is what the open position cost (exposure), without fees; `traded` all money that
    changed hands; `volume` all contracts. `settled_ms` once it was paid out.
    """

    user_id: str
    subaccount: int
    ticker: str
    exchange_index: int
    count: int = 0
    cost: Cash = NOTHING
    realized_pnl: Cash = NOTHING
    fees: Cash = NOTHING
    traded: Cash = NOTHING
    volume: Quantity = NONE
    updated_ms: int = 0
    settled_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRecord:
    """A paid position. `value` is the payout of one YES contract; `revenue` what was paid."""

    user_id: str
    subaccount: int
    ticker: str
    event_ticker: str
    exchange_index: int
    market_result: str
    yes_count: Quantity
    yes_cost: Cash
    no_count: Quantity
    no_cost: Cash
    revenue: Cash
    fee: Cash
    value: Price
    settled_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """Cash on its way between shards of one subaccount pair, or between two subaccounts."""

    transfer_id: str
    client_transfer_id: str
    user_id: str
    amount: Cash
    from_shard: int
    to_shard: int
    from_subaccount: int
    to_subaccount: int
    status: str
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord:
    """An order group (9.7). `tripped`: it cancelled its orders and takes none until reset."""

    group_id: str
    user_id: str
    subaccount: int
    exchange_index: int
    limit: Quantity
    tripped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRecord:
    """Cash that can be spent: what open orders lock is already taken out. `by_shard` sums the
    subaccounts asked for; `portfolio_value` is positions at the last price, then payouts owed."""

    cash: Cash
    by_shard: tuple[tuple[int, Cash], ...]
    portfolio_value: Cash
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A market's figures. A missing bid is 0 and a missing ask ONE, with size 0: the sentinels of
    6.4. `previous_*` are those of 24 hours ago; turnover in dollars of YES and NO together."""

    yes_bid: Price
    yes_bid_size: Quantity
    yes_ask: Price
    yes_ask_size: Quantity
    last_price: Price
    last_size: Quantity
    volume: Quantity
    volume_24h: Quantity
    open_interest: Quantity
    previous_yes_bid: Price
    previous_yes_ask: Price
    previous_price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardStatus:
    exchange_index: int
    description: str
    exchange_active: bool = True
    trading_active: bool = True
    transfers_active: bool = True
    estimated_resume_ms: int | None = None
