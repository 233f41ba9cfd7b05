"""Other people's clients trade with our simulated Polymarket, and our own client sees the same.

They live in oracles/.venv (`make oracles`, Python 3.13) and run as processes of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from polymarket_outsiders import (
    CENT,
    FICKLE,
    MILL,
    ORACLES,
    PAID_IN,
    Run,
    ended,
    runs,
    said,
    settings,
    venue,
)

from venues import ONE, Cash, Outcome, Side, SystemClock, micros
from venues.bucket import TokenBucket
from venues.http import Http
from venues.money import text
from venues.polymarket.account import PolymarketAccount
from venues.polymarket.auth import PolymarketAuth
from venues.polymarket.calls_orders import DATA
from venues.polymarket.keys import WalletAuth, credentials
from venues.polymarket.modes import mode
from venues.polymarket.normalize_trades import Us
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.venue import Polymarket
from venues.polymarket.wallets import Kind
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import TradeRecord
from venues.sim.polymarket.server import Served
from venues.sim.polymarket.server_accounts import Account
from venues.skew import Skew

pytestmark = ORACLES
LEFT: Final = Cash(micros("939.772"))
"""By hand. Each of three markets: buys 20 + 10 YES and 10 NO at 0.60, sells 5 YES at 0.40 and, as a
maker, 5 at 0.50; 58.50 in all. Fees of 45 shares taken at 0.24 × (0.07 + 0.04 + 0.05): 1.728."""
UNMATCHED: Final = (
    "no orders found to match with FAK order. FAK orders are partially filled or killed if no "
    "match is found."
)
OLD_KINDS: Final = (Kind.EOA, Kind.PROXY, Kind.SAFE)
"""Wallets that the old client knows."""
VARIABLE: Final = re.compile(r"\{\w+\}")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with venue() as served:
        yield served


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    async with runs(tmp_path) as run:
        yield run


async def test_the_official_package_trades_by_every_wallet_and_we_see_the_same(
    served: Served, run: Run, shared: Path
) -> None:
    house = served.app.house
    process = await run("polymarket_official.py", settings(served))
    assert await said(process) == "tick"
    house.lifecycle.change_tick(FICKLE, CENT)
    assert process.stdin
    process.stdin.write(b"\n")
    told = await ended(process)

    assert reached(served, shared) == {"gamma": 16, "data": 6, "clob": 28}
    assert missing(served, shared)["clob"] == {
        *("GET /tick-size", "GET /neg-risk", "GET /balance-allowance/update")
    }
    assert told["catalogue"] == catalogue(house)
    assert_stale(told["stale"])
    await assert_the_same(served, told)
    for address, account in told["accounts"].items():
        assert_indexed(house, address, account)


async def test_the_v2_client_trades_by_every_wallet_and_we_see_the_same(
    served: Served, run: Run, shared: Path
) -> None:
    told = await ended(await run("polymarket_v2_client.py", settings(served)))

    assert reached(served, shared) == {"gamma": 0, "data": 0, "clob": 31}
    assert not missing(served, shared)["clob"]
    for account in told["accounts"].values():
        assert_stale(account["refused"].pop("tick"))
    await assert_the_same(served, told)


async def test_the_client_before_the_second_version_still_reads_but_cannot_trade(
    served: Served, run: Run
) -> None:
    house = served.app.house
    asked = settings(served)
    asked["wallets"] = [each for each in asked["wallets"] if each["kind"] in OLD_KINDS]
    told = await ended(await run("polymarket_l1.py", asked))

    assert len(told) == len(OLD_KINDS)
    for address, account in told.items():
        assert account["keys"] == [account["api_key"]]
        assert account["cash"] == house.wallets.cash(address) == PAID_IN
        assert account["orders"] == account["trades"] == []
        assert account["refused"] == [[400, "order_version_mismatch"]] * 3
        assert house.view(account["api_key"]).orders() == ()


async def assert_the_same(served: Served, told: dict[str, Any]) -> None:
    """What the client was told of accounts and books is what the house says; and so is what our
    own client reads afterwards."""
    house = served.app.house
    house.audit()
    for token, book in told["books"].items():
        assert_book(house, token, book)
    wallets = {each.address: each for each in served.accounts[1:]}
    assert told["accounts"].keys() == wallets.keys()
    for address, account in told["accounts"].items():
        assert_account(house, address, account)
        assert_refusals(account["refused"], wallets[address].signature_type)
        async with read_by_us(served, wallets[address]) as ours:
            await assert_we_see_it(house, address, account["api_key"], ours)


def catalogue(house: House) -> dict[str, Any]:
    markets = house.catalogue.markets.values()
    return {
        "events": {each.event_id: [each.id] for each in markets},
        "markets": {
            each.id: {
                "condition": each.condition[:64] if each.version == "v2" else each.condition,
                "tokens": [*each.tokens],
                "version": each.version,
                "neg_risk": each.neg_risk,
                "tick": text(MILL if each.condition == FICKLE else each.tick, 1),
                "minimum": text(each.minimum, 0),
                "fee": text(each.fee.rate if each.fee else 0, 1),
            }
            for each in markets
        },
    }


def assert_book(house: House, token: str, told: dict[str, Any]) -> None:
    view, market = house.book(token), house.catalogue.market_of(token)
    assert market
    assert view.last_trade
    levels = {"bids": view.bids, "asks": view.asks}
    for side, found in levels.items():
        assert [(micros(at), micros(size)) for at, size in told[side]] == [*map(tuple, found)]
    assert micros(told["tick"]) == market.tick
    assert told["neg_risk"] == market.neg_risk
    assert micros(told["last"]) == view.last_trade == micros("0.50")


def assert_account(house: House, address: str, told: dict[str, Any]) -> None:
    view = house.view(told["api_key"])
    assert told["cash"] == house.wallets.cash(address) == LEFT
    assert len(told["held"]) == 6
    for n, (token, quantity) in enumerate(told["held"].items()):
        assert quantity == house.wallets.held(address, token) == (10 if n % 2 else 20) * ONE
    assert told["orders"] == {
        each.id: [
            *(each.token, each.side.upper(), text(each.price, 1), text(each.original, 0)),
            *(text(each.matched, 0), each.order_type, each.status),
        ]
        for each in view.orders()
    }
    assert len(told["orders"]) == 2
    assert told["trades"] == {each.id: _trade(each, told["api_key"]) for each in view.trades()}
    assert Counter(each["role"] for each in told["trades"].values()) == {"TAKER": 12, "MAKER": 3}
    for id, (status, making, taking) in told["answers"].items():
        record = view.order(id)
        assert record
        size = micros(taking if record.side is Side.BUY else making)
        assert size == (record.original if status == "matched" else 0)
        assert record.matched in {size, record.original}
    statuses = Counter(status for status, *_ in told["answers"].values())
    assert statuses["matched"] == 12
    assert statuses["live"] == len(told["canceled"]) + 3 + len(told["orders"])
    for id in told["canceled"]:
        canceled = view.order(id)
        assert canceled
        assert (canceled.status, canceled.matched) == ("CANCELED", 0)


def _trade(trade: TradeRecord, api_key: str) -> dict[str, Any]:
    taker, side = trade.taker_order_id, trade.side.upper()
    return {
        "taker": [taker, trade.token, side, text(trade.price, 1), text(trade.size, 0)],
        "makers": [
            [m.order_id, m.token, m.side.upper(), text(m.price, 1), text(m.matched, 0)]
            for m in trade.makers
        ],
        "status": "CONFIRMED",
        "role": "TAKER" if trade.owner == api_key else "MAKER",
        "hash": trade.transaction_hash,
    }


def assert_indexed(house: House, address: str, told: dict[str, Any]) -> None:
    """The past and the positions as the Data API tells them."""
    assert told["positions"] == {
        each.token: [text(each.size, 0), text(each.cost, 0)]
        for each in house.data.holdings(address)
    }
    assert len(told["positions"]) == 6
    past = [
        (each.kind, each.token, each.side, each.size, each.cash, each.price)
        for each in house.data.activity(address)
    ]
    assert past == [
        (kind, token, side.lower(), micros(size), micros(cash), micros(price))
        for kind, token, side, size, cash, price in told["past"]
    ]
    assert len(past) == 15
    trades = [[token, side, size, price] for _, token, side, size, _, price in told["past"]]
    assert told["past_trades"] == trades
    assert micros(told["worth"]) == 3 * 30 * ONE // 2  # every book's middle is 0.50


def assert_refusals(told: dict[str, Any], kind: int) -> None:
    """In the venue's words (facts §16), as the client's own error."""
    again = told.pop("duplicate_of")
    minimum = told.pop("minimum")
    assert minimum[2].endswith(" is invalid. Size (4) lower than the minimum: 5")
    assert {name for name, _, _ in told.values()} == {minimum[0]}
    assert minimum[0] in {"RequestRejectedError", "PolyApiException"}
    balance = f"the balance is not enough -> balance: {LEFT}, order amount: 300000000000"
    signer = "the order signer address has to be the address of the API KEY"
    assert {name: (status, words) for name, (_, status, words) in told.items()} == {
        "balance": (400, f"not enough balance / allowance: {balance}"),
        "duplicate": (400, f"order {again} is invalid. Duplicated."),
        "crossing": (400, "invalid post-only order: order crosses book"),
        "fak": (400, UNMATCHED),
        "fok": (400, "order couldn't be fully filled. FOK orders are fully filled or killed."),
        # A deposit wallet signs in its own name, which says nothing of its owner.
        "signer": (400, "invalid signature" if kind == Kind.DEPOSIT else signer),
        "owner": (400, "the order owner has to be the owner of the API KEY"),
        "unknown": (404, "No orderbook exists for the requested token id"),
    }


def assert_stale(told: list[Any]) -> None:
    _, status, words = told
    assert status == 400
    assert words.endswith(" is invalid. Price (0.301) breaks minimum tick size rule: 0.01")


@asynccontextmanager
async def read_by_us(served: Served, account: Account) -> AsyncIterator[PolymarketAccount]:
    """Our own client, wired as in the app, for a wallet that somebody else traded with."""
    clock, skew = SystemClock(), Skew()
    key, kind = account.private_key_file.read_text().strip(), Kind(account.signature_type)
    wallet = Wallet.from_key(key, kind)
    assert wallet.maker == account.address
    line = partial(
        Http,
        venue="polymarket",
        hosts={"": served.clob, "gamma": served.gamma, DATA: served.data},
        clock=clock,
        bucket=TokenBucket(clock, capacity=1_000, refill_per_s=1_000),
        skew=skew,
        modes=mode,
    )
    async with line(auth=WalletAuth(wallet, clock, skew)) as asking:
        keys = await credentials(asking, may_make=True)
    auth = PolymarketAuth(keys, wallet.owner, clob=served.clob, clock=clock, skew=skew)
    async with line(auth=auth) as http:
        market = Polymarket(http, clock, TermsBook())
        us = Us(keys.api_key, wallet.maker)
        yield PolymarketAccount(
            http, clock, market, us, Known(), signature_type=account.signature_type
        )


async def assert_we_see_it(
    house: House, address: str, api_key: str, ours: PolymarketAccount
) -> None:
    view, markets = house.view(api_key), house.catalogue.markets
    assert ours.us.api_key == api_key
    (cash,) = await ours.balances()
    resting = [each for each in view.orders() if each.side is Side.BUY]
    assert cash.available == LEFT - sum(o.price * o.original // ONE for o in resting)
    assert cash.available == LEFT - 3 * ONE

    positions = await ours.positions()
    assert len(positions) == 6
    for each in positions:
        number = 0 if each.contract.outcome is Outcome.YES else 1
        token = markets[each.contract.market].tokens[number]
        assert each.quantity == house.wallets.held(address, token)
        assert each.cost == each.quantity * 6 // 10

    assert {
        each.order_id: (each.contract.market, each.side, each.limit, each.quantity, each.filled)
        for each in await ours.open_orders()
    } == {o.id: (o.market, o.side, o.price, o.original, o.matched) for o in view.orders()}

    fills = await ours.fills(since_ms=0)
    assert {
        each.order_id: (each.side, each.price, each.quantity, each.fee, each.maker)
        for each in fills
    } == dict(parts(view.trades(), api_key))
    assert len(fills) == 15
    assert sum(each.fee for each in fills) == micros("1.728")
    assert not any(each.provisional or each.reversed for each in fills)
    assert not ours.faults


def parts(
    trades: Iterable[TradeRecord], api_key: str
) -> Iterator[tuple[str, tuple[Side, int, int, int, bool]]]:
    """An account's part in every trade, each of one maker, by its order."""
    for trade in trades:
        (maker,) = trade.makers
        if trade.owner == api_key:
            yield trade.taker_order_id, (trade.side, trade.price, trade.size, trade.fee, False)
        else:
            assert maker.owner == api_key
            yield maker.order_id, (maker.side, maker.price, maker.matched, 0, True)


