"""What Polymarket's indexer tells of wallets and past prices, as values.

It trails the chain by seconds to minutes: nothing to act on. A call takes 20 markets, their ids as
the exchange writes them. Source: facts/polymarket.md §17; SDK polymarket-client 0.14, data.py
(2026-11-22). Positions and resolutions are in calls_orders.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from venues.http import Call
from venues.polymarket import wire_reference as reference
from venues.polymarket.calls_orders import DATA
from venues.polymarket.wire_orders import DataPage
from venues.sides import Side

ROWS_MAX: Final = 1_000
PRICES_MAX: Final = 10_000
_Market: TypeAlias = Literal["TRADE", "SPLIT", "MERGE", "CONVERSION", "REDEEM", "MIGRATION"]
_Money: TypeAlias = Literal["DEPOSIT", "WITHDRAWAL", "TIP", "YIELD"]
_Reward: TypeAlias = Literal["REWARD", "MAKER_REBATE", "TAKER_REBATE", "REFERRAL_REWARD"]
Kind: TypeAlias = _Market | _Money | _Reward
"""What a wallet may do."""


def trades(
    cursor: str = "",
    *,
    wallet: str = "",
    markets: Sequence[str] = (),
    side: Side | None = None,
    start_s: int | None = None,
    end_s: int | None = None,
) -> Call[DataPage]:
    """Anybody's trades, newest first, rows of wire_reference.PublicTrade. Times in epoch seconds.

    They count only beside a wallet, where without a start the venue chooses one: 1 is everything.
    """
    filters = (
        ("user", wallet),
        ("condition_id", ",".join(markets)),
        ("side", side.upper() if side else ""),
        *_span(start_s, end_s),
    )
    return _page("/v2/trades", cursor, filters, ROWS_MAX)


def activity(
    wallet: str,
    cursor: str = "",
    *,
    kinds: Sequence[Kind] = (),
    markets: Sequence[str] = (),
    start_s: int | None = None,
    end_s: int | None = None,
) -> Call[DataPage]:
    """What became of a wallet, newest first, rows of wire_reference.AnyActivity; everything where
    no kind is named, deposits and withdrawals included, which the venue would leave out."""
    filters = (
        ("user", wallet),
        ("type", ",".join(kinds)),
        ("condition_id", ",".join(markets)),
        ("exclude_deposits_withdrawals", "false"),
        *_span(start_s, end_s),
    )
    return _page("/v2/activity", cursor, filters, ROWS_MAX)


def value(wallet: str, markets: Sequence[str] = ()) -> Call[reference.WorthAnswer]:
    """Dollars that the positions of a wallet are worth at their middles; its cash is not in it."""
    filters = (("user", wallet), ("condition_id", ",".join(markets)))
    params = tuple(each for each in filters if each[1])
    answer = reference.WorthAnswer
    return Call(method="GET", host=DATA, path="/v2/value", params=params, answer=answer)


def past_prices(
    token: str, cursor: str = "", *, start_s: int, end_s: int, bucket_s: int = 3_600
) -> Call[DataPage]:
    """One price for each bucket of 60 to 86,400 s, rows of wire_reference.PastPrice, oldest first.

    A span over 15 days is refused.
    """
    bucket = ("bucket_seconds", str(bucket_s))
    filters = (("token_id", token), *_span(start_s, end_s), bucket)
    return _page("/v2/prices-history", cursor, filters, PRICES_MAX)


def _page(path: str, cursor: str, filters: Sequence[tuple[str, str]], limit: int) -> Call[DataPage]:
    """The next page is asked for with the same filters, and no `limit`."""
    page = ("cursor", cursor) if cursor else ("limit", str(limit))
    params = (*(each for each in filters if each[1]), page)
    return Call(method="GET", host=DATA, path=path, params=params, answer=DataPage)


def _span(start_s: int | None, end_s: int | None) -> tuple[tuple[str, str], tuple[str, str]]:
    start, end = ("" if each is None else str(each) for each in (start_s, end_s))
    return ("start", start), ("end", end)
