"""Whether orders may be made from a pair: stricter than whether its texts name one event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from matching.hashing import is_current, text_hash
from matching.listing import Listing
from matching.pair_book import HEDGEABLE, Kept, PairState
from matching.pairs import MarketKey
from matching.verdict import Severity, Verdict


def executable(
    kept: Kept,
    kalshi: Listing | None,
    polymarket: Listing | None,
    unlisted: Collection[MarketKey] = (),
) -> tuple[str, ...]:
    """Why orders may not be made from the pair; empty where they may.

    The listings are the markets as they are now, None where nobody knows. `unlisted`: the markets
    that their venues' catalogues do not have, of which a listing is how they were.
    """
    return tuple(
        dict.fromkeys(
            [
                *_of_the_texts(kept, {"Kalshi": kalshi, "Polymarket": polymarket}, unlisted),
                *_of_the_judgement(kept),
                *_of_the_approval(kept),
            ]
        )
    )


def _of_the_texts(
    kept: Kept, now: Mapping[str, Listing | None], unlisted: Collection[MarketKey]
) -> Iterable[str]:
    keys = (kept.kalshi, kept.polymarket)
    for key, (venue, listing), judged in zip(keys, now.items(), kept.texts, strict=True):
        if listing is None:
            yield f"the rules at {venue} are not at hand"
        elif key in unlisted:
            yield f"{venue} did not list the market when `dutchbook pairs find` looked last"
        elif (listing.venue, listing.id) != key:
            yield f"the text at hand for {venue} is of another market ({listing.id})"
        elif not listing.has_rules:
            yield f"there is no rules text at {venue}"
        elif judged and not is_current(judged):
            yield f"an older dutchbook judged the text at {venue}: run `dutchbook pairs find`"
        elif text_hash(listing) != judged:
            yield f"the text at {venue} is not the one that was judged"


def _of_the_judgement(kept: Kept) -> Iterable[str]:
    if kept.verdict is not Verdict.ACCEPT:
        yield f"the matcher says {kept.verdict.value}"
    if kept.relation not in HEDGEABLE:
        yield f"the markets are {kept.relation.value}"
    for each in kept.divergences:
        if each.severity is Severity.BAR:
            yield f"the rules differ too much: {each.code}"


def _of_the_approval(kept: Kept) -> Iterable[str]:
    decision = kept.decision
    if kept.state is not PairState.APPROVED or decision is None:
        yield f"no person's approval: it is {kept.state.value}"
        return
    if decision.texts != kept.texts:
        yield "the approval is of other texts"
    if decision.relation is not kept.relation:
        said = f"{decision.relation.value}, the matcher {kept.relation.value}"
        yield f"the person says {said}"
    for field in kept.assumed:
        if field not in decision.assumed:
            yield f"{field} is assumed, and the approval did not confirm it"
    for each in kept.divergences:
        if each.severity is Severity.CAUTION and not decision.weighed(each):
            yield f"the approval did not weigh {each.code} as a caution"
