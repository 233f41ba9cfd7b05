"""A node of Polygon as values: JSON-RPC, one method a call. Source: Ethereum's JSON-RPC."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from venues.http import Call
from venues.polymarket import wire_rpc as wire

NODE: Final = "node"
T = TypeVar("T")


def chain_id() -> Call[wire.Answer[str]]:
    return _ask("eth_chainId", wire.Answer[str])


def nonce(address: str) -> Call[wire.Answer[str]]:
    """Of its next transaction, those counted that the node knows to wait."""
    return _ask("eth_getTransactionCount", wire.Answer[str], address, "pending")


def gas(sender: str, to: str, data: bytes) -> Call[wire.Answer[str]]:
    asked = {"from": sender, "to": to, "data": "0x" + data.hex()}
    return _ask("eth_estimateGas", wire.Answer[str], asked)


def tip() -> Call[wire.Answer[str]]:
    """Wei per gas."""
    return _ask("eth_maxPriorityFeePerGas", wire.Answer[str])


def latest_block() -> Call[wire.Answer[wire.Block]]:
    return _ask("eth_getBlockByNumber", wire.Answer[wire.Block], *("latest", False))


def send(raw: str) -> Call[wire.Answer[str]]:
    """The hash that the node made of it."""
    return _ask("eth_sendRawTransaction", wire.Answer[str], raw)


def receipt(transaction_hash: str) -> Call[wire.Answer[wire.Receipt | None]]:
    """None: in no block."""
    return _ask("eth_getTransactionReceipt", wire.Answer[wire.Receipt | None], transaction_hash)


def transaction(transaction_hash: str) -> Call[wire.Answer[wire.Transaction | None]]:
    """None: the node does not know it."""
    return _ask("eth_getTransactionByHash", wire.Answer[wire.Transaction | None], transaction_hash)


def _ask(method: str, answer: type[T], *params: object) -> Call[T]:
    asked: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return Call(
        method="POST",
        host=NODE,
        path="",
        route=method,
        body=msgspec.json.encode(asked),
        answer=answer,
    )
