"""The official client writes, packs and signs split, merge and redeem exactly as we do.

It lives in oracles/.venv (`make oracles`, Python 3.13) and runs as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from venues.fees import UnknownFee
from venues.money import Cash, Price, Quantity
from venues.polymarket import transactions
from venues.polymarket.approvals import APPROVALS
from venues.polymarket.batches import Batch, DepositBatch, ProxyBatch, SafeBatch, Transaction
from venues.polymarket.calls_relayer import submit_body
from venues.polymarket.signing import SigningLimits, Wallet
from venues.polymarket.terms import Terms
from venues.polymarket.transactions import ContractCall
from venues.polymarket.wallets import Kind
from venues.sides import Outcome

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = ROOT / "oracles/.venv/bin/python"
CALLS: Final = 500
BATCHES: Final = 150
"""Of each kind of wallet: the client takes 3 ms to sign one."""
NO_LIMITS: Final = SigningLimits(cash_max=Cash(2**256), quantity_max=Quantity(2**256))

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="NO ORACLES: oracles/.venv is missing; `make oracles` makes it where there is a 3.13",
)


async def test_the_official_client_writes_and_signs_byte_for_byte_what_we_do(
    tmp_path: Path,
) -> None:
    random = Random(9)
    asked = tmp_path / "asked.jsonl"
    lines = [*plain(random), *(each for kind in Kind for each in signed(random, kind))]
    asked.write_text("\n".join(map(json.dumps, lines)))

    told = await answers(asked)

    assert told["differences"] == []
    assert told["counts"] == {"call": CALLS} | {kind.name: BATCHES for kind in Kind}
    seen = Counter((each["operation"], each["version"], each["neg_risk"]) for each in lines)
    assert len(seen) == 3 * 2 * 2


async def test_the_official_client_needs_the_approvals_that_we_report(tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    ours = sorted([each.token, each.spender] for each in APPROVALS)
    asked.write_text(json.dumps({"kind": "approvals", "ours": ours}))
    assert await answers(asked) == {"counts": {"approvals": 1}, "differences": []}


async def test_a_difference_in_a_batch_would_be_reported(tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    line = next(signed(Random(9), Kind.SAFE))
    line["ours"]["nonce"] += "1"
    asked.write_text(json.dumps(line))
    assert len((await answers(asked))["differences"]) == 1


async def answers(asked: Path) -> Any:
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, ROOT / "oracles/polymarket_batches.py", json.dumps({"file": str(asked)})),
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


def plain(random: Random) -> Iterator[dict[str, Any]]:
    for _ in range(CALLS):
        asked, call = operation(random)
        yield asked | {"kind": "call", "ours": [call.to, "0x" + call.data.hex(), 0]}


def signed(random: Random, kind: Kind) -> Iterator[dict[str, Any]]:
    keys = ["0x" + random.randbytes(32).hex() for _ in range(4)]
    for n in range(BATCHES):
        key = keys[n % len(keys)]
        wallet = Wallet.from_key(key, kind, limits=NO_LIMITS)
        asked, call = operation(random)
        asked |= {"kind": kind.name, "key": key, "wallet": wallet.maker, "about": f"merge {n} µ"}
        nonce = random.choice((0, 1, 127, 128, 55_555))
        if kind is Kind.EOA:
            yield asked | transaction(random, wallet, call, nonce)
            continue
        batch, how = made(random, kind, call, nonce)
        body = submit_body(
            batch,
            owner=wallet.owner,
            wallet=wallet.maker,
            signature=wallet.sign_batch(batch),
            about=asked["about"],
        )
        yield asked | how | {"nonce": str(nonce), "ours": json.loads(body)}


def made(
    random: Random, kind: Kind, call: ContractCall, nonce: int
) -> tuple[Batch, dict[str, Any]]:
    if kind is Kind.SAFE:
        return SafeBatch(call, nonce), {}
    if kind is Kind.DEPOSIT:
        deadline_s = random.randrange(10**9, 10**10)
        return DepositBatch(call, nonce, deadline_s), {"deadline": str(deadline_s)}
    relay, gas = "0x" + random.randbytes(20).hex(), random.randrange(10**7)
    return ProxyBatch(call, nonce, gas, relay), {"relay": relay, "gas_limit": str(gas)}


def transaction(random: Random, wallet: Wallet, call: ContractCall, nonce: int) -> dict[str, Any]:
    fee = random.randrange(1, 10**12)
    fields = {
        "nonce": nonce,
        "gas": random.randrange(21_000, 10**6),
        "fee_max_wei": fee,
        "tip_wei": random.randrange(fee),
    }
    sent = wallet.sign_transaction(Transaction(call=call, **fields))
    return fields | {"ours": [sent.raw, sent.hash]}


def operation(random: Random) -> tuple[dict[str, Any], ContractCall]:
    version, outcome = random.choice(("v1", "v2")), random.choice([*Outcome])
    market = random.randbytes(32) if version == "v1" else random.randbytes(31) + b"\x00"
    terms = Terms(
        market="0x" + market.hex(),
        yes="1",
        no="2",
        tick=Price(10_000),
        minimum=Quantity(5_000_000),
        fees=UnknownFee("not asked"),
        neg_risk=random.choice((True, False)),
        version=version,
        accepting=True,
        delayed=False,
        read_ms=0,
    )
    name = random.choice(("split", "merge", "redeem"))
    quantity = Quantity(random.randint(1, 2 ** random.choice((8, 40, 256)) - 1))
    if name == "split":
        call = transactions.split(terms, quantity)
    elif name == "merge":
        call = transactions.merge(terms, quantity)
    elif version == "v1":
        call = transactions.redeem_all(terms)
    else:
        call = transactions.redeem_outcome(terms, outcome, quantity)
    asked = {
        "operation": name,
        "version": version,
        "neg_risk": terms.neg_risk,
        "market": terms.market,
        "outcome": int(outcome is Outcome.NO),
        "quantity": quantity,
    }
    return asked, call
