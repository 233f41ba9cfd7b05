"""What a run of the matcher leaves in the book: proposals, revocations, one partner each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import pytest
from pair_of_texts import APPROVED, EDITED, FOUND, NEW, ONE, TWO, K, P

from matching.keeping import Counts, keep
from matching.listing import Listing
from matching.pair_book import Act, Kept, NearMiss, PairState, decide, pair_id
from matching.pairs import MarketKey, Relation
from matching.verdict import Judgement, Verdict


class Shelf:
    """A pair book in memory."""

    def __init__(self, *kept: Kept) -> None:
        self.kept = {each.id: each for each in kept}
        self.near: list[NearMiss] = []
        self.texts: list[Listing] = []

    def pairs(self) -> Sequence[Kept]:
        return list(self.kept.values())

    def put(self, changed: Iterable[Kept], *, at_ms: int, texts: Iterable[Listing] = ()) -> None:
        self.kept |= {each.id: each for each in changed}
        self.texts += texts

    def put_near_misses(self, found: Iterable[NearMiss], now_ms: int) -> None:
        self.near += found


def run(shelf: Shelf, *found: Judgement, two: Listing = TWO, afresh: Judgement = FOUND) -> Counts:
    listings = {K: ONE, P: two}
    return keep(found, listings, shelf, at_ms=9, judge=lambda one, two: afresh)  # type: ignore[arg-type]


def test_a_run_proposes_then_leaves_alone_then_revokes() -> None:
    shelf = Shelf()
    first = run(shelf, FOUND)
    assert (first.new, first.changed, first.unchanged) == (1, 0, 0)
    assert shelf.texts == [ONE, TWO]
    shelf.kept[NEW.id] = decide(shelf.kept[NEW.id], Act.APPROVE, by="Ann", at_ms=2)
    second = run(shelf, FOUND)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 1)
    third = run(shelf, FOUND, two=EDITED)
    assert (third.changed, [kept.id for kept in third.revoked]) == (1, [NEW.id])
    assert shelf.texts[-1] == EDITED


def test_a_pair_that_a_run_no_longer_mentions_is_judged_from_its_own_texts() -> None:
    shelf = Shelf(APPROVED)
    gone = replace(FOUND, relation=Relation.UNRELATED, verdict=Verdict.REJECT)
    assert run(shelf, two=EDITED, afresh=gone).revoked[0].verdict is Verdict.REJECT
    assert run(Shelf(APPROVED), afresh=FOUND).unchanged == 1


@pytest.mark.parametrize("away", [K, P])
def test_an_edit_seen_while_the_other_market_was_away_revokes_for_good(away: MarketKey) -> None:
    shelf = Shelf(APPROVED)
    here = {K: replace(ONE, title="Will it not?"), P: EDITED}
    alone = {key: listing for key, listing in here.items() if key != away}
    counts = keep([], alone, shelf, at_ms=8)  # type: ignore[arg-type]
    (revoked,) = counts.revoked
    assert (revoked.state, revoked.by, revoked.at_ms) == (PairState.REVOKED, "matcher", 8)
    assert f"the text at {'Polymarket' if away is K else 'Kalshi'} changed" in revoked.note
    assert shelf.texts == [*alone.values()]
    again = keep([], alone, shelf, at_ms=9)  # type: ignore[arg-type]
    assert (again.changed, again.revoked) == (0, ())
    assert run(shelf, FOUND).changed == 0
    assert shelf.kept[NEW.id].state is PairState.REVOKED


@pytest.mark.parametrize("kept", [NEW, APPROVED, decide(NEW, Act.REJECT, by="Ann", at_ms=2)])
def test_a_market_that_is_away_changes_nothing_by_itself(kept: Kept) -> None:
    shelf = Shelf(kept)
    for listings in ({K: ONE}, {P: TWO}, {}):
        assert keep([], listings, shelf, at_ms=8).changed == 0  # type: ignore[arg-type]
    assert shelf.kept[NEW.id] is kept


OTHER: Final = replace(TWO, id="0x2", title="Will it, this year?")


@pytest.mark.parametrize(
    ("scores", "accepted"),
    [((0.99, 0.99), set()), ((0.99, 0.9), {"0x2"}), ((0.9, 0.99), {"0x1"})],
)
@pytest.mark.parametrize("told_of", [Verdict.ACCEPT, Verdict.REVIEW])
def test_a_pair_judged_from_its_own_texts_must_be_one_to_one_too(
    scores: tuple[float, float], accepted: set[str], told_of: Verdict
) -> None:
    told = replace(
        FOUND,
        polymarket=MarketKey("polymarket", "0x2"),
        score=scores[0],
        verdict=told_of,  # REVIEW: as the matcher leaves two that are equally likely
    )
    afresh = replace(FOUND, score=scores[1])
    shelf = Shelf(APPROVED)
    listings = {K: ONE, P: TWO, told.polymarket: OTHER}
    keep([told], listings, shelf, at_ms=9, judge=lambda one, two: afresh)  # type: ignore[arg-type]
    found = {x.polymarket.id for x in shelf.pairs() if x.verdict is Verdict.ACCEPT}
    assert found == accepted - ({"0x2"} if told_of is Verdict.REVIEW else set())
    stands = shelf.kept[NEW.id].state is PairState.APPROVED
    assert stands == ("0x1" in accepted)


def test_what_a_person_rejected_is_no_rival() -> None:
    told = replace(FOUND, polymarket=MarketKey("polymarket", "0x2"))
    shelf = Shelf(decide(NEW, Act.REJECT, by="Ann", at_ms=2))
    listings = {K: ONE, P: TWO, told.polymarket: OTHER}
    keep([told], listings, shelf, at_ms=9, judge=lambda one, two: FOUND)  # type: ignore[arg-type]
    assert shelf.kept[pair_id(K, told.polymarket)].verdict is Verdict.ACCEPT


def test_what_makes_no_pair_is_a_near_miss_and_a_known_pair_stays_one() -> None:
    miss = replace(FOUND, relation=Relation.RELATED, verdict=Verdict.REJECT, vetoes=("the year",))
    shelf = Shelf()
    assert run(shelf, miss) == Counts(
        new=0, changed=0, unchanged=0, near=1, revoked=(), reopened=()
    )
    assert shelf.near[0].reasons == ("the year",)
    known = Shelf(NEW)
    assert run(known, miss).changed == 1
    assert not known.near
    assert not known.kept[NEW.id].scanned
