"""One contract call as each kind of wallet sends it, and what its owner signs for that.

Proxies, Safes and deposit wallets are called through the venue's relayer, an address of its own
sends a transaction. Source: docs/venues/polymarket.md, "Relayer"; EIP-712, EIP-191, EIP-1559.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from venues.polymarket.contracts import CHAIN, PROXY_FACTORY, RELAY_HUB
from venues.polymarket.transactions import ContractCall
from venues.polymarket.typed_data import address_word, digest, domain, word
from venues.polymarket.wallets import Kind, address_bytes, keccak

_CALL_STRUCT: Final = b"Call(address target,uint256 value,bytes data)"
_CALL_HASH: Final = keccak(_CALL_STRUCT)
_BATCH_HASH: Final = keccak(
    b"Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)" + _CALL_STRUCT
)
_SAFE_HASH: Final = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    b"uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
_PROXY_SELECTOR: Final = keccak(b"proxy((uint8,address,uint256,bytes)[])")[:4]
_PERSONAL: Final = b"\x19Ethereum Signed Message:\n32"
_EIP_1559: Final = b"\x02"


@dataclass(frozen=True, slots=True)
class ProxyBatch:
    """`relay` sends it and may burn `gas_limit` of gas."""

    call: ContractCall
    nonce: int
    gas_limit: int
    relay: str


@dataclass(frozen=True, slots=True)
class SafeBatch:
    call: ContractCall
    nonce: int


@dataclass(frozen=True, slots=True)
class DepositBatch:
    """Void after `deadline_s`, in the chain's epoch seconds."""

    call: ContractCall
    nonce: int
    deadline_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Fees are in wei per gas: `fee_max_wei` in all, of which `tip_wei` for who includes it."""

    call: ContractCall
    nonce: int
    gas: int
    fee_max_wei: int
    tip_wei: int


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """`raw` as it is sent, and the hash by which the chain knows it; hex."""

    raw: str
    hash: str


Batch: TypeAlias = ProxyBatch | SafeBatch | DepositBatch
KINDS: Final = {ProxyBatch: Kind.PROXY, SafeBatch: Kind.SAFE, DepositBatch: Kind.DEPOSIT}
"""Whose wallets send which."""


def batch_digest(batch: Batch, owner: str, wallet: str) -> bytes:
    """What the owner of `wallet` signs, 32 bytes."""
    match batch:
        case ProxyBatch():
            return keccak(_PERSONAL + _proxy_hash(batch, owner))
        case SafeBatch():
            return keccak(_PERSONAL + _safe_digest(batch, wallet))
        case DepositBatch():
            return _deposit_digest(batch, wallet)


def packed(batch: Batch, signature: bytes) -> bytes:
    """The 65 bytes as the wallet's contract wants them: a Safe tells by v that the owner signed a
    message (EIP-191), not the digest itself."""
    moved = 4 if isinstance(batch, SafeBatch) else 0
    return signature[:64] + (signature[64] + moved).to_bytes(1)


def proxy_data(call: ContractCall) -> bytes:
    """The call as the proxies' factory takes it: an array of one (type 1, to, no value, data)."""
    size = len(call.data)
    inner = (
        (1).to_bytes(32),
        address_word(call.to),
        bytes(32),
        (4 * 32).to_bytes(32),
        size.to_bytes(32),
        call.data + bytes(-size % 32),
    )
    head = (0x20).to_bytes(32) + (1).to_bytes(32) + (0x20).to_bytes(32)
    return _PROXY_SELECTOR + head + b"".join(inner)


def transaction_digest(transaction: Transaction) -> bytes:
    return keccak(_EIP_1559 + _rlp(_fields(transaction)))


def raw_transaction(transaction: Transaction, signature: bytes) -> bytes:
    """As it is sent; its hash is the keccak of this."""
    r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:64]))
    return _EIP_1559 + _rlp((*_fields(transaction), signature[64] - 27, r, s))


def _proxy_hash(batch: ProxyBatch, owner: str) -> bytes:
    parts = (
        b"rlx:",
        address_bytes(owner),
        address_bytes(PROXY_FACTORY),
        proxy_data(batch.call),
        bytes(32),  # the relay's own fee
        bytes(32),  # the price of gas: the owner pays none
        word(batch.gas_limit, "a gas limit"),
        word(batch.nonce, "a nonce"),
        address_bytes(RELAY_HUB),
        address_bytes(batch.relay),
    )
    return keccak(b"".join(parts))


def _safe_digest(batch: SafeBatch, wallet: str) -> bytes:
    """A plain call (operation 0) that asks for no refund of gas."""
    head = (_SAFE_HASH, address_word(batch.call.to), bytes(32), keccak(batch.call.data))
    struct = keccak(b"".join(head) + 6 * bytes(32) + word(batch.nonce, "a nonce"))
    return digest(domain(contract=wallet), struct)


def _deposit_digest(batch: DepositBatch, wallet: str) -> bytes:
    call = _CALL_HASH + address_word(batch.call.to) + bytes(32) + keccak(batch.call.data)
    fields = (
        _BATCH_HASH,
        address_word(wallet),
        word(batch.nonce, "a nonce"),
        word(batch.deadline_s, "a deadline"),
        keccak(keccak(call)),
    )
    named = domain(name="DepositWallet", version="1", contract=wallet)
    return digest(named, keccak(b"".join(fields)))


_Item: TypeAlias = "int | bytes | tuple[_Item, ...]"


def _fields(transaction: Transaction) -> tuple[_Item, ...]:
    """It sends no coins, and names no storage beforehand."""
    to, data = address_bytes(transaction.call.to), transaction.call.data
    fees = (transaction.tip_wei, transaction.fee_max_wei, transaction.gas)
    return (CHAIN, transaction.nonce, *fees, to, 0, data, ())


def _rlp(item: _Item) -> bytes:
    """Ethereum's encoding of numbers, bytes and lists of them."""
    match item:
        case int():
            return _rlp(item.to_bytes((item.bit_length() + 7) // 8))
        case bytes():
            return item if len(item) == 1 and item[0] < 0x80 else _sized(0x80, item)
        case tuple():
            return _sized(0xC0, b"".join(map(_rlp, item)))


def _sized(kind: int, body: bytes) -> bytes:
    size = len(body)
    if size < 56:
        return bytes([kind + size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([kind + 55 + len(length)]) + length + body
