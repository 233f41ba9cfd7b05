"""Order groups as values: a venue-side kill switch. All are signed.

A group counts the fills of its orders over the last 15 seconds. When the count reaches its limit
every order of the group is canceled and new ones are refused until `reset`. A group lives on one
shard, and a write without a shard goes to shard 0 only. Source: OpenAPI 3.34.0, facts section 9.7.
"""

from __future__ import annotations

from typing import Final

from venues.http import Call
from venues.kalshi.calls.parts import (
    CREATED,
    EMPTY_BODY,
    Params,
    body,
    call,
    contracts,
    query,
    shard_of,
    subaccount_of,
)
from venues.kalshi.wire import orders as wire
from venues.money import ONE, Quantity

LIMIT_MAX: Final = Quantity(1_000_000 * ONE)

_GROUP: Final = "/portfolio/order_groups/{order_group_id}"


def create(
    limit: Quantity, *, shard: int | None = None, subaccount: int | None = None
) -> Call[wire.GroupCreated]:
    return call(
        "POST",
        "/portfolio/order_groups/create",
        answer=wire.GroupCreated,
        body=body(
            contracts_limit_fp=_limited(limit),
            exchange_index=shard_of(shard),
            subaccount=subaccount_of(subaccount),
        ),
        accepted=CREATED,
        signed=True,
    )


def groups(*, subaccount: int | None = None) -> Call[wire.Groups]:
    """Of all subaccounts without one; there are no pages."""
    return call(
        "GET",
        "/portfolio/order_groups",
        answer=wire.Groups,
        params=query(subaccount=subaccount_of(subaccount)),
        signed=True,
    )


def group(id: str, *, subaccount: int | None = None) -> Call[wire.GroupAnswer]:
    return call(
        "GET",
        _GROUP,
        id,
        answer=wire.GroupAnswer,
        params=query(subaccount=subaccount_of(subaccount)),
        signed=True,
    )


def update_limit(
    id: str, limit: Quantity, *, shard: int | None = None, subaccount: int | None = None
) -> Call[wire.Done]:
    """A limit that the count has reached already fires at once."""
    return call(
        "PUT",
        "/portfolio/order_groups/{order_group_id}/limit",
        id,
        answer=wire.Done,
        params=_where(shard, subaccount),
        body=body(contracts_limit_fp=_limited(limit)),
        signed=True,
    )


def reset(id: str, *, shard: int | None = None, subaccount: int | None = None) -> Call[wire.Done]:
    """The count starts at zero and orders are accepted again."""
    return call(
        "PUT",
        "/portfolio/order_groups/{order_group_id}/reset",
        id,
        answer=wire.Done,
        params=_where(shard, subaccount),
        body=EMPTY_BODY,
        signed=True,
    )


def trigger(id: str, *, shard: int | None = None, subaccount: int | None = None) -> Call[wire.Done]:
    """Cancels every order of the group now and refuses new ones."""
    return call(
        "PUT",
        "/portfolio/order_groups/{order_group_id}/trigger",
        id,
        answer=wire.Done,
        params=_where(shard, subaccount),
        body=EMPTY_BODY,
        signed=True,
        urgent=True,
    )


def delete(id: str, *, shard: int | None = None, subaccount: int | None = None) -> Call[wire.Done]:
    """Cancels the orders of the group too."""
    return call(
        "DELETE",
        _GROUP,
        id,
        answer=wire.Done,
        params=_where(shard, subaccount),
        signed=True,
        urgent=True,
    )


def _where(shard: int | None, subaccount: int | None) -> Params:
    return query(exchange_index=shard_of(shard), subaccount=subaccount_of(subaccount))


def _limited(limit: Quantity) -> str:
    if not ONE <= limit <= LIMIT_MAX:
        raise ValueError("a group's limit is 1 to 1,000,000 contracts")
    return contracts(limit)
