"""What we hold, as values: cash, positions, fills, settlements and moves of money. All are signed.

Defaults differ without a subaccount: balance and positions are the primary's, fills and
settlements are of all. Source: OpenAPI 3.34.0, facts sections 6.7, 8.6 and 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from venues.http import Call
from venues.kalshi.calls.parts import (
    body,
    call,
    centicents,
    joined,
    page,
    query,
    shard_of,
    subaccount_of,
)
from venues.kalshi.wire import portfolio as wire
from venues.kalshi.wire.orders import Done
from venues.money import Cash

Counted = Literal["position", "total_traded"]
Settled = Literal["unsettled", "settled", "all"]
Instance = Literal["event_contract", "margined"]
Reservation = Literal["none", "max", "sum"]

PAGE: Final = 1_000
_PAYMENTS: Final = 500
_ALLOCATIONS_MAX: Final = 101


def balance(
    *, shard: int | None = None, subaccount: int | None = None, urgent: bool = False
) -> Call[wire.Balance]:
    """Without a shard the sums are over all shards, and nothing can spend them together."""
    return call(
        "GET",
        "/portfolio/balance",
        answer=wire.Balance,
        params=query(exchange_index=shard_of(shard), subaccount=subaccount_of(subaccount)),
        signed=True,
        urgent=urgent,
    )


def positions(
    *,
    cursor: str = "",
    limit: int | None = None,
    counted: Sequence[Counted] | None = None,
    settled: Settled | None = None,
    ticker: str | None = None,
    event_ticker: str | None = None,
    subaccount: int | None = None,
    shard: int | None = None,
    urgent: bool = False,
) -> Call[wire.Positions]:
    """`counted`: only those where one of these is not zero. Unsettled ones unless `settled`."""
    return call(
        "GET",
        "/portfolio/positions",
        answer=wire.Positions,
        params=(
            *query(
                count_filter=joined("counted", counted, 2),
                settlement_status=settled,
                ticker=ticker,
                event_ticker=event_ticker,
                subaccount=subaccount_of(subaccount),
                exchange_index=shard_of(shard),
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
        urgent=urgent,
    )


def fills(
    *,
    cursor: str = "",
    limit: int | None = None,
    tickers: Sequence[str] | None = None,
    order_id: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    subaccount: int | None = None,
    shard: int | None = None,
    urgent: bool = False,
) -> Call[wire.Fills]:
    """Newest first; at most 100 tickers. Fills carry no client order id: join on the order id."""
    return call(
        "GET",
        "/portfolio/fills",
        answer=wire.Fills,
        params=(
            *query(
                ticker=joined("tickers", tickers, 100),
                order_id=order_id,
                min_ts=after_s,
                max_ts=before_s,
                subaccount=subaccount_of(subaccount),
                exchange_index=shard_of(shard),
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
        urgent=urgent,
    )


def settlements(
    *,
    cursor: str = "",
    limit: int | None = None,
    ticker: str | None = None,
    event_ticker: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
    subaccount: int | None = None,
) -> Call[wire.Settlements]:
    return call(
        "GET",
        "/portfolio/settlements",
        answer=wire.Settlements,
        params=(
            *query(
                ticker=ticker,
                event_ticker=event_ticker,
                min_ts=after_s,
                max_ts=before_s,
                subaccount=subaccount_of(subaccount),
            ),
            *page(cursor, limit, PAGE),
        ),
        signed=True,
    )


def transfer(
    amount: Cash,
    *,
    source_shard: int,
    destination_shard: int,
    client_transfer_id: str | None = None,
    source_subaccount: int | None = None,
    destination_subaccount: int | None = None,
    source: Instance = "event_contract",
    destination: Instance = "event_contract",
) -> Call[wire.TransferStarted]:
    """Moves cash between shards, in steps of $0.0001; poll `transfer_status` until complete.

    `client_transfer_id` (a UUID) stops a second transfer with 409; for the primary account only.
    """
    subaccounts = (subaccount_of(source_subaccount), subaccount_of(destination_subaccount))
    if client_transfer_id is not None and any(subaccounts):
        raise ValueError("a client_transfer_id goes with the primary account only")
    return call(
        "POST",
        "/portfolio/intra_exchange_instance_transfer",
        answer=wire.TransferStarted,
        body=body(
            client_transfer_id=client_transfer_id,
            source=source,
            destination=destination,
            amount=centicents(amount),
            source_exchange_shard=shard_of(source_shard),
            destination_exchange_shard=shard_of(destination_shard),
            source_subaccount=subaccounts[0],
            destination_subaccount=subaccounts[1],
        ),
        signed=True,
    )


def transfer_status(transfer_id: str) -> Call[wire.TransferAnswer]:
    return call(
        "GET",
        "/portfolio/intra_exchange_instance_transfers/{transfer_id}",
        transfer_id,
        answer=wire.TransferAnswer,
        signed=True,
    )


def transfers(*, cursor: str = "", limit: int | None = None) -> Call[wire.Transfers]:
    return call(
        "GET",
        "/portfolio/intra_exchange_instance_transfers",
        answer=wire.Transfers,
        params=page(cursor, limit, _PAYMENTS),
        signed=True,
    )


def target_allocation() -> Call[wire.TargetAllocation]:
    return call(
        "GET",
        "/portfolio/target_balance_allocation",
        answer=wire.TargetAllocation,
        signed=True,
    )


def set_target_allocation(
    percents: Sequence[tuple[int, int]], *, reservation: Reservation | None = None
) -> Call[Done]:
    """(shard, percent) pairs that sum to 100, or none to turn it off; runs about every 10 s."""
    if percents and sum(percent for _, percent in percents) != 100:
        raise ValueError("the percents of an allocation sum to 100")
    if len(percents) > _ALLOCATIONS_MAX or len(dict(percents)) != len(percents):
        raise ValueError("an allocation names each shard once, 101 at most")
    listed = [
        {"exchange_index": shard_of(shard), "percent": percent} for shard, percent in percents
    ]
    if any(percent < 0 for _, percent in percents):
        raise ValueError("a percent is below zero")
    return call(
        "POST",
        "/portfolio/target_balance_allocation",
        answer=Done,
        body=body(allocations=listed, resting_margin_reservation=reservation),
        signed=True,
    )


def deposits(*, cursor: str = "", limit: int | None = None) -> Call[wire.Deposits]:
    return call(
        "GET",
        "/portfolio/deposits",
        answer=wire.Deposits,
        params=page(cursor, limit, _PAYMENTS),
        signed=True,
    )


def withdrawals(*, cursor: str = "", limit: int | None = None) -> Call[wire.Withdrawals]:
    return call(
        "GET",
        "/portfolio/withdrawals",
        answer=wire.Withdrawals,
        params=page(cursor, limit, _PAYMENTS),
        signed=True,
    )


def resting_value() -> Call[wire.RestingValue]:
    """What all resting orders would cost, in cents; for members of a futures broker only."""
    return call(
        "GET",
        "/portfolio/summary/total_resting_order_value",
        answer=wire.RestingValue,
        signed=True,
    )
