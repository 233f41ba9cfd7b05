"""JSON bodies → what the house takes, strictly: a wrong type or an unknown word is 400 (§8.2)."""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from venues.sides import Side
from venues.sim.polymarket.records import NewOrder, OrderType, SignedOrder
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.wire_text import Object

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_WORD: Final = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,78}", re.ASCII)
_SALT_MAX: Final = 2**53 - 1
_OLD: Final = {"nonce", "feeRateBps", "taker"}
"""Fields of the orders before the second version, which had no timestamp."""


def new_order(found: Any) -> NewOrder:
    """One POST /order body. Raises Refusal (400)."""
    if not isinstance(found, dict):
        _invalid()
    order = found.get("order")
    if not isinstance(order, dict):
        _invalid()
    if "timestamp" not in order and _OLD & set(order):
        raise Refusal(400, "order_version_mismatch")
    if found.get("orderType") not in set(OrderType):
        _invalid()
    return NewOrder(
        order=_signed(order),
        owner=_text(found, "owner"),
        order_type=OrderType(found["orderType"]),
        post_only=_flag(found, "postOnly"),
        defer_exec=_flag(found, "deferExec"),
    )


def ids(found: Any, most: int) -> tuple[str, ...]:
    """The body of DELETE /orders."""
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        _invalid()
    if len(found) > most:
        raise Refusal(400, f"Too many orders in payload: {len(found)}, max allowed: {most}")
    return tuple(found)


def one_id(found: Any) -> str:
    """The body of DELETE /order."""
    id = found.get("orderID") if isinstance(found, dict) else None
    if not isinstance(id, str) or not _WORD.fullmatch(id):
        raise Refusal(400, "Invalid orderID")
    return id


def _signed(order: Object) -> SignedOrder:
    salt, side = order.get("salt"), order.get("side")
    kind = order.get("signatureType")
    if not isinstance(salt, int) or isinstance(salt, bool) or not 0 <= salt <= _SALT_MAX:
        _invalid()
    if side not in ("BUY", "SELL") or not isinstance(kind, int) or isinstance(kind, bool):
        _invalid()
    return SignedOrder(
        salt=salt,
        maker=_text(order, "maker", _ADDRESS),
        signer=_text(order, "signer", _ADDRESS),
        token=_text(order, "tokenId", _WHOLE),
        maker_amount=int(_text(order, "makerAmount", _WHOLE)),
        taker_amount=int(_text(order, "takerAmount", _WHOLE)),
        side=Side(side.lower()),
        signature_type=kind,
        timestamp_ms=int(_text(order, "timestamp", _WHOLE)),
        metadata=_text(order, "metadata", _WORD),
        builder=_text(order, "builder", _WORD),
        signature=_text(order, "signature", _HEX),
        expiration_s=int(_text(order, "expiration", _WHOLE)) if "expiration" in order else 0,
    )


def _text(found: Object, name: str, shape: re.Pattern[str] | None = None) -> str:
    value = found.get(name)
    if not isinstance(value, str) or (shape and not shape.fullmatch(value)):
        _invalid()
    return value


def _flag(found: Object, name: str) -> bool:
    value = found.get(name, False)
    if not isinstance(value, bool):
        _invalid()
    return value


def _invalid() -> NoReturn:
    raise Refusal(400, "Invalid order payload")
