"""Two catalogues → judged pairs, one to one; only what is new or changed is looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from matching.extract import extract
from matching.index import Hashes, Index, hashed
from matching.judge import acceptable, comparable, judge_terms
from matching.keys import grams, keys
from matching.listing import Listing
from matching.pair_book import HEDGEABLE, NearMiss
from matching.pairs import Relation
from matching.parallel import mapped
from matching.terms import Claim, Domain, Game, Terms
from matching.verdict import Judgement, Verdict
from matching.when import Window

CANDIDATES_MAX: Final = 30  # that a person may ask for
_JUDGED_MAX: Final = 5  # that are judged of one market
_NEAR_MAX: Final = 1  # near-misses kept of one market, the likeliest
_LIKELY: Final = 0.5  # of the best candidate's score: the others are not worth a reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What a run found: the pairs to trust, those a person must read, and near-misses.

    To be read: two markets that seem one question (`same`, `inverted`), something being open.

    `looked_at`: listings that are new or changed. `judged`: pairs that were read.
    """

    accepted: tuple[Judgement, ...]
    review: tuple[Judgement, ...]
    near: tuple[NearMiss, ...]
    looked_at: int
    judged: int


class Matcher:
    """Holds both catalogues, read; `update` brings them to a new state and judges what changed.

    `workers`: how many processes read and judge whole catalogues (1: this one alone).
    """

    def __init__(self, workers: int = 1) -> None:
        self._sides = {"kalshi": _Side(), "polymarket": _Side()}
        self._kept: dict[tuple[str, str], Judgement] = {}
        self._near: dict[tuple[str, str], NearMiss] = {}
        self._workers = workers

    def update(self, kalshi: Iterable[Listing], polymarket: Iterable[Listing]) -> Matched:
        """Both catalogues as they are now. Raises nothing for a listing that cannot be read."""
        fresh = {
            "kalshi": self._sides["kalshi"].update(kalshi, self._workers),
            "polymarket": self._sides["polymarket"].update(polymarket, self._workers),
        }
        self._forget(fresh)
        judged = 0
        for result in mapped(self._of_kalshi, fresh["kalshi"], self._workers):
            judged += self._take(result)
        if len(fresh["kalshi"]) < len(self._sides["kalshi"].terms):
            for result in self._of_polymarket(fresh):
                judged += self._take(result)
        return self._matched(sum(map(len, fresh.values())), judged)

    def _of_kalshi(self, fresh: Sequence[str]) -> list[_Judged]:
        """What is said of each Kalshi market with its likely partners."""
        terms, others = self._sides["kalshi"].terms, self._sides["polymarket"]
        return [
            _judged(
                (terms[k], others.terms[p]) for p in _likely(others.like(terms[k], _JUDGED_MAX))
            )
            for k in fresh
        ]

    def _of_polymarket(self, fresh: dict[str, list[str]]) -> Iterator[_Judged]:
        """The same for Polymarket's new markets, with Kalshi's that were there before."""
        terms, others = self._sides["polymarket"].terms, self._sides["kalshi"]
        again = set(fresh["kalshi"])
        for p in fresh["polymarket"]:
            likely = _likely(others.like(terms[p], _JUDGED_MAX))
            yield _judged((others.terms[k], terms[p]) for k in likely if k not in again)

    def _take(self, result: _Judged) -> int:
        for judgement in result.kept:
            self._kept[judgement.kalshi.id, judgement.polymarket.id] = judgement
        for near in result.near:
            self._near[near.kalshi, near.polymarket] = near
        return result.looked

    def candidates(self, kalshi: Sequence[str]) -> list[list[str]]:
        """For each Kalshi market Polymarket's ids that may be the same, the likeliest first."""
        return mapped(self._candidates, kalshi, self._workers)

    def _candidates(self, kalshi: Sequence[str]) -> list[list[str]]:
        terms, others = self._sides["kalshi"].terms, self._sides["polymarket"]
        return [[id for id, _ in others.like(terms[k], CANDIDATES_MAX)] for k in kalshi]

    def _forget(self, fresh: dict[str, list[str]]) -> None:
        """Drops what was said of listings that are gone or changed."""
        k, p = (self._sides[v].gone.union(fresh[v]) for v in ("kalshi", "polymarket"))
        if self._kept and (k or p):
            self._kept = {x: j for x, j in self._kept.items() if x[0] not in k and x[1] not in p}
            self._near = {x: n for x, n in self._near.items() if x[0] not in k and x[1] not in p}

    def _matched(self, looked_at: int, judged: int) -> Matched:
        kept = self._kept.values()
        accepted, rivals = one_to_one([j for j in kept if j.verdict is Verdict.ACCEPT])
        demoted = [replace(j, verdict=Verdict.REVIEW) for j in rivals]
        review = [j for j in kept if j.verdict is Verdict.REVIEW]
        return Matched(
            accepted=tuple(accepted),
            review=(*demoted, *review),
            near=tuple(self._near.values()),
            looked_at=looked_at,
            judged=judged,
        )


