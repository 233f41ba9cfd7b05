"""class KalshiTreasury: cash between our own shards, and order groups as a venue-side brake.

Handed to `execution/` only, like orders. No call here takes money out of the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from venues.errors import WireError
from venues.faults import Faults
from venues.http import Http
from venues.kalshi.calls import groups as group_calls
from venues.kalshi.calls import portfolio as calls
from venues.kalshi.normalize import VENUE
from venues.kalshi.wire import orders as wire
from venues.kalshi.wire.raw import Raw, label, read
from venues.money import Cash, Quantity, micros, quantity


class TransferState(StrEnum):
    PENDING = "pending"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Cash on its way between two shards of one account; gone from the first, not yet there."""

    id: str
    source: int
    destination: int
    amount: Cash
    state: TransferState
    created_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGroup:
    """Orders that stop together once they filled `limit` contracts within 15 seconds.

    `orders` are the venue's ids, None where only the list of groups was read.
    """

    id: str
    limit: Quantity | None
    active: bool
    shard: int | None
    orders: tuple[str, ...] | None = None


class KalshiTreasury:
    """`http` signs."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._faults = Faults(label)

    @property
    def faults(self) -> tuple[str, ...]:
        return tuple(self._faults)

    async def move(self, amount: Cash, *, source: int, destination: int, client_id: str) -> str:
        """Moves cash between two shards of the primary account; the id of the transfer.

        `client_id` is a UUID of ours: the venue refuses a second transfer under it (409).
        """
        call = calls.transfer(
            amount,
            source_shard=source,
            destination_shard=destination,
            client_transfer_id=client_id,
        )
        return (await self._http.act(call, client_id)).transfer_id

    async def transfer(self, id: str) -> Transfer:
        found = (await self._http.send(calls.transfer_status(id))).transfer
        known = found.status in {TransferState.PENDING, TransferState.COMPLETE}
        try:
            amount = Cash(micros(found.amount))
        except ValueError as error:
            raise WireError(VENUE, f"transfer {id}", str(error)) from None
        return Transfer(
            id=found.transfer_id,
            source=found.source_exchange_shard,
            destination=found.destination_exchange_shard,
            amount=amount,
            state=TransferState(found.status) if known else TransferState.UNKNOWN,
            created_s=found.created_ts,
        )

    async def allocation(self) -> dict[int, int]:
        """Shard → percent that the venue keeps there by itself; empty: it does not."""
        answer = await self._http.send(calls.target_allocation())
        return {each.exchange_index: each.percent for each in answer.allocations}

    async def allocate(self, percents: dict[int, int]) -> None:
        """Lets the venue spread our cash; the percents sum to 100, none turns it off."""
        call = calls.set_target_allocation(tuple(percents.items()))
        await self._http.act(call, "the target allocation")

    async def create_group(self, limit: Quantity, *, shard: int) -> str:
        answer = await self._http.act(group_calls.create(limit, shard=shard), "a new order group")
        return answer.order_group_id

    async def groups(self) -> tuple[OrderGroup, ...]:
        answer = await self._http.send(group_calls.groups())
        return tuple(self._faults.each(answer.order_groups or (), _group))

    async def group(self, id: str) -> OrderGroup:
        found = await self._http.send(group_calls.group(id))
        try:
            limit = _limit(found.contracts_limit_fp)
        except ValueError as error:
            raise WireError(VENUE, f"order group {id}", str(error)) from None
        return OrderGroup(
            id=id,
            limit=limit,
            active=found.is_auto_cancel_enabled,
            shard=found.exchange_index,
            orders=found.orders,
        )

    async def limit_group(self, id: str, limit: Quantity, *, shard: int) -> None:
        """A limit that is reached already cancels the group's orders at once."""
        await self._http.act(group_calls.update_limit(id, limit, shard=shard), f"order group {id}")

    async def trigger_group(self, id: str, *, shard: int) -> None:
        """Cancels all its orders and takes no new ones until it is reset."""
        await self._http.act(group_calls.trigger(id, shard=shard), f"order group {id}")

    async def reset_group(self, id: str, *, shard: int) -> None:
        await self._http.act(group_calls.reset(id, shard=shard), f"order group {id}")

    async def delete_group(self, id: str, *, shard: int) -> None:
        """Cancels its orders too."""
        await self._http.act(group_calls.delete(id, shard=shard), f"order group {id}")


def _group(raw: Raw) -> OrderGroup:
    found = read(raw, wire.Group)
    return OrderGroup(
        id=found.id,
        limit=_limit(found.contracts_limit_fp),
        active=found.is_auto_cancel_enabled,
        shard=found.exchange_index,
    )


def _limit(text: str | None) -> Quantity | None:
    return None if text is None else quantity(text)
