"""REST: the exchange itself, what calls cost, and where history begins (8.1, 8.7, 8.8)."""

from __future__ import annotations

from typing import Any, Final

from venues.sim.kalshi import wire_out_markets as out
from venues.sim.kalshi.rest_ask import Ask, Handler, Said
from venues.sim.kalshi.rest_auth import PREFIX
from venues.sim.kalshi.wire_text import timestamp

_ALL_DAY: Final = [{"open_time": "00:00", "close_time": "00:00"}]
_THURSDAY: Final = [
    {"open_time": "00:00", "close_time": "03:00"},
    {"open_time": "05:00", "close_time": "00:00"},
]
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK: Final[dict[str, Any]] = {
    "start_time": "2024-12-01T00:00:00Z",
    "end_time": "2200-12-01T00:00:00Z",
    **{day: _THURSDAY if day == "thursday" else _ALL_DAY for day in _DAYS},
}


def status(ask: Ask) -> Said:
    """The same body with 503 while the exchange of shard 0 is down."""
    statuses = ask.house.statuses()
    return Said(out.exchange_status(statuses), 200 if statuses[0].exchange_active else 503)


def schedule(_ask: Ask) -> Said:
    """In US Eastern; the Thursday gap as the venue shows it. It decides nothing in this house."""
    return Said({"schedule": {"standard_hours": [_WEEK], "maintenance_windows": []}})


def user_data_timestamp(ask: Ask) -> Said:
    return Said({"as_of_time": timestamp(ask.house.user_data_timestamp_ms())})


def endpoint_costs(ask: Ask) -> Said:
    """Only what differs from the default; variables are printed as `:order_id`."""
    knobs = ask.house.knobs
    rows = [
        {"method": method, "path": printed(route), "cost": cost}
        for (method, route), cost in knobs.costs.items()
        if cost != knobs.cost_default
    ]
    rows.sort(key=lambda row: (str(row["path"]), str(row["method"])))
    return Said({"default_cost": knobs.cost_default, "endpoint_costs": rows})


def printed(route: str) -> str:
    return PREFIX + route.replace("{", ":").replace("}", "")


def limits(ask: Ask) -> Said:
    name, tier = ask.house.limits.tier(ask.user_id)
    buckets = {
        "read": (tier.read_per_s, tier.read_capacity),
        "write": (tier.write_per_s, tier.write_capacity),
    }
    return Said(
        {
            "usage_tier": name,
            **{
                bucket: {"refill_rate": per_s, "bucket_capacity": capacity}
                for bucket, (per_s, capacity) in buckets.items()
            },
            "grants": [],
        }
    )


def cutoff(ask: Ask) -> Said:
    at = ask.house.cutoff()
    return Said(
        {
            "market_settled_ts": timestamp(at.market_settled_ms),
            "trades_created_ts": timestamp(at.trades_created_ms),
            "orders_updated_ts": timestamp(at.orders_updated_ms),
            "market_positions_last_updated_ts": timestamp(at.positions_updated_ms),
        }
    )


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/exchange/status"): status,
    ("GET", "/exchange/schedule"): schedule,
    ("GET", "/exchange/user_data_timestamp"): user_data_timestamp,
    ("GET", "/account/endpoint_costs"): endpoint_costs,
    ("GET", "/account/limits"): limits,
    ("GET", "/historical/cutoff"): cutoff,
}
