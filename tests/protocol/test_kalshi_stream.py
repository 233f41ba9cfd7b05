"""Recorded websockets of Kalshi, and its official examples, through a Session.

The reference book below is slow, in Decimal, and shares nothing with the product.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from venues import ONE
from venues.kalshi.session import Session
from venues.kalshi.wire import stream as wire
from venues.stream import Counts

RUNS: Final = ("kxbtc15m_20260515T1907Z", "kxbtc15m_20260515T2131Z_reconnects")
SUBSCRIBED: Final = b'{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":2}}'
EXACT: Final = range(11, 90)  # cents between which the recorder's whole cents are exact
Json = dict[str, Any]
Levels = tuple[list[tuple[int, int]], list[tuple[int, int]]]


@dataclass
class SlowBook:
    """Bids of YES and of NO by price; NO stays in NO prices."""

    yes: dict[Decimal, Decimal] = field(default_factory=dict)
    no: dict[Decimal, Decimal] = field(default_factory=dict)

    def hear(self, kind: str, msg: Json) -> None:
        if kind == "orderbook_snapshot":
            self.yes, self.no = (
                {Decimal(p): Decimal(s) for p, s in msg.get(f"{side}_dollars_fp", [])}
                for side in ("yes", "no")
            )
            return
        side = self.yes if msg["side"] == "yes" else self.no
        price = Decimal(msg["price_dollars"])
        size = side.get(price, Decimal(0)) + Decimal(msg["delta_fp"])
        if size > 0:
            side[price] = size
        else:
            del side[price]

    def levels(self) -> Levels:
        """Micros, best first, asks in YES prices."""
        bids = sorted(((whole(p), whole(s)) for p, s in self.yes.items()), reverse=True)
        asks = sorted((ONE - whole(p), whole(s)) for p, s in self.no.items())
        return bids, asks


@dataclass(frozen=True)
class Recorded:
    at: datetime
    kind: str
    seq: int
    msg: Json
    raw: bytes


def whole(amount: Decimal) -> int:
    micros = amount * ONE
    assert micros == int(micros)
    return int(micros)


def encode(kind: str, seq: int, msg: Json, sid: int = 2) -> bytes:
    frame = {"type": kind, "sid": sid, "seq": seq, "msg": msg}
    return json.dumps(frame, separators=(",", ":")).encode()


@cache
def connections(shared: Path, run: str) -> tuple[tuple[str, tuple[Recorded, ...]], ...]:
    """(market, book frames) of every connection; the recorder's envelope becomes Kalshi's again."""
    found: list[tuple[str, list[Recorded]]] = []
    with gzip.open(shared / f"data/recorded/kalshi/ws/{run}.jsonl.gz") as lines:
        for line in lines:
            record = json.loads(line)
            kind, msg = record["event_type"], record["payload_json"]
            if kind == "ws_connected":
                found.append((record["market_ticker"], []))
            elif kind.startswith("orderbook"):
                msg.pop("price_cents", None)
                seq = record["sequence_number"]
                at = datetime.fromisoformat(record["local_recv_ts"])
                found[-1][1].append(Recorded(at, kind, seq, msg, encode(kind, seq, msg)))
    return tuple((market, tuple(frames)) for market, frames in found if frames)


def opened(*markets: str, yes_prices: bool = False) -> Session:
    session = Session(yes_prices=yes_prices)
    session.open(markets, 0)
    session.receive(SUBSCRIBED, 0, 0)
    return session


def levels(session: Session, market: str) -> Levels:
    watched = session.watched(market)
    assert watched
    book = watched.book
    return [(p, s) for p, s in book.bids], [(p, s) for p, s in book.asks]


@pytest.mark.parametrize("run", RUNS)
def test_a_recorded_run_gives_the_slow_book_after_every_frame(shared: Path, run: str) -> None:
    total = crossed = 0
    for market, frames in connections(shared, run):
        session, slow = opened(market), SlowBook()
        for at, frame in enumerate(frames):
            slow.hear(frame.kind, frame.msg)
            session.receive(frame.raw, at, at)
            ladder = session._ladders[market]
            assert ladder.fault is None
            bids, asks = ladder._bids, ladder._asks
            assert max(bids, default=0) == whole(max(slow.yes, default=Decimal(0)))
            assert min(asks, default=ONE) == ONE - whole(max(slow.no, default=Decimal(0)))
            if frame.kind == "orderbook_delta":
                price = Decimal(frame.msg["price_dollars"])
                if frame.msg["side"] == "yes":
                    assert bids.get(whole(price), 0) == whole(slow.yes.get(price, Decimal(0)))
                else:
                    ask = ONE - whole(price)
                    assert asks.get(ask, 0) == whole(slow.no.get(price, Decimal(0)))
                assert ladder.venue_ms == frame.msg["ts_ms"]
            if at % 500 == 0 or at == len(frames) - 1:
                assert levels(session, market) == slow.levels()
            crossed += ladder.crossed
            total += 1
        counts = session.counts
        assert (counts.gaps, counts.duplicates, counts.restarts, counts.poisoned) == (0, 0, 0, 0)
        assert (counts.unknown, counts.broken, counts.stray) == (0, 0, 0)
    assert (total, crossed) == {RUNS[0]: (87_862, 0), RUNS[1]: (57_575, 70)}[run]


@pytest.mark.parametrize("run", RUNS)
def test_the_recorders_own_checkpoints_agree_where_they_are_exact(shared: Path, run: str) -> None:
    with gzip.open(shared / f"data/recorded/kalshi/ws/{run}.book_checkpoints.jsonl.gz") as lines:
        marks = [json.loads(line) for line in lines]
    agreed = 0
    for market, frames in connections(shared, run):
        begin, end = frames[0].at, frames[-1].at
        ours = {
            mark["sequence_number"]: mark
            for mark in marks
            if mark["market_ticker"] == market
            and begin <= datetime.fromisoformat(mark["ts_wall"]) <= end
        }
        session = opened(market)
        for frame in frames:
            session.receive(frame.raw, 0, 0)
            if mark := ours.get(frame.seq):
                agreed += sides_that_agree(mark, levels(session, market))
    assert agreed == {RUNS[0]: 878, RUNS[1]: 1_147}[run]


def sides_that_agree(mark: Json, book: Levels) -> int:
    """How many sides could be compared, five levels each; those must be equal."""
    bids, asks = book
    agreed = 0
    for name, side in (("yes", bids), ("no", [(ONE - price, size) for price, size in asks])):
        cents, sizes = mark[f"{name}_bid_prices"], mark[f"{name}_bid_sizes"]
        if cents and all(cent in EXACT for cent in cents):
            told = [
                (c * 10_000, round(s * 100) * 10_000) for c, s in zip(cents, sizes, strict=True)
            ]
            assert told == side[: len(told)]
            agreed += 1
    return agreed


def test_the_same_run_asked_for_in_yes_prices_gives_the_same_book(shared: Path) -> None:
    market, frames = connections(shared, RUNS[1])[-1]
    old, new = opened(market), opened(market, yes_prices=True)
    for frame in frames:
        msg = dict(frame.msg)
        if "no_dollars_fp" in msg:
            msg["no_dollars_fp"] = [[mirrored(p), s] for p, s in msg["no_dollars_fp"]]
        elif msg.get("side") == "no":
            msg["price_dollars"] = mirrored(msg["price_dollars"])
        old.receive(frame.raw, 0, 0)
        new.receive(encode(frame.kind, frame.seq, msg), 0, 0)
    assert levels(old, market) == levels(new, market)


def mirrored(price: str) -> str:
    return str(1 - Decimal(price))


def test_verbatim_frames_go_through_as_they_are(shared: Path) -> None:
    path = shared / "data/recorded/kalshi/ws/wire_frames_sample_20260807.jsonl"
    frames = [json.loads(line)["frame"] for line in path.read_text().splitlines()]
    markets = {f["msg"]["market_ticker"] for f in frames if f["type"] == "orderbook_snapshot"}
    session = Session(yes_prices=False)
    session.open(markets, 0)
    slow = {market: SlowBook() for market in markets}
    for frame in frames:
        session.receive(json.dumps(frame), 0, 0)
        if frame["type"].startswith("orderbook"):
            slow[frame["msg"]["market_ticker"]].hear(frame["type"], frame["msg"])
            market = frame["msg"]["market_ticker"]
            assert levels(session, market) == slow[market].levels()
    faults = [session._ladders[market].fault for market in markets]
    assert faults == [None] * 12
    assert session.counts == Counts()
    assert session.unproven == 0


def examples(shared: Path) -> Iterator[tuple[str, Any]]:
    path = shared / "data/recorded/kalshi/spec/asyncapi_message_examples.jsonl"
    for line in path.read_text().splitlines():
        row = json.loads(line)
        yield row["name"], row["payload"]


def test_every_official_example_of_a_frame_is_read(shared: Path) -> None:
    frames = [payload for _, payload in examples(shared) if payload and "type" in payload]
    assert len(frames) > 40
    for payload in frames:
        raw = json.dumps(payload)
        found = wire.frame(raw)
        assert type(found).__struct_config__.tag == payload["type"]
        session = Session(channels=dict.fromkeys((wire.FILLS, wire.ORDERS, wire.POSITIONS), ()))
        session.receive(raw, 0, 0)
        assert session.counts.unknown == session.counts.broken == 0
    assert {payload["type"] for payload in frames} == wire.TYPES


def test_every_official_example_of_a_command_is_what_we_can_send(shared: Path) -> None:
    makers: dict[str, Callable[[int, Any], str]] = {
        "subscribe": lambda id, p: wire.subscribe(id, wire.Subscribe(**p)),
        "update_subscription": lambda id, p: wire.update(id, wire.Update(**p)),
        "unsubscribe": lambda id, p: wire.unsubscribe(id, tuple(p["sids"])),
        "list_subscriptions": lambda id, _: wire.list_subscriptions(id),
    }
    commands = [payload for _, payload in examples(shared) if payload and "cmd" in payload]
    assert len(commands) > 20
    for payload in commands:
        params = payload.get("params", {})
        if "orderbook_delta" in params.get("channels", ()):
            params["use_yes_price"] = True  # we never leave that to a default
        assert json.loads(makers[payload["cmd"]](payload["id"], params)) == payload


def test_a_book_subscription_that_leaves_the_price_side_open_is_refused() -> None:
    with pytest.raises(ValueError, match="use_yes_price"):
        wire.subscribe(1, wire.Subscribe(channels=("orderbook_delta",)))


MUTATIONS: Final = 10_000
PRICE: Final = re.compile(r"0\.0*[1-9][0-9]*")
NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]{1,6})?")


def test_ten_thousand_damaged_frames_never_leave_a_wrong_book_that_looks_good(
    shared: Path,
) -> None:
    """A damaged frame that is a legal one all the same says something else, and is believed."""
    market, frames = connections(shared, RUNS[0])[0]
    seeded = random.Random(20_260_515)
    slow, at, doubted = SlowBook(), 0, 0
    for start in sorted(seeded.sample(range(1_000, 28_000), MUTATIONS)):
        for frame in frames[at:start]:
            slow.hear(frame.kind, frame.msg)
        at = start
        session = opened(market)
        snapshot = encode("orderbook_snapshot", 1, rungs(market, slow))
        if start % 20 == 0:
            raw = damaged(seeded, snapshot)
        else:
            session.receive(snapshot, 0, 0)
            raw = damaged(seeded, encode(frames[at].kind, 2, frames[at].msg))
            slow.hear(frames[at].kind, frames[at].msg)
            at += 1
        session.receive(raw, 0, 0)
        watched = session.watched(market)
        assert watched
        if watched.fault is None and not is_legal(market, raw):
            assert levels(session, market) == slow.levels(), raw
        doubted += watched.fault is not None
    assert doubted > MUTATIONS // 2


def rungs(market: str, slow: SlowBook) -> Json:
    sides = {"yes_dollars_fp": slow.yes, "no_dollars_fp": slow.no}
    found = {name: [[str(p), str(s)] for p, s in side.items()] for name, side in sides.items()}
    return {"market_ticker": market, **found}


def damaged(seeded: random.Random, raw: bytes) -> bytes:
    found = bytearray(raw)
    for _ in range(seeded.choice((1, 1, 1, 2, 5))):
        at = seeded.randrange(len(found))
        match seeded.randrange(6):
            case 0:
                found[at] ^= 1 << seeded.randrange(8)
            case 1:
                found[at] = seeded.choice(b'0123456789"{}[]:,.-x')
            case 2:
                del found[at : at + seeded.randint(1, 8)]
            case 3:
                found[at:at] = found[at : at + seeded.randint(1, 8)]
            case 4:
                found[at:at] = seeded.randbytes(seeded.randint(1, 4))
            case _:
                del found[max(at, 1) :]
        if not found:
            break
    return bytes(found)


def is_legal(market: str, raw: bytes) -> bool:
    try:
        frame = json.loads(raw)
        msg = frame["msg"]
        assert type(frame["sid"]) is type(frame["seq"]) is int
        assert msg["market_ticker"] == market
        if frame["type"] == "orderbook_delta":
            assert PRICE.fullmatch(msg["price_dollars"])
            assert NUMBER.fullmatch(msg["delta_fp"])
            assert msg["side"] in {"yes", "no"}
        else:
            assert frame["type"] == "orderbook_snapshot"
            for side in ("yes_dollars_fp", "no_dollars_fp"):
                prices = [price for price, _ in msg.get(side, ())]
                assert len(prices) == len({Decimal(price) for price in prices})
                assert all(PRICE.fullmatch(price) for price in prices)
                assert all(NUMBER.fullmatch(size) for _, size in msg.get(side, ()))
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError, ArithmeticError):
        return False
    return True
