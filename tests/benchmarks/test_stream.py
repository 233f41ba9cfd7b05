"""What keeping a book costs beyond decoding the frames, over a recorded quarter of an hour.

Prints numbers; asserts none of them. The goal: at most three times the bare decode.
"""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

from venues.kalshi.session import Session
from venues.kalshi.wire import stream as wire

RUN = "data/recorded/kalshi/ws/kxbtc15m_20260515T1907Z.jsonl.gz"
ROUNDS = 9


def recorded(path: Path) -> list[list[bytes]]:
    """The book frames of every connection, in Kalshi's envelope again."""
    found: list[list[bytes]] = []
    with gzip.open(path) as lines:
        for line in lines:
            record = json.loads(line)
            kind, msg = record["event_type"], record["payload_json"]
            if kind == "ws_connected":
                found.append([])
            elif kind.startswith("orderbook"):
                msg.pop("price_cents", None)
                frame = {"type": kind, "sid": 2, "seq": record["sequence_number"], "msg": msg}
                found[-1].append(json.dumps(frame, separators=(",", ":")).encode())
    return [frames for frames in found if frames]


SUBSCRIBED = b'{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":2}}'


def opened(frames: list[bytes]) -> tuple[Session, str]:
    market = json.loads(frames[0])["msg"]["market_ticker"]
    session = Session(yes_prices=False)
    session.open([market], 0)
    session.receive(SUBSCRIBED, 0, 0)
    return session, market


def decode_seconds(frames: list[bytes]) -> float:
    decode = wire.frame
    start = time.perf_counter()
    for raw in frames:
        decode(raw)
    return time.perf_counter() - start


def ladder_seconds(frames: list[bytes]) -> float:
    receive = opened(frames)[0].receive
    start = time.perf_counter()
    for raw in frames:
        receive(raw, 1, 1)
    return time.perf_counter() - start


def book_seconds(frames: list[bytes]) -> tuple[float, int]:
    """What a frozen book takes after all frames, and how many levels it has."""
    session, market = opened(frames)
    for raw in frames:
        session.receive(raw, 1, 1)
    ladder = session._ladders[market]
    start = time.perf_counter()
    for _ in range(1_000):
        ladder._book = None
        ladder.book()
    spent = (time.perf_counter() - start) / 1_000
    return spent, len(ladder.book().bids) + len(ladder.book().asks)


def test_a_recorded_quarter_of_an_hour_of_frames(shared: Path) -> None:
    runs = recorded(shared / RUN)
    count = sum(map(len, runs))
    bare, ours = [], []
    for _ in range(ROUNDS):  # turn by turn, so that a busy moment of the machine meets both
        bare.append(sum(map(decode_seconds, runs)))
        ours.append(sum(map(ladder_seconds, runs)))
    made, levels = book_seconds(runs[-1])
    print(
        f"\n{count:,} frames: {count / min(ours):,.0f} a second from bytes into the ladder, "
        f"{count / min(bare):,.0f} a second merely decoded: {min(ours) / min(bare):.2f}× the "
        f"decode; then a frozen book of {levels} levels takes {made * 1e6:.0f} µs"
    )
