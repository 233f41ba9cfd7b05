"""What the live engine tells when books change, and the proof that goes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st
from pair_books import START_MS, K, P, book, listed

from matching.pairs import MarketKey, Relation
from scanner.engine import PAIR_LEFT, Engine
from scanner.episode import Change, Happened
from scanner.follow import follow, full_pass
from scanner.scan import Listed, Policy, Reason, scan
from venues import Book, Outcome
from venues.book import Top
from venues.stream import Watched


@dataclass
class Desk:
    """Books that a test sets, and a clock that it moves."""

    ms: int = 0
    kept: dict[str, Watched] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def book(self, market: str) -> Watched | None:
        return self.kept.get(market)

    def top(self, market: str) -> Top | None:
        kept = self.kept.get(market)
        return kept.book.top if kept else None

    def put(self, found: Book, *, fault: str | None = None) -> None:
        at = self.ms or 1
        self.kept[found.contract.market] = Watched(
            book=found, confirmed_ms=START_MS + at, confirmed_ns=at * 1_000_000, fault=fault
        )

    async def changed(self) -> AsyncIterator[str]:
        for id in self.ids:
            yield id

    def now_ms(self) -> int:
        return START_MS + self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000

    async def sleep_ms(self, duration_ms: int) -> None:
        self.ms += duration_ms


def desk_with_engine(*pairs: Listed) -> tuple[Desk, Engine]:
    desk = Desk()
    engine = Engine({"kalshi": desk, "polymarket": desk}, policy=Policy())
    assert engine.watch(pairs or [listed()], desk.now_ms()) == []
    return desk, engine


def touched(desk: Desk, engine: Engine, *, at_ms: int, key: MarketKey = P) -> list[Change]:
    desk.ms = at_ms
    return engine.touched(key, desk.now_ms(), desk.monotonic_ns())


def show(desk: Desk, engine: Engine, bid: int, *, at_ms: int, size: int = 100) -> list[Change]:
    """Polymarket's bid moves; both books are fresh."""
    desk.ms = at_ms
    desk.put(book(K, 39, 40))
    desk.put(book(P, bid, bid + 2, size))
    return touched(desk, engine, at_ms=at_ms)


def test_an_episode_begins_changes_and_ends_with_its_half_life() -> None:
    desk, engine = desk_with_engine()
    assert show(desk, engine, 38, at_ms=1_000) == []
    assert engine.reasons == {"K-P": Reason.NOT_CROSSED}
    [began] = show(desk, engine, 50, at_ms=2_000)
    [grew] = show(desk, engine, 60, at_ms=3_000)
    [fell] = show(desk, engine, 45, at_ms=3_700)
    [over] = show(desk, engine, 38, at_ms=5_000)
    assert [c.happened for c in (began, grew, fell, over)] == [
        Happened.APPEARED,
        Happened.CHANGED,
        Happened.CHANGED,
        Happened.ENDED,
    ]
    assert {c.episode.id for c in (began, grew, fell, over)} == {f"K-P@{START_MS + 2_000}"}
    assert over.episode.best == grew.episode.last
    assert over.episode.half_life_ms == 700
    assert over.episode.duration_ms == 3_000
    assert over.episode.ended_by == Reason.NOT_CROSSED
    assert engine.episodes == {}


def test_an_episode_that_ends_at_its_best_had_half_until_then() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 50, at_ms=1_000)
    [over] = show(desk, engine, 38, at_ms=1_250)
    assert over.episode.half_life_ms == 250


def test_two_episodes_of_one_millisecond_are_two() -> None:
    desk, engine = desk_with_engine()
    ids = []
    for _ in range(3):
        [began] = show(desk, engine, 50, at_ms=1_000)
        [over] = show(desk, engine, 38, at_ms=1_000)
        assert began.episode.id == over.episode.id
        assert over.episode.duration_ms == 0
        ids.append(over.episode.id)
    assert len(set(ids)) == 3


def test_no_episode_lasts_less_than_nothing_when_the_clock_is_set_back() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=3_600_000)
    [fell] = show(desk, engine, 45, at_ms=1_000)
    [over] = show(desk, engine, 38, at_ms=1_000)
    assert (fell.episode.half_life_ms, over.episode.duration_ms) == (0, 0)


def test_a_small_move_is_no_news_but_the_best_is_kept() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=1_000)
    assert show(desk, engine, 61, at_ms=2_000) == []
    assert engine.episodes["K-P"].best.seen_ms == START_MS + 2_000
    [again] = show(desk, engine, 62, at_ms=3_000)  # measured from what was told, not from the last
    assert again.happened is Happened.CHANGED


def test_a_quantity_that_moves_is_news() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=1_000)
    [changed] = show(desk, engine, 60, at_ms=2_000, size=50)
    assert changed.episode.last.quantity == 50_000_000


