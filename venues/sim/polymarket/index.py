"""What the Data API's indexer has seen of the chain: positions and past, `indexer_ms` behind."""

from __future__ import annotations

from dataclasses import dataclass

from venues.money import ONE, Cash, Price, Quantity
from venues.sides import Side
from venues.sim.polymarket.chain import Chain
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.records import Activity, ActivityKind, Holding
from venues.sim.polymarket.settlement import Settlement


@dataclass(slots=True)
class _Lot:
    size: int = 0
    cost: int = 0
    bought: int = 0

    def buy(self, size: int, cost: int) -> None:
        self.size += size
        self.cost += cost
        self.bought += size

    def sell(self, size: int) -> None:
        if self.size:
            self.cost -= self.cost * min(size, self.size) // self.size
        self.size -= size


class DataIndex:
    def __init__(self, core: Core, settlement: Settlement, chain: Chain) -> None:
        self._core = core
        self._settlement = settlement
        self._chain = chain

    def activity(self, wallet: str) -> tuple[Activity, ...]:
        """Newest first."""
        self._core.agenda.advance()
        until_ms = self._core.now_ms - self._core.knobs.indexer_ms
        found = [
            each for each in self._chain.done if each.wallet == wallet and each.at_ms <= until_ms
        ]
        found += self._trades(wallet, until_ms)
        return tuple(sorted(found, key=lambda each: each.at_ms, reverse=True))

    def trades(self, wallet: str) -> tuple[Activity, ...]:
        return tuple(x for x in self.activity(wallet) if x.kind is ActivityKind.TRADE)

    def holdings(self, wallet: str) -> tuple[Holding, ...]:
        lots: dict[str, _Lot] = {}
        markets = self._core.catalogue.markets
        for each in reversed(self.activity(wallet)):
            market = markets[each.market]
            if each.kind is ActivityKind.TRADE:
                lot = lots.setdefault(each.token, _Lot())
                if each.side is Side.BUY:
                    lot.buy(each.size, each.cash)
                else:
                    lot.sell(each.size)
                continue
            for token, payout in zip(market.tokens, market.payouts or (0, 0), strict=True):
                lot = lots.setdefault(token, _Lot())
                if each.kind is ActivityKind.SPLIT:
                    lot.buy(each.size, each.size // 2)
                elif each.kind is ActivityKind.MERGE:
                    lot.sell(each.size)
                elif each.kind is ActivityKind.REDEEM and payout:
                    lot.sell(lot.size)
        return tuple(
            self._holding(wallet, token, lot) for token, lot in lots.items() if lot.size > 0
        )

    def _trades(self, wallet: str, until_ms: int) -> list[Activity]:
        return [
            Activity(
                wallet=wallet,
                kind=ActivityKind.TRADE,
                market=trade.market,
                token=leg.token,
                side=leg.side,
                size=leg.shares,
                price=leg.price,
                cash=leg.cash,
                at_ms=at_ms,
                transaction_hash=trade.transaction_hash,
            )
            for at_ms, trade, parts in self._settlement.settled
            for leg in parts
            if leg.wallet == wallet and at_ms <= until_ms
        ]

    def _holding(self, wallet: str, token: str, lot: _Lot) -> Holding:
        market = self._core.catalogue.market_of(token)
        assert market is not None
        return Holding(
            wallet=wallet,
            market=market.condition,
            token=token,
            outcome=market.outcomes[market.tokens.index(token)],
            size=Quantity(lot.size),
            cost=Cash(lot.cost),
            bought=Quantity(lot.bought),
        )


def average(holding: Holding) -> Price:
    return Price(holding.cost * ONE // holding.size if holding.size else 0)
