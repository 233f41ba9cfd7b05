"""The life of a pair: what a person decides, what a run finds, and when orders may be made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_of_texts import APPROVED, EDITED, FOUND, NEW, ONE, TWO, K, P

from matching.executable import executable
from matching.hashing import text_hash
from matching.listing import Listing
from matching.pair_book import (
    TRANSITIONS,
    Act,
    Hashes,
    Kept,
    PairState,
    decide,
    pair_id,
    proposed,
    refound,
)
from matching.pairs import MarketKey, Relation
from matching.verdict import Divergence, Judgement, Severity, Verdict


def test_the_table_of_steps_is_what_the_book_promises() -> None:
    by_person = {key: to for key, to in TRANSITIONS.items() if key[1] in {Act.APPROVE, Act.REJECT}}
    assert set(by_person.values()) == {PairState.APPROVED, PairState.REJECTED}
    assert not [key for key, to in by_person.items() if key[0] is to]
    found = {key: to for key, to in TRANSITIONS.items() if key not in by_person}
    assert PairState.APPROVED not in found.values()
    assert {key[0] for key in found} == set(PairState)
    assert TRANSITIONS[PairState.APPROVED, Act.TEXT_CHANGED] is PairState.REVOKED
    assert TRANSITIONS[PairState.APPROVED, Act.JUDGED_WORSE] is PairState.REVOKED
    assert TRANSITIONS[PairState.REJECTED, Act.TEXT_CHANGED] is PairState.PROPOSED
    assert TRANSITIONS[PairState.REJECTED, Act.JUDGED_WORSE] is PairState.REJECTED


RULES: Final = st.sampled_from([("It does.",), ("It  does.",), ("It does, by noon.",), ()])
FINDINGS: Final = st.builds(
    lambda relation, verdict, assumed: replace(
        FOUND, relation=relation, verdict=verdict, assumed=assumed
    ),
    st.sampled_from(Relation),
    st.sampled_from(Verdict),
    st.sampled_from([(), ("year",)]),
)
STEPS: Final = st.lists(
    st.one_of(st.sampled_from([Act.APPROVE, Act.REJECT]), st.tuples(FINDINGS, RULES)), max_size=12
)


@given(STEPS)
def test_only_a_person_approves_and_an_approval_never_outlives_its_texts(
    steps: list[Act | tuple[Judgement, tuple[str, ...]]],
) -> None:
    kept, two = NEW, TWO
    for at_ms, step in enumerate(steps, 10):
        before = kept
        if isinstance(step, Act):
            try:
                kept = decide(kept, step, by="Ann", at_ms=at_ms)
            except ValueError:
                assert kept == before
                continue
            assert (kept.by, kept.decision is not None) == ("Ann", True)
        else:
            found, rules = step
            two = replace(two, rules=rules)
            kept = refound(kept, found, ONE, two, at_ms=at_ms)
            assert kept.decision == before.decision
            edited = text_hash(two) != before.texts.polymarket
            if before.state is not PairState.APPROVED:
                assert kept.state is not PairState.APPROVED
            elif edited:
                assert kept.state is PairState.REVOKED
                assert "the text at Polymarket changed" in kept.note
            if before.state is PairState.REJECTED and not edited:
                assert kept.state is PairState.REJECTED
            if kept.state != before.state:
                assert kept.by == "matcher"
                assert kept.note
        assert kept.texts == (text_hash(ONE), text_hash(two))
        if kept.state is PairState.APPROVED:
            assert kept.decision
            assert kept.decision.texts == kept.texts
        if not executable(kept, ONE, two):
            assert kept.state is PairState.APPROVED
            assert kept.verdict is Verdict.ACCEPT
            assert any(two.rules)


def test_nothing_new_leaves_the_pair_itself() -> None:
    assert refound(APPROVED, FOUND, ONE, TWO, at_ms=9) is APPROVED
    respaced = replace(TWO, rules=(" It\n\ndoes. ",))
    assert refound(APPROVED, FOUND, ONE, respaced, at_ms=9) is APPROVED


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (replace(FOUND, verdict=Verdict.REVIEW), "the verdict is now review, not accept"),
        (replace(FOUND, verdict=Verdict.REJECT, relation=Relation.SAME), "now reject"),
        (replace(FOUND, relation=Relation.INVERTED), "now judged inverted, not same"),
    ],
)
def test_a_worse_judgement_of_the_same_texts_revokes_and_says_why(now: Judgement, why: str) -> None:
    kept = refound(APPROVED, now, ONE, TWO, at_ms=9)
    assert (kept.state, kept.by, kept.at_ms) == (PairState.REVOKED, "matcher", 9)
    assert why in kept.note
    assert kept.decision == APPROVED.decision


def test_an_approval_against_a_doubting_matcher_stands_until_it_doubts_more() -> None:
    doubted = replace(FOUND, verdict=Verdict.REVIEW, score=0.4)
    kept = decide(proposed(doubted, ONE, TWO, at_ms=1), Act.APPROVE, by="Ann", at_ms=2)
    assert refound(kept, doubted, ONE, TWO, at_ms=9) is kept
    better = refound(kept, FOUND, ONE, TWO, at_ms=9)
    assert (better.state, better.verdict, better.by) == (
        PairState.APPROVED,
        Verdict.ACCEPT,
        "Ann",
    )
    worse = replace(doubted, verdict=Verdict.REJECT)
    assert refound(kept, worse, ONE, TWO, at_ms=9).state is PairState.REVOKED
    assert executable(kept, ONE, TWO) == ("the matcher says review",)


def test_a_rejected_pair_comes_back_only_with_another_text() -> None:
    kept = decide(NEW, Act.REJECT, by="Ann", at_ms=2)
    better = replace(FOUND, score=1.0, assumed=("year",))
    assert refound(kept, better, ONE, TWO, at_ms=9).state is PairState.REJECTED
    again = refound(kept, FOUND, ONE, EDITED, at_ms=9)
    assert (again.state, again.by) == (PairState.PROPOSED, "matcher")
    assert "the text at Polymarket changed" in again.note


def test_a_text_that_nobody_has_read_cannot_be_approved() -> None:
    unread = replace(NEW, texts=NEW.texts._replace(kalshi=""))
    with pytest.raises(ValueError, match="nobody has read"):
        decide(unread, Act.APPROVE, by="Ann", at_ms=2)
    assert refound(unread, FOUND, ONE, TWO, at_ms=9).note == ""
    with pytest.raises(ValueError, match="approved already"):
        decide(APPROVED, Act.APPROVE, by="Ann", at_ms=2)
    with pytest.raises(ValueError, match="neither same nor inverted"):
        decide(replace(NEW, relation=Relation.RELATED), Act.APPROVE, by="Ann", at_ms=2)


def test_an_approved_pair_of_known_texts_is_executable() -> None:
    assert executable(APPROVED, ONE, TWO) == ()


BAR: Final = Divergence("source", Severity.BAR, "by A", "by B")
CAUTION: Final = Divergence("postponement", Severity.CAUTION, "two days", "")


@pytest.mark.parametrize(
    ("kept", "two", "why"),
    [
        (NEW, TWO, "no person's approval: it is proposed"),
        (replace(APPROVED, state=PairState.REVOKED), TWO, "no person's approval: it is revoked"),
        (APPROVED, None, "the rules at Polymarket are not at hand"),
        (APPROVED, replace(TWO, rules=()), "there is no rules text at Polymarket"),
        (APPROVED, replace(TWO, rules=(" ", "\u200b\n")), "there is no rules text at Polymarket"),
        (APPROVED, EDITED, "the text at Polymarket is not the one that was judged"),
        (replace(APPROVED, verdict=Verdict.REVIEW), TWO, "the matcher says review"),
        (replace(APPROVED, relation=Relation.RELATED), TWO, "the markets are related"),
        (replace(APPROVED, assumed=("year",)), TWO, "year is assumed, and the approval did not"),
        (replace(APPROVED, divergences=(CAUTION,)), TWO, "the approval did not weigh postpon"),
    ],
)
def test_what_is_missing_keeps_a_pair_from_being_executable(
    kept: Kept, two: Listing | None, why: str
) -> None:
    assert [reason for reason in executable(kept, ONE, two) if reason.startswith(why)]


def test_no_approval_lifts_a_bar() -> None:
    found = replace(FOUND, divergences=(BAR, CAUTION), assumed=("year",))
    kept = decide(proposed(found, ONE, TWO, at_ms=1), Act.APPROVE, by="Ann", at_ms=2)
    assert executable(kept, ONE, TWO) == ("the rules differ too much: source",)


def test_what_was_approved_as_a_note_must_be_approved_again_as_a_caution() -> None:
    note = CAUTION._replace(severity=Severity.NOTE)
    noted = replace(FOUND, divergences=(note,))
    kept = decide(proposed(noted, ONE, TWO, at_ms=1), Act.APPROVE, by="Ann", at_ms=2)
    assert executable(kept, ONE, TWO) == ()
    worse = replace(FOUND, divergences=(note, CAUTION))
    assert executable(replace(kept, divergences=worse.divergences), ONE, TWO) == (
        "the approval did not weigh postponement as a caution",
    )
    again = refound(kept, worse, ONE, TWO, at_ms=9)
    assert again.state is PairState.REVOKED
    assert "postponement is now caution: read both texts again" in again.note
    weighed = decide(again, Act.APPROVE, by="Ann", at_ms=10)
    assert executable(weighed, ONE, TWO) == ()
    milder = refound(weighed, noted, ONE, TWO, at_ms=11)
    assert (milder.state, executable(milder, ONE, TWO)) == (PairState.APPROVED, ())
    assert refound(milder, worse, ONE, TWO, at_ms=12).state is PairState.APPROVED


def test_what_a_later_run_assumes_must_be_approved_again() -> None:
    again = refound(APPROVED, replace(FOUND, assumed=("year",)), ONE, TWO, at_ms=9)
    assert (again.state, again.by) == (PairState.REVOKED, "matcher")
    assert "year is now assumed" in again.note


def test_a_decision_of_an_older_book_weighed_no_severity() -> None:
    kept = decide(replace(NEW, divergences=(CAUTION,)), Act.APPROVE, by="Ann", at_ms=2)
    assert kept.decision
    old = replace(kept, decision=replace(kept.decision, severities=()))
    assert executable(kept, ONE, TWO) == ()
    assert executable(old, ONE, TWO) == ("the approval did not weigh postponement as a caution",)


def test_a_person_and_the_matcher_must_agree_on_the_direction() -> None:
    kept = decide(NEW, Act.APPROVE, by="Ann", at_ms=2, relation=Relation.INVERTED)
    assert kept.believed is Relation.INVERTED
    assert executable(kept, ONE, TWO) == ("the person says inverted, the matcher same",)


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Will it not?"},
        {"subtitle": "Above 3"},
        {"rules": ("If it does, No.",)},
        {"outcomes": ("No", "Yes")},
        {"floor": "2.6"},
        {"cap": "2.5"},
        {"strike_type": "less"},
        {"line": "-1.5"},
        {"event_title": "Will it, this year?"},
        {"slug": "will-it-this-year"},
        {"starts_at": datetime(2026, 12, 1, 1, tzinfo=UTC)},
    ],
)
def test_any_edit_of_what_a_market_means_has_another_hash(edit: dict[str, object]) -> None:
    assert text_hash(replace(ONE, **edit)) != text_hash(ONE)  # type: ignore[arg-type]
    assert text_hash(ONE).startswith("t2:")


def test_the_same_start_in_another_zone_is_the_same_start() -> None:
    start = datetime(2026, 12, 1, 1, tzinfo=UTC)
    there = start.astimezone(timezone(timedelta(hours=-5)))
    assert text_hash(replace(ONE, starts_at=there)) == text_hash(replace(ONE, starts_at=start))


def test_what_changes_while_the_question_stays_keeps_the_hash() -> None:
    moved = replace(
        ONE, closes_at=datetime(2026, 12, 1, tzinfo=UTC), series="KXB", event_id="KXB-26"
    )
    assert text_hash(moved) == text_hash(ONE)


OLD: Final = Hashes("t1:" + "a" * 64, "t1:" + "b" * 64)


def test_an_approval_of_an_older_book_is_revoked_and_says_why() -> None:
    assert APPROVED.decision
    old = replace(APPROVED, texts=OLD, decision=replace(APPROVED.decision, texts=OLD))
    why = executable(old, ONE, TWO)
    assert why[0] == "an older dutchbook judged the text at Kalshi: run `dutchbook pairs find`"
    kept = refound(old, FOUND, ONE, TWO, at_ms=9)
    assert (kept.state, kept.by, kept.texts) == (PairState.REVOKED, "matcher", NEW.texts)
    assert "an older dutchbook" in kept.note
    assert "read both texts again" in kept.note
    assert executable(decide(kept, Act.APPROVE, by="Ann", at_ms=10), ONE, TWO) == ()


def test_a_rejection_of_an_older_book_stands() -> None:
    old = replace(decide(NEW, Act.REJECT, by="Ann", at_ms=2, note="other"), texts=OLD)
    kept = refound(old, FOUND, ONE, TWO, at_ms=9)
    assert (kept.state, kept.by, kept.note) == (PairState.REJECTED, "Ann", "other")
    assert refound(kept, FOUND, ONE, EDITED, at_ms=10).state is PairState.PROPOSED


@pytest.mark.parametrize("other", [{"id": "0x2"}, {"venue": "kalshi"}])
def test_the_same_words_of_another_market_are_not_at_hand(other: dict[str, str]) -> None:
    (why,) = executable(APPROVED, ONE, replace(TWO, **other))  # type: ignore[arg-type]
    assert why.startswith("the text at hand for Polymarket is of another market")


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_how_rules_are_split_and_spaced_does_not_count(rules: list[str]) -> None:
    one = replace(ONE, rules=tuple(rules), floor="2.50")
    two = replace(ONE, rules=(" \n".join(rules),), floor="2.5")
    assert text_hash(one) == text_hash(two)


def test_a_pairs_id_is_stable_and_readable() -> None:
    assert pair_id(K, P) == pair_id(MarketKey("kalshi", "KXA-26-B"), P)
    assert pair_id(K, P).startswith("KXA-26-B~")
    assert pair_id(K, P) != pair_id(K, MarketKey("polymarket", "0x2"))
    odd = pair_id(MarketKey("kalshi", "\x1b[1m é" * 40), P)
    assert odd.isascii()
    assert odd.isprintable()
    assert len(odd) < 50
