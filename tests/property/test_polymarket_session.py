"""Frames lost, doubled, out of order and mutated: what a stream without numbers can promise.

On a clean line a book is always good and the true one. On a bad one, whenever a book is said to be
good: its best prices are those of the newest frame that was applied to it; and it is the true book
altogether unless a frame of it was lost that is newer than its last snapshot.
`Venue` is the other end, written from the documents.
"""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venues import ONE
from venues.polymarket.auth import Credentials
from venues.polymarket.normalize_trades import Us
from venues.polymarket.session import Session
from venues.polymarket.terms import Known, TermsBook
from venues.polymarket.user_session import UserSession
from venues.stream import Watched

MARKETS: Final = ("A", "B", "C")
S: Final = 1_000_000_000
Side = dict[int, int]
Sides = tuple[Side, Side]


@dataclass(frozen=True)
class Frame:
    market: str
    at_ms: int
    is_book: bool
    raw: bytes


@dataclass
class Venue:
    """Bids and asks of YES in cents and contracts."""

    books: dict[str, Sides] = field(
        default_factory=lambda: {m: ({40: 5}, {55: 5}) for m in MARKETS}
    )
    stamps: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MARKETS, 1_000))
    then: dict[tuple[str, int], Sides] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    now_ms: int = 1_000
    line: deque[Frame] = field(default_factory=deque)

    def __post_init__(self) -> None:
        for market in MARKETS:
            self._keep(market)

    def snapshot(self, market: str) -> None:
        bids, asks = self.books[market]
        event = {"event_type": "book", "market": "0x", "asset_id": f"{market}-yes"}
        event |= {"timestamp": str(self.stamps[market]), "hash": "", "tick_size": "0.01"}
        sides = {"bids": rungs(sorted(bids.items())), "asks": rungs(sorted(asks.items())[::-1])}
        raw = json.dumps([event | sides]).encode()
        self.line.append(Frame(market, self.stamps[market], is_book=True, raw=raw))

    def command(self, market: str, moves: list[tuple[int, int, int]], *, traded: bool) -> None:
        """One order: its levels (side, cents, size left) move at one moment, each in a frame of its
        own, and all tell the best prices after it."""
        self.now_ms += 1
        for side, cents, size in moves:
            self.books[market][side][cents] = size
            if not size:
                del self.books[market][side][cents]
        self.stamps[market] = self.now_ms
        self._keep(market)
        if market not in self.members:
            return
        if traded:
            self.snapshot(market)
        for move in moves:
            raw = json.dumps(self._change(market, *move)).encode()
            self.line.append(Frame(market, self.now_ms, is_book=False, raw=raw))

    def answer(self, text: str) -> None:
        if text == "PING":
            return
        command = json.loads(text)
        named = {token.removesuffix("-yes") for token in command["assets_ids"]}
        if command.get("operation") == "unsubscribe":
            self.members -= named
            return
        for market in sorted(named - self.members):
            self.members.add(market)
            self.snapshot(market)

    def _change(self, market: str, side: int, cents: int, size: int) -> dict[str, Any]:
        bids, asks = self.books[market]
        bid, ask = max(bids, default=0), min(asks, default=100)
        words = ("BUY", "SELL")
        yes = {"asset_id": f"{market}-yes", "price": dollars(cents), "size": str(size)}
        yes |= {"side": words[side], "best_bid": dollars(bid), "best_ask": dollars(ask)}
        no = yes | {"asset_id": f"{market}-no", "price": dollars(100 - cents)}
        no |= {"side": words[1 - side], "best_bid": dollars(100 - ask)}
        no |= {"best_ask": dollars(100 - bid)}
        event = {"event_type": "price_change", "market": "0x", "timestamp": str(self.now_ms)}
        return event | {"price_changes": [no, yes]}

    def _keep(self, market: str) -> None:
        bids, asks = self.books[market]
        self.then[market, self.stamps[market]] = (dict(bids), dict(asks))


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def rungs(levels: list[tuple[int, int]]) -> list[dict[str, str]]:
    return [{"price": dollars(cents), "size": str(size)} for cents, size in levels]


def micros(side: Side) -> list[tuple[int, int]]:
    return sorted((cents * 10_000, size * ONE) for cents, size in side.items())


def terms() -> TermsBook:
    book = TermsBook()
    for market in MARKETS:
        book.learn_tokens(market, f"{market}-yes", f"{market}-no")
    return book


