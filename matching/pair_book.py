"""The pair book: what was proposed, what a person decided, and what took a decision back.

A decision is bound to the texts of both markets by a hash. Finding a pair again never overwrites a
person: it may only take an approval back, and reopens a rejection only where a text has changed.
Nothing is deleted; every change is a step of the pair's history. Storage stands in app/store.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from matching.hashing import is_current, text_hash
from matching.listing import Listing
from matching.pairs import MarketKey, Relation
from matching.verdict import Divergence, Judgement, Severity, Verdict

MATCHER: Final = "matcher"
HEDGEABLE: Final = frozenset({Relation.SAME, Relation.INVERTED})

_TICKER_MAX: Final = 40
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]")


class PairState(StrEnum):
    """Where a pair stands. REVOKED: a person approved it, and since then something changed."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"


class Act(StrEnum):
    """What may happen to a pair: a person decides, or a run finds it other than it was."""

    APPROVE = "approve"
    REJECT = "reject"
    TEXT_CHANGED = "text_changed"
    HASHED_ANEW = "hashed_anew"
    JUDGED_WORSE = "judged_worse"


TRANSITIONS: Final[Mapping[tuple[PairState, Act], PairState]] = {
    (PairState.PROPOSED, Act.APPROVE): PairState.APPROVED,
    (PairState.PROPOSED, Act.REJECT): PairState.REJECTED,
    (PairState.PROPOSED, Act.TEXT_CHANGED): PairState.PROPOSED,
    (PairState.PROPOSED, Act.HASHED_ANEW): PairState.PROPOSED,
    (PairState.PROPOSED, Act.JUDGED_WORSE): PairState.PROPOSED,
    (PairState.APPROVED, Act.REJECT): PairState.REJECTED,
    (PairState.APPROVED, Act.TEXT_CHANGED): PairState.REVOKED,
    (PairState.APPROVED, Act.HASHED_ANEW): PairState.REVOKED,
    (PairState.APPROVED, Act.JUDGED_WORSE): PairState.REVOKED,
    (PairState.REJECTED, Act.APPROVE): PairState.APPROVED,
    (PairState.REJECTED, Act.TEXT_CHANGED): PairState.PROPOSED,
    (PairState.REJECTED, Act.HASHED_ANEW): PairState.REJECTED,
    (PairState.REJECTED, Act.JUDGED_WORSE): PairState.REJECTED,
    (PairState.REVOKED, Act.APPROVE): PairState.APPROVED,
    (PairState.REVOKED, Act.REJECT): PairState.REJECTED,
    (PairState.REVOKED, Act.TEXT_CHANGED): PairState.REVOKED,
    (PairState.REVOKED, Act.HASHED_ANEW): PairState.REVOKED,
    (PairState.REVOKED, Act.JUDGED_WORSE): PairState.REVOKED,
}
"""What is not here changes nothing and raises: what is approved cannot be approved again."""


class Hashes(NamedTuple):
    """`text_hash` of both markets; "" where nobody has read the text yet."""

    kalshi: str = ""
    polymarket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided on. `relation` is the person's word, `judged` was the matcher's.

    `assumed`, `divergences` (the codes) and `severities` (the worst of each code) are what was
    shown, so that an approval confirms them.
    """

    texts: Hashes
    relation: Relation
    judged: Relation
    verdict: Verdict
    assumed: tuple[str, ...] = ()
    divergences: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    def weighed(self, found: Divergence) -> bool:
        """Whether it was shown as severe as it is found; a note needs no weighing."""
        shown = dict(zip(self.divergences, self.severities, strict=False))  # old ones kept none
        before = shown.get(found.code, Severity.NOTE)
        return _SEVERE[found.severity] <= _SEVERE[before]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One pair of the book, as the matcher judges it and as a person decided.

    `texts`: those it was judged by last. `by`, `at_ms`, `note`: who brought it into its state
    (MATCHER or a person), when and why. `decision`: the last of a person.
    """

    id: str
    kalshi: MarketKey
    polymarket: MarketKey
    kalshi_title: str
    polymarket_title: str
    relation: Relation
    verdict: Verdict
    score: float
    assumed: tuple[str, ...] = ()
    divergences: tuple[Divergence, ...] = ()
    state: PairState
    by: str
    at_ms: int
    note: str = ""
    texts: Hashes
    decision: Decision | None = None

    @property
    def believed(self) -> Relation:
        """The relation to trade on: a person's word where it stands, else the matcher's."""
        if self.decision and self.state is PairState.APPROVED:
            return self.decision.relation
        return self.relation

    @property
    def scanned(self) -> bool:
        """Whether a scan without a pairs file prices it."""
        if self.believed not in HEDGEABLE:
            return False
        if self.state is PairState.APPROVED:
            return True
        return self.state is PairState.PROPOSED and self.verdict is Verdict.ACCEPT


