"""The channels of the websocket (12.5): what each one filters by, counts, and may be asked."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    BOOKS = "orderbook_delta"
    TICKER = "ticker"
    TRADES = "trade"
    FILLS = "fill"
    POSITIONS = "market_positions"
    LIFECYCLE = "market_lifecycle_v2"
    COMBO_LIFECYCLE = "multivariate_market_lifecycle"
    COMMUNICATIONS = "communications"
    GROUPS = "order_group_updates"
    ORDERS = "user_orders"
    BENCHMARKS = "cfbenchmarks_value"
    BENCHMARKS_5HZ = "cfbenchmarks_value_5hz"
    PYTH = "pyth_value"


UNSEQUENCED: Final = frozenset({Channel.TICKER, Channel.FILLS, Channel.POSITIONS, Channel.ORDERS})
"""Their data carry no `seq` (12.4)."""

BY_MARKET: Final = frozenset(
    {
        *(Channel.BOOKS, Channel.TICKER, Channel.TRADES),
        *(Channel.FILLS, Channel.POSITIONS, Channel.ORDERS),
    }
)
"""The others take no notice of a market filter."""

OFFERED: Final = {
    Channel.BENCHMARKS: ("BRTI", "ETHUSD_RTI"),
    Channel.BENCHMARKS_5HZ: ("BRTI", "ETHUSD_RTI"),
    Channel.PYTH: ("Metal.XAG/USD", "Metal.XAU/USD"),
}
"""What the lists of reference prices name; no value is ever sent."""

INDICES: Final = frozenset({Channel.BENCHMARKS, Channel.BENCHMARKS_5HZ})


class Action(StrEnum):
    """What `update_subscription` may do."""

    ADD_MARKETS = "add_markets"
    DELETE_MARKETS = "delete_markets"
    GET_SNAPSHOT = "get_snapshot"
    SUBSCRIBE_INDICES = "subscribe_indices"
    UNSUBSCRIBE_INDICES = "unsubscribe_indices"
    INDEX_LIST = "indexlist"
    SUBSCRIBE_UNDERLYINGS = "subscribe_underlyings"
    UNSUBSCRIBE_UNDERLYINGS = "unsubscribe_underlyings"
    UNDERLYING_LIST = "underlying_list"


_INDEX_ACTIONS: Final = frozenset(
    {Action.SUBSCRIBE_INDICES, Action.UNSUBSCRIBE_INDICES, Action.INDEX_LIST}
)
_UNDERLYING_ACTIONS: Final = frozenset(
    {Action.SUBSCRIBE_UNDERLYINGS, Action.UNSUBSCRIBE_UNDERLYINGS, Action.UNDERLYING_LIST}
)
_MARKET_ACTIONS: Final = frozenset({Action.ADD_MARKETS, Action.DELETE_MARKETS})


def actions(channel: Channel) -> frozenset[Action]:
    """What a subscription of this channel may be asked; everything else is error 13."""
    if channel is Channel.BOOKS:
        return _MARKET_ACTIONS | {Action.GET_SNAPSHOT}
    if channel in BY_MARKET:
        return _MARKET_ACTIONS
    if channel in INDICES:
        return _INDEX_ACTIONS
    return _UNDERLYING_ACTIONS if channel is Channel.PYTH else frozenset()
