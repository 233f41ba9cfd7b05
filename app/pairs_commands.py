"""`dutchbook pairs list|approve|reject`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli import console, emit
from app.config import load_settings
from app.problem import Exit, Problem
from app.report import plain
from app.store.opening import open_store, read_store
from app.store.store import Store
from matching.executable import executable
from matching.hashing import text_hash
from matching.listing import Listing
from matching.pair_book import Act, Kept, PairState, decide
from matching.verdict import Verdict
from venues import SystemClock

EMPTY = "The pair book is empty: `dutchbook pairs find` fills it, `dutchbook pairs import` too."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    state: str | None
    verdict: str | None
    executable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A person's word about one pair."""

    id: str
    by: str | None
    note: str
    as_json: bool


def list_pairs(wanted: Wanted, config: Path | None, *, as_json: bool) -> Exit:
    _check(wanted)
    with read_store(load_settings(config).place) as store:
        every, texts, away = store.pairs(), store.current_of_pairs(), store.unlisted()
    found = [
        (kept, why)
        for kept in every
        if wanted.state in {None, kept.state.value}
        if wanted.verdict in {None, kept.verdict.value}
        if not (why := executable(kept, texts.get(kept.kalshi), texts.get(kept.polymarket), away))
        or not wanted.executable
    ]
    if as_json:
        rows = [pair_json(kept, why) for kept, why in found]
        emit({"schema": "dutchbook.pairs/1", "pairs": rows})
    elif not every:
        console().print(EMPTY)
    else:
        _print_list(console(), found, of=len(every))
    return Exit.DONE


def list_near_misses(config: Path | None, *, as_json: bool) -> Exit:
    """What the last runs nearly found, and the fields that were against it."""
    with read_store(load_settings(config).place) as store:
        near = store.near_misses()
    if as_json:
        rows = [{**each._asdict(), "reasons": list(each.reasons)} for each in near]
        emit({"schema": "dutchbook.near_misses/1", "near_misses": rows})
        return Exit.DONE
    if not near:
        console().print("Nothing was nearly found: `dutchbook pairs find` looks.")
        return Exit.DONE
    table = Table(
        *("Kalshi", "Polymarket", "relation", "against it"),
        title=f"{len(near):,} near-misses",
        title_justify="left",
    )
    for each in near:
        reasons = ", ".join(each.reasons) or "nothing known"
        table.add_row(each.kalshi, each.polymarket, each.relation.value, reasons)
    console().print(table)
    return Exit.DONE


def _check(wanted: Wanted) -> None:
    for name, value, known in (
        ("--state", wanted.state, PairState),
        ("--verdict", wanted.verdict, Verdict),
    ):
        if value is not None and value not in list(known):
            words = ", ".join(known)
            raise Problem(Exit.WRONG_USAGE, f"{name} is one of {words}, not {value[:40]!r}.")


def _print_list(out: Console, found: list[tuple[Kept, tuple[str, ...]]], *, of: int) -> None:
    table = Table(title=f"{len(found):,} of {of:,} pairs", title_justify="left")
    table.add_column("id", no_wrap=True)
    for name in ("Kalshi", "Polymarket", "relation", "verdict", "score", "state"):
        table.add_column(name, overflow="fold")
    table.add_column("executable", overflow="fold", ratio=1)
    for kept, why in found:
        table.add_row(
            kept.id,
            plain(kept.kalshi_title),
            plain(kept.polymarket_title),
            kept.believed.value,
            kept.verdict.value,
            f"{kept.score:.2f}",
            kept.state.value,
            "; ".join(plain(reason) for reason in why) or "yes",
        )
    out.print(table)


def why_not(store: Store, kept: Kept) -> tuple[str, ...]:
    """Why the pair is not executable by the texts that the store saw last."""
    return executable(kept, *current_texts(store, kept), store.unlisted())


def current_texts(store: Store, kept: Kept) -> tuple[Listing | None, Listing | None]:
    """Both markets as they were last seen; else the texts that the pair was judged by."""
    return (
        store.current(kept.kalshi, kept.texts.kalshi),
        store.current(kept.polymarket, kept.texts.polymarket),
    )


def find_pair(store: Store, typed: str) -> Kept:
    """The pair of that id, or the only one whose id holds what was typed."""
    if found := store.get(typed):
        return found
    word = typed.casefold()
    near = [kept for kept in store.pairs() if word and word in kept.id.casefold()]
    if len(near) == 1:
        return near[0]
    shown = plain(typed)[:80]
    if near:
        ids = ", ".join(kept.id for kept in near[:5])
        raise Problem(Exit.WRONG_USAGE, f"{shown!r} names {len(near)} pairs: {ids} …")
    raise Problem(
        Exit.WRONG_USAGE, f"There is no pair {shown!r}; `dutchbook pairs list` shows all of them."
    )


