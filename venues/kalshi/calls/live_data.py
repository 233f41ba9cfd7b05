"""What is going on in the world, as values: games, weather indices. Public.

Source: OpenAPI 3.34.0, facts section 8.10.
"""

from __future__ import annotations

from collections.abc import Sequence

from venues.http import Call
from venues.kalshi.calls.parts import call, query, repeated
from venues.kalshi.wire import live_data as wire


def of_milestone(
    milestone_id: str, *, include_player_stats: bool | None = None
) -> Call[wire.LiveDataAnswer]:
    return call(
        "GET",
        "/live_data/milestone/{milestone_id}",
        milestone_id,
        answer=wire.LiveDataAnswer,
        params=query(include_player_stats=include_player_stats),
    )


def of_type(
    kind: str, milestone_id: str, *, include_player_stats: bool | None = None
) -> Call[wire.LiveDataAnswer]:
    """The older form of `of_milestone`, which wants the type of game too."""
    return call(
        "GET",
        "/live_data/{type}/milestone/{milestone_id}",
        kind,
        milestone_id,
        answer=wire.LiveDataAnswer,
        params=query(include_player_stats=include_player_stats),
    )


def of_milestones(
    milestone_ids: Sequence[str], *, include_player_stats: bool | None = None
) -> Call[wire.LiveDatas]:
    """At most 100 milestones."""
    return call(
        "GET",
        "/live_data/batch",
        answer=wire.LiveDatas,
        params=(
            *repeated("milestone_ids", milestone_ids, 100),
            *query(include_player_stats=include_player_stats),
        ),
    )


def of_event(ticker: str, *, chart: str | None = None) -> Call[wire.EventLiveDataAnswer]:
    """`chart` is a hint of how much of a chart is wanted, such as `15min`, `1h` or `1d`."""
    return call(
        "GET",
        "/live_data/events/{event_ticker}",
        ticker,
        answer=wire.EventLiveDataAnswer,
        params=query(range=chart),
    )


def game_stats(milestone_id: str) -> Call[wire.GameStats]:
    """Play by play."""
    return call(
        "GET",
        "/live_data/milestone/{milestone_id}/game_stats",
        milestone_id,
        answer=wire.GameStats,
    )


def weather(
    city: str,
    *,
    from_ms: int | None = None,
    to_ms: int | None = None,
    last_s: int | None = None,
    detailed: bool | None = None,
) -> Call[wire.WeatherIndex]:
    """A window of UTC epoch ms, or the last seconds; by default 24 hours. City as in `miami`."""
    if last_s is not None and (from_ms, to_ms) != (None, None):
        raise ValueError("the weather is asked for a window or for the last seconds, not for both")
    if from_ms is not None and to_ms is None:
        raise ValueError("the window of a weather index has an end")
    params = query(to=to_ms, last_sec=last_s, detailed=detailed)
    return call(
        "GET",
        "/live_data/weather/{city}",
        city,
        answer=wire.WeatherIndex,
        params=(*query(**{"from": from_ms}), *params),
    )


def weather_calibrations(city: str) -> Call[wire.Calibrations]:
    return call("GET", "/live_data/weather/{city}/calibrations", city, answer=wire.Calibrations)
