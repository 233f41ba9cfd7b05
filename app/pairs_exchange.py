"""`dutchbook pairs import|export`: the book and a person's own files."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from app.cli import emit
from app.commands import note
from app.config import load_settings
from app.pairs_commands import person
from app.pairs_file import PairRow, load_pairs
from app.problem import Exit, Problem
from app.store.opening import open_store, read_store
from app.store.store import Store
from matching.judge import judge
from matching.listing import Listing
from matching.pair_book import (
    Act,
    Decision,
    Hashes,
    Kept,
    PairState,
    decide,
    pair_id,
    proposed,
    refound,
)
from matching.pairs import MarketKey, Relation
from matching.read import row_from_listing
from matching.verdict import Verdict
from venues import SystemClock

FIELDS: Final = ("pair_id", "kalshi", "polymarket", "relation")


def import_pairs(file: Path, by: str | None, config: Path | None, *, as_json: bool) -> Exit:
    """Every pair of the file, or none of them, goes into the book."""
    rows, who, now_ms = load_pairs(file), person(by), SystemClock().now_ms()
    kept: dict[str, Kept] = {}
    texts: list[Listing] = []
    with open_store(load_settings(config).place) as store:
        names = _Names(store)
        for row in rows:
            one, two = (
                names.listing("kalshi", row.kalshi),
                names.listing("polymarket", row.polymarket),
            )
            if one and two:
                texts += [one, two]
                after = _approved(store, row, one, two, who, now_ms)
            else:
                after = _unread(store, row, who, now_ms)
            kept[after.id] = after
        changed = [after for after in kept.values() if after != store.get(after.id)]
        store.put(changed, at_ms=now_ms, texts=texts)
    _tell(file, rows, list(kept.values()), as_json=as_json)
    return Exit.DONE


class _Names:
    """Markets by what a person typed: the venue's id, else its slug."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._slugs: dict[str, dict[str, Listing]] = {}

    def listing(self, venue: str, name: str) -> Listing | None:
        if found := self._store.listing(MarketKey(venue, name)):
            return found
        if venue not in self._slugs:
            every = self._store.listings(venue)
            self._slugs[venue] = {each.slug: each for each in every if each.slug}
        return self._slugs[venue].get(name)


def _approved(
    store: Store, row: PairRow, one: Listing, two: Listing, who: str, now_ms: int
) -> Kept:
    """The pair as the matcher judges it now, with the person's own word over it."""
    found = judge(one, two)
    before = store.get(pair_id(found.kalshi, found.polymarket))
    kept = (
        refound(before, found, one, two, at_ms=now_ms)
        if before
        else proposed(found, one, two, at_ms=now_ms)
    )
    decision = kept.decision
    if kept.state is PairState.APPROVED and decision and decision.relation is row.relation:
        return kept
    if kept.state is PairState.APPROVED:  # of the other direction: the newest word counts
        kept = replace(kept, state=PairState.PROPOSED)
    said = f"imported as {row.pair_id}"
    return decide(kept, Act.APPROVE, by=who, at_ms=now_ms, note=said, relation=row.relation)


def _unread(store: Store, row: PairRow, who: str, now_ms: int) -> Kept:
    """A pair whose texts nobody has read: proposed, with what the person said in the note."""
    kalshi, polymarket = MarketKey("kalshi", row.kalshi), MarketKey("polymarket", row.polymarket)
    id = pair_id(kalshi, polymarket)
    if before := store.get(id):
        return before
    return Kept(
        id=id,
        kalshi=kalshi,
        polymarket=polymarket,
        kalshi_title="",
        polymarket_title="",
        relation=row.relation,
        verdict=Verdict.REVIEW,
        score=0.0,
        state=PairState.PROPOSED,
        by=who,
        at_ms=now_ms,
        note=f"imported as {row.pair_id}, {row.relation.value}; its texts are not known yet: "
        "run `dutchbook pairs find`, then approve it",
        texts=Hashes(),
    )