def core(shared: Path) -> dict[str, set[str]]:
    """What we rely on at Polymarket, by host (facts/polymarket-endpoints.tsv)."""
    lines = (shared / "facts/polymarket-endpoints.tsv").read_text().splitlines()
    found: dict[str, set[str]] = {"gamma": set(), "clob": set(), "data": set()}
    for api, method, path, _, is_core, *_ in (line.split("\t") for line in lines):
        if api in found and is_core == "yes":
            found[api].add(f"{method} {VARIABLE.sub('{}', path)}")
    return found


def met(served: Served) -> dict[str, set[str]]:
    """What was called, by host."""
    found: dict[str, set[str]] = {"gamma": set(), "clob": set(), "data": set()}
    for call in served.app.faults.met:
        host, _, path = call.route.removeprefix("/").partition("/")
        is_clob = host not in {"gamma", "data"} or call.route.startswith(("/data/o", "/data/t"))
        route = call.route if is_clob else f"/{path}"
        found["clob" if is_clob else host].add(f"{call.method} {VARIABLE.sub('{}', route)}")
    return found


def missing(served: Served, shared: Path) -> dict[str, set[str]]:
    called = met(served)
    return {host: routes - called[host] for host, routes in core(shared).items()}


def reached(served: Served, shared: Path) -> dict[str, int]:
    called = met(served)
    return {host: len(routes & called[host]) for host, routes in core(shared).items()}
