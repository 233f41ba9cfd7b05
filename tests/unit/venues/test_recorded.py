"""What is on tape of a live day, how tapes follow each other, and what a full disk does."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pair_books import K, book, market

from venues import CarriedFee, Cash, FeeSchedule, RoundedFee, UnknownFee, WorseFee
from venues.kalshi.session import Session
from venues.playback import Player
from venues.recorded import AGAIN_MS, Recorder
from venues.tape import Tape
from venues.tape_stream import Break, Call, Op, Polled, Terms, Watch, market_of, terms_of
from venues.tapes import TapeLimits, Tapes, tapes_in

SUBSCRIBED = b'{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":2}}'
SNAPSHOT = (
    b'{"type":"orderbook_snapshot","sid":2,"seq":1,"msg":{"market_ticker":"K","market_id":"i",'
    b'"yes_dollars_fp":[["0.4000","10.00"]],"no_dollars_fp":[["0.5000","10.00"]]}}'
)


def records(folder: Path) -> list[Any]:
    return [record for path in tapes_in(folder) for record in Tape(path)]


def lines(found: Iterable[Any]) -> list[tuple[int, Op]]:
    return [(each.line, each.op) for each in found if isinstance(each, Call)]


async def test_every_call_is_on_tape_as_it_came_and_gives_the_book_again(
    tmp_path: Path, clock: Any
) -> None:
    odd = b"\xff\xfe"
    with Tapes(tmp_path / "day", clock) as tapes:
        session = Recorder(tapes, clock).session("kalshi", lambda: Session(yes_prices=False))()
        session.open(["K"], 5)
        for raw in (SUBSCRIBED, SNAPSHOT.decode(), odd):
            session.receive(raw, 7, 9)
        session.heartbeat(8, 10)
        assert session.tick(11) is None
        session.doubt("it is late")
    found = records(tmp_path / "day")
    assert [op for _, op in lines(found)] == [
        *(Op.OPEN, Op.RECEIVE, Op.RECEIVE, Op.RECEIVE),
        *(Op.HEARTBEAT, Op.TICK, Op.DOUBT),
    ]
    assert [each.frame for each in found[1:4]] == [SUBSCRIBED, SNAPSHOT, odd]
    player = Player({"kalshi": lambda: Session(yes_prices=False)}, {})
    for record in found:
        player.play(record)
    assert player.books["kalshi"].book("K") == session.watched("K")
    assert player.books["kalshi"].top("K") == session.top("K") == (400_000, 500_000)


async def test_a_new_tape_begins_with_what_is_known_and_the_oldest_give_way(
    tmp_path: Path, clock: Any
) -> None:
    limits = TapeLimits(hours=1, total_megabytes=0)
    folder, others = tmp_path / "a" / "day", tmp_path / "a" / "day" / "quotes.tape"
    with Tapes(folder, clock, limits) as tapes:
        others.touch()
        recorder = Recorder(tapes, clock)
        recorder.market(market(K))
        recorder.watch(["a", "b"], 1)
        recorder.watch(["b", "c"], 2)
        tapes.wait()
        [first, _] = tapes_in(folder)
        await clock.sleep_ms(3_600_000)
        recorder.turn(clock.now_ms())
        recorder.priced("b", 3, (4, None))
    [second, kept] = tapes_in(folder)
    assert kept == others, "a tape that another hand put there stays"
    kept.unlink()
    assert first.name == "20261125T000000Z.tape"
    assert second.name == "20261125T010000Z.tape"
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    terms, watch, _ = records(folder)
    assert market_of(terms) == market(K)
    assert watch == Watch(clock.now_ms(), ("b", "c"), anew=True)


async def test_a_full_disk_ends_the_recording_and_never_the_day(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Tapes(tmp_path, clock) as tapes:
        recorder = Recorder(tapes, clock)
        warned: list[str] = []
        recorder.warn = warned.append
        make = recorder.session("kalshi", Session)
        before, after = make(), make()
        before.open(["K"], 1)
        with monkeypatch.context() as full:
            full.setattr("os.write", _no_space)
            for now_ns in (2, 3):
                await clock.sleep_ms(AGAIN_MS)
                before.tick(now_ns)
                _settle(tapes)
                before.receive(SUBSCRIBED, 1, 1)
            await clock.sleep_ms(6_000)
            before.tick(4)
        assert "No space" in recorder.trouble
        assert len(warned) == 1, "it was tried twice, and is told once"
        before.receive(SUBSCRIBED, 1, 1)
        await clock.sleep_ms(AGAIN_MS)
        before.tick(3)
        assert not recorder.trouble
        before.receive(SNAPSHOT, 1, 1)
        after.open(["K"], 4)
    found = records(tmp_path)
    assert lines(found) == [(2, Op.OPEN)], "a connection that was not told whole is not told on"
    assert [each for each in found if isinstance(each, Break)] == [Break(clock.now_ms())]


def _settle(tapes: Tapes) -> None:
    """What was handed over has gone wrong; nobody has noticed yet."""
    for each in tapes._waiting:
        each.exception()


def _no_space(*_: object) -> int:
    raise OSError(28, "No space left on device")


async def test_a_book_read_in_turn_that_did_not_change_is_only_named(
    tmp_path: Path, clock: Any
) -> None:
    told = {"K": book(K, 39, 40)}
    with Tapes(tmp_path, clock) as tapes:
        recorder = Recorder(tapes, clock)
        for each in (told, told, {}):
            recorder.polled("kalshi", ["K"], each, 1, 2)
    found = records(tmp_path)
    assert [(len(x.books), x.same, x.untold) for x in found] == [
        (1, (), ()),
        (0, ("K",), ()),
        (0, (), ("K",)),
    ]
    player = Player({"kalshi": Session}, {})
    changed = [player.play(each) for each in found]
    assert changed == [[("kalshi", "K")], [], [("kalshi", "K")]]
    watched = player.books["kalshi"].book("K")
    assert watched
    assert watched.book == told["K"]
    assert watched.fault


async def test_frames_of_a_connection_whose_beginning_is_not_on_tape_are_counted() -> None:
    player = Player({"kalshi": Session}, {})
    assert player.play(Call("kalshi", 9, Op.RECEIVE, 1, 1, text="{}")) == []
    assert player.play(Call("kalshi", 9, Op.TICK, 1, 1)) == []
    assert player.skipped == 1
    player.play(Call("kalshi", 10, Op.OPEN, 1, 1, ("K",)))
    assert player.play(Break(2)) == [("kalshi", "K")]
    assert player.books["kalshi"].book("K") is None
    player.play(Polled("kalshi", 1, 1))
    assert player.books["kalshi"].top("K") is None


@pytest.mark.parametrize(
    "fee",
    [
        CarriedFee(70_000, 17_500, Cash(100)),
        RoundedFee(30_000, Cash(10), exponent=2),
        WorseFee(
            CarriedFee(1, 2, Cash(3)), WorseFee(RoundedFee(4, Cash(5)), RoundedFee(6, Cash(7)))
        ),
        UnknownFee("flat"),
    ],
)
def test_a_market_keeps_its_terms_on_tape(fee: Any) -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    schedule = FeeSchedule(((0, UnknownFee("early")), (17, fee)))
    day = datetime(2026, 7, 20, tzinfo=UTC)
    known = replace(market(K), fees=schedule, payout_at=day, outcomes=("Yes", "No"))
    assert market_of(terms_of(known)) == known
    with pytest.raises(ValueError, match="unknown kind"):
        market_of(Terms(facts=terms_of(known).facts, fees=[(0, {"kind": "Market"})]))
