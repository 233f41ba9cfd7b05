"""What every part of the house stands on: time, ids, the catalogue, and the voice to listeners."""

from __future__ import annotations

import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from venues.sim.agenda import Agenda
from venues.sim.kalshi.catalogue import Catalogue, Market
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.notices import Notice
from venues.sim.kalshi.records import ShardStatus
from venues.sim.kalshi.refusal import exchange_paused, invalid_parameters, not_found, trading_paused


class Core:
    """One per house. All randomness is `rng`, seeded; all ids come out of it."""

    def __init__(self, agenda: Agenda, seed: int, knobs: Knobs) -> None:
        self.agenda = agenda
        self.knobs = knobs
        self.catalogue = Catalogue()
        self.rng = random.Random(seed)
        self.statuses = {
            index: ShardStatus(exchange_index=index, description=description)
            for index, description in sorted(knobs.shards.items())
        }
        self.listeners: list[Callable[[Notice], None]] = []
        self.settle_up: Callable[[], None] = lambda: None
        """Ends every operation that went well; a refused one has changed nothing."""
        self._afterwards: deque[Callable[[], None]] = deque()
        self._depth = 0

    @property
    def now_ms(self) -> int:
        return self.agenda.now_ms

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def tell(self, notice: Notice) -> None:
        for listener in tuple(self.listeners):
            listener(notice)

    def afterwards(self, action: Callable[[], None]) -> None:
        """Done when the current operation is complete: no engine is in the middle of a match."""
        self._afterwards.append(action)

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        """Books an operation; it must itself look whether it still makes sense."""

        def due() -> None:
            with self.operation():
                action()

        self.agenda.at(due_ms, due)

    @contextmanager
    def operation(self) -> Iterator[None]:
        """What is due comes first, then the operation, then what it left for afterwards."""
        self.advance()
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._finish()
        finally:
            self._depth -= 1

    def advance(self) -> None:
        """Inside an operation: nothing, for an engine may be in the middle of a match."""
        if self._depth == 0:
            self.agenda.advance()

    def _finish(self) -> None:
        while self._afterwards:
            self._afterwards.popleft()()
        self.settle_up()
        assert not self._afterwards

    def market(self, ticker: str) -> Market:
        market = self.catalogue.markets.get(ticker)
        if market is None:
            raise not_found("market")
        return market

    def need_shard(self, exchange_index: int) -> None:
        if exchange_index not in self.statuses:
            raise invalid_parameters(f"there is no exchange index {exchange_index}")

    def need_exchange(self, exchange_index: int) -> None:
        """Refuses while the whole shard is paused."""
        if not self.statuses[exchange_index].exchange_active:
            raise exchange_paused()

    def need_trading(self, exchange_index: int) -> None:
        """Refuses while the shard takes no orders."""
        self.need_exchange(exchange_index)
        if not self.statuses[exchange_index].trading_active:
            raise trading_paused()
