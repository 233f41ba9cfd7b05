"""Kalshi's answers about what is going on: games, weather. Temperatures are Decimal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct


# OpenAPI, LiveData; `details` is of the type; rest/golden_2026-01/live_data_milestone_response.json
class LiveData(Struct, frozen=True, kw_only=True):
    type: str
    milestone_id: str
    details: dict[str, Any]


# OpenAPI, GetLiveDataResponse
class LiveDataAnswer(Struct, frozen=True, kw_only=True):
    live_data: LiveData


# OpenAPI, GetLiveDatasResponse
class LiveDatas(Struct, frozen=True, kw_only=True):
    live_datas: tuple[LiveData, ...] | None


# OpenAPI, EventLiveData
class EventLiveData(Struct, frozen=True, kw_only=True):
    type: str
    details: dict[str, Any]
    is_historical: bool | None = None
    default_range: str | None = None
    range_options: tuple[str, ...] | None = None


# OpenAPI, GetEventLiveDataResponse
class EventLiveDataAnswer(Struct, frozen=True, kw_only=True):
    live_data: EventLiveData


# OpenAPI, an element of PlayByPlay
class Period(Struct, frozen=True, kw_only=True):
    events: tuple[dict[str, Any], ...] | None = None


# OpenAPI, PlayByPlay
class PlayByPlay(Struct, frozen=True, kw_only=True):
    periods: tuple[Period, ...] | None = None


# OpenAPI, GetGameStatsResponse
class GameStats(Struct, frozen=True, kw_only=True):
    pbp: PlayByPlay | None = None


# OpenAPI, WeatherIndexStationReading
class StationReading(Struct, frozen=True, kw_only=True):
    station_id: str
    code: str
    source: str | None = None
    temp_f: Decimal | None = None
    obs_time_ms: int | None = None
    received_at_ms: int | None = None
    primary_code: str | None = None


# OpenAPI, WeatherIndexPoint; `t` is UTC epoch ms, `v` is in the answer's units
class WeatherPoint(Struct, frozen=True, kw_only=True):
    t: int
    status: str
    v: Decimal | None = None
    contributors: int | None = None
    receipt_basis: str | None = None
    stations: tuple[StationReading, ...] | None = None


# OpenAPI, GetWeatherIndexResponse
class WeatherIndex(Struct, frozen=True, kw_only=True):
    city: str
    units: str
    timeseries: tuple[WeatherPoint, ...]
    config_version: str | None = None


# OpenAPI, WeatherIndexCalibrationStation
class CalibrationStation(Struct, frozen=True, kw_only=True):
    station_id: str
    weight: Decimal
    offset_c: Decimal
    update_note: str | None = None


# OpenAPI, WeatherIndexCalibration
class Calibration(Struct, frozen=True, kw_only=True):
    config_version: str
    effective_at_ms: int
    city_reference_c: Decimal
    stations: tuple[CalibrationStation, ...]
    published_at_ms: int | None = None
    change_reason: str | None = None
    calibration_window_start_ms: int | None = None
    calibration_window_end_ms: int | None = None


# OpenAPI, GetWeatherIndexCalibrationsResponse
class Calibrations(Struct, frozen=True, kw_only=True):
    city: str
    units: str
    calibrations: tuple[Calibration, ...]
