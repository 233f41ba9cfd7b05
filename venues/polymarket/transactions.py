"""Split, merge and redeem as calls of contracts, and what such a call would do.

These three move money between cash and positions of one wallet. There is no way here to express
anything else: no transfer, no withdrawal, no approval. Amounts are in base units, which are micros.
Source: docs/venues/polymarket.md, "On-chain operations"; the ABI of the contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from venues.money import Quantity
from venues.polymarket.contracts import (
    CTF_COLLATERAL_ADAPTER,
    NEG_RISK_COLLATERAL_ADAPTER,
    PUSD,
    ROUTER,
)
from venues.polymarket.terms import Terms
from venues.polymarket.typed_data import address_word, bytes32, word
from venues.polymarket.wallets import keccak
from venues.sides import Outcome


class Operation(StrEnum):
    """What a call does, of one market. SPLIT: a dollar becomes a YES and a NO. MERGE: the reverse.
    REDEEM: what came true becomes dollars."""

    SPLIT = "split"
    MERGE = "merge"
    REDEEM = "redeem"


@dataclass(frozen=True, slots=True)
class ContractCall:
    """`data` for the contract `to`. It never sends coins along."""

    to: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a call does; `quantity` None: with everything that the wallet has of the market."""

    operation: Operation
    quantity: Quantity | None


_Layout: TypeAlias = tuple[bytes | str, ...]
"""The words of a call after its selector: fixed ones, and the names of those that vary."""


def _fixed(value: int) -> bytes:
    return value.to_bytes(32)


_OUTCOMES: Final = (_fixed(2), _fixed(1), _fixed(2))
"""An array of two index sets: 1 is YES, 2 is NO."""
_POSITIONS: Final = (address_word(PUSD), bytes(32), "market")
_PAIRS: Final[_Layout] = (*_POSITIONS, _fixed(5 * 32), "quantity", *_OUTCOMES)
_ALL: Final[_Layout] = (*_POSITIONS, _fixed(4 * 32), *_OUTCOMES)
_ROUTED: Final[_Layout] = ("market", "quantity")
_ROUTED_OUTCOME: Final[_Layout] = ("market", "outcome", "quantity")


@dataclass(frozen=True, slots=True)
class _Function:
    operation: Operation
    selector: bytes
    layout: _Layout


def _function(operation: Operation, signature: str, layout: _Layout) -> _Function:
    return _Function(operation, keccak(signature.encode())[:4], layout)


_PAIR_ARGS: Final = "(address,bytes32,bytes32,uint256[],uint256)"
_V1: Final = (
    _function(Operation.SPLIT, f"splitPosition{_PAIR_ARGS}", _PAIRS),
    _function(Operation.MERGE, f"mergePositions{_PAIR_ARGS}", _PAIRS),
    _function(Operation.REDEEM, "redeemPositions(address,bytes32,bytes32,uint256[])", _ALL),
)
_V2: Final = (
    _function(Operation.SPLIT, "split(bytes31,uint256)", _ROUTED),
    _function(Operation.MERGE, "merge(bytes31,uint256)", _ROUTED),
    _function(Operation.REDEEM, "redeem(bytes31,uint256,uint256)", _ROUTED_OUTCOME),
)
_ALLOWED: Final = {
    (contract, each.selector): each
    for contract, functions in (
        (CTF_COLLATERAL_ADAPTER, _V1),
        (NEG_RISK_COLLATERAL_ADAPTER, _V1),
        (ROUTER, _V2),
    )
    for each in functions
}


def split(terms: Terms, quantity: Quantity) -> ContractCall:
    return _call(terms, Operation.SPLIT, quantity)


def merge(terms: Terms, quantity: Quantity) -> ContractCall:
    return _call(terms, Operation.MERGE, quantity)


def redeem_all(terms: Terms) -> ContractCall:
    """Both outcomes at once, as much as is held. Raises ValueError for a market of version v2:
    those are redeemed by outcome."""
    if terms.version != "v1":
        raise ValueError(f"{terms.market} is redeemed by outcome")
    return _call(terms, Operation.REDEEM, None)


def redeem_outcome(terms: Terms, outcome: Outcome, quantity: Quantity) -> ContractCall:
    """Raises ValueError for a market of version v1: those are redeemed as a whole."""
    if terms.version != "v2":
        raise ValueError(f"{terms.market} is redeemed as a whole")
    return _call(terms, Operation.REDEEM, quantity, outcome)


def meaning(call: ContractCall) -> Meaning:
    """What a call would do. Raises ValueError unless it is one that this file makes, word by word.

    Addresses are compared as contracts.py writes them.
    """
    function = _ALLOWED.get((call.to, call.data[:4]))
    if function is None:
        raise ValueError(f"no call 0x{call.data[:4].hex()} of {call.to} is ever signed")
    found = _words(function.layout, call.data[4:])
    if found is None or not _is_sane(function.layout, found):
        raise ValueError(f"a {function.operation} that is not written as ours are")
    quantity = found.get("quantity")
    amount = None if quantity is None else Quantity(int.from_bytes(quantity))
    return Meaning(function.operation, amount)


def _call(
    terms: Terms,
    operation: Operation,
    quantity: Quantity | None,
    outcome: Outcome = Outcome.YES,
) -> ContractCall:
    to, functions = _contract(terms)
    function = next(each for each in functions if each.operation is operation)
    values = {"market": bytes32(terms.market), "outcome": _fixed(outcome is Outcome.NO)}
    if quantity is not None:
        values["quantity"] = word(quantity, "a quantity")
    words = (each if isinstance(each, bytes) else values[each] for each in function.layout)
    made = ContractCall(to, function.selector + b"".join(words))
    if (found := meaning(made)) != Meaning(operation, quantity):
        raise ValueError(f"a {operation} of {quantity} would be {found}")
    return made


def _contract(terms: Terms) -> tuple[str, tuple[_Function, ...]]:
    match terms.version:
        case "v1":
            return (NEG_RISK_COLLATERAL_ADAPTER if terms.neg_risk else CTF_COLLATERAL_ADAPTER), _V1
        case "v2":
            return ROUTER, _V2
        case _:
            raise ValueError(f"no contract is known for markets of version {terms.version!r}")


def _words(layout: _Layout, body: bytes) -> Mapping[str, bytes] | None:
    """The words that vary, by name; None where the fixed ones are others, or the length is."""
    if len(body) != 32 * len(layout):
        return None
    words = [body[at : at + 32] for at in range(0, len(body), 32)]
    pairs = [*zip(layout, words, strict=True)]
    if any(isinstance(name, bytes) and name != each for name, each in pairs):
        return None
    return {name: each for name, each in pairs if isinstance(name, str)}


def _is_sane(layout: _Layout, found: Mapping[str, bytes]) -> bool:
    """A quantity is there and more than nothing, an outcome is 0 or 1, and a v2 market, 31 bytes,
    fills its word with a zero."""
    quantity, outcome = found.get("quantity"), found.get("outcome", bytes(32))
    is_routed = layout in {_ROUTED, _ROUTED_OUTCOME}
    return (
        quantity != bytes(32)
        and int.from_bytes(outcome) in {0, 1}
        and not (is_routed and found["market"][31])
    )
