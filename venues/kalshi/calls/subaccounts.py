"""Subaccounts as values: 1 … 63 beside the primary, from the Advanced tier up. All are signed.

Source: OpenAPI 3.34.0, facts section 8.6.
"""

from __future__ import annotations

from venues.http import Call
from venues.kalshi.calls.parts import (
    CREATED,
    body,
    call,
    cents,
    page,
    shard_of,
    subaccount_of,
)
from venues.kalshi.wire import portfolio as wire
from venues.kalshi.wire.orders import Done
from venues.money import Cash


def create(*, shard: int | None = None) -> Call[wire.SubaccountCreated]:
    return call(
        "POST",
        "/portfolio/subaccounts",
        answer=wire.SubaccountCreated,
        body=body(exchange_index=shard_of(shard)),
        accepted=CREATED,
        signed=True,
    )


def balances() -> Call[wire.SubaccountBalances]:
    return call(
        "GET",
        "/portfolio/subaccounts/balances",
        answer=wire.SubaccountBalances,
        signed=True,
    )


def transfer(
    amount: Cash,
    *,
    client_transfer_id: str,
    source: int,
    destination: int,
    shard: int | None = None,
) -> Call[Done]:
    """Whole cents between two subaccounts of one shard; the id (a UUID) makes it happen once."""
    return call(
        "POST",
        "/portfolio/subaccounts/transfer",
        answer=Done,
        body=body(
            client_transfer_id=client_transfer_id,
            from_subaccount=subaccount_of(source),
            to_subaccount=subaccount_of(destination),
            amount_cents=cents(amount),
            exchange_index=shard_of(shard),
        ),
        signed=True,
    )


def transfers(*, cursor: str = "", limit: int | None = None) -> Call[wire.SubaccountTransfers]:
    return call(
        "GET",
        "/portfolio/subaccounts/transfers",
        answer=wire.SubaccountTransfers,
        params=page(cursor, limit, 1_000),
        signed=True,
    )


def netting() -> Call[wire.Nettings]:
    return call("GET", "/portfolio/subaccounts/netting", answer=wire.Nettings, signed=True)


def set_netting(subaccount: int, *, enabled: bool) -> Call[None]:
    """Whether holdings of one event may free each other's collateral. Its 200 has no content."""
    return call(
        "PUT",
        "/portfolio/subaccounts/netting",
        answer=type(None),
        body=body(subaccount_number=subaccount_of(subaccount), enabled=enabled),
        signed=True,
    )
