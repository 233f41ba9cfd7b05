"""What `dutchbook run` prints: a line for each thing that happens, for a person or as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from app.report import legs_json, money, percent, plain
from scanner.episode import Change, Episode, Happened, Proof
from scanner.opportunity import Leg, Opportunity
from venues.money import text

SCHEMA: Final = "dutchbook.change/1"


def episode_json(episode: Episode) -> dict[str, Any]:
    """An episode; null for what is not known yet."""
    return {
        "episode": episode.id,
        "pair_id": episode.pair_id,
        "first_ms": episode.first_ms,
        "last_ms": episode.last.seen_ms,
        "ended_ms": episode.ended_ms,
        "ended_by": episode.ended_by,
        "duration_ms": episode.duration_ms,
        "half_life_ms": episode.half_life_ms,
        "was_good": episode.was_good,
        "proof": _proof(episode.proof),
        "best": _opportunity(episode.best),
        "last": _opportunity(episode.last),
    }


def change_json(change: Change, marks: dict[str, Any]) -> dict[str, Any]:
    """`marks`: whether the pair is executable."""
    said = {"schema": SCHEMA, "happened": change.happened.value}
    return said | episode_json(change.episode) | marks


def change_line(change: Change) -> str:
    """One line for a person."""
    episode = change.episode
    at_ms = episode.ended_ms or episode.last.seen_ms
    at = f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%H:%M:%S}"
    head = f"{at} {change.happened.value:9}{plain(episode.pair_id)}"
    if change.happened is Happened.ENDED:
        best = episode.best
        return (
            f"{head}: after {episode.duration_ms / 1_000:.1f} s, best {money(best.profit)} "
            f"({percent(best.edge_bps)}), because {plain(episode.ended_by or 'unknown')}"
        )
    found = episode.last
    legs = " + ".join(_leg(leg) for leg in found.legs)
    doubts = f"  NOT GOOD: {plain('; '.join(episode.proof.doubts))}" if episode.proof.doubts else ""
    return (
        f"{head}: {money(found.profit)} ({percent(found.edge_bps)}) on {text(found.quantity)} "
        f"contracts, {legs}; books {_ages(episode.proof)} old{doubts}"
    )


def _leg(leg: Leg) -> str:
    side = leg.contract.outcome.value.upper()
    return f"{side} at {leg.contract.venue} {text(leg.average_price)}"


def _ages(proof: Proof) -> str:
    return " and ".join(
        "of unknown age" if age is None else f"{age / 1_000:.1f} s" for age in proof.ages_ms
    )


def _proof(proof: Proof) -> dict[str, Any]:
    return {"ages_ms": list(proof.ages_ms), "doubts": list(proof.doubts)}


def _opportunity(found: Opportunity) -> dict[str, Any]:
    return {
        "seen_ms": found.seen_ms,
        "legs": legs_json(found),
        "quantity_micros": found.quantity,
        "profit_micros": found.profit,
        "edge_bps": found.edge_bps,
        "outlay_micros": found.outlay,
        "days": found.days,
        "annual_bps": found.annual_bps,
    }
