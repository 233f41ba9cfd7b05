"""Kalshi's answers about the account itself: rate budgets, prices of calls, API keys."""

from __future__ import annotations

from msgspec import Struct


# {"bucket_capacity": 400, "refill_rate": 200}; tokens, tokens a second
# portfolio/combos_2026-07/scenario_account_facts.jsonl
class Bucket(Struct, frozen=True, kw_only=True):
    refill_rate: int
    bucket_capacity: int


# {"exchange_instance": "event_contract", "level": "advanced", "expires_ts": null,
#  "source": "manual"}
# OpenAPI, ApiUsageLevelGrant
class Grant(Struct, frozen=True, kw_only=True):
    exchange_instance: str
    level: str
    source: str
    expires_ts: int | None = None


# {"usage_tier": "basic", "read": {…}, "write": {…}, "grants": []}
# portfolio/combos_2026-07/scenario_account_facts.jsonl
class Limits(Struct, frozen=True, kw_only=True):
    usage_tier: str
    read: Bucket
    write: Bucket
    grants: tuple[Grant, ...] = ()


# {"cost": 2, "method": "DELETE", "path": "/trade-api/v2/portfolio/events/orders/:order_id"}
# portfolio/combos_2026-07/scenario_account_facts.jsonl
class EndpointCost(Struct, frozen=True, kw_only=True):
    method: str
    path: str
    cost: int


# {"default_cost": 10, "endpoint_costs": [{…}]}; only those that differ from the default
# portfolio/combos_2026-07/scenario_account_facts.jsonl
class EndpointCosts(Struct, frozen=True, kw_only=True):
    default_cost: int
    endpoint_costs: tuple[EndpointCost, ...]


# OpenAPI, AccountApiUsageLevelVolumeGoal
class VolumeGoal(Struct, frozen=True, kw_only=True):
    level: str
    earn_volume_goal_fp: str
    keep_volume_goal_fp: str


# OpenAPI, AccountApiUsageLevelVolumeProgress
class VolumeProgress(Struct, frozen=True, kw_only=True):
    computed_ts: int
    trailing_30d_volume_fp: str
    goals: tuple[VolumeGoal, ...]


# OpenAPI, GetAccountApiUsageLevelVolumeProgressResponse
class VolumeProgressAnswer(Struct, frozen=True, kw_only=True):
    volume_progress: tuple[VolumeProgress, ...]


# OpenAPI, ApiKey
class ApiKey(Struct, frozen=True, kw_only=True):
    api_key_id: str
    name: str
    scopes: tuple[str, ...]
    subaccount: int | None = None
    fcm_subtrader_id: str | None = None


# OpenAPI, GetApiKeysResponse
class ApiKeys(Struct, frozen=True, kw_only=True):
    api_keys: tuple[ApiKey, ...]
    api_key_region_expiration_ts: int | None = None


# OpenAPI, CreateApiKeyResponse
class ApiKeyCreated(Struct, frozen=True, kw_only=True):
    api_key_id: str
    warning: str | None = None


# OpenAPI, GenerateApiKeyResponse. The private key is told this once; no repr shows it.
class ApiKeyGenerated(Struct, frozen=True, kw_only=True):
    api_key_id: str
    private_key: str
    key_type: str | None = None
    warning: str | None = None

    def __repr__(self) -> str:
        return f"ApiKeyGenerated(api_key_id={self.api_key_id!r}, private_key=…)"
