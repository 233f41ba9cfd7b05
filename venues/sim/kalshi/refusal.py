"""How the house says no: a status, a code and a sentence (section 4)."""

from __future__ import annotations


class Refusal(Exception):
    """Nothing was done. The faces choose the shape of the body; `details` is often empty."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def invalid_order(why: str, code: str = "invalid_order") -> Refusal:
    return Refusal(400, code, why)


def invalid_parameters(why: str) -> Refusal:
    return Refusal(400, "invalid_parameters", why)


def insufficient_balance() -> Refusal:
    return Refusal(400, "insufficient_balance", "insufficient balance on this exchange index")


def market_inactive(ticker: str) -> Refusal:
    return Refusal(400, "MARKET_INACTIVE", f"market {ticker} is not active")


def trading_paused() -> Refusal:
    return Refusal(503, "trading_is_paused", "trading is paused: only cancels are taken")


def exchange_paused() -> Refusal:
    return Refusal(503, "exchange_is_paused", "the exchange is paused")


def not_found(what: str) -> Refusal:
    return Refusal(404, "not_found", f"{what} not found")


def user_not_found(user_id: str, exchange_index: int) -> Refusal:
    """The code carries a suffix, as was seen in the wild: match it by prefix."""
    return Refusal(
        404,
        f"user_not_found:_{user_id}",
        f"Exchange user not found on exchange index {exchange_index}; see Exchange Sharding",
    )


def order_already_exists() -> Refusal:
    return Refusal(409, "order_already_exists", "order already exists")


def transfer_already_exists() -> Refusal:
    return Refusal(409, "transfer_already_exists", "transfer already exists")


def group_blocked() -> Refusal:
    return Refusal(400, "order_group_triggered", "the order group takes no orders until reset")


def forbidden(why: str) -> Refusal:
    return Refusal(403, "forbidden", why)
