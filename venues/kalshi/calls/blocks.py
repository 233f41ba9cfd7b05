"""Block trades as values: two members agree, both accept, the venue books it. All are signed.

Source: OpenAPI 3.34.0, facts section 8.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from venues.http import Call
from venues.kalshi.calls.parts import (
    CREATED,
    NO_CONTENT,
    body,
    call,
    centicents,
    centicount,
    moment,
    page,
    query,
    subaccount_of,
)
from venues.kalshi.wire import communications as wire
from venues.money import Cash, Price, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a block trade; of the two narrower names at most one."""

    user_id: str
    subtrader_id: str | None = None
    subaccount: int | None = None


def proposals(
    *,
    cursor: str = "",
    limit: int | None = None,
    status: str | None = None,
    market_ticker: str | None = None,
) -> Call[wire.BlockTrades]:
    return call(
        "GET",
        "/communications/block-trade-proposals",
        answer=wire.BlockTrades,
        params=(*query(status=status, market_ticker=market_ticker), *page(cursor, limit, 100)),
        signed=True,
    )


def propose(
    market_ticker: str,
    *,
    buyer: Party,
    seller: Party,
    price: Price,
    size: Quantity,
    maker_side: Literal["yes", "no"],
    expires_at: datetime,
) -> Call[wire.BlockTradeProposed]:
    """`price` in steps of $0.0001 and `size` in steps of 0.01 contract."""
    return call(
        "POST",
        "/communications/block-trade-proposals",
        answer=wire.BlockTradeProposed,
        body=body(
            market_ticker=market_ticker,
            buyer_user_id=buyer.user_id,
            seller_user_id=seller.user_id,
            price_centi_cents=centicents(Cash(price)),
            centicount=centicount(size),
            maker_side=maker_side,
            expiration_ts=moment("expires_at", expires_at),
            buyer_subtrader_id=buyer.subtrader_id,
            buyer_subaccount=_subaccount(buyer),
            seller_subtrader_id=seller.subtrader_id,
            seller_subaccount=_subaccount(seller),
        ),
        accepted=CREATED,
        signed=True,
    )


def accept(
    proposal_id: str, *, subtrader_id: str | None = None, subaccount: int | None = None
) -> Call[None]:
    """For one of our subtraders or subaccounts, at most one of them."""
    party = Party(user_id="", subtrader_id=subtrader_id, subaccount=subaccount)
    return call(
        "POST",
        "/communications/block-trade-proposals/{block_trade_proposal_id}/accept",
        proposal_id,
        answer=type(None),
        body=body(subtrader_id=subtrader_id, subaccount=_subaccount(party)),
        accepted=NO_CONTENT,
        signed=True,
    )


def _subaccount(party: Party) -> int | None:
    if party.subtrader_id is not None and party.subaccount is not None:
        raise ValueError("a party trades for a subtrader or for a subaccount, not for both")
    return subaccount_of(party.subaccount)