def _tell(file: Path, rows: tuple[PairRow, ...], kept: list[Kept], *, as_json: bool) -> None:
    approved = [each for each in kept if each.state is PairState.APPROVED]
    doubted = [each for each in approved if each.believed is not each.relation]
    for each in doubted:
        said = f"you say {each.believed.value}, the matcher {each.relation.value}"
        note(f"{each.id}: {said}. It is not executable until both agree.")
    if any(row.model_fields_set - set(FIELDS) for row in rows):
        note("Ticks, rates and dates of the file are not kept; scan --pairs reads them.")
    waiting = len(kept) - len(approved)
    if as_json:
        emit(
            {
                "schema": "dutchbook.pairs_import/1",
                "file": str(file),
                "approved": len(approved),
                "proposed": waiting,
                "pair_ids": [each.id for each in kept],
            }
        )
        return
    sys.stdout.write(f"{len(approved):,} pairs approved, {waiting:,} await their texts.\n")


def export(file: Path | None, config: Path | None, *, cases: bool, as_json: bool) -> Exit:
    with read_store(load_settings(config).place) as store:
        rows = list(_cases(store)) if cases else _approved_rows(store.pairs())
    if not rows:
        note("There is no decision to export." if cases else "There is no approved pair to export.")
        if not as_json:
            return Exit.DONE
    if file and rows:
        _write(file, _lines(rows) if cases else _document(file, rows))
    if as_json:
        emit(
            {
                "schema": "dutchbook.pairs_export/1",
                "file": str(file) if file and rows else None,
                "cases" if cases else "pairs": rows,
            }
        )
    elif file is None:
        sys.stdout.write(_lines(rows) if cases else _csv(rows))
    return Exit.DONE


def _approved_rows(pairs: Iterable[Kept]) -> list[dict[str, Any]]:
    return [
        {
            "pair_id": kept.id,
            "kalshi": kept.kalshi.id,
            "polymarket": kept.polymarket.id,
            "relation": kept.believed.value,
        }
        for kept in pairs
        if kept.state is PairState.APPROVED
    ]


def _cases(store: Store) -> Iterator[dict[str, Any]]:
    """A row for each pair that a person decided, with the texts that the person read."""
    for kept in store.pairs():
        decided = [
            s.after for s in store.history(kept.id) if s.after.decision and _by_person(s.after)
        ]
        if not decided or decided[-1].decision is None:
            continue
        last, decision = decided[-1], decided[-1].decision
        one = store.text(kept.kalshi, decision.texts.kalshi)
        two = store.text(kept.polymarket, decision.texts.polymarket)
        if one and two:
            yield _case(last, decision, one, two)


def _by_person(kept: Kept) -> bool:
    return kept.state in {PairState.APPROVED, PairState.REJECTED}


def _case(last: Kept, decision: Decision, one: Listing, two: Listing) -> dict[str, Any]:
    approved = last.state is PairState.APPROVED
    hedges = decision.judged in {Relation.SAME, Relation.INVERTED}
    relation = decision.judged if not hedges else Relation.RELATED
    return {
        "pair_id": last.id,
        "relation": (decision.relation if approved else relation).value,
        "verdict": "accept" if approved else "reject",
        "certainty": "high",
        "family": "person",
        "group": one.event_id or one.id,
        "divergences": list(decision.divergences),
        "kalshi": row_from_listing(one),
        "polymarket": row_from_listing(two),
        "basis": f"{last.by}: {last.note}" if last.note else last.by,
        "source": "the pair book",
    }


def _document(file: Path, rows: list[dict[str, Any]]) -> str:
    match file.suffix.lower():
        case ".csv":
            return _csv(rows)
        case ".json":
            return json.dumps(rows, indent=1) + "\n"
        case ".yaml" | ".yml":
            return yaml.safe_dump(rows, sort_keys=False)
    raise Problem(Exit.WRONG_USAGE, f"{file} must end in .csv, .json or .yaml.")


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{file} cannot be written: {error.strerror}.") from None
