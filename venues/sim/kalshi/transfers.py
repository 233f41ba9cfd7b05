"""Cash between shards and subaccounts, and the target allocation (section 10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from venues.money import Cash, round_down
from venues.sim.kalshi.accounts import Accounts, Purse
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.records import TransferRecord
from venues.sim.kalshi.refusal import (
    Refusal,
    insufficient_balance,
    invalid_parameters,
    not_found,
    transfer_already_exists,
)

CENTICENT: Final = Cash(100)
MARGINS: Final = {"none", "max", "sum"}


@dataclass(frozen=True, slots=True)
class Allocation:
    """Percent of the cash that each shard shall hold; empty: off. `margin`: none, max or sum.

    Whatever it says, cash that open orders lock is never moved away from under them.
    """

    percents: tuple[tuple[int, int], ...] = ()
    margin: str = "sum"


class Transfers:
    def __init__(self, core: Core, accounts: Accounts) -> None:
        self._core = core
        self._accounts = accounts
        self._transfers: dict[str, TransferRecord] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._allocations: dict[str, Allocation] = {}
        self._working = False

    def between_shards(
        self,
        user_id: str,
        amount: Cash,
        *,
        from_shard: int = 0,
        to_shard: int = 0,
        from_subaccount: int = 0,
        to_subaccount: int = 0,
        client_transfer_id: str = "",
    ) -> TransferRecord:
        """Leaves the one at once, arrives at the other a little later. A used id is 409."""
        with self._core.operation():
            if (user_id, client_transfer_id) in self._names:
                raise transfer_already_exists()
            source = self._need(user_id, from_subaccount, from_shard)
            target = self._need(user_id, to_subaccount, to_shard)
            self._check(source, target, amount)
            return self._send(source, target, amount, client_transfer_id)

    def between_subaccounts(
        self,
        user_id: str,
        amount: Cash,
        *,
        from_subaccount: int,
        to_subaccount: int,
        exchange_index: int = 0,
        client_transfer_id: str = "",
    ) -> TransferRecord:
        """At once. A used id is answered with the first transfer, and nothing moves."""
        with self._core.operation():
            if first := self._names.get((user_id, client_transfer_id)):
                return self._transfers[first]
            source = self._need(user_id, from_subaccount, exchange_index)
            target = self._need(user_id, to_subaccount, exchange_index)
            self._check(source, target, amount)
            self._accounts.move(source, -amount)
            self._accounts.move(target, amount)
            return self._keep(source, target, amount, client_transfer_id, "complete")

    def get(self, user_id: str, transfer_id: str) -> TransferRecord:
        transfer = self._transfers.get(transfer_id)
        if transfer is None or transfer.user_id != user_id:
            raise not_found("transfer")
        return transfer

    def all(self, user_id: str) -> tuple[TransferRecord, ...]:
        """Newest first."""
        return tuple(t for t in reversed(self._transfers.values()) if t.user_id == user_id)

    def allocation(self, user_id: str) -> Allocation:
        return self._allocations.get(user_id, Allocation())

    def set_allocation(self, user_id: str, allocation: Allocation) -> None:
        """400 unless the percents are of known shards and sum to 100 (or there are none)."""
        shards = [shard for shard, _ in allocation.percents]
        percents = [percent for _, percent in allocation.percents]
        if allocation.percents and (
            sum(percents) != 100 or min(percents) < 0 or len(set(shards)) != len(shards)
        ):
            raise invalid_parameters("allocations must name each exchange once and sum to 100")
        if allocation.margin not in MARGINS:
            raise invalid_parameters("resting_margin_reservation is none, max or sum")
        for shard in shards:
            self._accounts.need(user_id, 0, shard)
        self._allocations[user_id] = allocation
        if not self._working:
            self._working = True
            self._core.at(self._core.now_ms + self._core.knobs.allocation_ms, self._allocate)

    def _need(self, user_id: str, subaccount: int, shard: int) -> Purse:
        self._core.need_shard(shard)
        if not self._core.statuses[shard].transfers_active:
            raise Refusal(503, "transfers_unavailable", "transfers are paused")
        return self._accounts.need(user_id, subaccount, shard)

    def _check(self, source: Purse, target: Purse, amount: Cash) -> None:
        if amount <= 0 or amount % CENTICENT:
            raise invalid_parameters("amount must be above zero, in steps of $0.0001")
        if source == target:
            raise invalid_parameters("source and destination are the same")
        if self._accounts.free_in(source) < amount:
            raise insufficient_balance()

    def _send(self, source: Purse, target: Purse, amount: Cash, name: str) -> TransferRecord:
        self._accounts.move(source, -amount)
        self._accounts.travelling += amount
        transfer = self._keep(source, target, amount, name, "pending")
        due_ms = self._core.now_ms + self._core.knobs.transfer_ms
        self._core.at(due_ms, lambda: self._arrives(transfer, target))
        return transfer

    def _arrives(self, transfer: TransferRecord, target: Purse) -> None:
        self._accounts.travelling -= transfer.amount
        self._accounts.move(target, transfer.amount)
        self._transfers[transfer.transfer_id] = replace(transfer, status="complete")

    def _keep(
        self, source: Purse, target: Purse, amount: Cash, name: str, status: str
    ) -> TransferRecord:
        transfer = TransferRecord(
            transfer_id=self._core.new_id(),
            client_transfer_id=name,
            user_id=source.user_id,
            amount=amount,
            from_shard=source.exchange_index,
            to_shard=target.exchange_index,
            from_subaccount=source.subaccount,
            to_subaccount=target.subaccount,
            status=status,
            created_ms=self._core.now_ms,
        )
        self._transfers[transfer.transfer_id] = transfer
        if name:
            self._names[source.user_id, name] = transfer.transfer_id
        return transfer

    def _allocate(self) -> None:
        for user_id, allocation in self._allocations.items():
            self._level_out(user_id, dict(allocation.percents))
        self._core.at(self._core.now_ms + self._core.knobs.allocation_ms, self._allocate)

    def _level_out(self, user_id: str, percents: dict[int, int]) -> None:
        """Moves what shards have above their share to those below it, in whole centicents."""
        if not percents:
            return
        purses = [Purse(user_id, 0, shard) for shard in sorted(self._accounts.shards(user_id))]
        held = {p: self._accounts.cash(user_id, exchange_index=p.exchange_index) for p in purses}
        total = sum(held.values())
        over = {p: held[p] - total * percents.get(p.exchange_index, 0) // 100 for p in purses}
        for source in purses:
            spare = min(over[source], self._accounts.free_in(source))
            for target in purses:
                amount = Cash(round_down(max(0, min(spare, -over[target])), CENTICENT))
                if amount:
                    self._send(source, target, amount, "")
                    spare -= amount
                    over[target] += amount
