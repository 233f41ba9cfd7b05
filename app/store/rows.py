"""The matcher's values as rows, and back."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from app.store.tables import KeptRow, NearMissRow
from matching.listing import Listing
from matching.pair_book import Decision, Hashes, Kept, NearMiss, PairState
from matching.pairs import MarketKey, Relation
from matching.verdict import Divergence, Verdict

_KEPT: Final = TypeAdapter(Kept)
_LISTING: Final = TypeAdapter(Listing)
_DECISION: Final = TypeAdapter(Decision)
_DIVERGENCES: Final = TypeAdapter(tuple[Divergence, ...])
_WORDS: Final = TypeAdapter(tuple[str, ...])


def kept_text(kept: Kept) -> str:
    return _KEPT.dump_json(kept).decode()


def kept_of_text(text: str) -> Kept:
    return _KEPT.validate_json(text)


def listing_text(listing: Listing) -> str:
    return _LISTING.dump_json(listing, exclude_defaults=True).decode("utf-8")


def listing_of_text(text: str) -> Listing:
    return _LISTING.validate_json(text)


def values_of(kept: Kept) -> dict[str, Any]:
    """The columns of a pair."""
    return {
        "id": kept.id,
        "kalshi": kept.kalshi.id,
        "polymarket": kept.polymarket.id,
        "kalshi_title": kept.kalshi_title,
        "polymarket_title": kept.polymarket_title,
        "relation": kept.relation.value,
        "verdict": kept.verdict.value,
        "score": kept.score,
        "assumed": _WORDS.dump_json(kept.assumed).decode(),
        "divergences": _DIVERGENCES.dump_json(kept.divergences).decode(),
        "state": kept.state.value,
        "by": kept.by,
        "at_ms": kept.at_ms,
        "note": kept.note,
        "kalshi_text": kept.texts.kalshi,
        "polymarket_text": kept.texts.polymarket,
        "decision": _DECISION.dump_json(kept.decision).decode() if kept.decision else "",
    }


def kept_of(row: KeptRow) -> Kept:
    return Kept(
        id=row.id,
        kalshi=MarketKey("kalshi", row.kalshi),
        polymarket=MarketKey("polymarket", row.polymarket),
        kalshi_title=row.kalshi_title,
        polymarket_title=row.polymarket_title,
        relation=Relation(row.relation),
        verdict=Verdict(row.verdict),
        score=row.score,
        assumed=_WORDS.validate_json(row.assumed),
        divergences=_DIVERGENCES.validate_json(row.divergences),
        state=PairState(row.state),
        by=row.by,
        at_ms=row.at_ms,
        note=row.note,
        texts=Hashes(row.kalshi_text, row.polymarket_text),
        decision=_DECISION.validate_json(row.decision) if row.decision else None,
    )


def values_of_near(found: NearMiss, at_ms: int) -> dict[str, Any]:
    return {
        "kalshi": found.kalshi,
        "polymarket": found.polymarket,
        "relation": found.relation.value,
        "verdict": found.verdict.value,
        "score": found.score,
        "reasons": _WORDS.dump_json(found.reasons).decode(),
        "at_ms": at_ms,
    }


def near_of(row: NearMissRow) -> NearMiss:
    return NearMiss(
        kalshi=row.kalshi,
        polymarket=row.polymarket,
        relation=Relation(row.relation),
        verdict=Verdict(row.verdict),
        score=row.score,
        reasons=_WORDS.validate_json(row.reasons),
    )
