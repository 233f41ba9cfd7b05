"""Two catalogues and their index: what is found, what is looked at again, and what is not."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest

from matching.catalogue import CANDIDATES_MAX, Matched, Matcher, one_to_one
from matching.extract import extract
from matching.index import Index, hashed
from matching.listing import Listing
from matching.pairs import MarketKey, Relation
from matching.terms import Terms
from matching.verdict import Judgement, Verdict

PLACES: Final = (
    "Mapleton",
    "Oakridge",
    "Fernhill",
    "Bramwell",
    "Tidewick",
    "Quarrydale",
    "Elmsworth",
)
FIRST: Final = ("Jane", "Otto", "Priya", "Lars", "Noor", "Ines", "Hugo", "Mina")
LAST: Final = ("Abernathy", "Brockway", "Castellan", "Dunmore", "Eastlake", "Farrow", "Grindle")
Key = tuple[str, str, Relation]


def kalshi(person: str, place: str, year: int) -> Listing:
    code = "".join(word[0] for word in person.split()) + person.rsplit(maxsplit=1)[-1][1:4]
    event = f"KX{place[:5].upper()}MAYOR-{year % 100}"
    return Listing(
        venue="kalshi",
        id=f"{event}-{code.upper()}",
        event_id=event,
        series=event.partition("-")[0],
        title=f"Who will win the {year} {place} mayoral election?",
        subtitle=person,
    )


def polymarket(person: str, place: str, year: int) -> Listing:
    title = f"Will {person} win the {year} {place} mayoral election?"
    return Listing(
        venue="polymarket", id=f"0x{title.encode().hex()}", title=title, outcomes=("Yes", "No")
    )


PEOPLE: Final = [f"{first} {last}" for first in FIRST for last in LAST]
CONTESTS: Final = [
    (PEOPLE[(5 * i + j) % len(PEOPLE)], place, 2026)
    for i, place in enumerate(PLACES)
    for j in range(4)
]
KALSHI: Final = [kalshi(*contest) for contest in CONTESTS]
POLYMARKET: Final = [polymarket(*contest) for contest in CONTESTS]


def keys_of(judgements: tuple[Judgement, ...]) -> set[Key]:
    return {(j.kalshi.id, j.polymarket.id, j.relation) for j in judgements}


def ids(ranked: list[tuple[str, float]]) -> list[str]:
    return [id for id, _ in ranked]


# The index


def test_what_shares_the_rarest_key_comes_first() -> None:
    index = Index()
    for i in range(20):
        index.add(f"common{i}", hashed(["win", "2026"]))
    index.add("both", hashed(["win", "2026", "roe"]))
    index.add("rare", hashed(["roe"]))
    found = index.best(["win", "2026", "roe"], [], 3)
    assert ids(found)[:2] == ["both", "rare"]
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


def test_what_is_removed_is_found_no_more() -> None:
    index = Index()
    index.add("a", hashed(["x", "y"]))
    index.add("b", hashed(["x"]))
    index.remove("a")
    index.remove("never there")
    assert len(index) == 1
    assert ids(index.best(["x", "y"], [], 5)) == ["b"]
    index.add("a", hashed(["y"]))
    assert ids(index.best(["y"], [], 5)) == ["a"]


def test_what_is_added_again_has_only_its_new_keys() -> None:
    index = Index()
    index.add("a", hashed(["old", "both"]))
    index.add("a", hashed(["new", "both"]))
    assert len(index) == 1
    assert index.best(["old"], [], 5) == []
    assert ids(index.best(["new"], [], 5)) == ["a"]
    assert ids(index.best(["both"], [], 5)) == ["a"]


@pytest.mark.parametrize("edits", [3, 20, 100, 2_000])
def test_a_listing_that_changes_often_is_still_found(edits: int) -> None:
    index = Index()
    index.add("other", hashed(["x"]))
    for _ in range(edits):
        index.add("a", hashed(["x", "y"]))
    assert len(index) == 2
    assert ids(index.best(["x", "y"], [], 8)) == ["a", "other"]


@pytest.mark.parametrize("gone", [3, 20, 100, 2_000])
def test_those_that_left_take_no_place_of_those_that_stay(gone: int) -> None:
    index = Index()
    for i in range(gone):
        index.add(f"gone{i}", hashed(["x", "y"]))
    index.add("a", hashed(["x", "y"]))
    for i in range(gone):
        index.remove(f"gone{i}")
    assert ids(index.best(["x", "y"], [], 8)) == ["a"]


def test_an_index_that_was_emptied_and_filled_again_ranks_like_a_new_one() -> None:
    rng = random.Random(7)
    worn, fresh = Index(), Index()
    rows = {f"m{i}": rng.sample("abcdefghijklmnop", 5) for i in range(60)}
    for _ in range(3):
        for id, keys in rows.items():
            worn.add(id, hashed(rng.sample(keys, 3)))
        for id in list(rows)[::2]:
            worn.remove(id)
    for id, keys in rows.items():
        worn.add(id, hashed(keys))
        fresh.add(id, hashed(keys))
    for keys in rows.values():
        assert set(ids(worn.best(keys, [], 60))) == set(ids(fresh.best(keys, [], 60)))


def test_no_more_than_asked_for_is_given_and_nothing_for_unknown_keys() -> None:
    index = Index()
    for i in range(50):
        index.add(f"m{i}", hashed(["x"]))
    assert len(index.best(["x"], [], 7)) == 7
    assert index.best(["unknown"], ["c|none"], 7) == []
    assert Index().best(["x"], ["c|x"], 7) == []


def test_pieces_of_words_find_a_name_that_is_spelled_otherwise() -> None:
    matcher = Matcher()
    one, two = CONTESTS[0], CONTESTS[5]
    misspelt = (one[0].replace("bern", "bbern"), one[1], one[2])
    assert misspelt != one
    matcher.update([kalshi(*one), kalshi(*two)], [polymarket(*misspelt), polymarket(*two)])
    assert polymarket(*misspelt).id in matcher.candidates([kalshi(*one).id])[0]


def test_candidates_are_ranked_and_bounded() -> None:
    matcher = Matcher()
    matcher.update(KALSHI, POLYMARKET)
    for k, p in zip(KALSHI, POLYMARKET, strict=True):
        (offered,) = matcher.candidates([k.id])
        assert offered[0] == p.id
        assert len(offered) <= CANDIDATES_MAX


# The matcher


def test_every_twin_of_two_small_catalogues_is_accepted() -> None:
    found = Matcher().update(KALSHI, POLYMARKET)
    twins = {(k.id, p.id, Relation.SAME) for k, p in zip(KALSHI, POLYMARKET, strict=True)}
    assert keys_of(found.accepted) == twins
    assert found.looked_at == len(KALSHI) + len(POLYMARKET)


def test_the_pairs_that_are_judged_grow_with_the_catalogue_and_not_with_its_square() -> None:
    contests = [
        (p, place, year) for place in PLACES for year in range(2026, 2032) for p in PEOPLE[::4]
    ]
    found = Matcher().update([kalshi(*c) for c in contests], [polymarket(*c) for c in contests])
    assert len(contests) > 500
    assert len(contests) * 0.9 <= found.judged <= len(contests) * CANDIDATES_MAX
    assert found.judged < len(contests) ** 2 / 15


def test_an_empty_catalogue_matches_nothing_and_forgets_everything() -> None:
    matcher = Matcher()
    assert matcher.update([], []) == Matched(accepted=(), review=(), near=(), looked_at=0, judged=0)
    matcher.update(KALSHI, POLYMARKET)
    for found in (matcher.update(KALSHI, []), matcher.update([], [])):
        assert (found.accepted, found.review, found.near, found.judged) == ((), (), (), 0)
    again = matcher.update(KALSHI, POLYMARKET)
    assert keys_of(again.accepted) == keys_of(Matcher().update(KALSHI, POLYMARKET).accepted)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the listings that are read, in order."""
    seen: list[str] = []

    def counted(listing: Listing) -> Terms:
        seen.append(listing.id)
        return extract(listing)

    monkeypatch.setattr("matching.catalogue.extract", counted)
    return seen


