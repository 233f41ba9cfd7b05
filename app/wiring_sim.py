"""Simulated venues on loopback, as `dutchbook sim serve` and the demo run them."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from app.logs import to_stderr
from app.private_file import private
from venues import SystemClock
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import Served as ServedKalshi
from venues.sim.kalshi.server import serve_kalshi
from venues.sim.polymarket.server import Served as ServedPolymarket
from venues.sim.polymarket.server import serve_polymarket
from venues.sim.polymarket.server_accounts import owner_of
from venues.sim.twins import OWNER_KEYS, twins

WALLETS: Final = ("eoa", "proxy", "safe", "deposit")
"""The names that the settings have for signature types 0 to 3."""


RELAYER_KEY: Final = "relayer-of-the-simulated-venue"


class Served(NamedTuple):
    """Both venues, the file of the pairs that are truly the same, and the key with which the last
    wallet's calls go through the relayer."""

    kalshi: ServedKalshi
    polymarket: ServedPolymarket
    pairs_file: Path
    relayer_key_file: Path


@asynccontextmanager
async def serve_simulated(
    *, kalshi_port: int, polymarket_port: int, seed: int
) -> AsyncIterator[Served]:
    """A seeded, moving world on loopback, with keys of its own. Raises OSError for a taken port."""
    to_stderr()
    world = twins(SystemClock(), seed=seed)
    async with (
        serve_kalshi(world.kalshi, ApiKeys(), rest_port=kalshi_port) as kalshi,
        serve_polymarket(
            world.polymarket, rest_port=polymarket_port, keys=OWNER_KEYS
        ) as polymarket,
    ):
        pairs = kalshi.accounts[0].private_key_file.parent / "pairs.csv"
        with pairs.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("pair_id", "kalshi", "polymarket", "relation"))
            rows.writerows(world.pairs)
        relayer_key = pairs.parent / "relayer.key"
        with private(relayer_key, "w") as file:
            file.write(RELAYER_KEY)
        polymarket.app.shelf.relayer.keys[RELAYER_KEY] = owner_of(OWNER_KEYS[-1][1])
        yield Served(kalshi, polymarket, pairs, relayer_key)