@dataclass
class Run:
    """A session and its venue, joined by a line that may be bad. `lost_ms`: the newest frame of a
    market that was lost, or came out of order, unless a snapshot as new came later."""

    venue: Venue = field(default_factory=Venue)
    session: Session = field(default_factory=lambda: Session(terms()))
    now_ns: int = 0
    heard: list[Frame] = field(default_factory=list)
    lost_ms: dict[str, int] = field(default_factory=dict)

    def answer(self) -> None:
        for text in self.session.outbox:
            self.venue.answer(text)
        self.session.outbox.clear()

    def deliver(self, frame: Frame) -> None:
        self.heard.append(frame)
        self.session.receive(frame.raw, frame.at_ms, self.now_ns)
        found = self.good(frame.market)
        is_new = frame.is_book and self.lost_ms.get(frame.market, 0) <= frame.at_ms
        if found and is_new and found.book.venue_ms == frame.at_ms:
            self.lost_ms.pop(frame.market, None)
        for market in MARKETS:
            self.check(market)

    def lose(self, frame: Frame) -> None:
        self.lost_ms[frame.market] = max(frame.at_ms, self.lost_ms.get(frame.market, 0))

    def good(self, market: str) -> Watched | None:
        found = self.session.watched(market)
        return found if found and found.fault is None else None

    def check(self, market: str) -> None:
        found = self.good(market)
        if found is None:
            return
        book = found.book
        moment = {(each.market, each.at_ms) for each in self.venue.line}
        bids, asks = map(micros, self.venue.then[market, book.venue_ms or 0])
        assert [each.price for each in book.bids[:1]] == [price for price, _ in bids[-1:]]
        assert [each.price for each in book.asks[:1]] == [price for price, _ in asks[:1]]
        if (market, book.venue_ms) not in moment and market not in self.lost_ms:
            assert [*map(tuple, book.bids)] == bids[::-1]
            assert [*map(tuple, book.asks)] == asks

    def calm_down(self) -> None:
        """No more faults: within minutes, and with a trade in each, every book is true and good."""
        for second in range(200):
            self.answer()
            if second == 150:
                for market in MARKETS:
                    self.venue.command(market, [(0, 1, 1)], traded=True)
            while self.venue.line:
                self.deliver(self.venue.line.popleft())
            self.now_ns += S
            self.session.receive("PONG", 0, self.now_ns)
            assert self.session.tick(self.now_ns) is None
        watched = self.session._books._tokens
        assert all(self.good(market) for market in watched)
        assert not self.lost_ms.keys() & watched.keys()
        assert self.session.unproven == 0


levels = st.tuples(st.integers(0, 1), st.integers(1, 44), st.integers(0, 9))
commands = st.tuples(
    st.just("command"),
    st.sampled_from(MARKETS),
    st.lists(levels, min_size=1, max_size=3, unique_by=lambda level: level[:2]),
    st.booleans(),
)
faults = st.tuples(
    st.sampled_from(("drop", "swap", "again", "old", "garbage", "wait", "remove", "add")),
    st.integers(0, 2**16),
)


def order(run: Run, market: str, found: list[tuple[int, int, int]], *, traded: bool) -> None:
    """Bids stay below 45 and asks above 55 cents: never locked. Nothing is taken away twice."""
    books = run.venue.books[market]
    moves = [(side, cents if side == 0 else 100 - cents, size) for side, cents, size in found]
    moves = [move for move in moves if move[2] or move[1] in books[move[0]]]
    if moves:
        run.venue.command(market, moves, traded=traded)


@settings(max_examples=300)
@given(st.lists(st.one_of(commands, commands, commands, faults), max_size=60))
def test_a_good_book_has_true_best_prices_and_is_true_if_nothing_of_it_was_lost(
    steps: list[tuple[Any, ...]],
) -> None:
    run = Run()
    run.session.open(MARKETS, 0)
    for step in steps:
        run.answer()
        line = run.venue.line
        match step:
            case ("command", market, found, traded):
                order(run, market, found, traded=traded)
            case ("drop", _) if line:
                run.lose(line.popleft())
            case ("swap", _) if len(line) > 1:
                line[0], line[1] = line[1], line[0]
                run.lose(line[0])
                run.lose(line[1])
            case ("again", _) if run.heard:
                run.deliver(run.heard[-1])
            case ("old", n) if run.heard:
                old = run.heard[n % len(run.heard)]
                run.lose(old)
                run.deliver(old)
            case ("garbage", n):
                run.session.receive(b"[" * (n % 5) + b"{", 0, run.now_ns)
                assert not any(map(run.good, MARKETS))
            case ("wait", _):
                run.now_ns += 4 * S
                run.session.receive("PONG", 0, run.now_ns)
                run.session.tick(run.now_ns)
            case ("remove", n):
                run.session.remove([MARKETS[n % 3]], run.now_ns)
            case ("add", n):
                run.session.add([MARKETS[n % 3]], run.now_ns)
            case _:
                pass
        if line:
            run.deliver(line.popleft())
    run.calm_down()


