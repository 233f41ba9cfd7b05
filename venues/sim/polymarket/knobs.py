"""Every number of the house that a test may turn. UNSURE numbers are those of facts §22."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Units(StrEnum):
    """How `makingAmount` and `takingAmount` are written (UNSURE 2)."""

    PLAIN = "plain"
    BASE = "base"


class SelfTrade(StrEnum):
    """What happens when an account would trade with itself (UNSURE 12)."""

    ALLOWED = "allowed"
    CANCEL_MAKER = "cancel_maker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """How this exchange behaves where the facts leave a choice or a test wants one."""

    chain_id: int = 137
    amounts: Units = Units.PLAIN
    inline_hashes: bool = False
    """`transactionsHashes` in the answer to an order: not since 2026-07-24."""
    mined_ms: int = 400
    confirmed_ms: int = 900
    """From the match."""
    retry_ms: int = 30_000
    """How long a trade that the chain refused at first stays RETRYING."""
    fail: int = 0
    retry: int = 0
    """Odds in millionths that a trade ends FAILED, or goes through RETRYING first."""
    lag_ms: int = 0
    """How far reads of orders, trades and balances trail the engine."""
    indexer_ms: int = 1_000
    """How far the Data API trails."""
    cache_ms: int = 0
    """How long the exchange believes its old view of a wallet's chain balance after a change from
    outside (a transfer, a split), unless `/balance-allowance/update` is called."""
    self_trade: SelfTrade = SelfTrade.CANCEL_MAKER
    dead_orders_shown: bool = True
    """`/data/order/{id}` answers for orders that ended, else null (UNSURE 11)."""
    fak_rest_told: bool = True
    """The unfilled rest of a FAK order causes a CANCELLATION event (UNSURE 11)."""
    owners_of_type_0_allowed: bool = True
    """False: `maker address not allowed, please use the deposit wallet flow` for types 0-2."""
    minimum_in_dollars: bool = False
    """The minimum size counts dollars instead of shares (UNSURE 3)."""
    capped_accuracy: bool = True
    """FAK and FOK buys: maker at most 2 decimals, taker at most 4, whatever the tick (UNSURE 4)."""
    auto_redeem_ms: int | None = 5_000
    """From resolution to the payout of winners that approved it; None: never by itself."""
    chain_ms: int = 2_000
    """From a transaction to its effect on the chain."""
    kept_ms: int = 86_400_000
    """How long orders and trades are remembered once they are over."""
    batch_max: int = 15
    cancel_max: int = 3_000
    heartbeat_ms: int = 10_000
    skew_s: int = 60
    """Largest accepted clock difference of a signature (not documented)."""
    gtd_lead_s: int = 180
    gtd_margin_s: int = 60
    """A GTD order must end so far ahead, and dies so long before its stated end (§8.6)."""
    rate_limits: bool = True
    """Those of §15.1; their windows count per client address."""
    gamma_stale_ms: int = 0
    """Age of Gamma's cached prices."""
    listing_lag_ms: int = 0
    """From Gamma showing a market to the exchange knowing it (§4.7)."""
    user_close_reason: bool = False
    """A refused user socket is closed with a reason (UNSURE)."""
    prefixed: bool = False
    """REST statuses carry `ORDER_STATUS_`, `TRADE_STATUS_` (§9.2, §9.3)."""
    order_hash_in_changes: bool = False
    """The `hash` of a price_change is the order's; else the book's, as in the recording of
    2026-02-28 (UNSURE 5)."""
