"""A raw transaction of an EOA: whose it is, and what it calls. Legacy (EIP-155) and EIP-1559."""

from __future__ import annotations

from typing import Final, NamedTuple

import coincurve
from Crypto.Hash import keccak

Item = bytes | list["Item"]

_DYNAMIC: Final = 2
"""The type byte of EIP-1559."""


class Transaction(NamedTuple):
    """`sender` in lower case; `hash` as the chain names it."""

    hash: str
    sender: str
    chain_id: int
    nonce: int
    to: str
    value: int
    data: bytes


def read(raw: bytes) -> Transaction:
    """Raises ValueError for anything else."""
    if not raw:
        raise ValueError("an empty transaction")
    if raw[0] == _DYNAMIC:
        return _dynamic(raw)
    fields = _list(raw)
    nonce, price, gas, to, value, data, v, r, s = map(_bytes, fields)
    code = _number(v)
    chain_id, parity = (code - 35) // 2, (code - 35) % 2
    body = _encoded([nonce, price, gas, to, value, data, _short(chain_id), b"", b""])
    return _transaction(raw, body, (r, s, parity), chain_id, (nonce, to, value, data))


def _dynamic(raw: bytes) -> Transaction:
    fields = _list(raw[1:])
    if len(fields) != 12:
        raise ValueError("an EIP-1559 transaction has twelve fields")
    chain, nonce, _, _, _, to, value, data = map(_bytes, fields[:8])
    parity, r, s = map(_bytes, fields[9:])
    body = raw[:1] + _encoded(fields[:9])
    signature = (r, s, _number(parity))
    return _transaction(raw, body, signature, _number(chain), (nonce, to, value, data))


def _transaction(
    raw: bytes,
    body: bytes,
    signature: tuple[bytes, bytes, int],
    chain_id: int,
    call: tuple[bytes, bytes, bytes, bytes],
) -> Transaction:
    nonce, to, value, data = call
    return Transaction(
        hash="0x" + _digest(raw).hex(),
        sender=_sender(_digest(body), *signature),
        chain_id=chain_id,
        nonce=_number(nonce),
        to="0x" + to.hex(),
        value=_number(value),
        data=data,
    )


def _sender(digest: bytes, r: bytes, s: bytes, parity: int) -> str:
    if parity not in {0, 1} or max(len(r), len(s)) > 32:
        raise ValueError("a broken signature")
    packed = r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes([parity])
    key = coincurve.PublicKey.from_signature_and_message(packed, digest, hasher=None)
    return "0x" + _digest(key.format(compressed=False)[1:])[12:].hex()


def _digest(data: bytes) -> bytes:
    return bytes(keccak.new(digest_bits=256, data=data).digest())


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _short(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big") if number > 0 else b""


def _bytes(item: Item) -> bytes:
    if isinstance(item, bytes):
        return item
    raise ValueError("a list where bytes should be")


def _list(data: bytes) -> list[Item]:
    item, rest = _item(data)
    if rest or not isinstance(item, list):
        raise ValueError("not one list")
    return item


def _item(data: bytes) -> tuple[Item, bytes]:
    """The first item of RLP data and what follows it."""
    if not data:
        raise ValueError("the data ends too early")
    first = data[0]
    if first < 0x80:
        return data[:1], data[1:]
    is_list = first >= 0xC0
    short = first - (0xC0 if is_list else 0x80)
    size = max(short - 55, 0)
    length = short if short <= 55 else _number(data[1 : 1 + size])
    start = 1 + size
    body, rest = data[start : start + length], data[start + length :]
    if len(body) != length:
        raise ValueError("the data ends too early")
    if not is_list:
        return body, rest
    items: list[Item] = []
    while body:
        item, body = _item(body)
        items.append(item)
    return items, rest


def _encoded(item: Item) -> bytes:
    if isinstance(item, list):
        body = b"".join(map(_encoded, item))
        return _head(0xC0, len(body)) + body
    if len(item) == 1 and item[0] < 0x80:
        return item
    return _head(0x80, len(item)) + item


def _head(base: int, length: int) -> bytes:
    if length <= 55:
        return bytes([base + length])
    size = _short(length)
    return bytes([base + 55 + len(size)]) + size
