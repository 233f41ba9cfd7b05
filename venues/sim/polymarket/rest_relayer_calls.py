"""What a relayed batch does: call data → operations on positions. Source: SDK, relayer/calls.py.

A call that the venue's clients do not make is refused, so nothing goes by unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from venues.money import Quantity
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.contracts import PUSD
from venues.sim.polymarket.eip712 import keccak
from venues.sim.polymarket.refusal import Refusal

ADAPTER: Final = "0xAdA100Db00Ca00073811820692005400218FcE1f"
NEG_RISK_ADAPTER: Final = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
ROUTER: Final = "0x12121212006e4CD160D18e3f00711DA5c3372600"
_WORD: Final = 32


class Call(NamedTuple):
    to: str
    data: bytes


class Operation(NamedTuple):
    """`name` is split, merge or redeem; or "grant" for an allowance, which names no market.

    `to` is the contract; `market` has 64 digits; `quantity` 0 for everything (a redemption).
    """

    name: str
    to: str
    market: str = ""
    quantity: Quantity = Quantity(0)


def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


_PAIRS: Final = {
    selector("splitPosition(address,bytes32,bytes32,uint256[],uint256)"): "split",
    selector("mergePositions(address,bytes32,bytes32,uint256[],uint256)"): "merge",
    selector("redeemPositions(address,bytes32,bytes32,uint256[])"): "redeem",
}
_ROUTED: Final = {
    selector("split(bytes31,uint256)"): "split",
    selector("merge(bytes31,uint256)"): "merge",
    selector("redeem(bytes31,uint256,uint256)"): "redeem",
}
_GRANTS: Final = {
    selector("approve(address,uint256)"),
    selector("setApprovalForAll(address,bool)"),
}
_MULTISEND: Final = selector("multiSend(bytes)")
_PROXY: Final = selector("proxy((uint8,address,uint256,bytes)[])")


def operations(batch: dict[str, Any]) -> tuple[Operation, ...]:
    """Of a /submit body. Raises Refusal (400) where a call is not understood."""
    try:
        calls = tuple(_calls(batch))
    except (KeyError, TypeError, ValueError):
        raise Refusal(400, "invalid transaction data") from None
    return tuple(map(operation, calls))


def contract_of(market: Market) -> str:
    """Which contract moves the positions of a market (§11)."""
    if market.version == "v2":
        return ROUTER
    return NEG_RISK_ADAPTER if market.neg_risk else ADAPTER


def operation(call: Call) -> Operation:
    """Raises Refusal (400) for a call that is not understood."""
    try:
        return _operation(call)
    except (KeyError, ValueError):
        raise Refusal(400, "invalid transaction data") from None


def _calls(batch: dict[str, Any]) -> Iterator[Call]:
    if batch["type"] == "WALLET":
        for each in batch["depositWalletParams"]["calls"]:
            if int(each["value"]):
                raise ValueError("a call that sends coins")
            yield Call(each["target"], unhexed(each["data"]))
        return
    data = unhexed(batch["data"])
    if batch["type"] == "PROXY":
        yield from _of_proxy(data)
    elif data[:4] == _MULTISEND and batch["signatureParams"]["operation"] == "1":
        yield from _of_multisend(data)
    else:
        yield Call(batch["to"], data)


def _of_proxy(data: bytes) -> Iterator[Call]:
    if data[:4] != _PROXY:
        raise ValueError("not a call of the proxy factory")
    body = data[4:]
    start = number(body, 0) + _WORD
    for index in range(number(body, start - _WORD)):
        at = start + number(body, start + index * _WORD)
        if number(body, at + 2 * _WORD):
            raise ValueError("a call that sends coins")
        yield Call(address(body, at + _WORD), _tail(body, at + number(body, at + 3 * _WORD)))


def _of_multisend(data: bytes) -> Iterator[Call]:
    packed = _tail(data[4:], number(data[4:], 0))
    at = 0
    while at < len(packed):
        to, length = packed[at + 1 : at + 21], number(packed, at + 53)
        if packed[at] or number(packed, at + 21):
            raise ValueError("a call that delegates or sends coins")
        at += 85
        yield Call("0x" + to.hex(), packed[at : at + length])
        at += length


def _operation(call: Call) -> Operation:
    kind, body = call.data[:4], call.data[4:]
    if kind in _GRANTS:
        return Operation("grant", call.to)
    if kind in _ROUTED:
        name = _ROUTED[kind]
        quantity = number(body, (2 if name == "redeem" else 1) * _WORD)
        return Operation(name, call.to, "0x" + body[:_WORD].hex(), Quantity(quantity))
    name, sets = _PAIRS[kind], number(body, 3 * _WORD)
    if [number(body, sets + index * _WORD) for index in range(3)] != [2, 1, 2]:
        raise ValueError("not the two outcomes")
    if address(body, 0) != PUSD.lower() or number(body, _WORD):
        raise ValueError("another collateral")
    quantity = 0 if name == "redeem" else number(body, 4 * _WORD)
    return Operation(name, call.to, "0x" + body[64:96].hex(), Quantity(quantity))


def unhexed(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError("hex begins with 0x")
    return bytes.fromhex(text[2:])


def number(body: bytes, at: int) -> int:
    word = body[at : at + _WORD]
    if len(word) != _WORD:
        raise ValueError("the data ends too early")
    return int.from_bytes(word, "big")


def address(body: bytes, at: int) -> str:
    return "0x" + body[at + 12 : at + _WORD].hex()


def _tail(body: bytes, at: int) -> bytes:
    length = number(body, at)
    found = body[at + _WORD : at + _WORD + length]
    if len(found) != length:
        raise ValueError("the data ends too early")
    return found
