"""What a venue says that we own and did, against what the journal says.

Fills and ends of our own orders are taken over. Everything else that differs is written down and
shown, and nothing is mended behind anybody's back: what others did on the account is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from execution.exposure import contracts
from execution.hedge import AT_REST, Hedge
from execution.journal import Journal
from execution.ledger import Ledger
from execution.orders import Attempt
from execution.records import Answered, Baseline, Closed, Differs, Filled, Record, Settled
from venues import (
    Account,
    Balance,
    Clock,
    Contract,
    Fill,
    Order,
    Outcome,
    Position,
    Settlement,
    VenueError,
)
from venues.money import text

HOUR_MS: Final = 3_600_000
REVERSALS_MAX: Final = 3
"""So many fills taken back within an hour close a venue to entries."""
COMPARED_MS_MAX: Final = 120_000
FOREIGN: Final = "orders that are not ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One venue at one moment."""

    fills: tuple[Fill, ...]
    orders: tuple[Order, ...]
    positions: tuple[Position, ...]
    balances: tuple[Balance, ...]
    settlements: tuple[Settlement, ...]


class Reconciler:
    """Of one venue. `balances`, `positions`: as they were read last; `trouble`: why the last look
    failed."""

    def __init__(self, venue: str, account: Account, journal: Journal, clock: Clock) -> None:
        self.venue = venue
        self.balances: tuple[Balance, ...] = ()
        self.positions: tuple[Position, ...] = ()
        self.trouble = ""
        self.looked_ms: int | None = None
        self._looked_ns: int | None = None
        self._account = account
        self._journal = journal
        self._clock = clock

    @property
    def is_current(self) -> bool:
        """Whether it was compared since the start, and lately."""
        if self._looked_ns is None:
            return False
        return self._clock.monotonic_ns() - self._looked_ns < COMPARED_MS_MAX * 1_000_000

    def recall(self) -> None:
        """Tells the account of all our orders that it may be asked about."""
        for each in self._attempts():
            self._account.recall(each.order)

    async def look(self) -> bool:
        """Reads, compares, writes down. False where the venue did not answer; raises JournalError.

        What the journal learned of this venue while it was read makes old news of what was read:
        then only fills are taken over, and the next look compares.
        """
        before = tuple(self._attempts())
        began_ms, began_ns = self._clock.now_ms(), self._clock.monotonic_ns()
        try:
            seen = await self._read()
        except VenueError as error:
            self.trouble = str(error)
            return False
        self.trouble, self.balances, self.positions = "", seen.balances, seen.positions
        self.looked_ms, self._looked_ns = began_ms, began_ns
        is_new = tuple(self._attempts()) == before
        for record in news(self.venue, self._journal.ledger, seen, began_ms):
            await self._journal.append(record)
        if is_new:
            for record in differences(self.venue, self._journal.ledger, seen, began_ms):
                await self._journal.append(record)
        if why := reversals(self.venue, self._journal.ledger, began_ms):
            closed = Closed(venue=self.venue, on=True, why=why, at_ms=began_ms)
            await self._journal.append(closed)
        return True

    async def _read(self) -> Seen:
        since_ms = self._since_ms()
        return Seen(
            fills=await self._account.fills(since_ms),
            orders=await self._account.open_orders(),
            positions=await self._account.positions(),
            balances=await self._account.balances(),
            settlements=await self._account.settlements(since_ms),
        )

    def _since_ms(self) -> int:
        """From where on something may be new: the oldest order of a market that has not paid, and a
        little earlier, for our clock may have been wrong then."""
        settled = self._journal.ledger.settled
        times = [
            each.sent_ms
            for each in self._attempts()
            if (self.venue, each.request.contract.market) not in settled
        ]
        return min([*times, self._clock.now_ms()]) - HOUR_MS

    def _attempts(self) -> Iterable[Attempt]:
        for hedge in self._journal.ledger.hedges.values():
            for each in hedge.attempts:
                if each.request.contract.venue == self.venue:
                    yield each


