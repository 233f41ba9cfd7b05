"""Fills at Polymarket, told by two channels and taken back; and what no failure may show."""

from __future__ import annotations

import base64
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from polymarket_stage import BASE, KEY, PolymarketStage
from polymarket_tickets import buy

from venues import (
    ONE,
    AuthRefused,
    Clock,
    Fill,
    Order,
    OrderRefused,
    OrderState,
    OrderUnknown,
    Outcome,
    Quantity,
    Side,
    VenueError,
)
from venues.polymarket.user_session import UserSession
from venues.sim.polymarket.knobs import SelfTrade


@pytest.fixture
async def stage(clock: Clock) -> AsyncIterator[PolymarketStage]:
    async with PolymarketStage(clock, BASE).open() as stage:
        yield stage


async def found(stage: PolymarketStage, order: Order) -> Order:
    shown = await stage.account.order(order.client_id, order.contract, since_ms=0)
    assert shown is not None
    return shown


async def available(stage: PolymarketStage) -> int:
    return (await stage.account.balances())[0].available


# F21 and F23: fills are told by two channels, and may be taken back


def channel(stage: PolymarketStage) -> UserSession:
    return UserSession(stage.keys, stage.us, stage.data.book, stage.account.known)


class Ears:
    """Every frame of the user channel, and what our session makes of any order of them."""

    def __init__(self, stage: PolymarketStage) -> None:
        self._stage = stage
        self._line = stage.streams.open_user()
        self._line.received(channel_login(stage))

    def frames(self) -> list[str]:
        self._stage.house.advance()
        heard = []
        while (frame := self._line.next_frame()) is not None:
            heard.append(frame)
        return heard


def channel_login(stage: PolymarketStage) -> str:
    session = channel(stage)
    session.open([], 0)
    return session.outbox[0]


def told(stage: PolymarketStage, frames: list[str]) -> dict[str, Fill]:
    session = channel(stage)
    for frame in frames:
        session.receive(frame, 0, 0)
    return {each.fill_id: each for each in session.private if isinstance(each, Fill)}


@pytest.mark.parametrize("outcome", Outcome)
async def test_f21_rest_and_stream_tell_the_same_fills(
    stage: PolymarketStage, outcome: Outcome
) -> None:
    """As taker of several makers, as maker, and with the stream ahead of our own answer."""
    ears = Ears(stage)
    for price, size in (("0.40", "3"), ("0.41", "2")):
        stage.rest(Side.SELL, price, size)
        stage.rest(Side.BUY, str(round(0.7 - float(price), 2)), size)
    await stage.trading.place(buy(stage, "0.75", "10", outcome=outcome))
    if outcome is Outcome.YES:
        stage.take(Side.SELL, "0.75", "5")
    else:
        stage.take(Side.BUY, "0.25", "5")
    await stage.pass_ms(5_000)
    rest = {each.fill_id: each for each in await stage.account.fills(since_ms=0)}
    assert sum(each.quantity for each in rest.values()) == 10 * ONE
    streamed = told(stage, ears.frames())
    assert {id: kernel(each) for id, each in streamed.items()} == {
        id: kernel(each) for id, each in rest.items()
    }


async def test_f21_every_order_of_events_is_the_same_position(stage: PolymarketStage) -> None:
    ears = Ears(stage)
    await stage.trading.place(buy(stage, "0.40", "10"))
    stage.take(Side.SELL, "0.40", "4")
    await stage.pass_ms(1_000)
    frames = [frame for frame in ears.frames() if '"trade"' in frame]
    assert len(frames) == 3
    for shuffled in permutations([*frames, frames[0], frames[-1]]):
        fills = told(stage, list(shuffled))
        assert [(each.quantity, each.provisional) for each in fills.values()] == [(4 * ONE, False)]


def kernel(fill: Fill) -> tuple[Any, ...]:
    return (
        fill.order_id,
        fill.contract,
        fill.side,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.maker,
    )


@pytest.mark.parametrize("failing", [(), (0,), (1,), (0, 1), (0, 1, 2), (2,)])
async def test_f23_any_subset_of_fills_may_be_taken_back(
    stage: PolymarketStage, failing: tuple[int, ...]
) -> None:
    """Cash and positions are right while they are on their way, and after."""
    start = await available(stage)
    order = await stage.trading.place(buy(stage, "0.40", "6"))
    for n in range(3):
        if n in failing:
            stage.house.settlement.fail_next()
        stage.take(Side.SELL, "0.40", "2")
    assert start - await available(stage) == 2_400_000
    fills = await stage.account.fills(since_ms=0)
    assert [each.provisional for each in fills] == [True] * 3
    await stage.pass_ms(5_000)
    stands = (3 - len(failing)) * 2
    assert start - await available(stage) == stands * 400_000
    fills = await stage.account.fills(since_ms=0)
    assert sum(each.quantity for each in fills if not each.reversed) == stands * ONE
    assert sum(each.reversed for each in fills) == len(failing)
    assert not any(each.provisional and not each.reversed for each in fills)
    held = await stage.account.positions()
    assert [each.quantity for each in held] == ([stands * ONE] if stands else [])
    shown = await found(stage, order)
    assert (shown.state, shown.filled) == (OrderState.FILLED, 6 * ONE)
    assert shown.fee is None or not failing


