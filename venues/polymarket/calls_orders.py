"""Polymarket's account and orders as values. Source: facts/polymarket.md §7–§9, §17 (2026-11-22).

Bodies are exact: what is signed is what is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from venues.http import Call
from venues.polymarket import wire_orders as wire
from venues.polymarket.signing import Signed

DATA: Final = "data"
SITE: Final = "site"
BATCH: Final = 15
CANCELS: Final = 100
"""Ids in one cancel. The venue takes 3,000, but its smallest bucket holds 120 and each costs 1."""
FIRST: Final = "MA=="
LAST: Final = "LTE="
_WRITE_S: Final = 3


def create_key() -> Call[wire.ApiKey]:
    return Call(
        method="POST",
        path="/auth/api-key",
        answer=wire.ApiKey,
        accepted=(200, 201),
        secret=True,
    )


def derive_key() -> Call[wire.ApiKey]:
    """The key that this wallet made before."""
    return Call(method="GET", path="/auth/derive-api-key", answer=wire.ApiKey, secret=True)


def closed_only() -> Call[wire.ClosedOnly]:
    path = "/auth/ban-status/closed-only"
    return Call(method="GET", path=path, answer=wire.ClosedOnly, signed=True)


def geoblock() -> Call[wire.Geoblock]:
    return Call(method="GET", host=SITE, path="/api/geoblock", answer=wire.Geoblock)


def order_body(
    signed: Signed, *, owner: str, order_type: str, expiration_s: int, post_only: bool
) -> bytes:
    """`owner` is the API key. What stands beside the order, its end included, is not signed."""
    order = signed.unsigned
    fields = {
        "builder": order.builder,
        "expiration": str(expiration_s),
        "maker": signed.maker,
        "makerAmount": str(order.maker_amount),
        "metadata": order.metadata,
        "salt": order.salt,
        "side": order.side.upper(),
        "signature": signed.signature,
        "signatureType": int(signed.kind),
        "signer": signed.signer,
        "takerAmount": str(order.taker_amount),
        "timestamp": str(order.timestamp_ms),
        "tokenId": order.token,
    }
    found: dict[str, Any] = {
        "deferExec": False,
        "order": fields,
        "orderType": order_type,
        "owner": owner,
    }
    return msgspec.json.encode(found | {"postOnly": True} if post_only else found)


def place(body: bytes, *, urgent: bool) -> Call[wire.Placed]:
    """`body` is an `order_body`."""
    return Call(
        method="POST",
        path="/order",
        body=body,
        answer=wire.Placed,
        deadline_s=_WRITE_S,
        urgent=urgent,
        signed=True,
    )


def place_batch(bodies: Sequence[bytes], *, urgent: bool) -> Call[tuple[wire.Raw, ...]]:
    """At most BATCH; the answers are in the same order."""
    return Call(
        method="POST",
        path="/orders",
        body=b"[" + b",".join(bodies) + b"]",
        answer=tuple[wire.Raw, ...],
        items=len(bodies),
        deadline_s=_WRITE_S,
        urgent=urgent,
        signed=True,
    )


def cancel(order_id: str) -> Call[wire.Canceled]:
    return _cancel("/order", msgspec.json.encode({"orderID": order_id}))


def cancel_batch(order_ids: Sequence[str]) -> Call[wire.Canceled]:
    return _cancel("/orders", msgspec.json.encode(list(order_ids)), items=len(order_ids))


def cancel_all() -> Call[wire.Canceled]:
    return _cancel("/cancel-all", None)


def cancel_market(market: str) -> Call[wire.Canceled]:
    return _cancel("/cancel-market-orders", msgspec.json.encode({"market": market}))


def _cancel(path: str, body: bytes | None, items: int = 1) -> Call[wire.Canceled]:
    return Call(
        method="DELETE",
        path=path,
        body=body,
        answer=wire.Canceled,
        items=items,
        deadline_s=_WRITE_S,
        urgent=True,
        signed=True,
    )


def heartbeat(id: str) -> Call[wire.Heartbeat]:
    """Once begun, the venue cancels everything of this key after 10 s without one. A 400 names the
    id that it wants."""
    return Call(
        method="POST",
        path="/v1/heartbeats",
        body=msgspec.json.encode({"heartbeat_id": id}),
        answer=wire.Heartbeat,
        accepted=(200, 400),
        urgent=True,
        signed=True,
    )


def order(order_id: str) -> Call[wire.Order | None]:
    """None: it does not show it (any more)."""
    return Call(
        method="GET",
        path=f"/data/order/{order_id}",
        route="/data/order/{id}",
        answer=wire.Order | None,  # type: ignore[arg-type] # a union is a type to msgspec
        urgent=True,
        signed=True,
    )


def orders(*, cursor: str, market: str = "") -> Call[wire.Page]:
    """Open ones."""
    return _page("/data/orders", cursor, (("market", market),))


def trades(
    *, cursor: str, market: str = "", id: str = "", after_s: int | None = None
) -> Call[wire.Page]:
    """Newest first. `after_s` in the venue's epoch seconds."""
    after = "" if after_s is None else str(after_s)
    return _page("/data/trades", cursor, (("market", market), ("id", id), ("after", after)))


def _page(path: str, cursor: str, filters: tuple[tuple[str, str], ...]) -> Call[wire.Page]:
    return Call(
        method="GET",
        path=path,
        params=(*(each for each in filters if each[1]), ("next_cursor", cursor)),
        answer=wire.Page,
        urgent=True,
        signed=True,
    )


def cash(signature_type: int) -> Call[wire.BalanceAllowance]:
    return _balance((("asset_type", "COLLATERAL"),), signature_type)


def held(token: str, version: str, signature_type: int) -> Call[wire.BalanceAllowance]:
    kind = "CONDITIONAL" if version == "v1" else "CONDITIONAL-V2"
    return _balance((("asset_type", kind), ("token_id", token)), signature_type)


def _balance(
    asset: tuple[tuple[str, str], ...], signature_type: int
) -> Call[wire.BalanceAllowance]:
    return Call(
        method="GET",
        path="/balance-allowance",
        params=(*asset, ("signature_type", str(signature_type))),
        answer=wire.BalanceAllowance,
        urgent=True,
        signed=True,
    )


def holdings(wallet: str, cursor: str = "", status: str = "") -> Call[wire.DataPage]:
    """What a wallet holds, as the indexer saw it, dust included."""
    dust = (("filter_type", "TOKENS"), ("filter_amount", "0"))
    return _data("/v2/positions", wallet, cursor, (*dust, ("status", status)))


def redeemed(wallet: str, cursor: str = "", start_s: int = 0) -> Call[wire.DataPage]:
    filters = (("type", "REDEEM"), ("start", str(start_s)))
    return _data("/v2/activity", wallet, cursor, filters)


def resolutions(markets: Sequence[str]) -> Call[wire.DataPage]:
    """At most 20."""
    return Call(
        method="GET",
        host=DATA,
        path="/v2/resolutions",
        params=(("condition_id", ",".join(markets)),),
        answer=wire.DataPage,
    )


def _data(
    path: str, wallet: str, cursor: str, filters: tuple[tuple[str, str], ...]
) -> Call[wire.DataPage]:
    """`limit` only with the first page."""
    page = ("cursor", cursor) if cursor else ("limit", "500")
    return Call(
        method="GET",
        host=DATA,
        path=path,
        params=(("user", wallet), *(each for each in filters if each[1]), page),
        answer=wire.DataPage,
    )
