"""JSON bodies → what the house takes, strictly: a wrong type or an unknown word is 400.

Unknown keys are ignored, and an explicit null is an absent key, as the venue does.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

from venues.money import ONE, Cash, Price, Quantity, micros
from venues.sim.exchange import Tif
from venues.sim.kalshi.records import (
    AmendOrder,
    BookSide,
    CancelOrder,
    CreateOrder,
    SelfTradePrevention,
)
from venues.sim.kalshi.refusal import Refusal, invalid_order, invalid_parameters
from venues.sim.kalshi.rest_ask import SUBACCOUNT_MAX, Ask
from venues.sim.kalshi.transfers import Allocation

CENTICENT: Final = 100
"""A hundredth of a cent, in micros: the unit of a transfer's `amount`."""

GROUP_LIMIT_MAX: Final = 1_000_000

W = TypeVar("W", bound=StrEnum)
_COUNT: Final = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
_DOLLARS: Final = re.compile(r"\d{1,12}\.\d{2,4}", re.ASCII)
_INT64: Final = 2**63


class Body:
    """One JSON object. Every reader answers None for an absent key."""

    def __init__(self, found: Any) -> None:
        if not isinstance(found, dict):
            raise invalid_parameters("a JSON object is needed")
        self._found: dict[str, Any] = found

    def has(self, name: str) -> bool:
        return self._found.get(name) is not None

    def text(self, name: str) -> str | None:
        found: str | None = self._typed(name, str, "a string")
        return found

    def flag(self, name: str) -> bool:
        return self._typed(name, bool, "a boolean") or False

    def whole(self, name: str, low: int = -_INT64, high: int = _INT64 - 1) -> int | None:
        value = self._typed(name, int, "an integer")
        if value is not None and (isinstance(value, bool) or not low <= value <= high):
            _wrong(name, "an integer in its range")
        return value

    def word(self, name: str, words: type[W]) -> W | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return words(value)
        except ValueError:
            _wrong(name, f"one of {', '.join(words)}")

    def count(self, name: str) -> Quantity | None:
        """A string of at most two decimals."""
        value = self.text(name)
        if value is not None and not _COUNT.fullmatch(value):
            _wrong(name, "a count of at most two decimals in a string")
        return None if value is None else Quantity(micros(value))

    def price(self, name: str) -> Price | None:
        """Dollars of two to four decimals in a string."""
        value = self.text(name)
        if value is not None and not _DOLLARS.fullmatch(value):
            _wrong(name, "dollars of two to four decimals in a string")
        return None if value is None else Price(micros(value))

    def objects(self, name: str) -> list[Body]:
        value = self._typed(name, list, "an array")
        if value is None:
            _wrong(name, "an array")
        return [Body(each) for each in value]

    def subaccount(self) -> int | None:
        return self.whole("subaccount", 0, SUBACCOUNT_MAX)

    def shard(self) -> int | None:
        """−1 requires auto-routing, which is what its absence asks for too."""
        return self.whole("exchange_index", -1, 100)

    def _typed(self, name: str, kind: type[Any], what: str) -> Any:
        value = self._found.get(name)
        if value is not None and not isinstance(value, kind):
            _wrong(name, what)
        return value


V = TypeVar("V")


def _wrong(name: str, what: str) -> NoReturn:
    raise invalid_parameters(f"{name} must be {what}")


def _need(name: str, value: V | None) -> V:
    if value is None or value == "":
        raise invalid_parameters(f"{name} is required")
    return value


def parsed(ask: Ask, *, optional: bool = False) -> Body:
    """The body of a request. An `optional` one may be absent; the others need their content type.

    Raises Refusal: 400 `invalid_content_type`, which a face answers flat (section 4).
    """
    if optional and not ask.body.strip():
        return Body({})
    if ask.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "invalid_content_type", "Content-Type must be application/json")
    try:
        return Body(json.loads(ask.body))
    except (ValueError, RecursionError):
        raise invalid_parameters("the body is not JSON") from None


def create(body: Body, ask: Ask) -> CreateOrder:
    """`time_in_force` and `self_trade_prevention_type` have no default (9.1)."""
    count = _need("count", body.count("count"))
    if count == 0:
        raise invalid_order("count must be above zero")
    return CreateOrder(
        ticker=_need("ticker", body.text("ticker")),
        side=_need("side", body.word("side", BookSide)),
        count=count,
        price=_need("price", body.price("price")),
        time_in_force=_need("time_in_force", body.word("time_in_force", Tif)),
        self_trade_prevention_type=_need(
            "self_trade_prevention_type",
            body.word("self_trade_prevention_type", SelfTradePrevention),
        ),
        client_order_id=body.text("client_order_id") or None,
        expiration_time_s=body.whole("expiration_time", 0),
        post_only=body.flag("post_only"),
        reduce_only=body.flag("reduce_only"),
        cancel_order_on_pause=body.flag("cancel_order_on_pause"),
        subaccount=ask.own_subaccount(body.subaccount()),
        order_group_id=body.text("order_group_id") or None,
        exchange_index=body.shard(),
    )