def test_only_new_and_changed_listings_are_read_again(read: list[str]) -> None:
    matcher = Matcher()
    matcher.update(KALSHI[:20], POLYMARKET[:20])
    assert sorted(read) == sorted(x.id for x in KALSHI[:20] + POLYMARKET[:20])
    read.clear()
    same = matcher.update(KALSHI[:20], [replace(x) for x in reversed(POLYMARKET[:20])])
    assert (read, same.looked_at, same.judged) == ([], 0, 0)
    edited = replace(KALSHI[3], rules=("The official count decides.",))
    found = matcher.update(
        [*KALSHI[:3], edited, *KALSHI[4:20], KALSHI[20]], [*POLYMARKET[1:20], POLYMARKET[20]]
    )
    assert sorted(read) == sorted([edited.id, KALSHI[20].id, POLYMARKET[20].id])
    assert found.looked_at == 3
    assert 0 < found.judged <= 3 * CANDIDATES_MAX
    assert (KALSHI[20].id, POLYMARKET[20].id, Relation.SAME) in keys_of(found.accepted)
    assert KALSHI[0].id not in {k for k, _, _ in keys_of(found.accepted)}
    assert (edited.id, POLYMARKET[3].id, Relation.SAME) in keys_of(found.accepted)


def test_a_listing_given_twice_is_read_once(read: list[str]) -> None:
    found = Matcher().update([KALSHI[0], KALSHI[0]], [POLYMARKET[0], POLYMARKET[0]])
    assert sorted(read) == sorted([KALSHI[0].id, POLYMARKET[0].id])
    assert len(found.accepted) == 1


