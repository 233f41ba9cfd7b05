"""What keeping a book costs beyond decoding the frames, over recorded frames of one market.

Prints numbers; asserts none of them. The goal: at most three times the bare decode.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from venues.polymarket import wire_stream as wire
from venues.polymarket.session import Session
from venues.polymarket.terms import TermsBook

FOLDER = "data/recorded/polymarket/ws/predxt_20260228"
ROUNDS = 15
TIMES = 40


def recorded(folder: Path) -> tuple[str, str, bytes, list[bytes]]:
    """YES, NO, the frame of the first books, and all changes in order."""
    books = json.loads((folder / "polymarket_order_books.json").read_bytes())
    changes = json.loads((folder / "polymarket_trade_updates.json").read_bytes())
    frames = [json.dumps(each, separators=(",", ":")).encode() for each in changes]
    return books[0]["asset_id"], books[1]["asset_id"], json.dumps(books[:2]).encode(), frames


def opened(yes: str, no: str, books: bytes) -> Session:
    terms = TermsBook()
    terms.learn_tokens("m", yes, no)
    session = Session(terms)
    session.open(["m"], 0)
    session.receive(books, 0, 0)
    return session


def decode_seconds(frames: list[bytes]) -> float:
    decode = wire.market_frame
    start = time.perf_counter()
    for raw in frames:
        decode(raw)
    return time.perf_counter() - start


def test_recorded_changes_of_one_market(shared: Path) -> None:
    yes, no, books, frames = recorded(shared / FOLDER)
    bare, ours = [], []
    for _ in range(ROUNDS):  # turn by turn, so that a busy moment of the machine meets both
        bare.append(sum(decode_seconds(frames) for _ in range(TIMES)))
        spent = 0.0
        for _ in range(TIMES):
            session = opened(yes, no, books)
            start = time.perf_counter()
            for raw in frames:
                session.receive(raw, 1, 1)
            spent += time.perf_counter() - start
            session.public.clear()
        ours.append(spent)
    count = len(frames) * TIMES
    print(
        f"\n{count:,} frames: {count / min(ours):,.0f} a second from bytes into the ladder, "
        f"{count / min(bare):,.0f} a second merely decoded: {min(ours) / min(bare):.2f}× the decode"
    )
