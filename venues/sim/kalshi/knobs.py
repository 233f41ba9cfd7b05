"""Every number of the house that a test may turn. UNSURE numbers are those of section 20."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from venues.money import Cash

DAY_MS: Final = 86_400_000


class Member(StrEnum):
    """Decides the balance precision (11.3): which one the user's account is, is UNSURE #5."""

    DIRECT = "direct"
    NON_DIRECT = "non_direct"

    @property
    def precision(self) -> Cash:
        return Cash(100) if self is Member.DIRECT else Cash(10_000)


class Freed(StrEnum):
    """When a client_order_id may be used again (UNSURE #4)."""

    NEVER = "never"
    WHEN_CANCELED = "when_canceled"
    WHEN_FINISHED = "when_finished"


@dataclass(frozen=True, slots=True)
class Tier:
    """Tokens a second, and how many a bucket holds (section 13)."""

    read_per_s: int
    write_per_s: int
    read_capacity: int
    write_capacity: int


TIERS: Final = {
    "basic": Tier(200, 100, 600, 100),
    "advanced": Tier(300, 300, 900, 900),
    "expert": Tier(600, 600, 1_800, 1_800),
    "premier": Tier(1_200, 1_200, 3_600, 3_600),
    "paragon": Tier(2_400, 2_400, 7_200, 7_200),
    "prime": Tier(4_800, 4_800, 14_400, 14_400),
    "prestige": Tier(12_000, 9_600, 36_000, 28_800),
}
"""Capacities are 3 s of refill, 1 s for Basic writes: measured for Advanced only (UNSURE #11)."""

COST_DEFAULT: Final = 10
COSTS: Final = {
    ("DELETE", "/portfolio/events/orders/{order_id}"): 2,
    ("DELETE", "/portfolio/events/orders/batched"): 2,
    ("DELETE", "/portfolio/events/orders"): 2,
    ("GET", "/portfolio/orders/{order_id}"): 2,
    ("POST", "/communications/quotes"): 2,
    ("GET", "/communications/rfqs/{rfq_id}/quotes/{quote_id}"): 2,
    ("DELETE", "/communications/rfqs/{rfq_id}/quotes/{quote_id}"): 2,
    ("PUT", "/communications/rfqs/{rfq_id}/quotes/{quote_id}/confirm"): 1,
    ("POST", "/account/api_usage_level/upgrade"): 30,
}
"""Tokens of (method, route); of a batch route, an item (section 13)."""

SHARDS: Final = {
    0: "Default",
    1: "Combos",
    2: "Crypto & Commodities",
    3: "Tennis, Baseball, Basketball",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How this exchange behaves where the documents leave a choice or a test wants one."""

    shards: dict[int, str] = field(default_factory=lambda: dict(SHARDS))
    """exchange_index → description."""
    member: Member = Member.DIRECT
    """Class of an account that does not say (UNSURE #5)."""
    tier: str = "basic"
    tiers: dict[str, Tier] = field(default_factory=lambda: dict(TIERS))
    costs: dict[tuple[str, str], int] = field(default_factory=lambda: dict(COSTS))
    cost_default: int = COST_DEFAULT
    unsigned_per_s: int = 4
    unsigned_capacity: int = 20
    """Requests without keys, per IP address (UNSURE #16)."""
    lag_ms: int = 0
    """How far REST reads of user data trail the engine; 300–1500 is like the real one (9.6)."""
    client_ids_freed: Freed = Freed.NEVER
    """UNSURE #4."""
    open_orders_max: int = 200_000
    batch_max: int = 20
    """Orders in one batch (UNSURE #11)."""
    fees_reserved: bool = True
    """An order is refused unless cash covers its fee bound as well as its collateral. False: only
    the collateral is looked at, and the fee may take cash below zero."""
    mecnet: bool = False
    """Accounts may return the sure part of exclusive NO positions as cash (UNSURE #7)."""
    multiplier_on_maker: bool = True
    """The fee multiplier scales the maker's share too (UNSURE #6)."""
    close_cancel_ms: int = 2_000
    """From close_time to the cancel of what still rests."""
    cancel_all_tail_ms: int = 60_000
    """Orders placed this long after a cancel-all are caught too; 0: none is."""
    cancel_all_catch_ms: int = 500
    """How long such an order lives."""
    group_window_ms: int = 15_000
    groups_max: int = 100_000
    transfer_ms: int = 1_500
    """From a transfer between shards to its completion."""
    allocation_ms: int = 10_000
    """How often target allocations are worked."""
    market_window_ms: int = 90 * DAY_MS
    """How long settled markets and trades stay on the live paths."""
    order_window_ms: int = 14 * DAY_MS
    """Likewise finished orders."""
    zero_decrease_cancels: bool = True
    """decrease to exactly zero: cancels, or 400 (UNSURE #13)."""
    hit_carries_client_id: bool = False
    """A book delta from being hit names the resting order's client id (UNSURE #9): for the
    websocket face."""
    lag_spare_ms: int = 5_000
    """How much further back a read may look: `House.view(user, as_of_ms)`."""
    paused_status_accepted: bool = True
    """`GET /markets?status=paused` works (UNSURE #2): for the REST face."""
    create_status: int = 201
    """HTTP status of a create (UNSURE #10): for the REST face."""
    legacy_side_action: bool = True
    """Orders and fills still carry `side` and `action` (UNSURE #17): for the faces."""
    yes_price_default: bool = False
    """What a book subscription without `use_yes_price` gets (UNSURE #18)."""
    market_cache_ms: int = 0
    """Age of `/markets` answers, 0–15 s: for the REST face."""
    skew_ms: int = 10_000
    """Largest accepted clock difference of a signature (UNSURE #3): for the REST face."""

    @property
    def kept_ms(self) -> int:
        return self.lag_ms + self.lag_spare_ms
