"""What a run of the matcher leaves in the pair book."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from matching.catalogue import one_to_one
from matching.judge import judge as judged_afresh
from matching.listing import Listing
from matching.pair_book import (
    HEDGEABLE,
    Kept,
    NearMiss,
    PairBook,
    PairState,
    proposed,
    refound,
    seen_alone,
)
from matching.pairs import MarketKey
from matching.verdict import Judgement, Verdict

Listings = Mapping[MarketKey, Listing]
Judge = Callable[[Listing, Listing], Judgement]
Keys = tuple[MarketKey, MarketKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the pairs: `new` proposals, `changed` judgements, the rest `unchanged`.

    `revoked` and `reopened` are the pairs, with the reason in their note; both count as changed.
    """

    new: int
    changed: int
    unchanged: int
    near: int
    revoked: tuple[Kept, ...]
    reopened: tuple[Kept, ...]


def keep(
    judgements: Iterable[Judgement],
    listings: Listings,
    book: PairBook,
    *,
    at_ms: int,
    near: Iterable[NearMiss] = (),
    judge: Judge = judged_afresh,
) -> Counts:
    """Proposes new pairs and brings the known ones up to date; all or none is kept.

    `listings` are both catalogues as they are now. A judgement of reject, or of no hedge, makes no
    pair: it is kept beside the near-misses that `near` gives. A known pair of which the run says
    nothing is judged again from its own two listings, and must be one to one with the others, so
    that an approval never outlives a text that moved away. Where only one of its listings is there,
    an edit of that one takes the approval back.
    """
    known = {(kept.kalshi, kept.polymarket): kept for kept in book.pairs()}
    found = {(each.kalshi, each.polymarket): each for each in judgements}
    if unmentioned := dict(_unmentioned(known, found.keys(), listings, judge)):
        found = _one_to_one(found | unmentioned, known)
    before: dict[str, Kept | None] = {}
    changed: list[Kept] = []
    missed = [*near]
    for keys, each in found.items():
        kept = known.get(keys)
        if kept is None and not _makes_a_pair(each):
            missed.append(NearMiss.of(each))
            continue
        one, two = (listings[key] for key in keys)
        if kept is None:
            after = proposed(each, one, two, at_ms=at_ms)
        else:
            after = refound(kept, each, one, two, at_ms=at_ms)
        before[after.id] = kept
        if after is not kept:
            changed.append(after)
    for kept, listing in _halves(known, listings):
        after = seen_alone(kept, listing, at_ms=at_ms)
        before[after.id] = kept
        if after is not kept:
            changed.append(after)
    sides = (key for kept in changed for key in (kept.kalshi, kept.polymarket))
    texts = [listings[key] for key in sides if key in listings]
    book.put(changed, at_ms=at_ms, texts=texts)
    book.put_near_misses(missed, at_ms)
    return _counts(before, changed, unchanged=len(before) - len(changed), near=len(missed))


def _unmentioned(
    known: Mapping[Keys, Kept], told: Collection[Keys], listings: Listings, judge: Judge
) -> Iterator[tuple[Keys, Judgement]]:
    """Fresh judgements of the pairs that are known and were not told of."""
    for keys in known:
        one, two = (listings.get(key) for key in keys)
        if keys not in told and one is not None and two is not None:
            yield keys, judge(one, two)


def _halves(known: Mapping[Keys, Kept], listings: Listings) -> Iterator[tuple[Kept, Listing]]:
    """The pairs of which just one market is in the catalogues, with that market."""
    for keys, kept in known.items():
        here = [listings[key] for key in keys if key in listings]
        if len(here) == 1:
            yield kept, here[0]


def _one_to_one(
    found: Mapping[Keys, Judgement], known: Mapping[Keys, Kept]
) -> dict[Keys, Judgement]:
    """The judgements, of which those that have a rival as likely go to review.

    What the run sent to review for that reason is a rival still; what a person rejected is none.
    """
    rivals = [
        each
        for keys, each in found.items()
        if _makes_a_pair(each) and not (keys in known and known[keys].state is PairState.REJECTED)
    ]
    _, beaten = one_to_one(rivals)
    return {**found} | {
        (each.kalshi, each.polymarket): replace(each, verdict=Verdict.REVIEW) for each in beaten
    }


def _makes_a_pair(found: Judgement) -> bool:
    return found.verdict is not Verdict.REJECT and found.relation in HEDGEABLE


def _counts(
    before: Mapping[str, Kept | None], changed: list[Kept], *, unchanged: int, near: int
) -> Counts:
    moved = [kept for kept in changed if (was := before[kept.id]) and was.state != kept.state]
    new = sum(before[kept.id] is None for kept in changed)
    return Counts(
        new=new,
        changed=len(changed) - new,
        unchanged=unchanged,
        near=near,
        revoked=tuple(kept for kept in moved if kept.state is PairState.REVOKED),
        reopened=tuple(kept for kept in moved if kept.state is PairState.PROPOSED),
    )