class _Judged(NamedTuple):
    """What came of one market and its likely partners."""

    kept: list[Judgement]
    near: list[NearMiss]
    looked: int


def _judged(pairs: Iterable[tuple[Terms, Terms]]) -> _Judged:
    kept: list[Judgement] = []
    near: list[NearMiss] = []
    looked = 0
    for k, p in pairs:
        if not comparable(k, p) or (len(near) == _NEAR_MAX and not acceptable(k, p)):
            continue
        looked += 1
        found = judge_terms(k, p)
        if found.verdict is not Verdict.REJECT and found.relation in HEDGEABLE:
            kept.append(found)
        elif found.relation is not Relation.UNRELATED and len(found.vetoes) <= 1:
            near.append(NearMiss.of(found))
    return _Judged(kept, near[:_NEAR_MAX], looked)


def _likely(ranked: list[tuple[str, float]]) -> list[str]:
    return [id for id, score in ranked if score >= _LIKELY * ranked[0][1]]


def one_to_one(accepted: list[Judgement]) -> tuple[list[Judgement], list[Judgement]]:
    """The accepted pairs in which no market has two partners of one relation, and the others.

    A market may have two partners only as both sides of one game (same and inverted). Where two
    markets claim one partner alike, one of them is misread: both go to review.
    """
    by_k: defaultdict[tuple[str, Relation], list[Judgement]] = defaultdict(list)
    by_p: defaultdict[tuple[str, Relation], list[Judgement]] = defaultdict(list)
    for judgement in accepted:
        by_k[judgement.kalshi.id, judgement.relation].append(judgement)
        by_p[judgement.polymarket.id, judgement.relation].append(judgement)
    kept: list[Judgement] = []
    others: list[Judgement] = []
    for j in accepted:
        rivals = by_k[j.kalshi.id, j.relation] + by_p[j.polymarket.id, j.relation]
        best = max(rivals, key=_strength)
        alone = sum(_strength(r) == _strength(best) for r in rivals) <= 2  # j itself stands in both
        (kept if best is j and alone else others).append(j)
    return kept, others


def _strength(judgement: Judgement) -> tuple[float, int]:
    return judgement.score, -len(judgement.assumed)


@dataclass(slots=True)
class _Side:
    """One venue's listings, read and indexed."""

    listings: dict[str, Listing] = field(default_factory=dict)
    terms: dict[str, Terms] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    index: Index = field(default_factory=Index)

    def update(self, listings: Iterable[Listing], workers: int) -> list[str]:
        """Takes the catalogue as it is now; gives the ids that are new or changed."""
        changed: dict[str, Listing] = {}
        seen = set[str]()
        for listing in listings:
            seen.add(listing.id)
            if self.listings.get(listing.id) != listing:
                changed[listing.id] = listing
        self.listings |= changed
        every = mapped(_read, list(changed.values()), workers)
        for (id, listing), read in zip(changed.items(), every, strict=True):
            self.terms[id] = Terms(
                listing=read.listing or listing,
                domain=read.domain,
                window=read.window,
                body=read.body,
                year=read.year,
            )
            self.index.add(id, read.hashes)
        self.gone = self.terms.keys() - seen
        for id in self.gone:
            del self.terms[id], self.listings[id]
            self.index.remove(id)
        return list(changed)

    def like(self, terms: Terms, most: int) -> list[tuple[str, float]]:
        return self.index.best(keys(terms), grams(terms), most)


class _Read(NamedTuple):
    """Terms and their keys on the way from another process; a listing is sent only if it changed
    in the reading, for that takes half as long as all else.
    """

    listing: Listing | None
    hashes: Hashes
    domain: Domain
    window: Window | None
    body: Game | Claim
    year: int


def _read(listings: Sequence[Listing]) -> list[_Read]:
    found = []
    for listing in listings:
        terms = extract(listing)
        other = None if terms.listing is listing else terms.listing
        hashes = hashed(keys(terms) | grams(terms))
        found.append(_Read(other, hashes, terms.domain, terms.window, terms.body, terms.year))
    return found