def test_a_pair_outlives_many_edits_of_one_side() -> None:
    matcher, both = Matcher(), (KALSHI[0], POLYMARKET[0])
    twin = {(both[0].id, both[1].id, Relation.SAME)}
    for i in range(40):
        p = replace(both[1], rules=(f"Edition {i}.",))
        k = replace(both[0], rules=(f"Edition {i}.",))
        assert keys_of(matcher.update([both[0]], [p]).accepted) == twin, i
        assert keys_of(matcher.update([k], [p]).accepted) == twin, i


def edited(rng: random.Random, rows: dict[str, Listing], spare: list[Listing]) -> None:
    """One random edit of a catalogue: a listing new, gone, reworded or with other rules."""
    kind = rng.choice(["add", "add", "remove", "rules", "title"])
    if kind == "add" or not rows:
        listing = rng.choice(spare)
        rows[listing.id] = listing
    elif kind == "remove":
        del rows[rng.choice(sorted(rows))]
    else:
        id = rng.choice(sorted(rows))
        old = rows[id]
        rules = (rng.choice(["By the official count.", "By the first count.", ""]),)
        title = old.title.replace("2026", "2027") if "2026" in old.title else old.title
        rows[id] = replace(old, rules=rules) if kind == "rules" else replace(old, title=title)


CROWD: Final = [(person, "Mapleton", year) for person in PEOPLE for year in (2026, 2027)]


