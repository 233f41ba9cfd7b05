"""The simulated Polymarket that other people's clients meet, and how they are started."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from venues import Cash, Price, Quantity, Side, SystemClock, micros
from venues.money import text
from venues.sim.polymarket.catalogue import Event, Fee, Market
from venues.sim.polymarket.house import House
from venues.sim.polymarket.knobs import Knobs
from venues.sim.polymarket.records import Kind
from venues.sim.polymarket.server import Served, serve_polymarket
from venues.sim.polymarket.server_accounts import Account

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / "oracles/.venv/bin/python"
KNOBS: Final = Knobs(mined_ms=10, confirmed_ms=20, indexer_ms=100, heartbeat_ms=1_000)
"""Settlement and heartbeats, quicker than at the venue."""
OTHER: Final = (Kind.EOA, b"\x05" * 32)
OWNERS: Final = tuple((kind, bytes([kind + 1]) * 32) for kind in Kind)
"""A wallet of every kind, each of its own owner."""
PAID_IN: Final = Cash(micros("1000"))
STANDARD: Final = "0x" + "a1" * 32
NEG_RISK: Final = "0x" + "b2" * 32
SECOND: Final = "0x" + "c3" * 17 + "00" * 15
"""Of Protocol V2."""
FICKLE: Final = "0x" + "d4" * 32
CENT: Final = Price(micros("0.01"))
MILL: Final = Price(micros("0.001"))

Run = Callable[[str, dict[str, Any]], Awaitable[asyncio.subprocess.Process]]

ORACLES: Final = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="NO ORACLES: oracles/.venv is missing; `make oracles` makes it where there is a 3.13",
)


def listed(house: House, condition: str, rate: int, **more: Any) -> None:
    """A market with an event of its own."""
    number = str(len(house.catalogue.markets) + 1)
    is_neg_risk = bool(more.get("neg_risk"))
    event = Event(
        id=number,
        slug=f"event-{number}",
        title=f"Will question {number} come true?",
        tags=("weather",),
        series="daily",
        neg_risk=is_neg_risk,
    )
    tokens = tuple(str(int(number) * 10**70 + outcome) for outcome in (1, 2))
    if more.get("version") == "v2":
        tokens = tuple(str(1 << 248 | 1 << 120 | outcome) for outcome in (0, 1))
    house.lifecycle.add_event(event)
    house.lifecycle.add_market(
        Market(
            id=number,
            condition=condition,
            event_id=number,
            slug=f"market-{number}",
            question=f"Will question {number} come true?",
            tokens=(tokens[0], tokens[1]),
            fee=Fee(rate=rate),
            fee_type="some_fees",
            start_ms=house.now_ms,
            end_ms=house.now_ms + 86_400_000,
            **more,
        )
    )


def stocked(house: House) -> None:
    """A market of every kind with a book that no test empties, and one whose tick will change."""
    listed(house, STANDARD, 70_000)
    listed(house, NEG_RISK, 40_000, neg_risk=True, tick=MILL)
    listed(house, SECOND, 50_000, version="v2")
    listed(house, FICKLE, 50_000, tick=MILL)
    maker = house.wallets.open("0x" + "ee" * 20)
    house.wallets.deposit(maker, Cash(micros("100000")))
    for condition in (STANDARD, NEG_RISK, SECOND):
        token = house.catalogue.markets[condition].tokens[0]
        house.wallets.give(maker, token, Quantity(micros("1000")))
        for side, at in ((Side.BUY, "0.40"), (Side.SELL, "0.60")):
            price, shares = Price(micros(at)), Quantity(micros("1000"))
            house.orders.quote(maker, token, side, price=price, shares=shares)


@asynccontextmanager
async def venue() -> AsyncIterator[Served]:
    """The first account is the other's; then a wallet of every kind. All have money. What there is
    must add up in the end."""
    house = House(SystemClock(), seed=3, knobs=KNOBS)
    stocked(house)
    async with serve_polymarket(house, keys=(OTHER, *OWNERS)) as served:
        for account in served.accounts:
            house.wallets.deposit(account.address, PAID_IN)
        yield served
        house.audit()


@asynccontextmanager
async def runs(folder: Path) -> AsyncIterator[Run]:
    """Starts a script; whatever still runs when the block is over is ended. `folder` is empty."""
    started: list[asyncio.subprocess.Process] = []

    async def start(script: str, settings: dict[str, Any]) -> asyncio.subprocess.Process:
        environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
        environment["SSL_CERT_DIR"] = str(folder)  # trusts nobody, and has nothing to load
        process = await asyncio.create_subprocess_exec(
            *(PYTHON, ROOT / "oracles" / script, json.dumps(settings)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            limit=2**24,
        )
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


def settings(served: Served) -> dict[str, Any]:
    """What every script is told; each takes what it needs."""

    def told(account: Account) -> dict[str, Any]:
        return {
            "kind": account.signature_type,
            "address": account.address,
            "key_file": str(account.private_key_file),
        }

    def market(condition: str) -> dict[str, Any]:
        found = served.app.house.catalogue.markets[condition]
        yes, no = found.tokens
        assert found.fee
        return {
            "condition": condition,
            "yes": yes,
            "no": no,
            "version": found.version,
            "neg_risk": found.neg_risk,
            "tick": text(found.tick, 1),
            "rate": text(found.fee.rate, 1),
        }

    other, *wallets = map(told, served.accounts)
    return {
        "rest": served.clob,
        "ws": served.ws_market.removesuffix("/ws/market"),
        "other": other,
        "wallets": wallets,
        "markets": [market(each) for each in (STANDARD, NEG_RISK, SECOND)],
        "fickle": market(FICKLE),
        "indexed_s": 2 * KNOBS.indexer_ms / 1_000,
    }


async def said(process: asyncio.subprocess.Process) -> str:
    """The next line of a script. AssertionError with its traceback where there is none."""
    assert process.stdout
    assert process.stderr
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    assert line, (await process.stderr.read()).decode()
    return line.decode().strip()


async def ended(process: asyncio.subprocess.Process) -> Any:
    out, errors = await asyncio.wait_for(process.communicate(b""), 60)
    assert process.returncode == 0, errors.decode()
    return json.loads(out.splitlines()[-1])