def test_only_the_pairs_of_the_changed_market_are_priced() -> None:
    other = MarketKey("polymarket", "Q")
    desk, engine = desk_with_engine(listed(), listed(two=other))
    show(desk, engine, 60, at_ms=1_000)
    assert engine.priced == 1
    assert touched(desk, engine, at_ms=2_000, key=MarketKey("polymarket", "unknown")) == []
    assert [c.episode.pair_id for c in touched(desk, engine, at_ms=3_000, key=K)] == []
    assert engine.priced == 3


def test_a_doubted_book_is_shown_but_its_proof_is_not_good() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=1_000)
    desk.put(book(P, 60, 62), fault="a gap in its sequence")
    [doubted] = touched(desk, engine, at_ms=1_100)
    assert doubted.happened is Happened.CHANGED
    assert doubted.episode.proof.doubts == ("polymarket: a gap in its sequence",)
    [mended] = show(desk, engine, 60, at_ms=1_200)
    assert mended.episode.proof.is_good
    assert mended.episode.was_good


def test_a_book_that_nobody_confirms_grows_old_in_a_full_pass() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=1_000)
    desk.ms = 31_000
    assert engine.price(["K-P"], desk.now_ms(), desk.monotonic_ns()) == []
    desk.ms = 31_001
    [old] = engine.price(["K-P"], desk.now_ms(), desk.monotonic_ns())
    assert len(old.episode.proof.doubts) == 2
    assert old.episode.proof.ages_ms == (30_001, 30_001)


def test_a_venue_in_doubt_spoils_every_proof_there() -> None:
    desk, engine = desk_with_engine()
    engine.doubts["kalshi"] = "trading is paused"
    [began] = show(desk, engine, 60, at_ms=1_000)
    assert began.episode.proof.doubts == ("kalshi: trading is paused",)
    assert not began.episode.was_good


def test_a_book_that_was_never_confirmed_is_no_proof() -> None:
    desk, engine = desk_with_engine()
    desk.put(book(K, 39, 40))
    desk.kept["P"] = replace(desk.kept["K"], book=book(P, 60, 62), confirmed_ms=0, confirmed_ns=0)
    [began] = touched(desk, engine, at_ms=1_000)
    assert began.episode.proof.doubts == ("polymarket: its book was never confirmed",)


def test_a_pair_that_leaves_ends_its_episode() -> None:
    desk, engine = desk_with_engine()
    show(desk, engine, 60, at_ms=1_000)
    [over] = engine.watch([], desk.now_ms())
    assert over.episode.ended_by == PAIR_LEFT
    assert touched(desk, engine, at_ms=2_000) == []


def test_an_inverted_pair_crosses_where_the_two_yes_cost_less_than_a_dollar() -> None:
    desk, engine = desk_with_engine(listed(relation=Relation.INVERTED))
    desk.put(book(K, 39, 40))
    desk.put(book(P, 48, 50))
    [began] = touched(desk, engine, at_ms=1_000)
    outcomes = [leg.contract.outcome for leg in began.episode.last.legs]
    assert outcomes == [Outcome.YES, Outcome.YES]


async def test_stream_and_full_pass_find_what_a_scan_finds() -> None:
    desk, streamed = desk_with_engine()
    passed = Engine({"kalshi": desk, "polymarket": desk}, policy=Policy())
    passed.watch([listed()], desk.now_ms())
    desk.put(book(K, 39, 40))
    desk.put(book(P, 50, 52))
    desk.ids = ["P"]
    told: list[Change] = []
    await follow("polymarket", desk, streamed, desk, told.extend)
    await full_pass(passed, desk, told.extend)
    books = {K: book(K, 39, 40), P: book(P, 50, 52)}
    [expected] = scan([listed()], books, ts_ms=desk.now_ms(), policy=Policy()).ranked
    assert [change.episode.last for change in told] == [expected, expected]


@given(
    st.integers(2, 97),
    st.integers(1, 3),
    st.integers(2, 97),
    st.integers(1, 3),
    st.sampled_from([Relation.SAME, Relation.INVERTED]),
)
def test_the_quick_look_loses_nothing_but_crumbs(
    bid: int, apart: int, other: int, apart_too: int, relation: Relation
) -> None:
    """What a whole scan finds and the engine does not is less than a hundredth of a cent."""
    item = listed(relation=relation)
    desk, engine = desk_with_engine(item)
    books = {K: book(K, bid, bid + apart), P: book(P, other, other + apart_too)}
    for each in books.values():
        desk.put(each)
    touched(desk, engine, at_ms=1_000)
    found = scan([item], books, ts_ms=desk.now_ms(), policy=Policy()).ranked
    seen = [episode.last for episode in engine.episodes.values()]
    assert seen == list(found) or (not seen and found[0].profit < 100)
