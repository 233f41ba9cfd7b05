"""The websocket's error codes (12.3). Retired: 6, 16, 17."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Code(IntEnum):
    UNPROCESSABLE = 1
    PARAMS_REQUIRED = 2
    CHANNELS_REQUIRED = 3
    SIDS_REQUIRED = 4
    UNKNOWN_COMMAND = 5
    UNKNOWN_SID = 7
    UNKNOWN_CHANNEL = 8
    AUTHENTICATION_REQUIRED = 9
    CHANNEL_ERROR = 10
    """Terminal: the subscription is over."""
    INVALID_PARAMETER = 11
    ONE_SID = 12
    UNSUPPORTED_ACTION = 13
    MARKET_REQUIRED = 14
    ACTION_REQUIRED = 15
    TIMEOUT = 18
    SHARD_FACTOR_TOO_SMALL = 19
    SHARD_FACTOR_REQUIRED = 20
    SHARD_KEY_OUTSIDE = 21
    SHARD_FACTOR_TOO_LARGE = 22
    MATCH_IDS_REQUIRED = 23
    INDICES_REQUIRED = 24
    OVERFLOW = 25
    """Terminal: the client reads too slowly."""
    MARKET_LIMIT = 26
    TOO_MANY_REQUESTS = 27
    UNDERLYINGS_REQUIRED = 28


SENTENCES: Final = {
    Code.UNPROCESSABLE: "Unable to process message",
    Code.PARAMS_REQUIRED: "Params required",
    Code.CHANNELS_REQUIRED: "Channels required",
    Code.SIDS_REQUIRED: "Subscription IDs required",
    Code.UNKNOWN_COMMAND: "Unknown command",
    Code.UNKNOWN_SID: "Unknown subscription ID",
    Code.UNKNOWN_CHANNEL: "Unknown channel name",
    Code.AUTHENTICATION_REQUIRED: "Authentication required",
    Code.CHANNEL_ERROR: "Channel error",
    Code.INVALID_PARAMETER: "Invalid parameter",
    Code.ONE_SID: "Exactly one subscription ID is required",
    Code.UNSUPPORTED_ACTION: "Unsupported action",
    Code.MARKET_REQUIRED: "Market Ticker required",
    Code.ACTION_REQUIRED: "Action required",
    Code.TIMEOUT: "Command timeout",
    Code.SHARD_FACTOR_TOO_SMALL: "shard_factor must be > 0",
    Code.SHARD_FACTOR_REQUIRED: "shard_factor is required when shard_key is set",
    Code.SHARD_KEY_OUTSIDE: "shard_key must be >= 0 and < shard_factor",
    Code.SHARD_FACTOR_TOO_LARGE: "shard_factor must be <= 100",
    Code.MATCH_IDS_REQUIRED: "Match IDs required",
    Code.INDICES_REQUIRED: "Index IDs required",
    Code.OVERFLOW: "Subscription buffer overflow",
    Code.MARKET_LIMIT: "Subscription market limit exceeded",
    Code.TOO_MANY_REQUESTS: "Too many requests",
    Code.UNDERLYINGS_REQUIRED: "Underlying tickers required",
}


class StreamRefusal(Exception):
    """A command that is answered with an `error` frame; nothing else was done.

    `tickers` are the markets it is about.
    """

    def __init__(self, code: Code, tickers: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code.value} {SENTENCES[code]}")
        self.code = code
        self.tickers = tickers