def approve(said: Said, config: Path | None, *, yes: bool) -> Exit:
    """Shows what the approval confirms, asks, and keeps it."""
    with open_store(load_settings(config).place) as store:
        kept = find_pair(store, said.id)
        refuse_stale(store, kept)
        after = decided(kept, Act.APPROVE, said)
        out = Console(stderr=True, highlight=False, markup=False) if said.as_json else console()
        for line in confirms(kept):
            out.print(line)
        if not yes and not _asked():
            raise Problem(Exit.REFUSED, f"{kept.id} stays {kept.state.value}.")
        store.put([after], at_ms=after.at_ms)
        _tell(store, after, said)
    return Exit.DONE


def refuse_stale(store: Store, kept: Kept) -> None:
    """Raises Problem where a text is not the one that the pair was judged by."""
    for key, judged in zip((kept.kalshi, kept.polymarket), kept.texts, strict=True):
        seen = store.listing(key)
        if seen is not None and text_hash(seen) != judged:
            raise Problem(
                Exit.REFUSED,
                f"The text at {key.venue} is not the one that {kept.id} was judged by; run "
                "`dutchbook pairs find`, read it again and then decide.",
            )


def confirms(kept: Kept) -> Iterable[str]:
    """What an approval of the pair confirms, as lines to be read before."""
    yield f"{kept.id}: {kept.relation.value}, the matcher says {kept.verdict.value}"
    yield f"  Kalshi      {kept.kalshi.id}  {plain(kept.kalshi_title)}"
    yield f"  Polymarket  {kept.polymarket.id}  {plain(kept.polymarket_title)}"
    for field in kept.assumed:
        yield f"  assumed, and confirmed by you: {plain(field)}"
    for each in kept.divergences:
        yield f"  {each.severity.value}: {plain(each.code)}"
        yield f"      Kalshi:     {plain(each.kalshi_span) or '(silent)'}"
        yield f"      Polymarket: {plain(each.polymarket_span) or '(silent)'}"


def _asked() -> bool:
    if not sys.stdin.isatty():
        raise Problem(
            Exit.WRONG_USAGE, "Nobody is here to ask: say --yes after reading `pairs show`."
        )
    sys.stderr.write("Have you read both texts, and are they one event? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def reject(said: Said, config: Path | None) -> Exit:
    with open_store(load_settings(config).place) as store:
        after = decided(find_pair(store, said.id), Act.REJECT, said)
        store.put([after], at_ms=after.at_ms)
        _tell(store, after, said)
    return Exit.DONE


def decided(kept: Kept, act: Act, said: Said) -> Kept:
    """The pair after a person's word. Raises Problem where that is no step of its life."""
    now_ms = SystemClock().now_ms()
    try:
        return decide(kept, act, by=person(said.by), at_ms=now_ms, note=said.note)
    except ValueError as error:
        sentence = str(error)
        raise Problem(Exit.REFUSED, f"{sentence[0].upper()}{sentence[1:]}.") from None


def person(named: str | None) -> str:
    """Who decides. Raises Problem where nobody says and the system does not know."""
    try:
        found = (named if named is not None else getpass.getuser()).strip()
    except (KeyError, OSError):
        found = ""
    if not found or found.casefold() == "matcher":
        raise Problem(Exit.WRONG_USAGE, "Say who decides: --by NAME, of a person.")
    return found


def _tell(store: Store, kept: Kept, said: Said) -> None:
    why = why_not(store, kept)
    if said.as_json:
        emit({"schema": "dutchbook.pair_decision/1", **pair_json(kept, why)})
        return
    out = console()
    out.print(f"{kept.id} is {kept.state.value} by {plain(kept.by)}.")
    if kept.state is PairState.APPROVED:
        out.print(
            "It is executable." if not why else f"It is not executable: {plain('; '.join(why))}."
        )


def pair_json(kept: Kept, why: tuple[str, ...]) -> dict[str, Any]:
    """One pair; `why_not` is empty where it is executable."""
    return {
        "pair_id": kept.id,
        "kalshi": kept.kalshi.id,
        "polymarket": kept.polymarket.id,
        "kalshi_title": kept.kalshi_title,
        "polymarket_title": kept.polymarket_title,
        "relation": kept.believed.value,
        "verdict": kept.verdict.value,
        "score": kept.score,
        "assumed": list(kept.assumed),
        "divergences": [each._asdict() for each in kept.divergences],
        "state": kept.state.value,
        "by": kept.by,
        "at_ms": kept.at_ms,
        "note": kept.note,
        "kalshi_text": kept.texts.kalshi or None,
        "polymarket_text": kept.texts.polymarket or None,
        "executable": not why,
        "why_not": list(why),
    }
