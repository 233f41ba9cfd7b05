"""Our own client runs all 43 core operations against the simulated Kalshi."""

from __future__ import annotations

import csv
import uuid
from pathlib import Path
from typing import Any, cast

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from venues import (
    Cash,
    Clock,
    Contract,
    Order,
    OrderRequest,
    OrderState,
    Outcome,
    Price,
    Quantity,
    Side,
    TimeInForce,
    micros,
)
from venues.http import Http
from venues.kalshi import Kalshi, Member
from venues.kalshi.account import KalshiAccount, learn_limits
from venues.kalshi.auth import KalshiAuth, Signer
from venues.kalshi.calls import historical, public
from venues.kalshi.limits import Limits
from venues.kalshi.trading import KalshiTrading
from venues.kalshi.treasury import KalshiTreasury, TransferState
from venues.sim import world
from venues.sim.kalshi.catalogue import Result
from venues.sim.kalshi.house import House
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.rest import RestApp
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.skew import Skew

HOUR_MS = 3_600_000
MARKET = "KXFEDDECISION-26DEC-H0"
SHARD = 0


def ticket(side: Side, limit: str, size: str, time: TimeInForce) -> OrderRequest:
    return OrderRequest(
        client_id=str(uuid.uuid4()),
        contract=Contract("kalshi", MARKET, Outcome.YES),
        side=side,
        limit=Price(micros(limit)),
        quantity=Quantity(micros(size)),
        time_in_force=time,
    )


async def test_our_client_runs_every_core_operation(clock: Clock, shared: Path) -> None:
    house = world.kalshi(clock, seed=3, knobs=Knobs(market_window_ms=HOUR_MS, tier="premier"))
    house.lifecycle.determine(world.CLOSING, Result.YES)
    await clock.sleep_ms(3 * HOUR_MS)
    house.advance()
    key, keys = Ed25519PrivateKey.generate(), ApiKeys()
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys.add("key", world.USER, public_pem)
    app = RestApp(house, keys, clock)
    skew, limits = Skew(), Limits.with_keys(clock)
    async with Http(
        venue="kalshi",
        hosts={"": "http://sim.test/trade-api/v2"},
        clock=clock,
        bucket=limits,
        auth=KalshiAuth(Signer("key", key), clock, skew),
        skew=skew,
        transport=httpx2.ASGITransport(app=cast(Any, app)),
    ) as http:
        account = KalshiAccount(http, clock)
        assert await learn_limits(http, limits) == "premier"
        await read_everything(http, Kalshi(http, clock, Member.DIRECT), clock)
        await trade(KalshiTrading(http, account, limits))
        await move_money(KalshiTreasury(http), account, house, clock)
        assert await account.settlements(since_ms=0) == ()

    with (shared / "facts/kalshi-endpoints.tsv").open() as file:
        rows = csv.DictReader(file, delimiter="\t")
        core = {(row["method"], row["path"]) for row in rows if row["core"] == "yes"}
    assert len(core) == 43
    assert core - {(each.method, each.route) for each in app.faults.met} == set()


async def read_everything(http: Http, kalshi: Kalshi, clock: Clock) -> None:
    assert (await kalshi.status()).trading
    assert (await kalshi.schedule()).weeks
    events = [event async for page in kalshi.pages() for event in page.events]
    assert MARKET in [market.id for event in events for market in event.markets]
    assert MARKET in await kalshi.markets([MARKET])
    assert await kalshi.resolve(MARKET) == MARKET
    assert (await http.send(public.event("KXFEDDECISION-26DEC"))).event.series_ticker
    two = await kalshi.books([MARKET, "KXFEDDECISION-26DEC-H25"])
    assert len(two) == 2
    assert await kalshi.books([MARKET])
    assert await kalshi.trades(MARKET, 5)
    assert (await http.send(public.series("KXFEDDECISION"))).series.ticker == "KXFEDDECISION"
    assert (await http.send(historical.cutoff())).market_settled_ts.year == 2026
    assert (await http.send(historical.market(world.CLOSING))).market


async def trade(trading: KalshiTrading) -> None:
    account = trading.account
    now, rest = TimeInForce.FILL_AND_KILL, TimeInForce.RESTING
    bought = await trading.place(ticket(Side.BUY, "0.99", "3.5", now))
    assert bought.state is OrderState.FILLED
    order = await trading.place(ticket(Side.BUY, "0.05", "10", rest))
    assert await trading.queue_position(order) >= 0
    assert await trading.decrease(order, to=Quantity(micros("6"))) == micros("6")
    order = await trading.amend(order, limit=Price(micros("0.04")), quantity=Quantity(micros("8")))
    assert (await account.order_by_id(order.order_id, order.contract)).limit == order.limit
    assert await account.order(order.client_id, order.contract, since_ms=0) is not None
    ended = await trading.cancel(order)
    assert (ended.state, ended.filled) == (OrderState.CANCELED, 0)
    made = await trading.place_batch([ticket(Side.BUY, f"0.0{n}", "1", rest) for n in (2, 3)])
    orders = [each for each in made if isinstance(each, Order)]
    assert len(orders) == 2
    (gone,) = await trading.cancel_batch(orders[:1])
    assert isinstance(gone, Order)
    await trading.cancel_all()
    assert await account.open_orders() == ()
    (fills, positions) = await account.fills(since_ms=0), await account.positions()
    assert sum(each.quantity for each in fills) == positions[0].quantity == bought.filled
    assert await account.as_of_ms() > 0


async def move_money(
    treasury: KalshiTreasury, account: KalshiAccount, house: House, clock: Clock
) -> None:
    before = {each.pocket: each.available for each in await account.balances()}
    dollar, id = Cash(micros("1")), str(uuid.uuid4())
    moved = await treasury.move(dollar, source=0, destination=2, client_id=id)
    assert (await treasury.transfer(moved)).state is TransferState.PENDING
    await clock.sleep_ms(10_000)
    house.advance()
    found = await treasury.transfer(moved)
    assert (found.state, found.amount) == (TransferState.COMPLETE, dollar)
    after = {each.pocket: each.available for each in await account.balances()}
    assert (after["0"], after["2"]) == (before["0"] - dollar, before["2"] + dollar)
    await treasury.allocate({0: 50, 2: 50})
    assert await treasury.allocation() == {0: 50, 2: 50}
    await treasury.allocate({})

    group = await treasury.create_group(Quantity(micros("50")), shard=SHARD)
    await treasury.limit_group(group, Quantity(micros("60")), shard=SHARD)
    await treasury.trigger_group(group, shard=SHARD)
    await treasury.reset_group(group, shard=SHARD)
    assert (await treasury.group(group)).limit == micros("60")
    assert group in [each.id for each in await treasury.groups()]
    await treasury.delete_group(group, shard=SHARD)
    assert treasury.faults == account.faults == ()