class Step(NamedTuple):
    """One change of a pair: when, and how it stood afterwards."""

    at_ms: int
    after: Kept


class Seen(NamedTuple):
    """The market ids of a catalogue that are new, changed and gone since it was last seen."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]


class NearMiss(NamedTuple):
    """Two markets that are nearly the same, and why they are not."""

    kalshi: str
    polymarket: str
    relation: Relation
    verdict: Verdict
    score: float
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, found: Judgement) -> NearMiss:
        """What was nearly found; the reasons are its vetoes."""
        return cls(
            kalshi=found.kalshi.id,
            polymarket=found.polymarket.id,
            relation=found.relation,
            verdict=found.verdict,
            score=found.score,
            reasons=found.vetoes,
        )


class PairBook(Protocol):
    """Where pairs are kept. Writing is all or nothing, and only one process may write."""

    def get(self, id: str) -> Kept | None: ...

    def pairs(self) -> Sequence[Kept]:
        """All of them, by id."""
        ...

    def put(self, changed: Iterable[Kept], *, at_ms: int, texts: Iterable[Listing] = ()) -> None:
        """Keeps pairs as they now stand, a step of history for each, and the texts beside them."""
        ...

    def history(self, id: str) -> Sequence[Step]:
        """Every change of a pair, the oldest first."""
        ...

    def text(self, key: MarketKey, digest: str) -> Listing | None:
        """The text of a market that once went with a pair."""
        ...

    def listing(self, key: MarketKey) -> Listing | None:
        """A market as it was last seen."""
        ...

    def see(self, venue: str, listings: Iterable[Listing], now_ms: int) -> Seen:
        """Takes in a venue's whole catalogue as it is now."""
        ...

    def put_near_misses(self, found: Iterable[NearMiss], now_ms: int) -> None:
        """Keeps the likeliest near-misses; the rest is forgotten."""
        ...

    def near_misses(self) -> Sequence[NearMiss]:
        """The likeliest first."""
        ...


def pair_id(kalshi: MarketKey, polymarket: MarketKey) -> str:
    """The name of a pair: Kalshi's ticker for the eye, eight hex digits of both ids for the rest.

    >>> pair_id(MarketKey("kalshi", "KXA-26-B"), MarketKey("polymarket", "0x1"))
    'KXA-26-B~9a1c3876'
    """
    named = json.dumps([*kalshi, *polymarket])
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_ODD.sub('_', kalshi.id[:_TICKER_MAX])}~{digest[:8]}"


def decide(
    kept: Kept,
    act: Act,
    *,
    by: str,
    at_ms: int,
    note: str = "",
    relation: Relation | None = None,
) -> Kept:
    """The pair after a person's decision; `relation` where the person's word is not the matcher's.

    Raises ValueError for a step that the table does not have, and for an approval of a text that
    nobody has read or of markets that cannot hedge one another.
    """
    after = TRANSITIONS.get((kept.state, act))
    if after is None or act not in {Act.APPROVE, Act.REJECT}:
        raise ValueError(f"the pair {kept.id} is {kept.state} already")
    if act is Act.APPROVE and not all(kept.texts):
        raise ValueError(f"nobody has read the rules of both markets of {kept.id}")
    if act is Act.APPROVE and (relation or kept.relation) not in HEDGEABLE:
        raise ValueError(f"the markets of {kept.id} are {kept.relation}: neither same nor inverted")
    worst: dict[str, Severity] = {}
    for each in sorted(kept.divergences, key=lambda each: _SEVERE[each.severity]):
        worst[each.code] = each.severity
    decision = Decision(
        texts=kept.texts,
        relation=relation or kept.relation,
        judged=kept.relation,
        verdict=kept.verdict,
        assumed=kept.assumed,
        divergences=tuple(worst),
        severities=tuple(worst.values()),
    )
    return replace(kept, state=after, by=by, at_ms=at_ms, note=note, decision=decision)


