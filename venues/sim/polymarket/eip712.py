"""Who signed what: EIP-712 by hand, checked with secp256k1. Written from the facts (§7.1, §8).

The simulated venue shares no line with the client that it judges.
"""

from __future__ import annotations

from typing import Final

from coincurve import PublicKey
from Crypto.Hash import keccak as _keccak

from venues.sides import Side
from venues.sim.polymarket.records import Kind, SignedOrder

ORDER_TYPE: Final = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,"
    b"uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,"
    b"bytes32 builder)"
)
_NESTED_TYPE: Final = (
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    b"address verifyingContract,bytes32 salt)" + ORDER_TYPE
)
_AUTH_TYPE: Final = b"ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_ATTEST: Final = b"This message attests that I control the given wallet"
_SIGNATURE: Final = 65


def keccak(data: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=data).digest()


def checksummed(address: bytes) -> str:
    """EIP-55."""
    text = address.hex()
    marks = keccak(text.encode()).hex()
    return "0x" + "".join(
        c.upper() if m in "89abcdef" else c for c, m in zip(text, marks, strict=False)
    )


def l1_signer(address: str, timestamp: str, nonce: int, signature: str, chain_id: int) -> str:
    """Whose key signed a ClobAuth of this content. Raises ValueError for a broken signature."""
    domain = _hash(
        keccak(b"EIP712Domain(string name,string version,uint256 chainId)"),
        keccak(b"ClobAuthDomain"),
        keccak(b"1"),
        _uint(chain_id),
    )
    struct = _hash(
        keccak(_AUTH_TYPE),
        _address(address),
        keccak(timestamp.encode()),
        _uint(nonce),
        keccak(_ATTEST),
    )
    return _recovered(_digest(domain, struct), _hex(signature))


def exchange_domain(exchange: str, version: str, chain_id: int) -> bytes:
    """The domain separator of an exchange."""
    return _domain("Polymarket CTF Exchange", version, chain_id, exchange)


def order_id(order: SignedOrder, exchange: str, version: str, chain_id: int) -> str:
    """The order's digest, which is its id. Raises ValueError for fields that don't fit."""
    domain = exchange_domain(exchange, version, chain_id)
    return "0x" + _digest(domain, _contents(order)).hex()


def order_signer(order: SignedOrder, exchange: str, version: str, chain_id: int) -> str:
    """Whose key signed it: for type 3 inside the envelope of its deposit wallet (§8.3).

    Raises ValueError for a signature that is none, or whose envelope is of something else.
    """
    domain = exchange_domain(exchange, version, chain_id)
    contents = _contents(order)
    signature = _hex(order.signature)
    if order.signature_type != Kind.DEPOSIT:
        return _recovered(_digest(domain, contents), signature)
    tail = domain + contents + ORDER_TYPE + len(ORDER_TYPE).to_bytes(2, "big")
    if signature[_SIGNATURE:] != tail:
        raise ValueError("an envelope of another order")
    nested = _hash(
        keccak(_NESTED_TYPE),
        contents,
        keccak(b"DepositWallet"),
        keccak(b"1"),
        _uint(chain_id),
        _address(order.signer),
        bytes(32),
    )
    return _recovered(_digest(domain, nested), signature[:_SIGNATURE])


def _contents(order: SignedOrder) -> bytes:
    return _hash(
        keccak(ORDER_TYPE),
        _uint(order.salt),
        _address(order.maker),
        _address(order.signer),
        _uint(int(order.token)),
        _uint(order.maker_amount),
        _uint(order.taker_amount),
        _uint(0 if order.side is Side.BUY else 1),
        _uint(order.signature_type),
        _uint(order.timestamp_ms),
        _bytes32(order.metadata),
        _bytes32(order.builder),
    )


def _domain(name: str, version: str, chain_id: int, contract: str) -> bytes:
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    return _hash(
        keccak(kind),
        keccak(name.encode()),
        keccak(version.encode()),
        _uint(chain_id),
        _address(contract),
    )


def _digest(domain: bytes, struct: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + struct)


def _hash(*words: bytes) -> bytes:
    return keccak(b"".join(words))


def _recovered(digest: bytes, signature: bytes) -> str:
    if len(signature) != _SIGNATURE or signature[64] not in {27, 28}:
        raise ValueError("no signature")
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((signature[64] - 27,)), digest, hasher=None
        )
    except ValueError:
        raise ValueError("no signature") from None
    return checksummed(keccak(key.format(compressed=False)[1:])[12:])


def _uint(number: int) -> bytes:
    try:
        return number.to_bytes(32, "big")
    except OverflowError:
        raise ValueError(f"{number} does not fit a word") from None


def _address(text: str) -> bytes:
    found = _hex(text)
    if len(found) != 20:
        raise ValueError(f"{text[:60]!r} is no address")
    return found.rjust(32, b"\0")


def _bytes32(text: str) -> bytes:
    found = _hex(text)
    if len(found) != 32:
        raise ValueError(f"{text[:80]!r} are not 32 bytes")
    return found


def _hex(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(f"{text[:60]!r} does not begin with 0x")
    found = bytes.fromhex(text[2:])
    if len(found) * 2 != len(text) - 2:
        raise ValueError(f"{text[:60]!r} has spaces")
    return found
