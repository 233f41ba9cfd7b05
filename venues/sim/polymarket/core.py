"""What every part of the house shares: time, chance, the catalogue, and who is told of things."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Final

from venues.sim.agenda import Agenda
from venues.sim.polymarket.catalogue import Catalogue, Market, Phase
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.notices import Notice
from venues.sim.polymarket.refusal import Refusal

_SPARE_MS: Final = 5_000


class Core:
    def __init__(self, agenda: Agenda, seed: int, knobs: Knobs) -> None:
        self.agenda = agenda
        self.knobs = knobs
        self.catalogue = Catalogue()
        self.rng = random.Random(f"polymarket {seed}")
        self.listeners: list[Callable[[Notice], None]] = []

    @property
    def now_ms(self) -> int:
        return self.agenda.now_ms

    def tell(self, notice: Notice) -> None:
        for listener in tuple(self.listeners):
            listener(notice)

    def at(self, due_ms: int, action: Callable[[], None]) -> None:
        self.agenda.at(due_ms, action)

    def after(self, wait_ms: int, action: Callable[[], None]) -> None:
        self.agenda.at(self.now_ms + wait_ms, action)

    def forget(self, action: Callable[[], None], *readable: bool) -> None:
        """Books the end of something that is over: what no account can read is remembered only as
        long as reads may trail."""
        kept_ms = self.knobs.kept_ms if any(readable) else self.knobs.lag_ms + _SPARE_MS
        self.after(kept_ms, action)

    def new_hash(self) -> str:
        return f"0x{self.rng.getrandbits(256):064x}"

    def new_uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def drawn(self, odds: int) -> bool:
        """True with `odds` in a million."""
        return odds > 0 and self.rng.randrange(1_000_000) < odds

    def listed(self, token: str) -> Market:
        """A market that the exchange knows. 404 as the books say it."""
        market = self.catalogue.market_of(token)
        if market is None or market.phase is Phase.LISTED:
            raise Refusal(404, "No orderbook exists for the requested token id")
        return market
