"""Reference data as values: milestones, structured targets, search words, incentives. Public.

Source: OpenAPI 3.34.0, facts section 8.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from venues.http import MIB, Call
from venues.kalshi.calls.parts import between, call, page, query, repeated
from venues.kalshi.wire import reference as wire

MILESTONES_PAGE: Final = 500
TARGETS_PAGE: Final = 2_000
INCENTIVES_PAGE: Final = 10_000


def milestones(
    *,
    cursor: str = "",
    limit: int = MILESTONES_PAGE,
    starts_after: datetime | None = None,
    category: str | None = None,
    competition: str | None = None,
    source_id: str | None = None,
    kind: str | None = None,
    related_event_ticker: str | None = None,
    updated_after_s: int | None = None,
) -> Call[wire.Milestones]:
    """The venue wants a limit here."""
    return call(
        "GET",
        "/milestones",
        answer=wire.Milestones,
        params=(
            *query(
                minimum_start_date=starts_after,
                category=category,
                competition=competition,
                source_id=source_id,
                type=kind,
                related_event_ticker=related_event_ticker,
                min_updated_ts=updated_after_s,
            ),
            *page(cursor, limit, MILESTONES_PAGE),
        ),
    )


def milestone(id: str) -> Call[wire.MilestoneAnswer]:
    return call("GET", "/milestones/{milestone_id}", id, answer=wire.MilestoneAnswer)


def structured_targets(
    *,
    cursor: str = "",
    limit: int | None = None,
    ids: Sequence[str] | None = None,
    kind: str | None = None,
    competition: str | None = None,
) -> Call[wire.StructuredTargets]:
    """At most 2,000 ids; teams, players and the like, which milestones name."""
    return call(
        "GET",
        "/structured_targets",
        answer=wire.StructuredTargets,
        params=(
            *repeated("ids", ids, TARGETS_PAGE),
            *query(
                type=kind,
                competition=competition,
                page_size=between("limit", limit, 1, TARGETS_PAGE),
            ),
            *page(cursor, None),
        ),
    )


def structured_target(id: str) -> Call[wire.StructuredTargetAnswer]:
    return call(
        "GET",
        "/structured_targets/{structured_target_id}",
        id,
        answer=wire.StructuredTargetAnswer,
    )


def tags_by_categories() -> Call[wire.TagsByCategories]:
    return call("GET", "/search/tags_by_categories", answer=wire.TagsByCategories)


def filters_by_sport() -> Call[wire.FiltersBySport]:
    return call("GET", "/search/filters_by_sport", answer=wire.FiltersBySport)


def incentives(
    *,
    cursor: str = "",
    limit: int | None = None,
    status: Literal["all", "active", "upcoming", "closed", "paid_out"] | None = None,
    kind: Literal["all", "liquidity", "volume", "margin_maker_volume", "margin_taker_volume"]
    | None = None,
    description: str | None = None,
) -> Call[wire.Incentives]:
    """The next cursor is called `next_cursor` here."""
    return call(
        "GET",
        "/incentive_programs",
        answer=wire.Incentives,
        params=(
            *query(status=status, type=kind, incentive_description=description),
            *page(cursor, limit, INCENTIVES_PAGE),
        ),
        bytes_max=32 * MIB,
    )
