"""A seeded made-up world of markets at both venues, with the pairs that are truly the same.

    python tests/stages/matching_world.py OUT_DIR [MARKETS] [SEED]

writes kalshi.jsonl, polymarket.jsonl, truth.jsonl and the later version of each. In each domain a
question is listed by both venues about once in fifteen, so that about a tenth of each catalogue
has a twin; the others are strikes, hours, days and people of the same events: near-misses. Texts
are made up after the venues' own templates; nothing is copied from a recording.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from matching_ladders import (
    central_banks,
    closes,
    crypto_instants,
    statistics,
    touches,
    weather,
)
from matching_news import deadlines, elections, events
from matching_question import Question, Row
from matching_sports import lines, moneylines, season_wins, soccer, titles

SHARES: Final[Mapping[Callable[[random.Random], Iterator[Question]], float]] = {
    crypto_instants: 0.23,
    touches: 0.03,
    moneylines: 0.12,
    lines: 0.14,
    soccer: 0.12,
    titles: 0.08,
    elections: 0.10,
    central_banks: 0.006,
    statistics: 0.03,
    weather: 0.05,
    closes: 0.03,
    season_wins: 0.014,
    deadlines: 0.03,
    events: 0.02,
}
TWIN: Final = 1 / 15  # of the questions: 1 in both, 7 at each venue alone


@dataclass(frozen=True, slots=True)
class World:
    """`truth` tells the relation of each true pair of ids, `domains` the domain of each id."""

    kalshi: tuple[Row, ...]
    polymarket: tuple[Row, ...]
    truth: Mapping[tuple[str, str], str]
    domains: Mapping[str, str]


def world(seed: int, markets: int) -> World:
    """So many markets at each venue."""
    grown = _grown(seed, markets)
    return _only(grown, grown.kalshi[:markets], grown.polymarket[:markets])


def versions(seed: int, markets: int, changed: float = 0.01) -> tuple[World, World]:
    """A world and what it is later: a third each of the changed share new, edited and vanished."""
    some = max(1, round(markets * changed / 3))
    grown = _grown(seed, markets + some)
    before = _only(grown, grown.kalshi[:markets], grown.polymarket[:markets])
    after = _only(
        grown,
        _edited(before.kalshi, some, "rules_primary") + grown.kalshi[markets:],
        _edited(before.polymarket, some, "description") + grown.polymarket[markets:],
    )
    return before, after


def _edited(rows: tuple[Row, ...], some: int, field: str) -> tuple[Row, ...]:
    """The first so many are gone, and the rules of the next so many say one thing more."""
    edited = tuple(row | {field: f"{row[field]} See the notice."} for row in rows[some : 2 * some])
    return edited + rows[2 * some :]


def _grown(seed: int, markets: int) -> World:
    kalshi: list[Row] = []
    polymarket: list[Row] = []
    truth: dict[tuple[str, str], str] = {}
    domains: dict[str, str] = {}
    whole = sum(SHARES.values())
    for make, share in SHARES.items():
        # Hashing of text differs from run to run: a seed of text is turned into bytes by random.
        rng = random.Random(f"{seed} {make.__name__}")
        _grow(rng, make, round(markets * share / whole) + 2, kalshi, polymarket, truth, domains)
    random.Random(seed).shuffle(kalshi)
    random.Random(seed + 1).shuffle(polymarket)
    return World(tuple(kalshi), tuple(polymarket), truth, domains)


def _grow(
    rng: random.Random,
    make: Callable[[random.Random], Iterator[Question]],
    quota: int,
    kalshi: list[Row],
    polymarket: list[Row],
    truth: dict[tuple[str, str], str],
    domains: dict[str, str],
) -> None:
    """Adds one domain's questions until both venues have their quota of them."""
    ours = theirs = 0
    for question in make(rng):
        tickers = [str(row["ticker"]) for row in question.kalshi]
        if any(ticker in domains for ticker in tickers):
            continue  # the ends of two names run together
        both, lack_ours = rng.random() < TWIN, quota - ours > quota - theirs
        if lack_ours or both:
            kalshi.extend(question.kalshi)
            domains.update(dict.fromkeys(tickers, make.__name__))
            ours += len(tickers)
        other = str(question.polymarket["id"])
        if not lack_ours or both:
            polymarket.append(question.polymarket)
            domains[other] = make.__name__
            theirs += 1
        if both:
            pairs = zip(tickers, question.relations, strict=False)
            truth.update({(ticker, other): relation for ticker, relation in pairs})
        if ours >= quota and theirs >= quota:
            return


def _only(whole: World, kalshi: tuple[Row, ...], polymarket: tuple[Row, ...]) -> World:
    """A world of these rows, with what is true of them."""
    ours = {str(row["ticker"]) for row in kalshi}
    theirs = {str(row["id"]) for row in polymarket}
    truth = {
        pair: said for pair, said in whole.truth.items() if pair[0] in ours and pair[1] in theirs
    }
    return replace(whole, kalshi=kalshi, polymarket=polymarket, truth=truth)


def write(folder: Path, made: World, mark: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    truth = [{"kalshi": k, "polymarket": p, "relation": r} for (k, p), r in made.truth.items()]
    for name, rows in (("kalshi", made.kalshi), ("polymarket", made.polymarket), ("truth", truth)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}{mark}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[2:]]
    size, chosen = (*numbers, *(50_000, 5)[len(numbers) :])
    for when, found in zip(("", "_later"), versions(chosen, size), strict=True):
        write(Path(sys.argv[1]), found, when)
