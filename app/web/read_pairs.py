"""The pair book as the page shows it, and a person's decisions."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.pair_source import as_listed
from app.pairs_commands import Said, decided, pair_json, refuse_stale, why_not
from app.pairs_show import Shown, Stretch, gather, lines_of, stretches
from app.problem import Exit, Problem
from app.store.opening import open_store, read_store
from app.web.models import PairRow, Pairs
from app.web.site import Site
from matching.executable import executable
from matching.judge import judge
from matching.listing import Listing
from matching.pair_book import Act, Kept, PairState
from matching.pairs import MarketKey
from matching.verdict import Agreement, Divergence, Evidence, Judgement, Severity, Verdict

ROWS_MAX: Final = 200
State = Literal["waiting", "all", "proposed", "approved", "rejected", "revoked"]
"""`waiting`: whatever a person has to look at."""
Decision = Literal["approve", "reject"]
_AGREED: Final = {
    Agreement.AGREE: "agree",
    Agreement.BRIDGED: "bridged",
    Agreement.UNKNOWN: "bridged",
    Agreement.CONFLICT: "conflict",
}
_SEVERE: Final = {Severity.NOTE: "note", Severity.CAUTION: "caution", Severity.BAR: "bar"}
_RANK: Final = {Verdict.ACCEPT: 0, Verdict.REVIEW: 1, Verdict.REJECT: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One market's text in stretches, those that matter marked."""

    venue: str
    id: str
    parts: tuple[Stretch, ...]
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Both texts and what the matcher reads in them."""

    sides: tuple[Side, Side]
    divergences: tuple[Divergence, ...]
    fresh: Judgement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """`version`: of everything that a decision would be bound to."""

    shown: Shown
    rules: Rules
    version: str


async def pairs(site: Site, state: State, text: str) -> Pairs:
    """Raises Problem."""
    return await asyncio.to_thread(_pairs, site, state, text)


def _pairs(site: Site, state: State, text: str) -> Pairs:
    with read_store(site.settings.place) as store:
        every, texts, away = store.pairs(), store.current_of_pairs(), store.unlisted()
    found = [kept for kept in every if is_in(kept, state) and _holds(kept, text)]
    found.sort(key=_queue)
    return Pairs(
        schema="dutchbook.pairs_page/1",
        total=len(found),
        counts={
            name: sum(kept.state.value == name for kept in every) for name in map(str, PairState)
        }
        | {"waiting": sum(is_in(kept, "waiting") for kept in every)},
        rows=[
            PairRow.model_validate(
                pair_json(
                    kept,
                    executable(kept, texts.get(kept.kalshi), texts.get(kept.polymarket), away),
                )
            )
            for kept in found[:ROWS_MAX]
        ],
    )


def is_in(kept: Kept, state: State) -> bool:
    if state == "waiting":
        waits = kept.state in {PairState.PROPOSED, PairState.REVOKED}
        return waits and kept.verdict is not Verdict.REJECT
    return state in {"all", kept.state.value}


def _queue(kept: Kept) -> tuple[int, int, float, str]:
    """What was taken back first, then what the matcher is sure of."""
    revoked = 0 if kept.state is PairState.REVOKED else 1
    return revoked, _RANK[kept.verdict], -kept.score, kept.id


def _holds(kept: Kept, text: str) -> bool:
    words = f"{kept.id} {kept.kalshi_title} {kept.polymarket_title}".casefold()
    return all(word in words for word in text.casefold().split())


async def pair(site: Site, id: str) -> PairView | None:
    """Raises Problem."""
    return await asyncio.to_thread(_pair, site, id)


def _pair(site: Site, id: str) -> PairView | None:
    with read_store(site.settings.place) as store:
        kept = store.get(id)
        if kept is None:
            return None
        shown = gather(store, kept)
    rules = _rules(
        (kept.kalshi, shown.kalshi),
        (kept.polymarket, shown.polymarket),
        shown.divergences,
        shown.fresh,
    )
    return PairView(shown=shown, rules=rules, version=version_of(kept))


async def rules_of(site: Site, pair_id: str) -> Rules | None:
    """Of a pair that is watched: as the book has them, else as the venues word them now. Raises
    Problem."""
    if site.works.source.booked is not None:
        view = await pair(site, pair_id)
        return view.rules if view else None
    item = site.room.pair(pair_id)
    if item is None:
        return None
    one, two = as_listed(item.one, None), as_listed(item.two, None)
    fresh = await asyncio.to_thread(judge, one, two) if one and two else None
    divergences = fresh.divergences if fresh else ()
    return _rules((item.pair.one, one), (item.pair.two, two), divergences, fresh)


async def next_waiting(site: Site, after: str) -> str | None:
    """The id of the pair to look at once `after` is decided."""

    def find() -> str | None:
        with read_store(site.settings.place) as store:
            waiting = [kept for kept in store.pairs() if is_in(kept, "waiting")]
        waiting.sort(key=_queue)
        return next((kept.id for kept in waiting if kept.id != after), None)

    return await asyncio.to_thread(find)


async def decide(
    site: Site, id: str, decision: Decision, *, version: str, by: str, note: str
) -> tuple[Kept, tuple[str, ...]]:
    """The pair afterwards, and why it is not executable. Raises Problem, also where the pair is no
    longer what was shown."""
    async with site.pairs:
        after = await asyncio.to_thread(_decide, site, id, decision, version, by, note)
    await site.works.reload()
    return after


def _decide(
    site: Site, id: str, decision: Decision, version: str, by: str, note: str
) -> tuple[Kept, tuple[str, ...]]:
    with open_store(site.settings.place) as store:
        kept = store.get(id)
        if kept is None:
            raise Problem(Exit.WRONG_USAGE, "There is no such pair any more.")
        if version_of(kept) != version:
            raise Problem(
                Exit.REFUSED,
                "The pair changed after it was shown to you: read it again, then decide.",
            )
        act = Act.APPROVE if decision == "approve" else Act.REJECT
        if act is Act.APPROVE:
            refuse_stale(store, kept)
        after = decided(kept, act, Said(id=id, by=by, note=note, as_json=False))
        store.put([after], at_ms=after.at_ms)
        return after, why_not(store, after)


def version_of(kept: Kept) -> str:
    """Changes with whatever an approval confirms."""
    bound = (
        kept.id,
        kept.state.value,
        tuple(kept.texts),
        kept.relation.value,
        kept.verdict.value,
        kept.assumed,
        [tuple(map(str, each)) for each in kept.divergences],
    )
    return hashlib.sha256(repr(bound).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _rules(
    one: tuple[MarketKey, Listing | None],
    two: tuple[MarketKey, Listing | None],
    divergences: tuple[Divergence, ...],
    fresh: Judgement | None,
) -> Rules:
    evidence = fresh.evidence if fresh else ()
    sides = [
        _side(key, listing, list(_marks(divergences, evidence, at)))
        for at, (key, listing) in enumerate((one, two))
    ]
    return Rules(sides=(sides[0], sides[1]), divergences=divergences, fresh=fresh)


def _side(key: MarketKey, listing: Listing | None, marks: Sequence[tuple[str, str]]) -> Side:
    body = "\n".join(lines_of(listing)) if listing else ""
    return Side(
        venue=key.venue,
        id=key.id,
        parts=tuple(part for part in stretches(body, marks) if part.words),
        known=listing is not None,
    )


def _marks(
    divergences: Iterable[Divergence], evidence: Iterable[Evidence], side: int
) -> Iterator[tuple[str, str]]:
    """(words, class) of one side; divergences first, because they are what a person must read."""
    for each in divergences:
        if words := (each.kalshi_span, each.polymarket_span)[side]:
            yield words, _SEVERE[each.severity]
    for fact in evidence:
        if words := (fact.kalshi_span, fact.polymarket_span)[side]:
            yield words, _AGREED[fact.agreement]