def proposed(found: Judgement, kalshi: Listing, polymarket: Listing, *, at_ms: int) -> Kept:
    """A pair that nobody has seen before."""
    return Kept(
        id=pair_id(found.kalshi, found.polymarket),
        kalshi=found.kalshi,
        polymarket=found.polymarket,
        kalshi_title=kalshi.title,
        polymarket_title=polymarket.title,
        relation=found.relation,
        verdict=found.verdict,
        score=found.score,
        assumed=found.assumed,
        divergences=found.divergences,
        state=PairState.PROPOSED,
        by=MATCHER,
        at_ms=at_ms,
        texts=Hashes(text_hash(kalshi), text_hash(polymarket)),
    )


def refound(
    kept: Kept, found: Judgement, kalshi: Listing, polymarket: Listing, *, at_ms: int
) -> Kept:
    """The pair after it was judged again; `kept` itself where nothing changed."""
    fresh = proposed(found, kalshi, polymarket, at_ms=at_ms)
    judged = replace(
        fresh,
        **{name: getattr(kept, name) for name in ("state", "by", "at_ms", "note", "decision")},
    )
    if judged == kept:
        return kept
    if why := _hashed_anew(kept):
        act = Act.HASHED_ANEW
    elif why := _texts_changed(kept, judged.texts):
        act = Act.TEXT_CHANGED
    elif why := _judged_worse(kept, judged):
        act = Act.JUDGED_WORSE
    else:
        return judged
    after = TRANSITIONS[kept.state, act]
    if after is kept.state and act is not Act.TEXT_CHANGED:
        return judged
    return replace(judged, state=after, by=MATCHER, at_ms=at_ms, note=why)


def seen_alone(kept: Kept, listing: Listing, *, at_ms: int) -> Kept:
    """The pair after one of its markets was seen and the other was not, so that nobody can judge.

    Only an approval is touched, and for good: an edit may be taken back before the other returns.
    """
    if kept.state is not PairState.APPROVED:
        return kept
    now = kept.texts._replace(**{listing.venue: text_hash(listing)})
    why = "" if now == kept.texts else _hashed_anew(kept) or _texts_changed(kept, now)
    if not why:
        return kept
    after = TRANSITIONS[kept.state, Act.TEXT_CHANGED]
    return replace(kept, state=after, by=MATCHER, at_ms=at_ms, note=why)


def _hashed_anew(kept: Kept) -> str:
    """Why hashes of an older dutchbook bind nobody any more; whether a text changed is unknown."""
    if all(is_current(before) for before in kept.texts if before):
        return ""
    return (
        "an older dutchbook bound this to less than is bound now (not to the event's title, the "
        "slug and the start of a game): read both texts again"
    )


def _texts_changed(kept: Kept, now: Hashes) -> str:
    """Names the venues whose text is another one. To read one for the first time is no change."""
    pairs = zip(("Kalshi", "Polymarket"), kept.texts, now, strict=True)
    told = (
        f"the text at {venue} changed ({_short(before)} → {_short(after)})"
        for venue, before, after in pairs
        if before and before != after
    )
    return "; ".join(told)


def _short(digest: str) -> str:
    return digest.partition(":")[2][:10]


def _judged_worse(kept: Kept, now: Kept) -> str:
    """Why the judgement no longer carries what a person decided on; "" where it still does."""
    was = kept.decision
    if was is None:
        return ""
    if now.relation is not was.judged:
        return f"the relation is now judged {now.relation.value}, not {was.judged.value}"
    if _RANK[now.verdict] < _RANK[was.verdict]:
        return f"the verdict is now {now.verdict.value}, not {was.verdict.value}"
    new = [f"{field} is now assumed" for field in now.assumed if field not in was.assumed]
    new += [
        f"{each.code} is now {each.severity.value}"
        for each in now.divergences
        if not was.weighed(each)
    ]
    return f"{'; '.join(new)}: read both texts again" if new else ""


_SEVERE: Final = {Severity.NOTE: 0, Severity.CAUTION: 1, Severity.BAR: 2}
_RANK: Final = {Verdict.REJECT: 0, Verdict.REVIEW: 1, Verdict.ACCEPT: 2}
