"""Kalshi's answers for futures brokers (FCM members) only; orders and positions are as ours."""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws


# OpenAPI, FcmFill
class Fill(Struct, frozen=True, kw_only=True):
    fill_id: str
    ticker: str
    taker_outcome_side: str
    count_fp: str
    yes_price_dollars: str
    exchange_index: int | None = None
    created_time: Moment | None = None
    maker_order_id: str | None = None
    maker_subtrader_id: str | None = None
    maker_fee_cost: str | None = None
    taker_order_id: str | None = None
    taker_subtrader_id: str | None = None
    taker_fee_cost: str | None = None


# OpenAPI, GetFcmFillsResponse; each element is a Fill
class Fills(Struct, frozen=True, kw_only=True):
    fills: Raws
    cursor: str | None = None


# OpenAPI, FCMSubtrader
class Subtrader(Struct, frozen=True, kw_only=True):
    subtrader_id: str
    exchange_indices: tuple[int, ...]
    trading_blocked: bool
    fcm_trading_blocked: bool
    propagation_pending: bool


# OpenAPI, ListFCMSubtradersResponse
class Subtraders(Struct, frozen=True, kw_only=True):
    subtraders: tuple[Subtrader, ...]


# OpenAPI, CreateFCMSubtraderResponse
class SubtraderCreated(Struct, frozen=True, kw_only=True):
    subtrader_id: str


# OpenAPI, CreateFCMPositionTransferResponse
class PositionTransfer(Struct, frozen=True, kw_only=True):
    position_transfer_id: str


# OpenAPI, GetFCMSubtraderBlockedCategoriesResponse and its twin of the update
class BlockedCategories(Struct, frozen=True, kw_only=True):
    categories: tuple[str, ...]


# OpenAPI, GetFCMEventContractDailyCapResponse; `cap_date` is a day
class DailyCap(Struct, frozen=True, kw_only=True):
    subtrader_id: str
    limit: str
    executed_utilization: str
    resting_order_utilization: str
    pending_order_utilization: str
    cap_date: str
