"""What the faces keep beside the house: past prices, stale prices, relayed batches."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from venues.money import ONE, Price
from venues.sim.polymarket.house import House
from venues.sim.polymarket.notices import Notice, TradePrinted
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.wire_text import Object

KEPT: Final = 10_000
"""Past prices of a market that are kept."""


class Sample(NamedTuple):
    at_ms: int
    price: Price


class Past:
    """Prices of each token where trades were made, oldest first; those of its sibling mirrored."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._samples: dict[str, deque[Sample]] = {}
        house.listen(self._hear)

    def of(self, token: str) -> tuple[Sample, ...]:
        return tuple(self._samples.get(token, ()))

    def _hear(self, notice: Notice) -> None:
        if not isinstance(notice, TradePrinted):
            return
        for token in self._house.catalogue.markets[notice.market].tokens:
            price = notice.price if token == notice.token else Price(ONE - notice.price)
            kept = self._samples.setdefault(token, deque(maxlen=KEPT))
            kept.append(Sample(notice.ts_ms, price))


class Window:
    """The catalogue's cached view of books: at most `knobs.gamma_stale_ms` old."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen: dict[str, tuple[int, BookView | None]] = {}

    def book(self, token: str) -> BookView | None:
        """None where the exchange has none."""
        now_ms = self._house.now_ms
        at_ms, view = self._seen.get(token, (-1, None))
        if at_ms < 0 or now_ms - at_ms >= self._house.knobs.gamma_stale_ms:
            view = self._look(token)
            self._seen[token] = now_ms, view
        return view

    def _look(self, token: str) -> BookView | None:
        try:
            return self._house.book(token)
        except Refusal:
            return None


@dataclass(slots=True)
class Batch:
    """A transaction as it was sent, its `body` included.

    `chain_id` is the house's; "" for one that only grants allowances.
    """

    id: str
    wallet: str
    chain_id: str
    body: Object


@dataclass(slots=True)
class Relayer:
    """`keys`: key → its address. `nonces` by wallet."""

    keys: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)


@dataclass(slots=True)
class Shelf:
    past: Past
    window: Window
    relayer: Relayer = field(default_factory=Relayer)
    geoblock: dict[str, bool | str] = field(
        default_factory=lambda: {
            "blocked": False,
            "ip": "127.0.0.1",
            "country": "PT",
            "region": "",
        }
    )

    @classmethod
    def of(cls, house: House) -> Shelf:
        return cls(Past(house), Window(house))
