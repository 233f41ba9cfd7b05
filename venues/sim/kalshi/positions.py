"""Net positions, what they cost, and the escrow that will pay them (section 10)."""

from __future__ import annotations

from dataclasses import replace

from venues.money import ONE, Cash, Price, Quantity, cost, round_down, round_up
from venues.sim.kalshi.catalogue import Status
from venues.sim.kalshi.collateral import payout, sure_payout
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.records import FillRecord, PositionRecord, SettlementRecord
from venues.sim.kalshi.versions import Versions

Key = tuple[str, int, str]
"""user, subaccount, ticker"""


class Positions:
    """`escrow[ticker]` is what both sides paid in: one dollar for each open pair of YES and NO."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.versions: Versions[Key, PositionRecord] = Versions(core.knobs.kept_ms)
        self.escrow: dict[str, int] = {}
        self.settlements: list[SettlementRecord] = []
        self._advances: dict[tuple[tuple[str, int, int], str], int] = {}

    def get(self, user_id: str, subaccount: int, ticker: str) -> PositionRecord:
        found = self.versions.newest((user_id, subaccount, ticker))
        return found or PositionRecord(
            user_id=user_id,
            subaccount=subaccount,
            ticker=ticker,
            exchange_index=self._core.catalogue.markets[ticker].exchange_index,
        )

    def holders(self, ticker: str) -> list[PositionRecord]:
        """Everybody who ever traded this market, in the order they came."""
        return [position for position in self.versions.all_newest() if position.ticker == ticker]

    def open_interest(self, ticker: str) -> Quantity:
        return Quantity(sum(max(position.count, 0) for position in self.holders(ticker)))

    def fill(self, fill: FillRecord) -> tuple[PositionRecord, int]:
        """The position after a fill, and what cash moves by, fee apart.

        Every fill buys: YES at the price, or NO at the rest of the dollar. What meets an opposite
        holding is cashed at once, a dollar a pair; its share of the cost leaves with it (rounded
        down, so that the last contract takes what is left).
        """
        old = self.get(fill.user_id, fill.subaccount, fill.ticker)
        own = fill.side.own(fill.price)
        closes = old.count * fill.side.sign < 0
        pairs = Quantity(min(abs(old.count), fill.count) if closes else 0)
        paid, for_pairs = cost(own, fill.count), cost(own, pairs)
        gone = old.cost * pairs // abs(old.count) if pairs else 0
        new = replace(
            old,
            count=old.count + fill.side.sign * fill.count,
            cost=Cash(old.cost - gone + paid - for_pairs),
            realized_pnl=Cash(old.realized_pnl + pairs - gone - for_pairs),
            fees=Cash(old.fees + fill.fee),
            traded=Cash(old.traded + paid),
            volume=Quantity(old.volume + fill.count),
            updated_ms=self._core.now_ms,
        )
        self._put(new)
        self.escrow[fill.ticker] = self.escrow.get(fill.ticker, 0) + paid - pairs
        return new, pairs - paid

    def settle(self, old: PositionRecord, value: Price, precision: Cash) -> SettlementRecord:
        """Pays what the position is worth, rounded down to the holder's balance grid; the residue
        is a fee (11.3)."""
        market = self._core.catalogue.markets[old.ticker]
        worth, count = payout(old.count, value)
        revenue = Cash(round_down(worth, precision))
        exact = abs(old.count) * (value if old.count > 0 else ONE - value)
        residue = Cash(round_up(exact, ONE) // ONE - revenue)
        long = old.count > 0
        settlement = SettlementRecord(
            user_id=old.user_id,
            subaccount=old.subaccount,
            ticker=old.ticker,
            event_ticker=market.event_ticker,
            exchange_index=old.exchange_index,
            market_result=market.result.value,
            yes_count=count if long else Quantity(0),
            yes_cost=old.cost if long else Cash(0),
            no_count=Quantity(0) if long else count,
            no_cost=Cash(0) if long else old.cost,
            revenue=revenue,
            fee=Cash(old.fees + residue),
            value=value,
            settled_ms=self._core.now_ms,
        )
        if count:
            self.settlements.append(settlement)
        self.escrow[old.ticker] -= revenue
        self._put(
            replace(
                old,
                count=0,
                cost=Cash(0),
                realized_pnl=Cash(old.realized_pnl + revenue + residue - old.cost),
                fees=Cash(old.fees + residue),
                updated_ms=self._core.now_ms,
                settled_ms=self._core.now_ms,
            )
        )
        return settlement

    def empty_escrow(self, ticker: str) -> int:
        """What rounding left in a settled market's escrow, taken out."""
        return self.escrow.pop(ticker, 0)

    def advanced(self, purse: tuple[str, int, int], event_ticker: str) -> int:
        """What netting has paid ahead for an event."""
        return self._advances.get((purse, event_ticker), 0)

    def all_advanced(self) -> int:
        return sum(self._advances.values())

    def net(self, purse: tuple[str, int, int], event_ticker: str, *, enabled: bool) -> int:
        """Sets what is paid ahead to what the positions surely pay; returns what cash moves by."""
        event = self._core.catalogue.events[event_ticker]
        before = self.advanced(purse, event_ticker)
        after = 0
        if enabled and event.collateral_return_type == "MECNET":
            after = self._surely_pays(purse, event_ticker)
        if after != before:
            self._advances[purse, event_ticker] = after
        return after - before

    def _surely_pays(self, purse: tuple[str, int, int], event_ticker: str) -> int:
        markets = self._core.catalogue.markets_of(event_ticker)
        unpaid = [m.ticker for m in markets if m.status is not Status.FINALIZED]
        won = any(m.status is Status.FINALIZED and m.settlement_value == ONE for m in markets)
        held = {ticker: self.get(purse[0], purse[1], ticker).count for ticker in unpaid}
        return sure_payout(held, () if won else unpaid)

    def _put(self, position: PositionRecord) -> None:
        key = (position.user_id, position.subaccount, position.ticker)
        self.versions.put(key, self._core.now_ms, position)
