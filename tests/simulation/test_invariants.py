"""The invariants over plain scenes, and that each of them can fail. Under faults: test_campaign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from invariants import Checker
from playing import FORTY, KALSHI_FIRST, POLYMARKET_FIRST, Stage, nth, play

import execution.sending
from execution.hedge import State


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("first", [KALSHI_FIRST, POLYMARKET_FIRST], ids=["kalshi", "polymarket"])
def test_a_plain_hedge_keeps_every_invariant(first: dict[str, Any], together: bool) -> None:
    async def scene(stage: Stage) -> None:
        checker = Checker(stage)
        async with stage.open():
            hedge = await stage.hedge(together=together, **first)
            assert hedge.state is State.HEDGED, hedge.why
            assert hedge.result == hedge.plan.profit
            await stage.clock.sleep_ms(35_000)
            checker.end()

    play(scene)


def test_a_hedge_that_is_sold_again_keeps_every_invariant() -> None:
    async def scene(stage: Stage) -> None:
        checker = Checker(stage)
        close = nth(1, "POST", "/order", lambda: stage.close("kalshi", resolved=False))
        async with stage.open():
            stage.line.after.append(close)
            hedge = await stage.hedge(**POLYMARKET_FIRST)
            assert (hedge.state, hedge.naked) == (State.FLAT, 0), hedge.why
            await stage.clock.sleep_ms(35_000)
            checker.end()

    play(scene)


def test_a_dry_run_decides_everything_and_reaches_no_order_endpoint() -> None:
    """I25."""

    async def scene(stage: Stage) -> None:
        async with stage.open():
            hedge = await stage.hedge(**KALSHI_FIRST)
            assert hedge.attempts[0].request.quantity == FORTY
            assert (hedge.state, hedge.naked) == (State.FLAT, 0)
            assert "dry run" in hedge.attempts[0].why
            assert not [each for each in stage.line.said if each.is_write]

    play(scene, dry=True)


def test_an_order_that_is_not_on_the_disk_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    old = execution.sending.Sender._sending

    def other(*args: object) -> object:
        return replace(old(*args), body="something else")  # type: ignore[arg-type]

    monkeypatch.setattr(execution.sending.Sender, "_sending", other)

    async def scene(stage: Stage) -> None:
        Checker(stage)
        async with stage.open():
            await stage.hedge(**KALSHI_FIRST)

    with pytest.raises(BaseExceptionGroup) as caught:
        play(scene)
    assert "I1:" in str(caught.value.exceptions)
