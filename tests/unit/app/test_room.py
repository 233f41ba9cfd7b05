"""What the room makes of what venues say of themselves, and of markets that cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from floor import Floor
from virtual import LoopClock, VirtualLoop, run_virtually

from app.drift import FRAMES_MAX
from app.room import Room
from matching.pairs import Relation
from scanner.engine import PAIR_LEFT, Engine
from scanner.episode import Change
from scanner.scan import Listed, Policy
from venues import Market, Unavailable
from venues.kalshi.session import Session

Play = Callable[[Floor, Room, LoopClock], Awaitable[None]]


class Counting(Engine):
    """How often it was told what to watch."""

    watches = 0

    def watch(self, listed: Iterable[Listed], now_ms: int) -> list[Change]:
        self.watches += 1
        return super().watch(listed, now_ms)


class Silent:
    """A venue that answers nothing."""

    faults = ()

    async def markets(self, ids: Iterable[str]) -> dict[str, Market]:
        raise Unavailable("a venue", "it is silent")


def played(play: Play, *, pairs: int = 4) -> list[Change]:
    """A floor of a few pairs, watched, while `play` does something to it."""
    loop = VirtualLoop()

    async def main() -> list[Change]:
        clock, told = LoopClock(loop), list[Change]()
        floor = Floor(clock, pairs=pairs, seed=2)
        async with floor.open(told.extend) as room, asyncio.TaskGroup() as group:
            following = group.create_task(room.follow())
            await room.watch(floor.rows)
            await clock.sleep_ms(2_000)
            await play(floor, room, clock)
            following.cancel()
        return told

    return run_virtually(main(), loop)


def test_a_venue_whose_frames_changed_shape_is_in_doubt_and_told() -> None:
    warned: list[tuple[str, str]] = []

    async def play(floor: Floor, room: Room, clock: LoopClock) -> None:
        room.warn = lambda venue, why: warned.append((venue, why))
        await room.check_venues()
        assert room.engine.doubts == {}
        for line in room.feeds["kalshi"]._lines:
            session = line._session
            assert isinstance(session, Session)
            for _ in range(FRAMES_MAX + 1):
                session.receive(b'{"type":"orderbook_delta","sid":2,"seq":1,"msg":{}}', 1, 1)
        await room.check_venues()
        assert "could not be read" in room.engine.doubts["kalshi"]
        await room.check_venues()
        assert room.engine.doubts == {}

    played(play)
    [(venue, why)] = warned
    assert venue == "kalshi"
    assert "market_ticker" in why


def test_pairs_come_and_go_while_it_runs() -> None:
    async def play(floor: Floor, room: Room, clock: LoopClock) -> None:
        rows = floor.rows
        assert room.engine.pairs == 4
        await room.watch(rows[:1])
        assert room.engine.pairs == 1
        assert room.feeds["kalshi"].markets == {rows[0].kalshi}
        await room.watch(rows)
        await clock.sleep_ms(5_000)
        assert room.engine.pairs == 4
        assert all(room.feeds["polymarket"].book(row.polymarket) for row in rows)

    played(play)


def test_markets_that_are_as_they_were_are_not_watched_anew() -> None:
    async def play(floor: Floor, room: Room, clock: LoopClock) -> None:
        engine = room.engine = Counting(room.feeds, policy=Policy())
        await room.watch(floor.rows)
        before = engine.watches
        await room.read_again()
        assert engine.watches == before
        id = floor.rows[0].pair_id
        room._listed[id] = room._listed[id]._replace(one=None)
        await room.read_again()
        assert engine.watches == before + 1

    played(play)


def test_a_pair_that_was_turned_is_not_priced_as_it_was_while_its_markets_cannot_be_read() -> None:
    async def play(floor: Floor, room: Room, clock: LoopClock) -> None:
        floor.move(0, 0, 10)
        await clock.sleep_ms(1_000)
        first = floor.rows[0]
        assert first.pair_id in room.engine.episodes
        room._venues = dict.fromkeys(room._venues, Silent())  # type: ignore[arg-type]
        turned = {Relation.SAME: Relation.INVERTED, Relation.INVERTED: Relation.SAME}
        new = first.model_copy(update={"relation": turned[first.relation]})
        await room.watch([new, *floor.rows[1:]])
        assert first.pair_id not in room.engine.episodes
        assert room.engine.pairs == 3

    told = played(play)
    assert told[-1].episode.ended_by == PAIR_LEFT


def test_a_pair_whose_market_nobody_knows_is_told_and_holds_up_no_other() -> None:
    async def play(floor: Floor, room: Room, clock: LoopClock) -> None:
        odd = floor.rows[0].model_copy(update={"pair_id": "odd", "kalshi": "KXNOTHING-26-X"})
        await room.watch([*floor.rows, odd])
        assert room.engine.pairs == 5
        assert "KXNOTHING-26-X" in room.troubles["markets of kalshi"]
        await room.full_pass()
        assert room.engine.reasons["odd"] == "unknown_market"

    played(play)
