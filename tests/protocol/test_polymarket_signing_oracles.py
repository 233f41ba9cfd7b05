"""Other people's clients sign and count exactly what we do, over thousands of random inputs.

They live in oracles/.venv (`make oracles`, Python 3.13) and run as a process of their own.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from venues.money import ONE, Cash, Price, Quantity, text
from venues.polymarket import amounts
from venues.polymarket.auth import Credentials
from venues.polymarket.contracts import NEG_RISK, STANDARD, V3
from venues.polymarket.signing import SigningLimits, Unsigned, Wallet
from venues.polymarket.wallets import Kind, derived, derived_uups
from venues.sides import Side

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / "oracles/.venv/bin/python"
EXCHANGES: Final = {"standard": STANDARD, "neg_risk": NEG_RISK, "v3": V3}
ORDERS_PER_KIND: Final = 1_000
AMOUNTS: Final = 10_000
"""Of each of the two kinds of orders."""
WALLETS, LOG_INS, REQUESTS = 40, 60, 500
TICKS: Final = (100_000, 10_000, 5_000, 2_500, 1_000, 100)
NO_LIMITS: Final = SigningLimits(cash_max=Cash(10**15), quantity_max=Quantity(10**15))

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="NO ORACLES: oracles/.venv is missing; `make oracles` makes it where there is a 3.13",
)


async def test_other_clients_sign_and_count_byte_for_byte_what_we_do(tmp_path: Path) -> None:
    random = Random(8)
    keys = ["0x" + random.randbytes(32).hex() for _ in range(8)]
    parts = (orders, wallets, log_ins, requests, limits, at_once)
    asked = tmp_path / "asked.jsonl"
    lines = [json.dumps(each) for part in parts for each in part(random, keys)]
    asked.write_text("\n".join(lines))

    told = await answers(asked)

    assert told["differences"] == []
    old, v2, sdk = "py-clob-client", "py-clob-client-v2", "polymarket-client"
    assert told["counts"] == {
        **{f"order {client}": 4 * ORDERS_PER_KIND for client in (v2, sdk)},
        **{f"l1 {client}": LOG_INS for client in (old, v2, sdk)},
        **{f"l2 {client}": REQUESTS for client in (old, v2, sdk)},
        f"wallets {sdk}": WALLETS,
        f"limit_amounts {sdk}": AMOUNTS,
        f"market_amounts {sdk}": AMOUNTS,
    }
    refused = sum(json.loads(line)["ours"] == "refused" for line in lines)
    assert 0 < refused < AMOUNTS  # of both amounts together: most are orders, some must not be


async def test_a_difference_would_be_reported(tmp_path: Path) -> None:
    wrong = {"kind": "limit_amounts", "side": "BUY", "price": "0.5", "amount": "10", "tick": "0.01"}
    asked = tmp_path / "asked.jsonl"
    asked.write_text(json.dumps(wrong | {"ours": [5_000_000, 10_000_001]}))
    told = await answers(asked)
    assert [each["theirs"] for each in told["differences"]] == [[5_000_000, 10_000_000]]


async def answers(asked: Path) -> Any:
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, ROOT / "oracles/polymarket_signing.py", json.dumps({"file": str(asked)})),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), 100)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()
    return json.loads(out.splitlines()[-1])


def orders(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    named = [*EXCHANGES]
    for kind in Kind:
        opened = [Wallet.from_key(key, kind, limits=NO_LIMITS) for key in keys]
        for n in range(ORDERS_PER_KIND):
            wallet, exchange = opened[n % len(keys)], named[n % len(named)]
            unsigned = _unsigned(random, exchange)
            signed = wallet.sign_order(unsigned)
            yield {
                "kind": "order",
                "key": keys[n % len(keys)],
                "exchange": exchange,
                "type": kind.value,
                "maker": signed.maker,
                "signer": signed.signer,
                "token": unsigned.token,
                "side": unsigned.side.value.upper(),
                "maker_amount": unsigned.maker_amount,
                "taker_amount": unsigned.taker_amount,
                "salt": unsigned.salt,
                "timestamp_ms": unsigned.timestamp_ms,
                "builder": unsigned.builder,
                "metadata": unsigned.metadata,
                "ours": [signed.order_id, signed.signature],
            }


def _unsigned(random: Random, exchange: str) -> Unsigned:
    shares = random.randint(2, 10 ** random.randint(1, 14))
    cash = random.randint(1, shares - 1)
    side = random.choice([*Side])
    return Unsigned(
        exchange=EXCHANGES[exchange],
        token=str(random.randint(1, 2 ** random.choice((8, 64, 256)) - 1)),
        side=side,
        maker_amount=cash if side is Side.BUY else shares,
        taker_amount=shares if side is Side.BUY else cash,
        salt=random.randrange(2**53),
        timestamp_ms=random.randrange(10**12, 10**13),
        builder="0x" + random.choice((bytes(32), random.randbytes(32))).hex(),
        metadata="0x" + random.choice((bytes(32), random.randbytes(32))).hex(),
    )


def wallets(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    for _ in range(WALLETS):
        key = "0x" + random.randbytes(32).hex()
        owner = Wallet.from_key(key).owner
        yield {
            "kind": "wallets",
            "key": key,
            "ours": [*(derived(owner, kind) for kind in Kind), derived_uups(owner)],
        }


def log_ins(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    for n in range(LOG_INS):
        key = keys[n % len(keys)]
        timestamp_s = random.randrange(10**9, 10**10)
        nonce = random.choice((0, random.getrandbits(60)))
        yield {
            "kind": "l1",
            "key": key,
            "timestamp_s": timestamp_s,
            "nonce": nonce,
            "ours": Wallet.from_key(key).sign_l1(timestamp_s, nonce),
        }


def requests(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    for _ in range(REQUESTS):
        secret = base64.urlsafe_b64encode(random.randbytes(random.randint(30, 34))).decode()
        timestamp_s = random.randrange(10**9, 10**10)
        method = random.choice(("GET", "POST", "DELETE"))
        path = f"/data/order/{random.getrandbits(256):#x}"
        body = random.choice(("", json.dumps({"a": random.random(), "b": "µ"})))
        credentials = Credentials("key", secret, "pass")
        yield {
            "kind": "l2",
            "secret": secret,
            "timestamp_s": timestamp_s,
            "method": method,
            "path": path,
            "body": body,
            "ours": credentials.signature(timestamp_s, method, path, body.encode()),
        }


def limits(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    for _ in range(AMOUNTS):
        side, price, amount, tick = _ticket(random)
        ours = _counted(amounts.limit, side, price, Quantity(amount), tick)
        yield _question("limit_amounts", side, price, amount, tick, ours)


def at_once(random: Random, keys: list[str]) -> Iterator[dict[str, Any]]:
    for _ in range(AMOUNTS):
        side, price, amount, tick = _ticket(random)
        if side is Side.BUY:
            ours = _counted(amounts.at_once_buy, Cash(amount), price, tick)
        else:
            ours = _counted(amounts.at_once_sell, Quantity(amount), price, tick)
        yield _question("market_amounts", side, price, amount, tick, ours)


def _ticket(random: Random) -> tuple[Side, Price, int, Price]:
    """Side, price, dollars or shares, tick. One price in fifty is off the grid."""
    tick = random.choice(TICKS)
    price = tick * random.randrange(1, ONE // tick)
    if random.random() < 0.02:
        price += random.choice((-1, 1)) * random.randrange(1, tick)
    amount = random.randint(1, 10 ** random.randint(4, 12))
    return random.choice([*Side]), Price(price), amount, Price(tick)


def _counted(count: Callable[..., amounts.Amounts], *ticket: Side | int) -> list[int] | str:
    try:
        found = count(*ticket)
    except ValueError:
        return "refused"
    return [found.maker, found.taker]


def _question(
    kind: str, side: Side, price: Price, amount: int, tick: Price, ours: list[int] | str
) -> dict[str, Any]:
    return {
        "kind": kind,
        "side": side.value.upper(),
        "price": text(price),
        "amount": text(amount),
        "tick": text(tick),
        "ours": ours,
    }
