"""Ten thousand broken answers: only venue errors come out, and no broken order is a success (F06).

Seeded, so that a failure names the mutation that made it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from polymarket_stage import KEY, LIMITS

from venues import (
    ONE,
    Clock,
    Contract,
    Order,
    OrderRequest,
    OrderState,
    OrderUnknown,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    VenueError,
)
from venues.bucket import TokenBucket
from venues.http import MIB, Http
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.calls_orders import DATA, SITE
from venues.polymarket.fees import FREE
from venues.polymarket.modes import mode
from venues.polymarket.normalize_trades import Us
from venues.polymarket.positions import token
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import Known, Terms, TermsBook
from venues.polymarket.trading import PolymarketTrading
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind

BASE: Final = "http://127.0.0.1:9"
READS: Final = 6_000
WRITES: Final = 4_000
MARKET: Final = "0xdd22472e552920b8438158ea7238bfadfa4f736aa4cee91a6b86c39ead110917"
YES, NO = (token(MARKET, each, neg_risk=False, version="v1") for each in Outcome)
OWNER: Final = "00000000-0000-0000-0000-000000000001"
HUGE: Final = "a number that fills the memory"
JUNK: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 10**400, 1.5, "", "x", "-0.01", "1e9", "NaN", "1.0000001", "sNaN"),
    *(
        [],
        {},
        [[]],
        {"error": "no"},
        "é\u202e",
        "0.5\n",
        "Infinity",
        "1e999999999",
        HUGE,
        "9" * 5_000,
    ),
)
PAGES: Final = (
    *(b"", b"null", b"[]", b"{}", b'"ok"', b"<!DOCTYPE html><p>ok", b"\xff\xfe", b"{" * 100_000),
    b'{"error": "order timed out"}',
)
ASKED: Final = OrderRequest(
    client_id="ours",
    contract=Contract("polymarket", MARKET, Outcome.YES),
    side=Side.BUY,
    limit=Price(450_000),
    quantity=Quantity(10 * ONE),
    time_in_force=TimeInForce.RESTING,
)
HOLDING: Final = {
    "token_id": YES,
    "condition_id": MARKET,
    "current_size": 150.5,
    "avg_price": 0.55,
    "current_price": 0.6,
    "redeemable": False,
}
REDEEMED: Final = {
    "type": "REDEEM",
    "condition_id": MARKET,
    "usdc_size": 5,
    "timestamp": 1_795_564_800,
}
RESOLVED: Final = {
    "condition_id": MARKET,
    "payouts": ["1000000", "0"],
    "resolved_at": "2026-11-20T00:00:00Z",
}
CANCELED: Final = {"canceled": ["0x1"], "not_canceled": {"0x2": "already canceled or matched"}}


def mutated(body: bytes, rng: random.Random) -> bytes:
    """One of: bytes flipped, cut off, doubled; a key lost or renamed; a value replaced."""
    kind = rng.randrange(6)
    if kind == 0:
        changed = bytearray(body)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 1:
        return body[: rng.randrange(len(body))]
    if kind == 2:
        at = rng.randrange(len(body))
        return body[:at] + body[rng.randrange(len(body)) :]
    found = json.loads(body)
    holder, key = rng.choice([*_places(found)])
    if kind == 3:
        del holder[key]
    elif kind == 4 and isinstance(holder, dict):
        holder[f"{key}_"] = holder.pop(key)
    else:
        holder[key] = rng.choice(JUNK)
    return json.dumps(found).encode().replace(json.dumps(HUGE).encode(), b"1e999999999")


def _places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) in a JSON value."""
    items = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in items:
        yield found, key
        if isinstance(value, dict | list):
            yield from _places(value)


class Answering:
    """Answers by path, one answer in three broken; of any path it does not know, `body`."""

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self.rng = random.Random(0)
        self.status, self.body = 200, b"{}"
        self._bodies = bodies

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        body = next((b for start, b in self._bodies.items() if path.startswith(start)), None)
        if body is None:
            return httpx2.Response(self.status, content=self.body)
        if self.rng.randrange(3):
            return httpx2.Response(200, content=body)
        status = self.rng.choice((200, 200, 200, 400, 404, 500))
        return httpx2.Response(status, content=mutated(body, self.rng))


def answers(shared: Path) -> dict[str, bytes]:
    """Recorded where there is a recording, else as documented."""
    folder = shared / "data/recorded/polymarket/rest/nautilus_rs_2026"
    trade = json.loads((folder / "http_trade_report.json").read_bytes())
    trades = json.loads((folder / "http_trades_page.json").read_bytes())
    trades["data"].append(trade)

    def page(row: Any) -> bytes:
        return json.dumps({"data": [row], "pagination": {"next_cursor": None}}).encode()

    return {
        "/data/order/": (folder / "http_open_order.json").read_bytes(),
        "/data/orders": (folder / "http_open_orders_page.json").read_bytes(),
        "/data/trades": json.dumps(trades).encode(),
        "/balance-allowance": b'{"balance": "1000000000", "allowances": {"0x1": "5"}}',
        "/d/v2/positions": page(HOLDING),
        "/d/v2/activity": page(REDEEMED),
        "/d/v2/resolutions": page(RESOLVED),
    }


