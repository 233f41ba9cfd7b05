"""Other people's clients trade with our simulated Kalshi, and our own client sees what they see.

They live in oracles/.venv (`make oracles`, Python 3.13) and run as processes of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from venues import Cash, Outcome, SystemClock, micros
from venues.http import Http
from venues.kalshi.account import KalshiAccount
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.limits import Limits
from venues.money import text
from venues.sim.kalshi.catalogue import Result
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import Served, serve_kalshi
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.streams import Streams
from venues.sim.world import CLOSING, kalshi
from venues.skew import Skew

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / "oracles/.venv/bin/python"
HOUR_MS: Final = 3_600_000
CORE: Final = 43
MOVING: Final = ("KXFEDDECISION-26DEC-H0", "KXBTCD-26NOV27-T95000")

Run = Callable[[str, dict[str, Any]], Awaitable[asyncio.subprocess.Process]]

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="NO ORACLES: oracles/.venv is missing; `make oracles` makes it where there is a 3.13",
)


class Travelling:
    """A clock that begins three hours ago and can jump to now: time for a market to be archived."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._behind_ms = 3 * HOUR_MS

    def arrive(self) -> None:
        self._behind_ms = 0

    def now_ms(self) -> int:
        return self._real.now_ms() - self._behind_ms

    def monotonic_ns(self) -> int:
        return self._real.monotonic_ns()

    async def sleep_ms(self, duration_ms: int) -> None:
        await self._real.sleep_ms(duration_ms)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    clock = Travelling()
    house = kalshi(clock, seed=3, knobs=Knobs(market_window_ms=HOUR_MS, tier="premier"))
    house.lifecycle.determine(CLOSING, Result.YES)
    clock.arrive()
    house.advance()
    streams = Streams(house, knobs=StreamKnobs(empty_side_shown=True))
    async with serve_kalshi(house, ApiKeys(), clock=clock, streams=streams) as served:
        yield served


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    """Starts a script; whatever still runs when the test is over is ended."""
    started: list[asyncio.subprocess.Process] = []

    async def start(script: str, settings: dict[str, Any]) -> asyncio.subprocess.Process:
        started.append(await _started(script, settings))
        return started[-1]

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _started(script: str, settings: dict[str, Any]) -> asyncio.subprocess.Process:
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    return await asyncio.create_subprocess_exec(
        *(PYTHON, ROOT / "oracles" / script, json.dumps(settings)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )


async def ended(process: asyncio.subprocess.Process) -> Any:
    out, errors = await asyncio.wait_for(process.communicate(b""), 60)
    assert process.returncode == 0, errors.decode()
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
async def test_the_official_package_runs_every_core_operation_and_we_see_the_same(
    served: Served, run: Run, key_type: str
) -> None:
    (key,) = (each for each in served.accounts if each.key_type == key_type)
    settings = {
        "rest": served.rest,
        "key_id": key.key_id,
        "key_file": str(key.private_key_file),
        "archived": CLOSING,
    }
    told = await ended(await run("kalshi_official.py", settings))
    assert len(told["operations"]) == CORE

    clock, skew = SystemClock(), Skew()
    signer = Signer.from_file(key.key_id, key.private_key_file)
    async with Http(
        venue="kalshi",
        hosts={"": served.rest},
        clock=clock,
        bucket=Limits.with_keys(clock),
        auth=KalshiAuth(signer, clock, skew),
        skew=skew,
    ) as http:
        account = KalshiAccount(http, clock)
        cash = {each.pocket: each.available for each in await account.balances()}
        positions = await account.positions()
        fills = await account.fills(since_ms=0)
    state = told["state"]
    assert cash == {shard: Cash(micros(amount)) for shard, amount in state["cash"].items()}
    assert {each.contract.market: each.cost for each in positions} == {
        ticker: micros(cost) for ticker, (_, cost) in state["positions"].items()
    }
    assert len(fills) == len(state["fills"]) > 0
    for fill in fills:
        side, size, price, fee = state["fills"][fill.fill_id]
        yes = fill.contract.outcome is Outcome.YES
        assert yes == (side == "bid")
        own = micros(price) if yes else 10**6 - micros(price)
        assert (fill.price, fill.quantity, fill.fee) == (own, micros(size), micros(fee))
        assert fill.client_id == state["orders"][fill.order_id][0]
    assert not account.faults


@pytest.mark.parametrize("package", ["pykalshi", "kalshi-sdk"])
async def test_packages_that_follow_the_stream_end_with_the_books_of_the_exchange(
    served: Served, run: Run, package: str
) -> None:
    key = served.accounts[0]
    assert key.key_type == "rsa"
    process = await run(
        "kalshi_streams.py",
        {
            "package": package,
            "rest": served.rest,
            "ws": served.ws,
            "key_id": key.key_id,
            "key_file": str(key.private_key_file),
            "markets": MOVING,
        },
    )
    assert process.stdout
    said = await asyncio.wait_for(process.stdout.readline(), 30)
    assert said == b"subscribed\n", (await process.communicate())[1].decode()
    house = served.streams.house
    before = {market: house.book_clock(market) for market in MOVING}
    await _moved(house, before)
    house.pauses.pause_trading()  # the books stand still from here on
    told = await ended(process)
    for market in MOVING:
        no = {text(10**6 - price, 4): text(size) for price, size in house.asks(market)}
        yes = {text(price, 4): text(size) for price, size in house.bids(market)}
        assert told[market] == {"yes": yes, "no": no}
        assert yes
        assert no


async def _moved(house: House, before: dict[str, int]) -> None:
    """Until every book has changed often enough to be worth comparing."""
    for _ in range(600):
        if all(house.book_clock(market) > clock + 40 for market, clock in before.items()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the makers do not move")
