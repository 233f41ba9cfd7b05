"""Simulated venues on loopback, as `dutchbook sim serve` and the demo run them."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from app.logs import to_stderr
from app.private_file import private
from venues import Cash, SystemClock
from venues.sim import world
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import Served as ServedKalshi
from venues.sim.kalshi.server import serve_kalshi
from venues.sim.polymarket.server import Served as ServedPolymarket
from venues.sim.polymarket.server import serve_polymarket
from venues.sim.polymarket.server_accounts import owner_of
from venues.sim.twin_questions import TWINS, Twin
from venues.sim.twins import OWNER_KEYS, Twins, twins

WALLETS: Final = ("eoa", "proxy", "safe", "deposit")
"""The names that the settings have for signature types 0 to 3."""


RELAYER_KEY: Final = "relayer-of-the-simulated-venue"


class Served(NamedTuple):
    """Both venues, the file of the pairs that are truly the same, the key with which the last
    wallet's calls go through the relayer, and the world that they serve: its books are the venues'
    own."""

    kalshi: ServedKalshi
    polymarket: ServedPolymarket
    pairs_file: Path
    relayer_key_file: Path
    world: Twins


@dataclass(frozen=True, slots=True)
class Truth:
    """What the venues themselves have of our accounts."""

    served: Served

    def cash(self) -> dict[str, Cash]:
        """What a settlement on the chain will take is taken off already."""
        house, wallet = self.served.world.polymarket, self._wallet
        return {
            "kalshi": self.served.world.kalshi.accounts.cash(world.USER),
            "polymarket": Cash(house.wallets.cash(wallet) - house.settlement.locked(wallet, None)),
        }

    def position(self, venue: str, market: str) -> int:
        """YES, less NO."""
        if venue == "kalshi":
            return self.served.world.kalshi.accounts.position(world.USER, market).count
        house = self.served.world.polymarket
        yes, no = house.catalogue.markets[market].tokens
        held = [house.wallets.held(self._wallet, token) for token in (yes, no)]
        return held[0] - held[1]

    @property
    def _wallet(self) -> str:
        return self.served.polymarket.accounts[-1].address


@asynccontextmanager
async def serve_simulated(
    *, kalshi_port: int, polymarket_port: int, seed: int, questions: Sequence[Twin] = TWINS
) -> AsyncIterator[Served]:
    """A seeded, moving world on loopback, with keys of its own. Raises OSError for a taken port."""
    to_stderr()
    made = twins(SystemClock(), seed=seed, questions=questions)
    async with (
        serve_kalshi(made.kalshi, ApiKeys(), rest_port=kalshi_port) as kalshi,
        serve_polymarket(made.polymarket, rest_port=polymarket_port, keys=OWNER_KEYS) as polymarket,
    ):
        pairs = kalshi.accounts[0].private_key_file.parent / "pairs.csv"
        with pairs.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("pair_id", "kalshi", "polymarket", "relation"))
            rows.writerows(made.pairs)
        relayer_key = pairs.parent / "relayer.key"
        with private(relayer_key, "w") as file:
            file.write(RELAYER_KEY)
        polymarket.app.shelf.relayer.keys[RELAYER_KEY] = owner_of(OWNER_KEYS[-1][1])
        yield Served(kalshi, polymarket, pairs, relayer_key, made)