@pytest.mark.parametrize("contests", [CONTESTS, CROWD], ids=["apart", "crowded"])
@pytest.mark.parametrize("seed", range(25))
def test_any_sequence_of_edits_ends_where_a_fresh_run_ends(
    seed: int, contests: list[tuple[str, str, int]]
) -> None:
    rng, matcher = random.Random(seed), Matcher()
    kalshis, polymarkets = [kalshi(*c) for c in contests], [polymarket(*c) for c in contests]
    k = {x.id: x for x in rng.sample(kalshis, len(contests) // 3)}
    p = {x.id: x for x in rng.sample(polymarkets, len(contests) // 3)}
    for step in range(8):
        for _ in range(rng.randrange(6)):
            edited(rng, *((k, kalshis) if rng.random() < 0.5 else (p, polymarkets)))
        found = matcher.update(k.values(), p.values())
        fresh = Matcher().update(k.values(), p.values())
        assert keys_of(found.accepted) == keys_of(fresh.accepted), (seed, step)
        assert keys_of(found.review) == keys_of(fresh.review), (seed, step)


def test_a_near_miss_is_kept_with_its_reason() -> None:
    title = "Will Zorba Labs launch a token by {}?"
    k = Listing(venue="kalshi", id="KXZORBA-26DEC31", title=title.format("December 31, 2026"))
    p = Listing(venue="polymarket", id="0x1", title=title.format("November 30, 2026"))
    found = Matcher().update([k], [replace(p, outcomes=("Yes", "No"))])
    assert (found.accepted, found.review) == ((), ())
    assert [(n.kalshi, n.polymarket, n.relation, n.reasons) for n in found.near] == [
        (k.id, p.id, Relation.P_IMPLIES_K, ("window",))
    ]


# One to one


def accepted(
    k: str, p: str, relation: Relation = Relation.SAME, score: float = 0.99, *assumed: str
) -> Judgement:
    return Judgement(
        kalshi=MarketKey("kalshi", k),
        polymarket=MarketKey("polymarket", p),
        relation=relation,
        verdict=Verdict.ACCEPT,
        score=score,
        assumed=assumed,
    )


def test_pairs_without_a_rival_stay() -> None:
    every = [accepted(f"K{i}", f"P{i}") for i in range(5)]
    assert one_to_one(every) == (every, [])
    assert one_to_one([]) == ([], [])


@pytest.mark.parametrize("relation", [Relation.SAME, Relation.INVERTED])
def test_two_markets_that_claim_one_partner_alike_both_go_to_review(relation: Relation) -> None:
    other = accepted("K3", "P3", relation)
    by_p = [accepted("K1", "P1", relation), accepted("K2", "P1", relation)]
    assert one_to_one([*by_p, other]) == ([other], by_p)
    by_k = [accepted("K1", "P1", relation), accepted("K1", "P2", relation)]
    assert one_to_one([*by_k, other]) == ([other], by_k)


def test_both_sides_of_one_game_may_share_a_partner() -> None:
    game = [accepted("LAL", "P1"), accepted("BOS", "P1", Relation.INVERTED)]
    assert one_to_one(game) == (game, [])


def test_the_stronger_claim_stays_where_one_is_stronger() -> None:
    sure, unsure = accepted("K1", "P1"), accepted("K2", "P1", Relation.SAME, 0.99, "year")
    assert one_to_one([unsure, sure]) == ([sure], [unsure])
    lower = accepted("K2", "P1", Relation.SAME, 0.9)
    assert one_to_one([sure, lower]) == ([sure], [lower])


@pytest.mark.parametrize("seed", range(20))
def test_no_market_keeps_two_partners_of_one_relation(seed: int) -> None:
    rng = random.Random(seed)
    every = [
        accepted(
            f"K{a}",
            f"P{b}",
            rng.choice([Relation.SAME, Relation.INVERTED]),
            rng.choice([0.9, 0.99]),
        )
        for a, b in {(rng.randrange(6), rng.randrange(6)) for _ in range(14)}
    ]
    kept, others = one_to_one(every)
    assert sorted(map(id_of, kept + others)) == sorted(map(id_of, every))
    for side in (0, 1):
        taken = [(id_of(j)[side], j.relation) for j in kept]
        assert len(taken) == len(set(taken))


def id_of(judgement: Judgement) -> tuple[str, str]:
    return judgement.kalshi.id, judgement.polymarket.id


def test_two_kalshi_listings_of_one_question_go_to_review() -> None:
    twice = replace(KALSHI[0], id=KALSHI[0].id.replace("MAYOR", "MAYR"), series="KXMAPLEMAYR")
    found = Matcher().update([KALSHI[0], twice], [POLYMARKET[0]])
    assert found.accepted == ()
    assert {k for k, _, _ in keys_of(found.review)} == {KALSHI[0].id, twice.id}
