"""Keys of the account, and its balance told anew, as values. Source: facts/polymarket.md §7.2, §9.5
(2026-11-22)."""

from __future__ import annotations

from types import NoneType

from venues.http import Call
from venues.polymarket.wire_orders import BalanceAllowance
from venues.polymarket.wire_reference import ApiKeys


def api_keys() -> Call[ApiKeys]:
    """Names of the keys that this wallet has, this one included."""
    return Call(method="GET", path="/auth/api-keys", answer=ApiKeys, signed=True)


def delete_key() -> Call[str]:
    """ "OK". Deletes the key that signs this: nothing in the application ever sends it.

    Facts are silent on what becomes of its open orders: cancel them first.
    """
    return Call(method="DELETE", path="/auth/api-key", answer=str, signed=True)


def refresh(of: Call[BalanceAllowance]) -> Call[None]:
    """Makes the exchange look at the chain again, after an approval or a deposit.

    `of` is calls_orders.cash or .held. The official clients read nothing from the answer.
    """
    path = "/balance-allowance/update"
    return Call(method="GET", path=path, params=of.params, answer=NoneType, signed=True)
