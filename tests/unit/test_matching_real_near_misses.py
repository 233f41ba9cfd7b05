"""Near-misses made of the venues' real texts: one fact of one side changed, the rest as it was.

Three ways, all deterministic: a true pair with one fact edited in text and ticker alike; a true
pair with one side replaced by a sibling that the venue really lists; and a real title of the pools
told in the other venue's words with one fact wrong.
"""

from __future__ import annotations

import calendar
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from matching.judge import judge
from matching.pairs import Relation
from matching.read import listing_from_row
from matching.verdict import Judgement, Verdict

EDITS: Final = tomllib.loads(
    (Path(__file__).parents[1] / "data/matching/real_edits.toml").read_text("utf-8")
)
PER_EDIT_MAX: Final = 4
PER_FAMILY_MAX: Final = 12
PER_TELLING_MAX: Final = 3
STRIDE: Final = 997  # so that not every pair gets the pool's first sibling
CODES: Final = {"ticker", "event_ticker", "series"}
MONTHS: Final = calendar.month_name[1:]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    what: str
    kalshi: Row
    polymarket: Row
    relation: Relation


def filled(template: str, found: re.Match[str]) -> str:
    """The new words of real_edits.toml, whose first lines say how they are written."""

    def value(hole: re.Match[str]) -> str:
        kind, group, plus, form = hole.groups()
        old = found[int(group)] or ""
        if kind == "month":
            at = next(i for i, name in enumerate(MONTHS) if name.startswith(old.title()))
            return MONTHS[(at + int(plus or 0)) % 12]
        if kind == "clock":
            hour = (int(old) + int(plus or 0)) % 24
            return f"{hour % 12 or 12}{'AM' if hour < 12 else 'PM'}"
        if form:
            return format(Decimal(old) + Decimal(plus or 0), form)
        return f"{int(old) + int(plus):0{len(old)}}" if plus else old

    return re.sub(r"\{([a-z]*)(\d)(?:\+([\d.]+))?(?::([^}]+))?\}", value, template)


def near_miss(what: str, pair: Row, side: str, new: Row) -> NearMiss:
    sides = {"kalshi": pair["kalshi"], "polymarket": pair["polymarket"], side: new}
    return NearMiss(what=what, relation=Relation(pair["relation"]), **sides)


def lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/matching"


@pytest.fixture(scope="module")
def true_pairs(folder: Path) -> list[Row]:
    rows = lines(folder / "pairs_dev.jsonl")
    scored = [row for row in rows if row["certainty"] != "ambiguous"]
    return [row for row in scored if row["relation"] in {"same", "inverted"}]


@pytest.fixture(scope="module")
def pools(folder: Path) -> dict[str, list[Row]]:
    kalshi = [
        {"ticker": row["id"], "title": row["title"]} for row in lines(folder / "pool_kalshi.jsonl")
    ]
    return {"kalshi": kalshi, "polymarket": lines(folder / "pool_polymarket.jsonl")}


def applied(edit: Row, row: Row) -> Row | None:
    """The row with that one fact changed, or None where it is not stated."""
    changed: Row = {}
    touched: set[str] = set()
    for field, value in row.items():
        what = "code" if field in CODES else "text"
        if what not in edit or field == "id":
            changed[field] = value
            continue
        pattern, template = edit[what]
        parts = value if isinstance(value, list) else [value]
        news = [re.sub(pattern, partial(filled, template), part) for part in parts]
        if news != parts:
            touched.add(what)
        changed[field] = news if isinstance(value, list) else news[0]
    return changed if touched == edit.keys() & {"code", "text"} else None


def edited_pairs(pairs: list[Row]) -> Iterator[NearMiss]:
    for edit in EDITS["edit"]:
        side = edit["side"]
        other = "kalshi" if side == "polymarket" else "polymarket"
        made = 0
        for pair in pairs:
            texts = [text for text in pair[other].values() if isinstance(text, str)]
            stated = any(re.search(edit.get("other", ""), text) for text in texts)
            new = applied(edit, pair[side]) if stated and made < PER_EDIT_MAX else None
            if new is not None:
                made += 1
                yield near_miss(f"{pair['pair_id']}: {edit['what']} ({side})", pair, side, new)