def amend(body: Body, ask: Ask) -> AmendOrder:
    """The subaccount is a query parameter here (8.4)."""
    return AmendOrder(
        ticker=_need("ticker", body.text("ticker")),
        side=_need("side", body.word("side", BookSide)),
        count=_need("count", body.count("count")),
        price=_need("price", body.price("price")),
        client_order_id=body.text("client_order_id") or None,
        updated_client_order_id=body.text("updated_client_order_id") or None,
        expiration_time_s=body.whole("expiration_time", 0),
        exchange_index=body.shard(),
        subaccount=ask.asked_subaccount(0) or 0,
    )


def cancel(body: Body, ask: Ask) -> CancelOrder:
    """One item of a batch cancel."""
    return CancelOrder(
        order_id=_need("order_id", body.text("order_id")),
        market_ticker=body.text("market_ticker") or None,
        exchange_index=body.shard(),
        subaccount=ask.own_subaccount(body.subaccount()),
    )


def reduction(body: Body) -> tuple[Quantity | None, Quantity | None]:
    """reduce_by, reduce_to: exactly one of them."""
    by, to = body.count("reduce_by"), body.count("reduce_to")
    if (by is None) == (to is None):
        raise invalid_parameters("exactly one of reduce_by and reduce_to must be given")
    return by, to


def group_limit(body: Body) -> Quantity:
    """From `contracts_limit`, `contracts_limit_fp`, or both where they agree (8.5, 9.7)."""
    whole, exact = body.whole("contracts_limit", 1), body.count("contracts_limit_fp")
    if whole is None and exact is None:
        raise invalid_parameters("contracts_limit or contracts_limit_fp is required")
    limit = Quantity((whole or 0) * ONE) if exact is None else exact
    if whole is not None and whole * ONE != limit:
        raise invalid_parameters("contracts_limit and contracts_limit_fp must match")
    if not ONE <= limit <= GROUP_LIMIT_MAX * ONE:
        raise invalid_parameters(f"the limit must be between 1 and {GROUP_LIMIT_MAX} contracts")
    return limit


class Instance(StrEnum):
    EVENT_CONTRACT = "event_contract"
    MARGINED = "margined"


def transfer(body: Body) -> dict[str, Any]:
    """The arguments of `Transfers.between_shards` (section 10)."""
    ends = [_need(end, body.word(end, Instance)) for end in ("source", "destination")]
    if Instance.MARGINED in ends:
        raise Refusal(403, "permission_denied", "this exchange has no margined instance")
    amount = _need("amount", body.whole("amount"))
    if amount <= 0:
        raise invalid_parameters("amount must be above zero")
    numbers = [body.whole(f"{end}_subaccount", 0) or 0 for end in ("source", "destination")]
    name = body.text("client_transfer_id") or ""
    if name and any(numbers):
        raise invalid_parameters("client_transfer_id is for primary accounts only")
    if name and not _is_uuid(name):
        raise invalid_parameters("client_transfer_id must be a UUID")
    return {
        "amount": Cash(amount * CENTICENT),
        "from_shard": body.whole("source_exchange_shard", 0, 100) or 0,
        "to_shard": body.whole("destination_exchange_shard", 0, 100) or 0,
        "from_subaccount": numbers[0],
        "to_subaccount": numbers[1],
        "client_transfer_id": name,
    }


def netting(body: Body) -> dict[str, Any]:
    """The arguments of `Accounts.set_netting`."""
    return {
        "enabled": _need("enabled", body.flag("enabled")),
        "subaccount": _need("subaccount_number", body.whole("subaccount_number")),
        "exchange_index": body.whole("exchange_index", 0, 100) or 0,
    }


class _Margin(StrEnum):
    NONE = "none"
    MAX = "max"
    SUM = "sum"


def allocation(body: Body) -> Allocation:
    """The house checks what the percents add up to."""
    percents = tuple(
        (
            _need("exchange_index", each.whole("exchange_index", 0, 100)),
            _need("percent", each.whole("percent", 0, 100)),
        )
        for each in body.objects("allocations")
    )
    margin = body.word("resting_margin_reservation", _Margin) or _Margin.SUM
    return Allocation(percents=percents, margin=margin.value)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
