"""The account as values: rate budgets, prices of calls, usage level, API keys.

Source: OpenAPI 3.34.0, facts sections 8.7 and 13.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from venues.http import Call
from venues.kalshi.calls.parts import CREATED, NO_CONTENT, body, call, query, subaccount_of
from venues.kalshi.wire import account as wire

KeyType = Literal["rsa", "ed25519"]
Scope = Literal[
    "read",
    "write",
    "read::block_trade_accept",
    "read::portfolio_balance",
    "write::trade",
    "write::transfer",
    "write::fcm_risk",
    "write::block_trade_accept",
]

_PREFIX: Final = "/trade-api/v2"


def limits() -> Call[wire.Limits]:
    """The two token buckets of this key's user."""
    return call("GET", "/account/limits", answer=wire.Limits, signed=True)


def endpoint_costs() -> Call[wire.EndpointCosts]:
    """Public. Only the prices that differ from the default; `prices` reads it."""
    return call("GET", "/account/endpoint_costs", answer=wire.EndpointCosts)


def prices(found: wire.EndpointCosts) -> dict[tuple[str, str], int]:
    """Tokens by (method, route) as `Call` spells them; everything else costs the default.

    The venue prints `/trade-api/v2/portfolio/orders/:order_id`.
    """
    return {
        (each.method, re.sub(r":(\w+)", r"{\1}", each.path.removeprefix(_PREFIX))): each.cost
        for each in found.endpoint_costs
    }


def volume_progress() -> Call[wire.VolumeProgressAnswer]:
    """Our 30 days of volume, and what each level asks for."""
    return call(
        "GET",
        "/account/api_usage_level/volume_progress",
        answer=wire.VolumeProgressAnswer,
        signed=True,
    )


def upgrade_usage_level() -> Call[None]:
    """Advanced for good, if one of the last 100 orders came through the API. Costs 30 tokens."""
    return call(
        "POST",
        "/account/api_usage_level/upgrade",
        answer=type(None),
        accepted=CREATED,
        signed=True,
    )


def api_keys(*, fcm_subtrader_id: str | None = None) -> Call[wire.ApiKeys]:
    return call(
        "GET",
        "/api_keys",
        answer=wire.ApiKeys,
        params=query(fcm_subtrader_id=fcm_subtrader_id),
        signed=True,
    )


def create_api_key(
    name: str,
    public_key: str,
    *,
    scopes: Sequence[Scope] | None = None,
    subaccount: int | None = None,
    fcm_subtrader_id: str | None = None,
) -> Call[wire.ApiKeyCreated]:
    """For a pair that we made; the public half as PEM. No scopes means all."""
    return call(
        "POST",
        "/api_keys",
        answer=wire.ApiKeyCreated,
        body=body(
            name=name,
            public_key=public_key,
            scopes=_scoped(scopes),
            **_bound(subaccount, fcm_subtrader_id),
        ),
        accepted=CREATED,
        signed=True,
    )


def generate_api_key(
    name: str,
    *,
    key_type: KeyType | None = None,
    scopes: Sequence[Scope] | None = None,
    subaccount: int | None = None,
    fcm_subtrader_id: str | None = None,
) -> Call[wire.ApiKeyGenerated]:
    """The venue makes the pair and tells the private half once: never tape this answer."""
    return call(
        "POST",
        "/api_keys/generate",
        answer=wire.ApiKeyGenerated,
        body=body(
            name=name,
            key_type=key_type,
            scopes=_scoped(scopes),
            **_bound(subaccount, fcm_subtrader_id),
        ),
        accepted=CREATED,
        signed=True,
    )


def delete_api_key(id: str) -> Call[None]:
    """For good."""
    return call(
        "DELETE",
        "/api_keys/{api_key}",
        id,
        answer=type(None),
        accepted=NO_CONTENT,
        signed=True,
    )


def _scoped(scopes: Sequence[Scope] | None) -> tuple[Scope, ...] | None:
    """No scopes would mean all of them, so an empty list is refused."""
    if scopes is None:
        return None
    if not scopes or ("write" in scopes and "read" not in scopes):
        raise ValueError("a key has at least one scope, and write goes with read")
    return tuple(scopes)


def _bound(subaccount: int | None, fcm_subtrader_id: str | None) -> dict[str, object]:
    if subaccount is not None and fcm_subtrader_id is not None:
        raise ValueError("a key is bound to a subaccount or to a subtrader, not to both")
    return {"subaccount": subaccount_of(subaccount), "fcm_subtrader_id": fcm_subtrader_id}
