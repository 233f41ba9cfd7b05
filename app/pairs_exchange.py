"""`dutchbook pairs import|export`: the book and a person's own files."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from app.cli import emit
from app.commands import note
from app.config import load_settings
from app.pairs_commands import confirms, person
from app.pairs_file import PairRow, load_pairs
from app.problem import Exit, Problem
from app.report import plain
from app.store.opening import open_store, read_store
from app.store.store import Store
from matching.hashing import text_hash
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

FIELDS: Final = ("pair_id", "kalshi", "polymarket", "relation", "kalshi_text", "polymarket_text")


class _Imported(NamedTuple):
    """What became of a row: the pair, whether the row approved it, and else why it did not."""

    kept: Kept
    approved: bool = False
    refused: str = ""


def import_pairs(file: Path, by: str | None, config: Path | None, *, as_json: bool) -> Exit:
    """Every pair of the file, or none of them, goes into the book."""
    rows, who, now_ms = load_pairs(file), person(by), SystemClock().now_ms()
    done: dict[str, _Imported] = {}
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
                found = _imported(store, row, one, two, who, now_ms)
            else:
                found = _Imported(_unread(store, row, who, now_ms))
            done[found.kept.id] = found
        changed = [each.kept for each in done.values() if each.kept != store.get(each.kept.id)]
        store.put(changed, at_ms=now_ms, texts=texts)
    _tell(file, rows, list(done.values()), as_json=as_json)
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


def _imported(
    store: Store, row: PairRow, one: Listing, two: Listing, who: str, now_ms: int
) -> _Imported:
    """The pair as the matcher judges it, with the person's own word over it.

    Not where the person's word is of other texts, or may be: those nobody has read.
    """
    before = store.get(pair_id(MarketKey("kalshi", one.id), MarketKey("polymarket", two.id)))
    kept = _judged(before, one, two, now_ms)
    decision = kept.decision
    if kept.state is PairState.APPROVED and decision and decision.relation is row.relation:
        return _Imported(kept)
    said = f"imported as {row.pair_id}"
    if why := _refused(row, before, kept):
        if before is None:
            kept = replace(kept, by=who, note=f"{said}, not approved: {why}")
        return _Imported(kept, refused=why)
    if kept.state is PairState.APPROVED:  # of the other direction: the newest word counts
        kept = replace(kept, state=PairState.PROPOSED)
    kept = decide(kept, Act.APPROVE, by=who, at_ms=now_ms, note=said, relation=row.relation)
    return _Imported(kept, approved=True)


def _judged(before: Kept | None, one: Listing, two: Listing, now_ms: int) -> Kept:
    """The pair as a run judged it; of other texts at most `review`, until a run finds no rival."""
    if before and before.texts == (text_hash(one), text_hash(two)):
        return before
    found = judge(one, two)
    if found.verdict is Verdict.ACCEPT:
        found = replace(found, verdict=Verdict.REVIEW)
    if before:
        return refound(before, found, one, two, at_ms=now_ms)
    return proposed(found, one, two, at_ms=now_ms)


def _refused(row: PairRow, before: Kept | None, now: Kept) -> str:
    """Why a row does not approve the pair; "" where it does."""
    named = (("Kalshi", row.kalshi_text), ("Polymarket", row.polymarket_text))
    for (venue, approved), text in zip(named, now.texts, strict=True):
        if approved and approved != text:
            return f"the text at {venue} is not the one that was approved when it was exported"
    if now.state is PairState.REVOKED:
        return f"an approval of it was taken back ({now.note})"
    if before and all(before.texts) and before.texts != now.texts:
        return "a text changed since the book last saw the pair"
    return ""


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


def _tell(file: Path, rows: tuple[PairRow, ...], done: list[_Imported], *, as_json: bool) -> None:
    approved = [each.kept for each in done if each.kept.state is PairState.APPROVED]
    refused = [each for each in done if each.refused]
    for each in done:
        if each.approved and (each.kept.assumed or each.kept.divergences):
            for line in confirms(each.kept):
                note(line)
    for each in refused:
        id = each.kept.id
        note(
            f"{id} is not approved: {plain(each.refused)}. Read `dutchbook pairs show {id}`, then "
            f"say `dutchbook pairs approve {id}`."
        )
    for kept in approved:
        if kept.believed is not kept.relation:
            said = f"you say {kept.believed.value}, the matcher {kept.relation.value}"
            note(f"{kept.id}: {said}. It is not executable until both agree.")
    if any(row.model_fields_set - set(FIELDS) for row in rows):
        note("Ticks, rates and dates of the file are not kept; scan --pairs reads them.")
    waiting = len(done) - len(approved)
    if as_json:
        emit(
            {
                "schema": "dutchbook.pairs_import/1",
                "file": str(file),
                "approved": len(approved),
                "proposed": waiting,
                "refused": [{"pair_id": e.kept.id, "why": e.refused} for e in refused],
                "pair_ids": [each.kept.id for each in done],
            }
        )
        return
    told = f"{len(approved):,} pairs approved, {waiting - len(refused):,} await their texts"
    more = f", {len(refused):,} await that you read their texts" if refused else ""
    sys.stdout.write(f"{told}{more}.\n")


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
            "kalshi_text": kept.decision.texts.kalshi,
            "polymarket_text": kept.decision.texts.polymarket,
        }
        for kept in pairs
        if kept.state is PairState.APPROVED and kept.decision
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
