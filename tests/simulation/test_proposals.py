"""Capital freed and moved because a person clicked, at both simulated venues."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx2
import pytest
from hedge_floor import Floor, dollars
from virtual import LoopClock, VirtualLoop, run_virtually

from execution.acting import LISTS_MS, NoWay
from execution.executor import Executor
from execution.journal import replayed
from execution.proposals import Proposal, State, proposals
from execution.records import Acting, ActKind
from venues import ONE, Quantity, RecyclingState
from venues.sim import world
from venues.sim.kalshi.knobs import Knobs as KalshiKnobs

DONE, UNKNOWN, FAILED = RecyclingState.DONE, RecyclingState.UNKNOWN, RecyclingState.FAILED
MINUTE_MS = 60_000
EMPTY = "1"
"""A shard without cash of ours."""
MOVES = "/portfolio/intra_exchange_instance_transfer"


def play(scene: Callable[[Floor], Awaitable[None]]) -> None:
    loop = VirtualLoop()

    async def run() -> None:
        await scene(Floor(LoopClock(loop), kalshi_knobs=KalshiKnobs(mecnet=True)))

    run_virtually(run(), loop)


async def proposed(floor: Floor, executor: Executor, pocket: str = "") -> tuple[Proposal, ...]:
    """On accounts read just now, once the venue's index of positions has caught up."""
    await floor.clock.sleep_ms(3_000)
    assert await executor.reconcile()
    looks = executor.reconcilers.values()
    return proposals(
        State(
            ledger=executor.journal.ledger,
            balances=[each for look in looks for each in look.balances],
            positions=[each for look in looks for each in look.positions],
            pockets={("kalshi", pocket)},
            wanted=dollars("100"),
            now_ms=floor.clock.now_ms(),
            merges_at=executor.actor.merges_at,
        )
    )


def shard(floor: Floor, number: int) -> int:
    return floor.world.kalshi.accounts.cash(world.USER, exchange_index=number)


def fund(floor: Floor) -> None:
    """Everywhere, but EMPTY."""
    floor.world.kalshi.accounts.open(world.USER, shards=(0, 1, 2, 3))


@dataclass
class Cut(httpx2.AsyncBaseTransport):
    """Answers to these writes get lost, or the writes themselves do."""

    inner: httpx2.AsyncBaseTransport
    path: str
    request_too: bool = False
    posts: list[bytes] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method != "POST" or not request.url.path.endswith(self.path):
            return await self.inner.handle_async_request(request)
        self.posts.append(await request.aread())
        if not self.request_too:
            await self.inner.handle_async_request(request)
        raise httpx2.ReadError("cut")


def pairs_of(floor: Floor) -> str:
    """Five YES and eight NO of a market are on the account, from elsewhere."""
    condition = floor.rows["cheap"].polymarket
    house = floor.world.polymarket
    yes, no = house.catalogue.markets[condition].tokens
    house.wallets.give(floor.wallet.maker, yes, Quantity(5 * ONE))
    house.wallets.give(floor.wallet.maker, no, Quantity(8 * ONE))
    return condition


def test_cash_moves_to_an_empty_shard_once_and_is_written_down_before_it_leaves() -> None:
    async def scene(floor: Floor) -> None:
        fund(floor)
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor, EMPTY)
            assert (one.kind, one.source, one.destination) == (ActKind.MOVE, "3", "1")
            assert one.amount == dollars("100")
            before = shard(floor, 3)
            act = await executor.act(one, "ann")
            again = await executor.act(one, "bob")
            assert act.state is DONE
            assert again == act
            await floor.clock.sleep_ms(MINUTE_MS)
            assert (shard(floor, 1), before - shard(floor, 3)) == (dollars("100"), dollars("100"))
            assert await proposed(floor, executor, EMPTY) == ()
            kinds = [row.kind for row in floor.disk.platter if row.kind in {"acting", "acted"}]
            assert kinds == ["acting", "acted"]

    play(scene)


def test_a_lost_answer_of_a_move_is_unknown_and_then_found_never_sent_again() -> None:
    async def scene(floor: Floor) -> None:
        fund(floor)
        cut: list[Cut] = []

        def wrap(venue: str, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
            if venue != "kalshi":
                return inner
            cut.append(Cut(inner, MOVES))
            return cut[-1]

        floor.wrap = wrap
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor, EMPTY)
            act = await executor.act(one, "ann")
            assert act.state is UNKNOWN
            assert await proposed(floor, executor, EMPTY) == (), (
                "the same must not be offered meanwhile"
            )
            await floor.clock.sleep_ms(MINUTE_MS)
            assert executor.journal.ledger.acts[one.id].state is DONE
            assert len(cut[0].posts) == 1
            assert shard(floor, 1) == dollars("100")

    play(scene)


def test_a_move_that_never_arrived_is_given_up_after_a_quarter_of_an_hour() -> None:
    async def scene(floor: Floor) -> None:
        fund(floor)
        floor.wrap = lambda v, inner: (
            Cut(inner, MOVES, request_too=True) if v == "kalshi" else inner
        )
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor, EMPTY)
            act = await executor.act(one, "ann")
            assert act.state is not DONE
            await floor.clock.sleep_ms(LISTS_MS - MINUTE_MS)
            if act.state is UNKNOWN:
                assert executor.journal.ledger.acts[one.id].state is UNKNOWN
                await floor.clock.sleep_ms(2 * MINUTE_MS)
            assert executor.journal.ledger.acts[one.id].state is FAILED
            (other,) = await proposed(floor, executor, EMPTY)
            assert other.id != one.id

    play(scene)


