"""Rows F01, F02, F06, F07, F20, F22 of the fault table: nobody knows what became of an order."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from line import Said
from playing import FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, nth, play

from execution.exposure import ABSENT_MS, exposure
from execution.hedge import State
from execution.records import Absent, Answered, Lost, NotDone, Sending
from venues import OrderState
from venues.money import ONE
from venues.sim.faults import LOST_ANSWER, LOST_REQUEST, Fault, error, late

PLACE = {"kalshi": "/portfolio/events/orders", "polymarket": "/order"}
FIRST = {"kalshi": KALSHI_FIRST, "polymarket": POLYMARKET_FIRST}
BOTH = pytest.mark.parametrize("venue", ["kalshi", "polymarket"])


@BOTH
@pytest.mark.parametrize("how", [LOST_ANSWER, error(502, processed=True)], ids=["drop", "502"])
def test_f01_a_lost_answer_is_found_and_adopted(venue: str, how: Fault) -> None:
    async def scene(stage: Stage) -> None:
        stage.faults(venue).plan(how, method="POST", route=PLACE[venue])
        async with stage.open():
            hedge = await stage.hedge(**FIRST[venue])
            assert not stage.records(NotDone, Absent), "what is not known was guessed"
            assert hedge.state is State.HEDGED, hedge.why
            assert (hedge.matched, hedge.naked) == (FORTY, 0)
            assert [each.order.state for each in hedge.attempts] == [OrderState.FILLED] * 2
            assert len(stage.line.orders()) == 2
            assert hedge.result >= hedge.plan.least_profit

    play(scene)


@BOTH
def test_f02_a_lost_request_is_presumed_absent_only_after_the_whole_procedure(venue: str) -> None:
    async def scene(stage: Stage) -> None:
        stage.faults(venue).plan(LOST_REQUEST, method="POST", route=PLACE[venue])
        async with stage.open():
            hedge = await stage.hedge(**FIRST[venue])
            (absent,) = stage.records(Absent)
            (sent,) = stage.records(Sending)
            assert absent.asked >= 5
            assert absent.at_ms - sent.at_ms >= 10_000
            assert (hedge.state, hedge.attempts[0].filled) == (State.FLAT, 0)
            assert len(stage.line.orders()) == 1, "an order was sent again"
            now_ms = stage.clock.now_ms()
            assert exposure(hedge, now_ms) >= 12 * ONE, "its worst case is not counted any more"
            assert exposure(hedge, now_ms + ABSENT_MS) == 0

    play(scene)


def test_f02_an_order_that_arrives_while_it_is_being_given_up_is_not_given_up() -> None:
    """The venue is slow to say how new its reads are; meanwhile the order arrives, fills, and is
    heard of at the next comparison."""

    async def scene(stage: Stage) -> None:
        lost: list[Said] = []
        faults, as_of = stage.faults("kalshi"), "/exchange/user_data_timestamp"
        faults.plan(LOST_REQUEST, method="POST", route=PLACE["kalshi"])
        faults.plan(LOST_REQUEST, method="GET", route=as_of, times=50)
        faults.plan(late(9_500), method="GET", route=as_of)
        stage.line.before.append(lambda said: lost.append(said) if said.is_order else None)
        stage.world.kalshi.at(stage.clock.now_ms() + 29_000, lambda: stage.arrive(lost[0]))
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert not stage.records(Absent)
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY), hedge.why
            assert [each.filled for each in hedge.attempts] == [FORTY, FORTY]

    play(scene)


@BOTH
@pytest.mark.parametrize("body", [b"null", b"{}", b"[]", b'{"error":"x"}', b"<html>", b'{"a'])
def test_f06_a_broken_answer_is_never_a_success(venue: str, body: bytes) -> None:
    async def scene(stage: Stage) -> None:
        to = stage.wrap

        def broken(name: str, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
            return to(name, _Broken(inner, PLACE[venue], body) if name == venue else inner)

        stage.wrap = broken
        async with stage.open():
            hedge = await stage.hedge(**FIRST[venue])
            own = [r for r in stage.records(Answered) if r.order.contract.venue == venue]
            assert [each.order.filled for each in own] == [FORTY]
            assert own[0].order.order_id
            assert (hedge.state, hedge.naked) == (State.HEDGED, 0)
            assert not stage.records(NotDone)
            assert all(each.is_told for each in hedge.attempts)
            assert len(stage.line.orders()) == 2

    play(scene)


class _Broken(httpx2.AsyncBaseTransport):
    """The first order is taken, and its answer is not what anybody expects."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, path: str, body: bytes) -> None:
        self._inner, self._path, self._body = inner, path, body

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method != "POST" or not self._path or not request.url.path.endswith(self._path):
            return answer
        self._path = ""
        await answer.aread()
        return httpx2.Response(200, content=self._body, request=request)