async def test_f23_a_trade_that_is_retried_keeps_our_money_locked(stage: PolymarketStage) -> None:
    start = await available(stage)
    stage.house.settlement.retry_next()
    stage.rest(Side.SELL, "0.50", "10")
    await stage.trading.place(buy(stage, "0.50", "10"))
    cost = 5 * ONE + 125_000
    for _ in range(5):
        assert start - await available(stage) == cost
        assert await stage.account.positions() == ()
        (fill,) = await stage.account.fills(since_ms=0)
        assert fill.provisional
        await stage.pass_ms(5_000)
    await stage.pass_ms(10_000)
    (fill,) = await stage.account.fills(since_ms=0)
    assert not fill.provisional
    assert start - await available(stage) == cost


async def test_our_own_orders_on_both_sides_of_one_trade_are_two_fills(clock: Clock) -> None:
    async with PolymarketStage(clock, replace(BASE, self_trade=SelfTrade.ALLOWED)).open() as stage:
        token = stage.house.catalogue.markets[stage.market].tokens[0]
        stage.house.wallets.give(stage.wallet.maker, token, Quantity(10 * ONE))
        sale = await stage.trading.place(buy(stage, "0.50", "10", side=Side.SELL))
        bought = await stage.trading.place(buy(stage, "0.50", "10"))
        fills = await stage.account.fills(since_ms=0)
        assert {(each.order_id, each.side, each.maker) for each in fills} == {
            (sale.order_id, Side.SELL, True),
            (bought.order_id, Side.BUY, False),
        }
        assert len({each.fill_id for each in fills}) == 2


# Secrets, and words of others (S1, S12)


async def test_s01_no_failure_shows_a_secret(stage: PolymarketStage) -> None:
    keys = stage.keys
    raw = base64.urlsafe_b64decode(keys.secret)
    secrets = (keys.secret, keys.passphrase, KEY, raw.hex(), base64.b64encode(raw).decode())
    seen = [repr(stage.trading), repr(keys), repr(stage.wallet), str(stage.us)]
    request = buy(stage, "0.40", "10")
    seen.append(repr(await stage.trading.prepare(request)))
    for status, body in ((401, {"error": "bad"}), (400, {"error": "bad"}), (200, b"{"), (500, {})):
        stage.wire.say("POST", "/order", body, status)
        try:
            await stage.trading.place(request)
        except VenueError as trouble:
            seen += [*traceback.format_exception(trouble), repr(trouble), repr(vars(trouble))]
    assert len(seen) > 10
    assert not [secret for secret in secrets for text in seen if secret in text]


@pytest.mark.parametrize("how", ["GET", "POST"])
async def test_an_answer_with_keys_that_cannot_be_read_is_kept_nowhere(
    stage: PolymarketStage, how: str
) -> None:
    from venues.polymarket.keys import credentials

    said = {"apiKey": "id", "secret": "c2VjcmV0", "passphrase": 5}
    if how == "POST":
        stage.wire.say("GET", "/auth/derive-api-key", {"error": "none"}, 400)
    stage.wire.say(how, "/auth/api-key" if how == "POST" else "/auth/derive-api-key", said)
    with pytest.raises(VenueError) as caught:
        await credentials(stage.http, may_make=True)
    trouble: BaseException | None = caught.value
    while trouble is not None:
        assert "c2VjcmV0" not in repr(vars(trouble)) + str(trouble)
        trouble = trouble.__cause__ or trouble.__context__


@pytest.mark.parametrize("status", [401, 403])
async def test_wrong_keys_close_the_venue_and_a_bare_status_proves_nothing(
    stage: PolymarketStage, status: int
) -> None:
    stage.wire.say("POST", "/order", {"error": "Unauthorized/Invalid api key"}, status)
    with pytest.raises(AuthRefused):
        await stage.trading.place(buy(stage, "0.40", "10"))
    stage.wire.say("POST", "/order", {}, status)
    with pytest.raises(OrderUnknown):
        await stage.trading.place(buy(stage, "0.41", "10"))


async def test_a_refusal_in_hostile_words_stays_one_plain_line(stage: PolymarketStage) -> None:
    words = "bad\r\n\x1b[31m\u202e<script>" + "x" * 10_000
    stage.wire.say("POST", "/order", {"error": words}, 400)
    with pytest.raises(OrderRefused) as caught:
        await stage.trading.place(buy(stage, "0.40", "10"))
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()
    said = [{"success": True, "orderID": "", "errorMsg": f"not enough balance {words}"}]
    stage.wire.say("POST", "/orders", said)
    (refused,) = await stage.trading.place_batch([buy(stage, "0.41", "10")])
    assert isinstance(refused, OrderRefused)
    assert len(str(refused)) < 500
    assert str(refused).isprintable()
