"""What must hold after every row of the journal and before every order that a venue sees: the
invariants of reliability.md §4, as far as execution can break them.

It reads the disk for itself, and asks the venues' own ledgers what is true.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from typing import Final

import msgspec
from line import Said
from playing import Stage

from execution.asking import ASKED_MS, ASKS
from execution.booking import Standing, booked
from execution.codec import decode
from execution.exposure import may_fill, reserved, unhedged
from execution.hedge import AT_REST
from execution.journal import replayed
from execution.ledger import Ledger
from execution.orders import Attempt, Rung
from execution.reconcile import nets
from execution.records import Absent, Opened, Record, Sending
from execution.sending import FRESH_MS
from venues import LOT, ONE, Contract, Outcome, Quantity, Side
from venues.money import cost, text
from venues.sim import world
from venues.sim.polymarket.records import TradeStatus

ON_ITS_WAY_MS: Final = 800
"""A book and an order may take so long between us and a venue (campaign.py)."""


def dump(ledger: Ledger) -> bytes:
    """The same bytes for the same ledger."""
    tables = [(each.name, _rows(getattr(ledger, each.name))) for each in fields(ledger)]
    return msgspec.json.encode(tables, order="deterministic")


def _rows(table: object) -> object:
    return list(table.items()) if isinstance(table, dict) else table


class Checker:
    """`ours`: whether nobody but us touches our accounts: then money is exact to the micro."""

    def __init__(self, stage: Stage, *, ours: bool = True) -> None:
        self.ledger = Ledger()
        self.ours = ours
        self._stage = stage
        self._read = 0
        self._epoch = 0
        self._sent: dict[str, Sending] = {}
        self._seen_ms: dict[str, int] = {}
        self._sent_ms: dict[str, int] = {}
        self._bodies: Counter[str] = Counter()
        self._answered: dict[str, list[Said]] = {}
        self._cash = {venue: stage.cash(venue) for venue in ("kalshi", "polymarket")}
        note = stage.disk.after

        def after(count: int) -> None:
            self.read()
            note(count)

        stage.disk.after = after
        stage.line.before.append(self.leaves)
        stage.line.after.append(self.arrived)

    def read(self) -> None:
        """What is new on the disk, row by row."""
        for row in self._stage.disk.platter[self._read :]:
            assert row.epoch >= self._epoch, "I16: an epoch fell"
            self._epoch = row.epoch
            record = decode(row.kind, row.body)
            self._compare_live()
            self._before(record)
            self.ledger.apply(record)
            self._read += 1
            self._after(record)

    def leaves(self, said: Said) -> None:
        """I1, I2, I17: of an order that is about to reach its venue."""
        self._compare_live()
        if not said.is_order:
            return
        sending = self._sent.get(said.body)
        assert sending, f"I1: {said.venue} gets an order that is not on the disk"
        before = self._answered.setdefault(said.body, [])
        assert all(each.status == 401 for each in before), "I2: it was sent before"
        before.append(said)
        attempt = self.ledger.attempt(sending.request.client_id)
        assert attempt is not None
        assert attempt.is_unknown, f"I2: it is {attempt.order.state}, and leaves"
        if sending.rung is Rung.ENTER:
            assert not self.ledger.killed, "I17: an entry after the kill switch"
            plan = self.ledger.hedges[sending.hedge].plan
            shut = {leg.contract.venue for leg in plan.legs} & set(self.ledger.closed)
            assert not shut, f"I17: an entry while {shut} is closed"
            now_ms = self._stage.line.clock.now_ms()
            ages = [now_ms - self._seen_ms.get(leg.contract.venue, 0) for leg in plan.legs]
            assert max(ages) <= FRESH_MS + ON_ITS_WAY_MS, f"I8: books of {max(ages)} ms ago"

    def arrived(self, said: Said) -> None:
        if said.path.endswith(("/orderbook", "/orderbooks", "/books")) and said.status == 200:
            self._seen_ms[said.venue] = self._stage.line.clock.now_ms()

    def end(self, *, rests: bool = True) -> None:
        """When all is quiet, and both venues were compared: I7, I9, I12, I13, I18."""
        stage = self._stage
        stage.world.advance()
        stage.world.kalshi.audit()
        stage.world.polymarket.audit()
        self._compare_live()
        assert dump(replayed(stage.disk.platter)) == dump(self.ledger), "I7: replayed"
        if not rests:
            return
        self._all_rest()
        self._positions_agree()
        self._locked_is_final()
        if self.ours:
            self._cash_is_exact()

    def _compare_live(self) -> None:
        """I7: what the running process believes is what the disk says."""
        journal = getattr(getattr(self._stage, "executor", None), "journal", None)
        if journal and journal.epoch == self._stage.disk.epoch and journal.length == self._read:
            assert dump(journal.ledger) == dump(self.ledger), "I7: live"

    def _before(self, record: Record) -> None:
        match record:
            case Sending():
                self._may_be_sent(record)
            case Absent():
                attempt = self.ledger.attempt(record.client_id)
                assert attempt is not None
                assert record.asked >= ASKS, "I5: asked too little"
                waited_ms = self._stage.line.clock.now_ms() - self._sent_ms[record.client_id]
                assert waited_ms >= ASKED_MS, "I5: asked too short"

    def _may_be_sent(self, record: Sending) -> None:
        request, hedge = record.request, self.ledger.hedges[record.hedge]
        before = [each for each in hedge.attempts if each.leg == record.leg]
        assert not any(each.is_open for each in before), "I2: an earlier one may still fill"
        assert 0 < request.limit < ONE, "I10"
        assert request.quantity > 0, "I10"
        assert request.quantity % LOT == 0, "I10"
        known = {hedge.plan.legs[record.leg].contract}
        known |= set(hedge.plan.substitutes) if record.leg == 1 else set()
        assert request.contract in known, "I10: it is not what was approved"
        if request.side is Side.SELL:
            assert request.quantity <= hedge.holds(request.contract), "I10: more than is held"
        else:
            short = hedge.held(1 - record.leg) - hedge.held(record.leg)
            most = hedge.plan.quantity if record.rung is Rung.ENTER else max(short, 0)
            assert request.quantity <= most, "I3: more than its twin"
        assert record.body not in self._sent, "I2: the same bytes again"
        self._sent[record.body] = record
        self._sent_ms[record.request.client_id] = self._stage.line.clock.now_ms()

    def _after(self, record: Record) -> None:
        stage, now_ms = self._stage, self._stage.clock.now_ms()
        limit = stage.limits.unhedged_max
        if not any(_may_exceed(each, now_ms) for each in self.attempts()):
            open_ = unhedged(self.ledger, now_ms)
            assert open_ <= limit, f"I3: ${text(open_)} are without a twin, ${text(limit)} may be"
        for hedge in self.ledger.hedges.values():
            assert hedge.matched <= hedge.plan.quantity, "I3: it outgrew its plan"
            if hedge.naked and hedge.state not in AT_REST:
                leg, missing = hedge.plan.legs[1 - hedge.long_leg], Quantity(abs(hedge.naked))
                kept = reserved([hedge], leg.contract.venue, leg.pocket, now_ms)
                assert kept >= cost(leg.limit, missing), "I11: nothing is kept for its twin"
        if isinstance(record, Sending) and record.rung is Rung.ENTER and self.ours:
            self._is_covered(record, now_ms)
        if not isinstance(record, Opened | Sending):
            self._nothing_is_missed()

    def _is_covered(self, record: Sending, now_ms: int) -> None:
        """I11: the cash is there for all that hedges may still take."""
        for leg in self.ledger.hedges[record.hedge].plan.legs:
            venue = leg.contract.venue
            spoken = reserved(self.ledger.hedges.values(), venue, leg.pocket, now_ms)
            assert spoken <= self._stage.cash(venue), f"I11: {venue} cannot pay all of it"

    def _nothing_is_missed(self) -> None:
        """I4, I5: no order that counts as over filled more than is counted."""
        for attempt in self.attempts():
            if attempt.is_open or attempt.absent_ms is not None:
                continue
            true = self.truly_filled(attempt)
            assert true <= attempt.filled, (
                f"I4: {attempt.client_id} is {attempt.order.state} with {attempt.filled}, "
                f"and filled {true}"
            )

    @property
    def rests(self) -> bool:
        """As far as it was looked at: nobody would do anything any more."""
        return all(
            each.state in AT_REST and not each.open_attempts for each in self.ledger.hedges.values()
        )

    def attempts(self) -> list[Attempt]:
        return [each for hedge in self.ledger.hedges.values() for each in hedge.attempts]

    def truly_filled(self, attempt: Attempt) -> int:
        if attempt.request.contract.venue == "kalshi":
            record = self._stage.kalshi_orders().get(attempt.client_id)
            return record.filled if record else 0
        return self._stage.polymarket_filled(attempt.order.order_id)

    def _all_rest(self) -> None:
        for hedge in self.ledger.hedges.values():
            assert hedge.state in {"hedged", "flat", "parked"}, f"I9: {hedge.id} is {hedge.state}"
            assert not hedge.open_attempts, f"I9: nobody knows what became of {hedge.id}"
            if hedge.state != "parked":
                assert abs(hedge.naked) < LOT, f"I9: {hedge.id} is {hedge.state} and naked"
        for attempt in self.attempts():
            true = self.truly_filled(attempt)
            assert attempt.filled == true, (
                f"I6: {attempt.client_id} counts {attempt.filled} of {true}"
            )

    def _positions_agree(self) -> None:
        """I12: or what differs is written down."""
        for venue in self._cash:
            for market, held in nets(venue, self.ledger).items():
                if (venue, market) in self.ledger.settled:
                    continue
                base = self.ledger.baseline.get(Contract(venue, market, Outcome.YES), 0)
                true = self._true_position(venue, market)
                shown = (venue, f"position in {market}") in self.ledger.differs
                assert shown or true == held + base, f"I12: {venue} has {true}, we {held} + {base}"

    def _true_position(self, venue: str, market: str) -> int:
        if venue == "kalshi":
            return self._stage.world.kalshi.accounts.position(world.USER, market).count
        house = self._stage.world.polymarket
        yes, no = house.catalogue.markets[market].tokens
        purse = self._stage.purse
        return house.wallets.held(purse, yes) - house.wallets.held(purse, no)

    def _locked_is_final(self) -> None:
        """I13."""
        house = self._stage.world.polymarket
        pending = {
            trade.taker_order_id
            for trade in house._floor.trades.all(house.now_ms)
            if trade.status not in {TradeStatus.CONFIRMED, TradeStatus.FAILED}
        }
        for hedge in self.ledger.hedges.values():
            if booked(hedge, self.ledger).standing is Standing.LOCKED:
                assert not pending & {each.order.order_id for each in hedge.attempts}, "I13"

    def _cash_is_exact(self) -> None:
        """I18: what is gone from both accounts is what the journal says was paid."""
        for venue, before in self._cash.items():
            mine = [e for e in self.attempts() if e.request.contract.venue == venue]
            assert all(each.is_told for each in mine), "I18: a fill was never told"
            spent = sum(each.outlay for each in mine)
            gone = before - self._stage.cash(venue)
            assert gone == spent, f"I18: {venue} took {gone}, the journal says {spent}"


def _may_exceed(attempt: Attempt, now_ms: int) -> bool:
    """What was taken back opens again, whatever the limit; and what was given up may arrive beside
    the repair that was sent for it. Both stop entries (docs/campaign.md)."""
    arrives = attempt.absent_ms is not None and may_fill(attempt, now_ms)
    return arrives or any(each.reversed for each in attempt.fills)