@BOTH
def test_f07_a_slow_venue_has_a_deadline_for_the_whole_conversation(venue: str) -> None:
    async def scene(stage: Stage) -> None:
        faults = stage.faults(venue)
        faults.plan(late(30_000, processed=True), method="POST", route=PLACE[venue])
        faults.plan(late(2_900), method="DELETE", times=2)
        faults.plan(late(5_000), method="GET", route="/data/order/{id}", times=2)
        async with stage.open():
            hedge = await stage.hedge(**FIRST[venue])
            sent = next(at for at, each in stage.told() if isinstance(each, Sending))
            told = next(at for at, each in stage.told() if isinstance(each, Lost | Answered))
            assert told - sent <= 9_100, f"one order was waited for {told - sent} ms"
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY)
            assert len(stage.line.orders()) == 2

    play(scene)


def test_f20_a_cancel_that_met_a_fill_is_no_cancel() -> None:
    """The order rests, for a part of what was there is gone; while it is canceled, somebody sells
    the rest to it, and the answer to the cancel is lost."""

    async def scene(stage: Stage) -> None:
        faults = stage.faults("polymarket")
        faults.plan(LOST_REQUEST, method="DELETE", times=2)
        faults.plan(LOST_ANSWER, method="DELETE")
        stage.line.before += [
            nth(1, "POST", "/order", lambda: stage.ladder(polymarket_bids="0.40 15")),
            nth(3, "DELETE", "/order", lambda: stage.ladder(polymarket_bids="0.41 80")),
        ]
        async with stage.open():
            hedge = await stage.hedge(**POLYMARKET_FIRST)
            first = hedge.attempts[0]
            assert first.filled == stage.polymarket_filled(first.order.order_id) == FORTY
            assert len([each for each in hedge.attempts if each.leg == 0]) == 1
            assert (hedge.state, hedge.naked) == (State.HEDGED, 0), hedge.why
            assert hedge.attempts[1].request.quantity == FORTY

    play(scene)


def test_f22_an_order_that_has_to_wait_is_open_and_the_other_leg_waits_too() -> None:
    async def scene(stage: Stage) -> None:
        polymarket = stage.world.polymarket
        (market,) = polymarket.catalogue.markets.values()
        polymarket.catalogue.markets[market.condition] = replace(
            market, delay_s=12, game_start_ms=stage.clock.now_ms() - 1
        )
        seen: list[int] = []

        def look(said: object) -> None:
            ledger = stage.executor.journal.ledger
            seen.append(sum(exposure(h, stage.clock.now_ms()) for h in ledger.hedges.values()))

        async with stage.open():
            stage.line.after.append(look)
            hedge = await stage.hedge(**POLYMARKET_FIRST)
            one, *more = stage.line.orders()
            assert [one.venue, *(each.venue for each in more)] == ["polymarket", "kalshi"]
            (two,) = more
            assert two.at_ms - one.at_ms >= 12_000, "it did not wait for the first"
            between = [at for at, e in stage.told() if isinstance(e, Answered) and e.order.over]
            assert one.at_ms + 12_000 <= between[0] <= two.at_ms
            assert max(seen) >= 24 * ONE, "what waits is not counted"
            assert (hedge.state, hedge.matched) == (State.HEDGED, FORTY)

    play(scene)