def differing(one: str, two: str) -> tuple[str, str] | None:
    """The name or number in which two titles differ, where that is one short run of words."""
    a, b = one.split(), two.split()
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    mine, yours = a[start : len(a) - end], b[start : len(b) - end]
    if not (0 < len(mine) <= 3 and 0 < len(yours) <= 3 and start + end >= 4):
        return None
    found = " ".join(mine), " ".join(yours)
    old, new = (re.sub(r"[^a-z0-9]", "", text.casefold()) for text in found)
    names = re.search(r"[A-Z0-9]", "".join(found)) is not None
    return found if names and old not in new and new not in old else None


def siblings(pairs: list[Row], pools: Mapping[str, list[Row]]) -> Iterator[NearMiss]:
    """A true pair with one side replaced by a market that differs in a name or a number."""
    families: Counter[tuple[str, str]] = Counter()
    for turn, pair in enumerate(pairs):
        for side, key in (("kalshi", "ticker"), ("polymarket", "id")):
            family = (pair["family"], side)
            if families[family] >= PER_FAMILY_MAX:
                continue
            here, pool = pair[side], pools[side]
            start = turn * STRIDE % len(pool)
            for row in pool[start:] + pool[:start]:
                found = differing(here["title"], row["title"])
                if found is not None and row[key] != here[key]:
                    families[family] += 1
                    what = f"{pair['pair_id']}: “{found[0]}” is “{found[1]}” ({side})"
                    yield near_miss(what, pair, side, row)
                    break


def told_wrongly(pools: Mapping[str, list[Row]]) -> Iterator[NearMiss]:
    """A Kalshi title of the pool in Polymarket's words, with one fact wrong."""
    for telling in EDITS["telling"]:
        made = 0
        for row in pools["kalshi"]:
            found = re.search(telling["pattern"], f"{row['ticker']} {row['title']}")
            if found is None or made == PER_TELLING_MAX:
                continue
            made += 1
            told = {"id": f"told-{row['ticker']}", "title": filled(telling["title"], found)}
            pair = {"kalshi": row, "polymarket": told, "relation": "same"}
            yield near_miss(f"{row['ticker']}: {telling['what']} (told)", pair, "polymarket", told)


@pytest.fixture(scope="module")
def near_misses(true_pairs: list[Row], pools: dict[str, list[Row]]) -> list[NearMiss]:
    return [*edited_pairs(true_pairs), *siblings(true_pairs, pools), *told_wrongly(pools)]


def judged(miss: NearMiss) -> Judgement:
    ticker = miss.kalshi["ticker"]
    implied = {"event_ticker": ticker.rpartition("-")[0], "series": ticker.partition("-")[0]}
    return judge(
        listing_from_row("kalshi", {**implied, **miss.kalshi}),
        listing_from_row("polymarket", miss.polymarket),
    )


def test_the_real_texts_give_hundreds_of_near_misses(near_misses: list[NearMiss]) -> None:
    kinds = {miss.what.partition(": ")[2].partition(" (")[0] for miss in near_misses}
    texts = {(miss.kalshi["ticker"], miss.polymarket["title"], miss.what) for miss in near_misses}
    assert len(texts) == len(near_misses) >= 200
    assert len(kinds) >= 40


def test_no_near_miss_of_real_texts_is_accepted(near_misses: list[NearMiss]) -> None:
    offenders = []
    for miss in near_misses:
        judgement = judged(miss)
        if judgement.verdict is Verdict.ACCEPT and judgement.relation is miss.relation:
            sides = f"{miss.kalshi['ticker']} | {miss.kalshi['title']} | {miss.polymarket['title']}"
            offenders.append(f"{miss.what}: {sides} | assumed {judgement.assumed}")
    assert not offenders, f"{len(offenders)} of {len(near_misses)}:\n" + "\n".join(offenders)
