"""The last look before an entry: both books, both venues, fees, cash and limits, read just now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from execution.journal import Journal
from execution.plan import HedgePlan, PlannedLeg, closes_soon
from execution.risk import Approved, Around, Circumstances, Limits, approve
from execution.rungs import View, Views
from venues import (
    Account,
    Balance,
    Clock,
    Contract,
    MarketData,
    MarketStatus,
    Side,
    UnknownFee,
    VenueError,
)
from venues.money import cost, text

SKEW_MS_MAX: Final = 5_000
READ_MS: Final = 10_000
Barred = Callable[[str, Views], tuple[str, ...]]
"""Why a pair may not be traded, by its id and its markets as they are now; none: it may."""


class LastLook:
    """`limits` are asked for anew each time: lower ones bind at once. `killed`: why a switch
    outside of the journal stops entries, "" where none does. `needs_ms`: how long both markets must
    stay open."""

    def __init__(
        self,
        journal: Journal,
        data: Mapping[str, MarketData],
        accounts: Mapping[str, Account],
        *,
        limits: Callable[[], Limits],
        barred: Barred,
        killed: Callable[[], str],
        clock: Clock,
        needs_ms: int = 0,
    ) -> None:
        self._needs_ms = needs_ms
        self._journal = journal
        self._data = data
        self._accounts = accounts
        self._limits = limits
        self._barred = barred
        self._killed = killed
        self._clock = clock

    def check(self, plan: HedgePlan, now: Views, around: Around) -> Approved:
        """Raises NotApproved."""
        moved = [why for leg in plan.legs if (why := self._moved(plan, leg, now))]
        balances, away = around
        stopped = [why] if (why := self._killed()) else []
        barred = (*stopped, *self._barred(plan.pair_id, now), *moved, *away)
        now_ms = self._clock.now_ms()
        circumstances = Circumstances(now_ms=now_ms, balances=balances, barred=barred)
        return approve(plan, self._journal.ledger, self._limits(), circumstances)

    def barred(self, plan: HedgePlan, now: Views) -> frozenset[Contract]:
        """A pair that makes a contract one may have lost its approval since, and of neither side of
        a market could be sold again what is held of both."""
        hedges = self._journal.ledger.hedges.values()
        known = dict(zip(plan.substitutes, plan.links, strict=False))
        return frozenset(
            each
            for each in plan.substitutes
            if any(self._barred(id, now) for id in known.get(each, ()))
            or any(hedge.holds(each.other) > 0 for hedge in hedges)
        )

    def stops(self) -> str:
        return self._killed()

    async def around(self, names: Iterable[str]) -> Around:
        """Cash at these venues, and why one of them cannot be traded at now. Raises nothing of
        what a venue may raise."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._of_venue(name)) for name in names]
        balances = [each for task in tasks for each in task.result()[0]]
        return Around(tuple(balances), tuple(why for task in tasks if (why := task.result()[1])))

    async def _of_venue(self, name: str) -> tuple[tuple[Balance, ...], str]:
        try:
            async with asyncio.timeout(READ_MS / 1_000):
                status = await self._data[name].status()
                balances = await self._accounts[name].balances()
        except (VenueError, TimeoutError) as error:
            return (), str(error) or f"{name} took too long to answer."
        if not status.trading:
            return balances, f"{name} does not trade now: {status.says}."
        if abs(status.skew_ms or 0) > SKEW_MS_MAX:
            return balances, f"The clock of {name} and ours are {status.skew_ms} ms apart."
        return balances, ""

    def _moved(self, plan: HedgePlan, leg: PlannedLeg, now: Views) -> str:
        """Why this leg is not any more what was planned, "" where it is."""
        contract = leg.contract
        view = now.get((contract.venue, contract.market))
        if view is None:
            return f"{contract.venue} does not show {contract.market} now."
        if why := _unfit(leg, view):
            return f"{contract.market} at {contract.venue}: {why}."
        if closes_soon(view.market, self._clock.now_ms(), self._needs_ms):
            return f"{contract.market} at {contract.venue} closes before the hedge is through."
        fees = view.market.fees.at(self._clock.now_ms())
        if isinstance(fees, UnknownFee):
            return f"Nobody knows the fee of {contract.market}."
        dearest = cost(leg.limit, plan.quantity) + fees.bound(Side.BUY, leg.limit, plan.quantity)
        if dearest > leg.reserve:
            return f"The fee of {contract.market} changed."
        asks = view.of(contract).asks
        within = sum(size for price, size in asks if price <= leg.limit)
        if within < plan.quantity:
            return (
                f"The price moved at {contract.venue}: {text(within)} of {text(plan.quantity)} "
                f"contracts are left at ${text(leg.limit)} or better."
            )
        return ""


def _unfit(leg: PlannedLeg, view: View) -> str:
    market, book = view
    if market.status is not MarketStatus.OPEN:
        return f"it is {market.status}"
    if fault := book.fault():
        return f"its book is {fault}"
    if not market.grid.holds(leg.limit):
        return f"${text(leg.limit)} is no price of it any more"
    if max(market.minimum, market.lot) > leg.minimum:
        return "its smallest order has grown"
    if market.pocket != leg.pocket:
        return "it is paid from another pocket now"
    return ""
