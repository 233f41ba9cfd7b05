"""What a rules text says: one value for one rule in many wordings, and its own sentence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from matching.clause_readers import READERS
from matching.clauses import Kind, Outcome, _read, clauses, outcomes, sentences
from matching.listing import Listing


class Recorded(NamedTuple):
    venue: str
    rules: tuple[str, ...]


@pytest.fixture(scope="module")
def texts(shared: Path) -> list[Recorded]:
    return list(recorded(shared))


def listing(*rules: str, venue: str = "kalshi", title: str = "") -> Listing:
    return Listing(venue=venue, id="m", title=title, rules=rules)


def values(text: str, kind: Kind) -> set[str]:
    return {each.value for each in clauses(listing(text)) if each.kind is kind}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("The price is taken from CF Benchmarks' index.", Kind.SOURCE, {"price:cf_benchmarks"}),
        (
            "Only Kraken counts; the price according to Kraken, not according to Coinbase.",
            Kind.SOURCE,
            {"price:kraken"},
        ),
        (
            "While checking a source like Binance may help guide you, the Pyth price feed is it.",
            Kind.SOURCE,
            {"price:pyth"},
        ),
        ("The temperature at O'Hare per the NWS.", Kind.SOURCE, {"weather:nws", "station:KORD"}),
        ("The closing price at 4:00 PM ET is used.", Kind.INSTANT, {"16:00 ET"}),
        ("The index value at noon UTC is used.", Kind.INSTANT, {"12:00 UTC"}),
        ("The candle titled 18:30 in the ET timezone has a price.", Kind.INSTANT, {"18:30 ET"}),
        ("The price counts until May 3, 2027, 5 PM ET.", Kind.INSTANT, set()),
        ("If it flies by June 30, 2027, this resolves to Yes.", Kind.DEADLINE, {"2027-07-01"}),
        ("If it flies before Jul 1, 2027, it resolves to Yes.", Kind.DEADLINE, {"2027-07-01"}),
        (
            'Resolves to "Yes" if it flies by June 30, 2027, 12:00 PM ET.',
            Kind.DEADLINE,
            {"2027-06-30 12:00"},
        ),
        (
            "If nothing flew by June 30, 2027, this market resolves to No.",
            Kind.DEADLINE,
            set(),
        ),
        ("If it flies after Issuance, the market resolves to Yes.", Kind.WINDOW, {"listing"}),
        (
            'Resolves to "Yes" if it flies between May 4, 2027 and June 1, 2027.',
            Kind.WINDOW,
            {"2027-05-04"},
        ),
        ("If it is above $1.5 million, it resolves to Yes.", Kind.BOUNDARY, {"1500000:below"}),
        ("If it is 3.50% or higher, it resolves to Yes.", Kind.BOUNDARY, {"3.5:above"}),
        ("If it is less than 1,200, it resolves to Yes.", Kind.BOUNDARY, {"1200:above"}),
        ("If they win by more than 6.5 points, it resolves to Yes.", Kind.BOUNDARY, set()),
        ("Postponed games remain open until they are played.", Kind.POSTPONEMENT, {"open"}),
        ("If it is rescheduled within two weeks, it counts.", Kind.POSTPONEMENT, {"within:336"}),
        ("If it is delayed beyond 48 hours, it is void.", Kind.POSTPONEMENT, {"within:48"}),
        ("If the game is cancelled, it resolves 50/50.", Kind.CANCELLATION, {"fifty"}),
        ("If the fight is called off, stakes are refunded.", Kind.CANCELLATION, {"refund"}),
        (
            "In the event that it does not take place, it settles at the last traded price.",
            Kind.CANCELLATION,
            {"last_price"},
        ),
        ("If the vote is never held, this resolves to No.", Kind.CANCELLATION, {"no"}),
        ("If the game ends in a tie, it pays $0.50 to each.", Kind.TIE, {"fifty"}),
        ('If the match is a draw, this market resolves to "No".', Kind.TIE, {"no"}),
        ("Overtime periods are included.", Kind.OVERTIME, {"included"}),
        ("Only regulation time counts.", Kind.OVERTIME, {"excluded"}),
        ("The score includes regular time and extra time.", Kind.OVERTIME, {"included"}),
        ("This market will close early if it happens.", Kind.EARLY_CLOSE, {"early"}),
        ("It cannot resolve before the report is out.", Kind.EARLY_CLOSE, {"not_early"}),
        ("An interim head will not count.", Kind.ENTITY, {"acting_excluded"}),
        ("Acting heads count.", Kind.ENTITY, {"acting_counts"}),
        ("The app or any successor decides.", Kind.ENTITY, {"successor"}),
        ("Core inflation counts.", Kind.METRIC, {"basket:core"}),
        ("It is not seasonally adjusted.", Kind.METRIC, {"adjustment:none"}),
        ("Later revisions will not be considered.", Kind.METRIC, {"print:first"}),
        ("The number is rounded to one decimal place.", Kind.METRIC, {"places:1"}),
        ("Resolves to Yes if she takes office.", Kind.STAGE, {"effective"}),
        ("A mere announcement does not qualify.", Kind.STAGE, {"announcement_excluded"}),
        ("Dead heat rules apply.", Kind.DEAD_HEAT, {"shared"}),
        ("If she dies, it settles at the last fair price.", Kind.DEATH, {"last_price"}),
        ("If he withdraws, this resolves to No.", Kind.WITHDRAWAL, {"no"}),
        ("It resolves pro rata between the bounds.", Kind.SCALAR, {"scalar"}),
        ("UMA's optimistic oracle decides.", Kind.DISPUTE, {"dispute"}),
    ],
)
def test_a_rule_is_read(text: str, kind: Kind, expected: set[str]) -> None:
    assert values(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("This market will resolve 50-50.", Outcome.FIFTY),
        (
            "The market will resolve to a fair price in accordance with the rules.",
            Outcome.LAST_PRICE,
        ),
        ('It will immediately resolve to "No."', Outcome.NO),
        ("It will resolve to “Other”.", Outcome.OTHER),
        ('It will resolve to the "No change" bracket.', Outcome.NAMED),
        ("The winner takes the cup.", None),
    ],
)
def test_an_outcome_is_read(text: str, how: Outcome | None) -> None:
    assert outcomes(text) == ((how,) if how else ())


def test_sentences_stand_as_they_are_and_abbreviations_end_none() -> None:
    text = "The U.S. Senate (e.g. J. Doe vs. R. Roe) votes. “Yes” it is!\n\nSo be it"
    assert [each.span for each in sentences(text)] == [
        "The U.S. Senate (e.g. J. Doe vs. R. Roe) votes.",
        "“Yes” it is!",
        "So be it",
    ]


def test_an_exchange_that_a_market_is_about_is_no_source() -> None:
    assert values("If Binance is charged with a crime, this resolves to Yes.", Kind.SOURCE) == set()


def test_a_letter_that_grows_in_lower_case_moves_no_span() -> None:
    text = "İzmir wins. If the game is cancelled, it resolves 50-50."
    (found,) = clauses(listing(text))
    assert found == (Kind.CANCELLATION, "fifty", "If the game is cancelled, it resolves 50-50.")


def test_a_title_gives_only_its_edge() -> None:
    (found,) = clauses(listing(title="Bitcoin price above $90,000 before May 1, 2027?"))
    assert (found.kind, found.value) == (Kind.BOUNDARY, "90000:below")


def test_the_words_that_call_a_reader_miss_nothing_it_would_find(texts: list[Recorded]) -> None:
    """Every reader on every sentence finds what the called ones find."""
    every = {reader for rows in READERS.values() for _, reader in rows}
    lows = {each.low for market in texts for t in market.rules for each in sentences(t)}
    missed = {}
    for low in lows:
        found = set(_read(low))
        more = {each for reader in every for each in reader(low)} - found
        if more:
            missed[low] = more
    assert missed == {}


def recorded(folder: Path) -> Iterator[Recorded]:
    """Every market with a rules text in the recordings of both venues."""
    for path in sorted((folder / "data" / "recorded").rglob("*.json*")):
        if "spec" in path.parts:
            continue
        text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else ""
        text = text or path.read_text(errors="replace")
        if '"rules_primary"' in text or '"description"' in text:
            lines = text.splitlines() if ".jsonl" in path.name else [text]
            for line in filter(str.strip, lines):
                yield from _markets(json.loads(line), polymarket="polymarket" in str(path))


def _markets(node: Any, *, polymarket: bool) -> Iterator[Recorded]:
    if isinstance(node, list):
        for each in node:
            yield from _markets(each, polymarket=polymarket)
    elif isinstance(node, dict):
        if node.get("rules_primary"):
            both = (node["rules_primary"], node.get("rules_secondary") or "")
            yield Recorded("kalshi", tuple(filter(None, both)))
        asked = {"question", "conditionId", "condition_id"} & node.keys()
        if polymarket and asked and isinstance(node.get("description"), str):
            yield Recorded("polymarket", (node["description"],))
        for each in node.values():
            yield from _markets(each, polymarket=polymarket)


def test_recorded_texts_show_their_clauses_verbatim(texts: list[Recorded]) -> None:
    """Kalshi's spread markets often carry one sentence, which names no source and no void rule."""
    telling, seen = {"kalshi": 0, "polymarket": 0}, {"kalshi": 0, "polymarket": 0}
    wanted = {Kind.SOURCE, Kind.CANCELLATION, Kind.POSTPONEMENT, Kind.TIE}
    for market in texts:
        found = clauses(listing(*market.rules, venue=market.venue))
        assert all(any(each.span in text for text in market.rules) for each in found)
        many = market.venue == "polymarket" or len(market.rules) > 1
        seen[market.venue] += many
        telling[market.venue] += many and any(each.kind in wanted for each in found)
    assert seen["kalshi"] > 1_500
    assert seen["polymarket"] > 2_000
    assert telling["kalshi"] >= 0.98 * seen["kalshi"]
    assert telling["polymarket"] >= 0.93 * seen["polymarket"]
