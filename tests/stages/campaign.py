"""A seed draws two venues, hedges and what goes wrong with them; then all calms down, and five
minutes later everything must rest. Invariants hold at every step.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from campaign_faults import FAULTS, calm_down
from hedge_floor import EVERYTHING, NoPlan
from invariants import Checker
from playing import Stage, Stepped, play, process

from execution.executor import Executor
from execution.hedge import Hedge
from execution.plan import HedgePlan
from execution.risk import NotApproved
from venues import LOT, ONE, Cash, Contract, Quantity, Side, VenueError
from venues.money import text
from venues.sim.kalshi.knobs import Knobs as KalshiKnobs
from venues.sim.polymarket.catalogue import Fee
from venues.sim.polymarket.knobs import Knobs
from venues.sim.twin_questions import Twin

CALM_MS: Final = 300_000
SEEN_MS: Final = 95_000
"""So long after it calmed down every venue was compared three times, and what rests may stop."""


@dataclass(slots=True)
class Campaign:
    """`timeline`: what happens in the world, and when. `ours`: nobody else uses our accounts."""

    seed: int
    rng: random.Random
    stage: Stage
    clock: Stepped
    checker: Checker
    faults: list[str] = field(default_factory=list)
    timeline: list[tuple[int, Callable[[], Any]]] = field(default_factory=list)
    troubled_ms: int = 40_000
    done: bool = False
    is_calm: bool = False

    def at(self, low_ms: int, high_ms: int, act: Callable[[], Any]) -> None:
        self.timeline.append((self.rng.randint(low_ms, high_ms), act))


@dataclass(frozen=True, slots=True)
class Outcome:
    seed: int
    trace: str
    faults: tuple[str, ...]
    states: tuple[str, ...]
    orders: int
    rows: int


def run(seed: int) -> Outcome:
    """Raises AssertionError, in a group perhaps, and says the seed with it."""
    rng = random.Random(f"campaign {seed}")
    questions = [question(rng, number) for number in range(rng.randint(1, 2))]
    try:
        return play(
            lambda stage: _campaign(seed, rng, stage),
            questions=tuple(questions),
            seed=seed,
            kalshi_knobs=KalshiKnobs(tier="expert", lag_ms=rng.choice((0, 0, 300, 1_500))),
            polymarket_knobs=Knobs(
                rate_limits=False,
                lag_ms=rng.choice((0, 0, 400)),
                mined_ms=rng.choice((400, 400, 8_000)),
                confirmed_ms=rng.choice((900, 12_000, 40_000)),
                dead_orders_shown=rng.random() < 0.8,
            ),
        )
    except BaseException as error:
        error.add_note(f"campaign seed {seed}")
        raise


async def _campaign(seed: int, rng: random.Random, stage: Stage) -> Outcome:
    chosen = [rng.choice(list(FAULTS)) for _ in range(rng.choice((0, 1, 2, 3, 4, 5, 6)))]
    clock = stage.clock = Stepped(stage.clock)
    delay_ms = rng.choice((0, 20, 150, 400))
    dice = random.Random(f"line {seed}")
    stage.line.latency_ms = lambda: dice.randint(0, delay_ms)
    stage.limits = replace(
        EVERYTHING,
        cooldown_ms=rng.choice((0, 60_000)),
        unhedged_max=Cash(rng.choice((40, 80, 10_000, 10_000)) * ONE),
    )
    if rng.random() < 0.3:
        stage.set_cash(rng.choice(("kalshi", "polymarket")), Cash(rng.randint(15, 50) * ONE))
    checker = Checker(stage, ours=not {"foreign", "spent"} & set(chosen))
    it = Campaign(seed, rng, stage, clock, checker, faults=chosen)
    for name in chosen:
        FAULTS[name](it)
    wanted = sorted(rng.randint(0, 20_000) for _ in range(rng.randint(1, 3)))
    async with asyncio.TaskGroup() as group:
        world = group.create_task(_world(it))
        await _processes(it, wanted)
        await world
    checker.end()
    for hedge in checker.ledger.hedges.values():
        _pays(hedge, tolerant=bool({"reversals", "clogged"} & set(chosen)))
    return Outcome(
        seed=seed,
        trace=trace(stage),
        faults=tuple(chosen),
        states=tuple(str(each.state) for each in checker.ledger.hedges.values()),
        orders=len(stage.line.orders()),
        rows=len(stage.disk.platter),
    )


async def _world(it: Campaign) -> None:
    begin_ms = it.stage.line.clock.now_ms()
    it.timeline.append((it.troubled_ms, lambda: calm_down(it)))
    for due_ms, act in sorted(it.timeline, key=lambda each: each[0]):
        wait_ms = begin_ms + due_ms - it.stage.line.clock.now_ms()
        await it.stage.line.clock.sleep_ms(max(wait_ms, 0))
        done = act()
        if done is not None:
            await done


async def _processes(it: Campaign, wanted: list[int]) -> None:
    """One after the other, each until it dies, for as long as the campaign lasts."""
    clock, begin_ms = it.stage.line.clock, it.stage.line.clock.now_ms()
    end_ms = begin_ms + it.troubled_ms + CALM_MS
    while clock.now_ms() < end_ms and not it.done:

        async def body(executor: Executor) -> None:
            while wanted and clock.now_ms() < end_ms:
                await clock.sleep_ms(max(begin_ms + wanted[0] - clock.now_ms(), 0))
                wanted.pop(0)
                await _open(it, executor)
            await clock.sleep_ms(max(begin_ms + it.troubled_ms + SEEN_MS - clock.now_ms(), 0))
            while clock.now_ms() < end_ms and not it.checker.rests:
                await clock.sleep_ms(10_000)
            it.done = True

        if not await process(it.stage, body):
            await clock.sleep_ms(it.rng.choice((1, 200, 3_000, 9_000)))


async def _open(it: Campaign, executor: Executor) -> None:
    rng, stage = it.rng, it.stage
    number = rng.randrange(len(stage.questions))
    asked = {
        "quantity": Quantity(rng.randint(700, 6_000) * LOT),
        "together": rng.random() < 0.3,
        "loss_max": Cash(rng.choice((1, 3, 10)) * ONE // rng.choice((1, 4))),
        "unsettled": frozenset({rng.choice(("kalshi", "polymarket"))}),
    }
    key = f"k{rng.getrandbits(40)}"
    for _ in range(4):
        if await _tried(it, executor, key, number, asked):
            return
        await stage.clock.sleep_ms(rng.randint(500, 4_000))


async def _tried(
    it: Campaign, executor: Executor, key: str, number: int, asked: dict[str, Any]
) -> bool:
    rng, stage = it.rng, it.stage
    try:
        plan = await stage.plan(stage.questions[number].id, **asked)
        if rng.random() < 0.3 and len(stage.questions) > 1:
            plan = replace(plan, substitutes=(_substitute(stage, plan, 1 - number),))
        await executor.open(plan, key=key, by="ann")
    except (NotApproved, VenueError, KeyError, NoPlan):
        return False
    return True


def _substitute(stage: Stage, plan: HedgePlan, number: int) -> Contract:
    """As if the other question were the same: it is priced alike, and who pays is not looked at."""
    leg = plan.legs[1].contract
    _, ticker, condition, _ = stage.world.pairs[number]
    return Contract(leg.venue, ticker if leg.venue == "kalshi" else condition, leg.outcome)


def question(rng: random.Random, number: int) -> Twin:
    fair = rng.randint(25, 70)
    edge = rng.choice((5, 8, 12, 16))

    odd = rng.random() < 0.4
    """Others leave parts of contracts that no lot fits."""

    def ladder(best: int, step: int, parts: bool = False) -> str:
        prices = [best + step * k for k in range(rng.randint(1, 3))]
        found = [(p, rng.randint(15, 90), rng.randrange(10**6)) for p in prices if 1 <= p <= 99]
        return " ".join(
            f"{p / 100:.2f} {whole}.{part if parts else part // 10_000 * 10_000:06}"
            for p, whole, part in found
        )

    return Twin(
        why="drawn",
        id=f"q{number}",
        question=f"Question {number}?",
        kalshi_bids=ladder(fair - rng.randint(1, 6), -1),
        kalshi_asks=ladder(fair, 1),
        polymarket_bids=ladder(fair + edge, -1, odd),
        polymarket_asks=ladder(fair + edge + rng.randint(1, 6), 1, odd),
        fee=Fee(rate=rng.choice((0, 40_000, 70_000))),
        minimum=rng.choice(("5", "5", "15")),
    )


def _pays(hedge: Hedge, *, tolerant: bool) -> None:
    plan = hedge.plan
    if not tolerant:
        assert hedge.result >= plan.worst, f"{hedge.id} left {text(hedge.result)}"
        held = hedge.held(hedge.long_leg)
        spent = sum(each.outlay for each in hedge.attempts if each.leg == hedge.long_leg)
        kept = spent * abs(hedge.naked) // held if held else 0
        lost = hedge.result + kept
        assert lost >= -plan.loss_max, f"{hedge.id} lost {text(lost)} of {text(plan.loss_max)}"
    within = all(
        each.request.side is Side.BUY and each.request.limit <= plan.legs[each.leg].limit
        for each in hedge.attempts
    )
    if within and hedge.matched == plan.quantity and not hedge.naked and len(hedge.attempts) == 2:
        assert hedge.result >= plan.least_profit, f"{hedge.id} left {text(hedge.result)}"


def trace(stage: Stage) -> str:
    """All that was written and said, in order."""
    found = hashlib.sha256()
    for row in stage.disk.platter:
        found.update(row.sum.encode())
    for said in stage.line.said:
        line = f"{said.venue} {said.method} {said.path} {said.body} {said.at_ms} {said.status}"
        found.update(line.encode())
    return found.hexdigest()