@settings(max_examples=100)
@given(st.lists(commands, max_size=60))
def test_a_clean_line_never_puts_a_book_in_doubt(steps: list[tuple[Any, ...]]) -> None:
    run = Run()
    run.session.open(MARKETS, 0)
    run.answer()
    for step in [("command", "A", [], False), *steps]:
        order(run, step[1], step[2], traded=step[3])
        while run.venue.line:
            run.deliver(run.venue.line.popleft())
        assert all(map(run.good, MARKETS))
    counts = run.session.counts
    assert (counts.resyncs, counts.gaps, counts.duplicates, counts.stray) == (0, 0, 0, 0)


@settings(max_examples=200)
@given(st.lists(commands, min_size=1, max_size=20), st.integers(0, 2**16))
def test_a_lost_frame_that_moved_the_best_price_is_seen_with_the_next_frame_of_that_book(
    steps: list[tuple[Any, ...]], n: int
) -> None:
    run = Run()
    run.session.open(MARKETS, 0)
    run.answer()
    for step in steps:
        order(run, step[1], step[2], traded=False)
    frames = [*run.venue.line]
    lost = n % len(frames)
    for i, frame in enumerate(frames):
        if i == lost:
            run.lose(frame)
        else:
            run.deliver(frame)  # checks the best prices


MUTATIONS: Final = 10_000
JUNK: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 10**400, 1.5, "", "x", "-0.01", "1e9", "NaN", "1.0000001"),
    *([], {}, [[]], {"price": "1"}, "é\u202e", "0.5\n", "9" * 50, "BUY", "A-yes", "PONG"),
)


def mutated(body: bytes, rng: random.Random) -> bytes:
    """One of: bytes flipped, cut off, doubled; a key lost or renamed; a value replaced."""
    kind = rng.randrange(6)
    if kind == 0:
        changed = bytearray(body)
        for _ in range(rng.randint(1, 3)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 1:
        return body[: rng.randrange(len(body))]
    if kind == 2:
        return body[: rng.randrange(len(body))] + body[rng.randrange(len(body)) :]
    found = json.loads(body)
    holder, key = rng.choice([*places(found)])
    if kind == 3:
        del holder[key]
    elif kind == 4 and isinstance(holder, dict):
        holder[f"{key}_"] = holder.pop(key)
    else:
        holder[key] = rng.choice(JUNK)
    return json.dumps(found).encode()


def places(found: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key or index) in a JSON value."""
    items = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in items:
        yield found, key
        if isinstance(value, dict | list):
            yield from places(value)


@pytest.fixture(scope="module")
def frames(shared: Path) -> list[bytes]:
    """One event a frame, of every kind that was recorded."""
    found: list[bytes] = []
    for file in sorted((shared / "data/recorded/polymarket/ws").rglob("*.json")):
        events = json.loads(file.read_bytes())
        some = events[:6] if isinstance(events, list) else [events]
        found += [json.dumps(event).encode() for event in some]
    return found


def test_no_mutation_of_a_frame_makes_the_market_channel_raise(frames: list[bytes]) -> None:
    """And after every one of them a book that is said to be good is one without a fault."""
    run = Run()
    run.session.open(MARKETS, 0)
    run.venue.command("A", [(0, 30, 4)], traded=True)
    run.answer()
    run.venue.command("A", [(0, 30, 5), (1, 70, 5)], traded=True)
    ours = [*frames, *(frame.raw for frame in run.venue.line)] * 2
    faults = 0
    for seed in range(MUTATIONS):
        rng = random.Random(seed)
        raw = mutated(rng.choice(ours), rng)
        run.session.receive(raw if seed % 2 else raw.decode("utf-8", "replace"), seed, seed)
        run.session.tick(seed)
        for market in MARKETS:
            found = run.good(market)
            faults += found is None
            assert found is None or found.book.fault() is None, f"seed {seed}: {raw!r}"
        for kept in (run.session.outbox, run.session.changed, run.session.public):
            kept.clear()
        if seed % 10 == 0:
            run.session = Session(terms())
            run.session.open(MARKETS, 0)
            for frame in run.venue.line:
                run.session.receive(frame.raw, 0, 0)
    assert 0 < faults < 3 * MUTATIONS


def test_no_mutation_of_a_frame_makes_the_user_channel_raise(frames: list[bytes]) -> None:
    book = terms()
    found = [raw for raw in frames if b'"order_owner"' in raw or b'"trader_side"' in raw]
    assert len(found) >= 9
    for raw in found:
        token = json.loads(raw)["asset_id"]
        if book.contract_of(token) is None:
            book.learn_tokens(f"m{token}", token, f"no{token}")
    us = Us("00000000-0000-0000-0000-000000000001", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    session = UserSession(Credentials(us.api_key, "c2VjcmV0", "words"), us, book, Known())
    told = 0
    for seed in range(MUTATIONS):
        rng = random.Random(seed)
        event = json.loads(rng.choice(found))
        event["event_type"] = "trade" if "trader_side" in event else "order"
        session.receive(mutated(json.dumps(event).encode(), rng), seed, seed)
        told += len(session.private)
        session.private.clear()
    assert told
