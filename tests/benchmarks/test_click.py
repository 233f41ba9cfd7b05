"""From the click to both orders at the venues, over loopback, beside the sum of its parts: two
signatures, one row of the journal, one round trip to each venue. Prints; asserts nothing of time.

Both simulated venues share this process, so their own work is in every figure. What a click does
besides, on purpose, is to read cash, status and both books anew: that is shown by itself.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from app.config import Settings
from app.desk import Desk, NoPlan, Preview, open_desk
from app.pair_source import pairs_to_scan
from app.simulated import settings_of
from app.wiring_sim import serve_simulated
from execution.gate import LastLook
from execution.hedge import State
from venues import SystemClock

CLICKS = 12
PAIRS = ("fedhold", "gold", "taiwan", "cpi")


class Spans:
    """Seconds of each kind of work, as it is called."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    def wrap(self, name: str, work: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await work(*args, **kwargs)
            finally:
                self.taken.setdefault(name, []).append(time.perf_counter() - began)

        return timed

    def ms(self, name: str) -> float:
        return median(self.taken[name]) * 1_000


async def test_a_click_costs_little_more_than_its_parts(tmp_path: Path, monkeypatch: Any) -> None:
    async with serve_simulated(kalshi_port=0, polymarket_port=0, seed=4) as served:
        told = settings_of(served) | {
            "data_dir": str(tmp_path),
            "hedge": {"together": True},
            "limits": {"cooldown_s": 0, "day": 10_000, "pair": 10_000, "group": 10_000},
        }
        settings = Settings(**told)
        source = pairs_to_scan(served.pairs_file, settings)
        arrived: list[float] = []
        _hear(served.world.kalshi.orders, "create", arrived, monkeypatch)
        _hear(served.world.polymarket.orders, "place", arrived, monkeypatch)
        async with open_desk(settings, lambda: source, clock=SystemClock()) as desk:
            spans = _watched(desk, monkeypatch)
            clicks = [each for _ in range(CLICKS) if (each := await _click(desk, arrived))]
    assert clicks
    parts = spans.ms("sign kalshi") + spans.ms("sign polymarket") + spans.ms("journal row")
    parts += max(spans.ms("send kalshi"), spans.ms("send polymarket"))
    print(f"\n{len(clicks)} clicks over loopback, medians in ms")
    print(f"click → both orders at the venues  {median(clicks) * 1_000:7.1f}")
    for name in sorted(spans.taken):
        print(f"  {name:32} {spans.ms(name):7.1f}  × {len(spans.taken[name])}")
    print(f"sum of the parts                   {parts:7.1f}")
    print(f"ratio                              {median(clicks) * 1_000 / parts:7.2f}")


def _hear(house: Any, name: str, arrived: list[float], monkeypatch: Any) -> None:
    work = getattr(house, name)

    def heard(*args: Any, **kwargs: Any) -> Any:
        arrived.append(time.perf_counter())
        return work(*args, **kwargs)

    monkeypatch.setattr(house, name, heard)


def _watched(desk: Desk, monkeypatch: Any) -> Spans:
    spans = Spans()
    for name, venue in desk.venues.items():
        for what, shown in (("prepare", "sign"), ("send", "send")):
            work = spans.wrap(f"{shown} {name}", getattr(venue.trading, what))
            monkeypatch.setattr(venue.trading, what, work)
        for source, what in ((venue.data, "status"), (venue.trading.account, "balances")):
            work = spans.wrap(f"read {what} {name}", getattr(source, what))
            monkeypatch.setattr(source, what, work)
    sink = desk.executor.journal._sink
    monkeypatch.setattr(sink, "append", spans.wrap("journal row", sink.append))
    monkeypatch.setattr(LastLook, "around", spans.wrap("read cash and status", LastLook.around))
    return spans


async def _click(desk: Desk, arrived: list[float]) -> float | None:
    """Seconds until the second order; None where a price moved meanwhile."""
    preview = await _previewed(desk)
    arrived.clear()
    began = time.perf_counter()
    opened = await desk.execute(preview.plan.id, by="a benchmark")
    hedge = await desk.rest(opened.id)
    if len(arrived) < 2 or hedge.state is State.FLAT:
        return None
    return arrived[1] - began


async def _previewed(desk: Desk) -> Preview:
    """Not faster than a person: whoever asks all the time is made to wait by Kalshi."""
    for number in range(100):
        await desk.clock.sleep_ms(1_500)
        try:
            found = await desk.preview(PAIRS[number % len(PAIRS)])
        except NoPlan:
            continue
        if not found.refused:
            return found
    raise AssertionError("nothing was left a hundred times")