class Line:
    """An adapter before broken answers, that knows the market's terms."""

    def __init__(self, clock: Clock, answering: Answering) -> None:
        self.http = Http(
            venue="polymarket",
            hosts={"": BASE, "gamma": f"{BASE}/g", DATA: f"{BASE}/d", SITE: f"{BASE}/s"},
            clock=clock,
            bucket=TokenBucket(clock, capacity=10**9, refill_per_s=10**9),
            transport=httpx2.MockTransport(answering),
            attempts=1,
            modes=mode,
        )
        self._clock = clock
        self._wallet = Wallet.from_key(KEY, Kind.EOA, limits=LIMITS)
        self.fresh()

    def fresh(self) -> None:
        """As after a start."""
        self.market = Polymarket(self.http, self._clock, TermsBook())
        self.market.book.learn(
            Terms(
                market=MARKET,
                yes=YES,
                no=NO,
                tick=Price(10_000),
                minimum=Quantity(5 * ONE),
                fees=FREE,
                neg_risk=False,
                version="v1",
                accepting=True,
                delayed=False,
                read_ms=self._clock.now_ms() + 10**12,
            )
        )
        us = Us(OWNER, self._wallet.maker)
        self.account = PolymarketAccount(
            self.http, self._clock, self.market, us, Known(), signature_type=0
        )
        self.trading = PolymarketTrading(
            self.http, self._clock, self.market, self.account, self._wallet, may_open=True
        )


async def test_no_mutation_of_an_answer_escapes_the_error_tree(clock: Clock, shared: Path) -> None:
    answering = Answering(answers(shared))
    line = Line(clock, answering)
    row = json.loads(answers(shared)["/data/order/"])
    fine = 0
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(line.http)
        order = (await line.trading.prepare(ASKED)).order
        ours = Order(
            client_id="ours",
            order_id=row["id"],
            contract=order.contract,
            side=Side.BUY,
            limit=Price(500_000),
            quantity=Quantity(100 * ONE),
            filled=Quantity(0),
            state=OrderState.ACKED,
        )
        for seed in range(READS):
            line.fresh()
            line.account.known.remember(ours)
            account = line.account
            reads = (
                lambda: account.order("ours", ASKED.contract, 0),  # noqa: B023 - called at once
                account.open_orders,
                lambda: account.fills(0),  # noqa: B023
                account.positions,
                account.balances,
                lambda: account.settlements(0),  # noqa: B023
                lambda: line.trading.cancel(ours),
                line.trading.heartbeat,
                line.trading.cancel_all,
                lambda: line.trading.cancel_batch([ours, ours]),
            )
            answering.rng = rng = random.Random(seed)
            answering.body = mutated(json.dumps(CANCELED).encode(), rng)
            try:
                await rng.choice(reads)()
            except VenueError:
                fine += 1
            except Exception as error:
                error.add_note(f"seed {seed}")
                raise
    assert READS // 10 < fine < READS


GOOD: Final = (
    {"status": "live", "makingAmount": "", "takingAmount": ""},
    {"status": "matched", "makingAmount": "4.5", "takingAmount": "10"},
    {"status": "matched", "makingAmount": "1800000", "takingAmount": "4000000"},
    {"status": "delayed", "makingAmount": "", "takingAmount": ""},
)


async def test_no_mutation_of_an_order_answer_becomes_another_success(clock: Clock) -> None:
    """What still is a whole, consistent answer about our order may be believed, nothing else."""
    empty = json.dumps({"data": [], "next_cursor": "LTE="}).encode()
    answering = Answering({})
    line = Line(clock, answering)
    believed = unknown = 0
    async with line.http:
        prepared = await line.trading.prepare(ASKED)
        for seed in range(WRITES):
            rng = random.Random(seed)
            if seed % 50 == 0:
                line.fresh()
            good = rng.choice(GOOD) | {"success": True, "errorMsg": ""}
            good |= {"orderID": prepared.order.order_id, "tradeIDs": [], "transactionsHashes": []}
            body = rng.choice(PAGES) if seed % 20 == 0 else mutated(json.dumps(good).encode(), rng)
            answering.body = body
            answering._bodies = {"/data/order/": b"null", "/data/trades": empty}
            answering.rng = random.Random(1)
            try:
                order = await line.trading.send(prepared)
            except OrderUnknown:
                unknown += 1
            except Exception as error:
                error.add_note(f"seed {seed}: {body!r}")
                raise
            else:
                believed += 1
                assert whole(order, body, prepared.order.order_id), f"seed {seed}: {body!r}"
    assert unknown > WRITES // 3
    assert believed


def whole(order: Order, body: bytes, order_id: str) -> bool:
    """Read here again, by other means: is this an answer that the venue could have meant?"""
    said = json.loads(body.decode("utf-8", "replace"))
    making, taking = (said.get(name) or "" for name in ("makingAmount", "takingAmount"))
    if said.get("orderID") != order_id or said.get("success", True) is not True:
        return False
    if said.get("status") == "matched":
        in_dollars = 0 < float(making) < float(taking) <= 10
        paid, got = (float(each) * (1 if in_dollars else 1e-6) for each in (making, taking))
        return (
            order.filled == round(got * ONE)
            and 0 < paid <= got * 0.45 + 0.01
            and order.state is (OrderState.FILLED if got == 10 else OrderState.PARTIAL)
        )
    return (
        said.get("status") in {"live", "delayed"}
        and not (making + taking).strip("0.")
        and (order.state, order.filled) == (OrderState.ACKED, 0)
    )


async def test_a_huge_answer_to_an_order_is_given_up_on(clock: Clock) -> None:
    answering = Answering({})
    answering.body = json.dumps(GOOD[0] | {"more": "x" * (9 * MIB)}).encode()
    line = Line(clock, answering)
    async with line.http:
        with pytest.raises(OrderUnknown):
            await line.trading.place(ASKED)
