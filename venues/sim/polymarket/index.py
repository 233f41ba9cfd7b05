"""What the Data API's indexer has seen of the chain: positions and past, `indexer_ms` behind."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import NamedTuple

from venues.money import Cash, Quantity
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.records import Activity, ActivityKind, Holding


class Moved(NamedTuple):
    """One token that came into a wallet or left it; `cost` is what was paid for what came."""

    token: str
    size: int
    cost: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    at_ms: int
    wallet: str
    moved: tuple[Moved, ...]
    activity: Activity | None


@dataclass(slots=True)
class _Lot:
    size: int = 0
    cost: int = 0
    bought: int = 0

    def move(self, size: int, cost: int) -> None:
        if size >= 0:
            self.bought += size
        elif self.size:
            cost = -(self.cost * min(-size, self.size) // self.size)
        self.size += size
        self.cost += cost


class DataIndex:
    """Keeps every position, and a past of `knobs.kept_ms`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._coming: deque[_Seen] = deque()
        self._past: dict[str, deque[Activity]] = defaultdict(deque)
        self._lots: dict[str, dict[str, _Lot]] = defaultdict(dict)

    def note(self, wallet: str, moved: tuple[Moved, ...], activity: Activity | None = None) -> None:
        """Something happened on the chain just now; of a mere transfer there is nothing to tell."""
        self._coming.append(_Seen(self._core.now_ms, wallet, moved, activity))
        self._catch_up()

    def activity(self, wallet: str) -> tuple[Activity, ...]:
        """Newest first."""
        self._core.agenda.advance()
        self._catch_up()
        since_ms = self._core.now_ms - self._core.knobs.kept_ms
        past = self._past.get(wallet, ())
        return tuple(each for each in reversed(past) if each.at_ms >= since_ms)

    def trades(self, wallet: str) -> tuple[Activity, ...]:
        return tuple(x for x in self.activity(wallet) if x.kind is ActivityKind.TRADE)

    def holdings(self, wallet: str) -> tuple[Holding, ...]:
        """In the order in which they were first held. What came from outside cost nothing."""
        self._core.agenda.advance()
        self._catch_up()
        lots = self._lots.get(wallet, {})
        return tuple(
            self._holding(wallet, token, lot) for token, lot in lots.items() if lot.size > 0
        )

    def _catch_up(self) -> None:
        """Takes in what is old enough to be seen, and forgets what is too old to be shown."""
        now_ms, knobs = self._core.now_ms, self._core.knobs
        while self._coming and self._coming[0].at_ms <= now_ms - knobs.indexer_ms:
            seen = self._coming.popleft()
            for token, size, cost in seen.moved:
                self._lots[seen.wallet].setdefault(token, _Lot()).move(size, cost)
            if seen.activity is not None:
                past = self._past[seen.wallet]
                past.append(seen.activity)
                while past and past[0].at_ms < now_ms - knobs.kept_ms:
                    past.popleft()

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