def test_a_kill_between_writing_and_sending_is_asked_about_at_the_next_start() -> None:
    async def scene(floor: Floor) -> None:
        fund(floor)
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor, EMPTY)
            asked = Acting(
                id=one.id,
                kind=one.kind,
                venue=one.venue,
                market="",
                amount=one.amount,
                of_hedges=one.of_hedges,
                source=one.source,
                destination=one.destination,
                about="00000000-0000-4000-8000-000000000001",
                by="ann",
                at_ms=floor.clock.now_ms(),
            )
            await executor.journal.append(asked)
            move = floor.venues["kalshi"].treasury
            assert move is not None
            await move.move(one.amount, source="3", destination="1", about=asked.about)
        async with floor.open() as executor:
            assert executor.journal.ledger.acts[one.id].state is DONE
            assert replayed(floor.disk.platter).acts == executor.journal.ledger.acts

    play(scene)


def test_what_was_written_down_and_never_sent_is_given_up_and_offered_again() -> None:
    """A kill between the two: nobody sends it later, for nobody knows whether it was."""

    async def scene(floor: Floor) -> None:
        fund(floor)
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor, EMPTY)
            asked = Acting(
                id=one.id,
                kind=one.kind,
                venue=one.venue,
                market="",
                amount=one.amount,
                of_hedges=one.of_hedges,
                source=one.source,
                destination=one.destination,
                about="00000000-0000-4000-8000-000000000002",
                by="ann",
                at_ms=floor.clock.now_ms(),
            )
            await executor.journal.append(asked)
        async with floor.open() as executor:
            acts = executor.journal.ledger.acts
            assert acts[one.id].state is UNKNOWN
            assert await proposed(floor, executor, EMPTY) == ()
            await floor.clock.sleep_ms(LISTS_MS + MINUTE_MS)
            assert acts[one.id].state is FAILED
            assert "never came to be" in acts[one.id].why
            assert len(await proposed(floor, executor, EMPTY)) == 1
            assert shard(floor, 1) == 0

    play(scene)


def test_pairs_of_one_condition_become_cash_and_what_is_left_stays() -> None:
    async def scene(floor: Floor) -> None:
        condition = pairs_of(floor)
        house = floor.world.polymarket
        yes, no = house.catalogue.markets[condition].tokens
        wallet = floor.wallet.maker
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor)
            assert (one.kind, one.market, one.amount) == (ActKind.MERGE, condition, 5 * ONE)
            cash = house.wallets.cash(wallet)
            act = await executor.act(one, "ann")
            assert act.state is DONE, act.why
            assert house.wallets.cash(wallet) == cash + 5 * ONE
            assert (house.wallets.held(wallet, yes), house.wallets.held(wallet, no)) == (0, 3 * ONE)
            assert await proposed(floor, executor) == ()
            house.audit()

    play(scene)


def test_a_merge_whose_answer_is_lost_is_found_by_our_own_id() -> None:
    async def scene(floor: Floor) -> None:
        condition = pairs_of(floor)
        floor.wrap = lambda v, inner: Cut(inner, "/submit") if v == "relayer" else inner
        async with floor.open() as executor:
            (one,) = await proposed(floor, executor)
            assert (await executor.act(one, "ann")).state is UNKNOWN
        async with floor.open() as executor:
            await floor.clock.sleep_ms(MINUTE_MS)
            assert executor.journal.ledger.acts[one.id].state is DONE
            yes, _ = floor.world.polymarket.catalogue.markets[condition].tokens
            assert floor.world.polymarket.wallets.held(floor.wallet.maker, yes) == 0

    play(scene)


def test_what_a_hedge_holds_is_not_merged_with_what_somebody_else_holds() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            plan = await floor.plan(quantity=10_000_000)
            hedge = await executor.rest((await executor.open(plan, key="k", by="ann")).id)
            leg = next(e.contract for e in plan.legs if e.contract.venue == "polymarket")
            yes, no = floor.world.polymarket.catalogue.markets[leg.market].tokens
            other = no if leg.outcome == "yes" else yes
            floor.world.polymarket.wallets.give(floor.wallet.maker, other, Quantity(20 * ONE))
            assert hedge.holds(leg) == 10 * ONE
            assert [e for e in await proposed(floor, executor) if e.kind is ActKind.MERGE] == []
            mine = no if other == yes else yes
            floor.world.polymarket.wallets.give(floor.wallet.maker, mine, Quantity(4 * ONE))
            merges = [e for e in await proposed(floor, executor) if e.kind is ActKind.MERGE]
            assert [(e.amount, e.of_hedges) for e in merges] == [(4 * ONE, 0)]

    play(scene)


def test_what_nothing_is_set_up_for_is_said_and_not_written_down() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            rows = len(floor.disk.platter)
            with pytest.raises(NoWay, match="No way to merge at kalshi"):
                await executor.act(Proposal(id="x", kind=ActKind.MERGE, venue="kalshi"), "ann")
            assert len(floor.disk.platter) == rows

    play(scene)


def test_netting_by_event_is_switched_on_by_a_click() -> None:
    async def scene(floor: Floor) -> None:
        async with floor.open() as executor:
            treasury = floor.venues["kalshi"].treasury
            assert treasury is not None
            assert not await treasury.is_netting()
            state = State(
                ledger=executor.journal.ledger,
                balances=(),
                positions=(),
                pockets=(),
                wanted=dollars("100"),
                now_ms=floor.clock.now_ms(),
                netting={"kalshi": (False, 1)},
            )
            (one,) = proposals(state)
            assert (await executor.act(one, "ann")).state is DONE
            assert await treasury.is_netting()

    play(scene)
