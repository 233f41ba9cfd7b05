"""What the simulated Polymarket keeps and shows: orders, trades, books. Integers in micros.

Prices are in the dollars of the token they stand beside. Ids are text as on the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from venues.money import Cash, Price, Quantity
from venues.sides import Side
from venues.sim.happenings import Level


class Kind(IntEnum):
    """Signature types, and so kinds of wallets (§8.3)."""

    EOA = 0
    PROXY = 1
    SAFE = 2
    DEPOSIT = 3


class OrderType(StrEnum):
    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"


class OrderStatus(StrEnum):
    """REST's words (§9.2); the streams' further ones stand in `OrderRecord.why`."""

    LIVE = "LIVE"
    MATCHED = "MATCHED"
    CANCELED = "CANCELED"
    CANCELED_MARKET_RESOLVED = "CANCELED_MARKET_RESOLVED"
    INVALID = "INVALID"
    DELAYED = "DELAYED"
    UNMATCHED = "UNMATCHED"


class TradeStatus(StrEnum):
    MATCHED = "MATCHED"
    MINED = "MINED"
    RETRYING = "RETRYING"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOrder:
    """The `order` object of POST /order with its numbers read; text where the wire has text.

    Amounts are base units, which are micros. `side` was "BUY" or "SELL".
    """

    salt: int
    maker: str
    signer: str
    token: str
    maker_amount: int
    taker_amount: int
    side: Side
    signature_type: int
    timestamp_ms: int
    metadata: str
    builder: str
    signature: str
    expiration_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    order: SignedOrder
    owner: str
    order_type: OrderType
    post_only: bool = False
    defer_exec: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The answer to a taken order: `status` live, matched, delayed or unmatched.

    `making`, `taking` from the user's side, 0 for nothing. `blocks_ms`: the answer is held back so
    long, and is then `Orders.outcome(order_id)` (§9.7, `itode`).
    """

    order_id: str
    status: str
    making: int = 0
    taking: int = 0
    trade_ids: tuple[str, ...] = ()
    blocks_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    canceled: tuple[str, ...]
    not_canceled: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owned:
    owner: str
    maker_address: str

    @property
    def has_account(self) -> bool:
        """Whether it is an API key's, and not a person's of the world itself."""
        return self.owner != self.maker_address


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord(_Owned):
    """`owner` is the API key. `original`, `matched` in shares. `why` is the stream's free text for
    an end that REST calls CANCELED ("" for a plain cancel)."""

    id: str
    market: str
    token: str
    outcome: str
    side: Side
    price: Price
    original: Quantity
    matched: Quantity
    status: OrderStatus
    order_type: OrderType
    expiration_s: int
    created_ms: int
    updated_ms: int
    trade_ids: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerMatch(_Owned):
    """A resting order's part in a trade, in its own token's dollars."""

    order_id: str
    matched: Quantity
    price: Price
    token: str
    outcome: str
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord(_Owned):
    """One taker against one or more makers. `price` is the taker's average, rounded to micros.

    `fee` is what the taker paid, in pUSD, as charged (§10); no answer shows it.
    """

    id: str
    taker_order_id: str
    market: str
    token: str
    outcome: str
    side: Side
    size: Quantity
    price: Price
    status: TradeStatus
    matched_ms: int
    updated_ms: int
    bucket_index: int
    transaction_hash: str
    makers: tuple[MakerMatch, ...]
    fee: Cash


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """One token's book, best first. `changed_ms` is the wire's timestamp; `last_trade` in this
    token's dollars, None before the first trade."""

    market: str
    token: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    changed_ms: int
    last_trade: Price | None
    last_side: Side | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """`address` is the owner's EOA. One account may hold several, told apart by their nonce."""

    key: str
    secret: str
    passphrase: str
    address: str
    nonce: int


class ActivityKind(StrEnum):
    TRADE = "TRADE"
    SPLIT = "SPLIT"
    MERGE = "MERGE"
    REDEEM = "REDEEM"
    CONVERSION = "CONVERSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One line of a wallet's past, as the Data API tells it. `cash` is the pUSD that moved."""

    wallet: str
    kind: ActivityKind
    market: str
    token: str
    side: Side | None
    size: Quantity
    price: Price
    cash: Cash
    at_ms: int
    transaction_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`cost` of what is held now, at average; `bought` everything ever bought."""

    wallet: str
    market: str
    token: str
    outcome: str
    size: Quantity
    cost: Cash
    bought: Quantity