def news(venue: str, ledger: Ledger, seen: Seen, now_ms: int) -> Iterable[Record]:
    """What the venue says of our own orders and markets that the journal does not know yet."""
    ours = {
        each.order.order_id: each
        for hedge in ledger.hedges.values()
        for each in hedge.attempts
        if each.request.contract.venue == venue and each.order.order_id
    }
    for fill in seen.fills:
        attempt = ledger.attempt(fill.client_id) or ours.get(fill.order_id)
        if attempt:
            named = replace(fill, client_id=attempt.client_id)
            if attempt.filled_by(named) != attempt:
                yield Filled(hedge=attempt.hedge, fill=named)
    for order in seen.orders:
        attempt = ledger.attempt(order.client_id) or ours.get(order.order_id)
        if attempt and not attempt.is_open and attempt.absent_ms is not None:
            named_order = replace(order, client_id=attempt.client_id)
            yield Answered(hedge=attempt.hedge, order=named_order, at_ms=now_ms)
    known = {
        (venue, m) for hedge in ledger.hedges.values() for v, m in contracts(hedge) if v == venue
    }
    for paid in seen.settlements:
        key = paid.venue, paid.market
        if key in known and ledger.settled.get(key) != paid:
            yield Settled(settlement=paid)


def differences(venue: str, ledger: Ledger, seen: Seen, now_ms: int) -> Iterable[Record]:
    """Open orders that are not ours, and positions that are not what our fills add up to.

    A position is counted as YES less NO of a market: netting and merging do not change it. Where we
    hold nothing and never did, it is somebody else's: that becomes the baseline.
    """
    foreign = [each for each in seen.orders if not _is_ours(each, ledger)]
    yield from _differ(
        ledger, venue, FOREIGN, says=f"{len(foreign)} open", we="0 open", now_ms=now_ms
    )
    held = nets(venue, ledger)
    moving = {  # a fill on its way is not a difference
        market
        for hedge in ledger.hedges.values()
        if _is_moving(hedge)
        for where, market in contracts(hedge)
        if where == venue
    }
    there: dict[str, int] = {}
    for each in seen.positions:
        sign = 1 if each.contract.outcome is Outcome.YES else -1
        there[each.contract.market] = there.get(each.contract.market, 0) + sign * each.quantity
    for market in sorted({*held, *there, *(c.market for c in ledger.baseline if c.venue == venue)}):
        if (venue, market) in ledger.settled or market in moving:
            continue
        contract = Contract(venue, market, Outcome.YES)
        base = ledger.baseline.get(contract, 0)
        if market not in held:
            if there.get(market, 0) != base:
                yield Baseline(contract=contract, quantity=there.get(market, 0), at_ms=now_ms)
            continue
        says, we = text(there.get(market, 0)), text(held[market] + base)
        subject = f"position in {market}"
        yield from _differ(ledger, venue, subject, says=says, we=we, now_ms=now_ms)


def nets(venue: str, ledger: Ledger) -> dict[str, int]:
    """YES less NO of each market that a hedge ever was in, or meant to be in."""
    found: dict[str, int] = {}
    for hedge in ledger.hedges.values():
        for leg in hedge.plan.legs:
            if leg.contract.venue == venue:
                found.setdefault(leg.contract.market, 0)
        for each in hedge.attempts:
            contract = each.request.contract
            if contract.venue == venue:
                sign = 1 if contract.outcome is Outcome.YES else -1
                found[contract.market] = found.get(contract.market, 0) + sign * each.signed
    return found


def reversals(venue: str, ledger: Ledger, now_ms: int) -> str:
    """Why the venue is to be closed to entries, "" where it is not, or is already."""
    if venue in ledger.closed:
        return ""
    since = datetime.fromtimestamp((now_ms - HOUR_MS) // 1_000, UTC)
    count = sum(
        fill.reversed and fill.filled_at > since
        for hedge in ledger.hedges.values()
        for each in hedge.attempts
        if each.request.contract.venue == venue
        for fill in each.fills
    )
    return f"{count} of its fills were taken back within an hour" if count >= REVERSALS_MAX else ""


def _differ(
    ledger: Ledger, venue: str, subject: str, *, says: str, we: str, now_ms: int
) -> Iterable[Record]:
    before = ledger.differs.get((venue, subject))
    if (before is None and says == we) or (
        before and (before.venue_says, before.we_say) == (says, we)
    ):
        return
    yield Differs(venue=venue, subject=subject, venue_says=says, we_say=we, at_ms=now_ms)


def _is_ours(order: Order, ledger: Ledger) -> bool:
    ids = (a.order.order_id for h in ledger.hedges.values() for a in h.attempts)
    return order.client_id in ledger.orders or order.order_id in ids


def _is_moving(hedge: Hedge) -> bool:
    return bool(hedge.open_attempts) or hedge.state not in AT_REST
