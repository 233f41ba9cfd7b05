"""Kalshi's reference data: milestones, structured targets, search words, incentives."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws


# OpenAPI, Milestone; also rest/golden_2026-01/milestone_single_response.json
class Milestone(Struct, frozen=True, kw_only=True):
    id: str
    category: str
    type: str
    start_date: Moment
    title: str
    related_event_tickers: tuple[str, ...]
    primary_event_tickers: tuple[str, ...]
    last_updated_ts: Moment
    notification_message: str = ""
    details: dict[str, Any] = {}
    end_date: Moment | None = None
    source_id: str | None = None
    source_ids: dict[str, str] | None = None


# OpenAPI, GetMilestoneResponse
class MilestoneAnswer(Struct, frozen=True, kw_only=True):
    milestone: Milestone


# OpenAPI, GetMilestonesResponse; each element is a Milestone
class Milestones(Struct, frozen=True, kw_only=True):
    milestones: Raws
    cursor: str | None = None


# OpenAPI, StructuredTarget; also rest/golden_2026-01/structured_target_single_response.json
class StructuredTarget(Struct, frozen=True, kw_only=True):
    id: str | None = None
    name: str | None = None
    type: str | None = None
    details: dict[str, Any] | None = None
    source_id: str | None = None
    source_ids: dict[str, str] | None = None
    last_updated_ts: Moment | None = None


# OpenAPI, GetStructuredTargetResponse
class StructuredTargetAnswer(Struct, frozen=True, kw_only=True):
    structured_target: StructuredTarget | None = None


# OpenAPI, GetStructuredTargetsResponse; each element is a StructuredTarget
class StructuredTargets(Struct, frozen=True, kw_only=True):
    structured_targets: Raws = ()
    cursor: str | None = None


# OpenAPI, GetTagsForSeriesCategoriesResponse; a category without tags has null
class TagsByCategories(Struct, frozen=True, kw_only=True):
    tags_by_categories: dict[str, tuple[str, ...] | None]


# OpenAPI, ScopeList
class Scopes(Struct, frozen=True, kw_only=True):
    scopes: tuple[str, ...]


# OpenAPI, SportFilterDetails
class SportFilters(Struct, frozen=True, kw_only=True):
    scopes: tuple[str, ...]
    competitions: dict[str, Scopes]


# OpenAPI, GetFiltersBySportsResponse
class FiltersBySport(Struct, frozen=True, kw_only=True):
    filters_by_sports: dict[str, SportFilters]
    sport_ordering: tuple[str, ...]


# OpenAPI, IncentiveProgram; the rewards are in centi-cents, $0.0001
class Incentive(Struct, frozen=True, kw_only=True):
    id: str
    market_id: str
    market_ticker: str
    incentive_type: str
    start_date: Moment
    end_date: Moment
    period_reward: int
    paid_out: bool
    incentive_description: str = ""
    discount_factor_bps: int | None = None
    target_size_fp: str | None = None
    max_reward_per_account: int | None = None


# OpenAPI, GetIncentiveProgramsResponse; each element is an Incentive
class Incentives(Struct, frozen=True, kw_only=True):
    incentive_programs: Raws
    next_cursor: str | None = None
