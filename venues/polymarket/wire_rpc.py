"""What a node of the chain answers. Source: Ethereum's JSON-RPC, eth namespace."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct, field

T = TypeVar("T")


# {"jsonrpc": "2.0", "id": 1, "result": "0x89"}; numbers are hex
class Answer(Struct, Generic[T], frozen=True):
    result: T


# {"number": "0x…", "baseFeePerGas": "0x6fc23ac00", …}
class Block(Struct, frozen=True):
    base_fee: str = field(name="baseFeePerGas")


# {"transactionHash": "0x…", "status": "0x1", "blockNumber": "0x…", …}
class Receipt(Struct, frozen=True):
    hash: str = field(name="transactionHash")
    status: str


# {"hash": "0x…", "nonce": "0x9", "blockNumber": null, …}
class Transaction(Struct, frozen=True):
    hash: str
