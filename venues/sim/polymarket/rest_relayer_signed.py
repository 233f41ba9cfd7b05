"""Who signed a relayed batch: one scheme for each kind of wallet. Source: SDK, relayer/signing."""

from __future__ import annotations

from typing import Any, Final

import coincurve
from Crypto.Hash import keccak

_SAFE_TX: Final = (
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
    b"uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)"
)
_CALL: Final = b"Call(address target,uint256 value,bytes data)"
_BATCH: Final = b"Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)" + _CALL
_SAFE_DOMAIN: Final = b"EIP712Domain(uint256 chainId,address verifyingContract)"
_WALLET_DOMAIN: Final = (
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_SAFE_OFFSET: Final = 4
"""What a Safe adds to the last byte of a signature of a personal message."""


def signer(batch: dict[str, Any], chain_id: int) -> str:
    """The EOA in lower case. Raises ValueError, KeyError or TypeError for what is no batch."""
    signature = bytes.fromhex(batch["signature"].removeprefix("0x"))
    match batch["type"]:
        case "SAFE":
            return _recovered(_personal(_safe(batch, chain_id)), signature, _SAFE_OFFSET)
        case "PROXY":
            return _recovered(_personal(_proxy(batch)), signature)
        case "WALLET":
            return _recovered(_wallet(batch, chain_id), signature)
    raise ValueError("not a kind of wallet")


def _safe(batch: dict[str, Any], chain_id: int) -> bytes:
    params = batch["signatureParams"]
    domain = _hash(_hash(_SAFE_DOMAIN) + _word(chain_id) + _address(batch["proxyWallet"]))
    numbers = (params["safeTxnGas"], params["baseGas"], params["gasPrice"])
    struct = _hash(
        _hash(_SAFE_TX)
        + _address(batch["to"])
        + _word(batch.get("value", "0"))
        + _hash(_bytes(batch["data"]))
        + _word(params["operation"])
        + b"".join(map(_word, numbers))
        + _address(params["gasToken"])
        + _address(params["refundReceiver"])
        + _word(batch["nonce"])
    )
    return _hash(b"\x19\x01" + domain + struct)


def _proxy(batch: dict[str, Any]) -> bytes:
    params = batch["signatureParams"]
    numbers = (params["relayerFee"], params["gasPrice"], params["gasLimit"], batch["nonce"])
    return _hash(
        b"rlx:"
        + _address(batch["from"])[12:]
        + _address(batch["to"])[12:]
        + _bytes(batch["data"])
        + b"".join(map(_word, numbers))
        + _address(params["relayHub"])[12:]
        + _address(params["relay"])[12:]
    )


def _wallet(batch: dict[str, Any], chain_id: int) -> bytes:
    params = batch["depositWalletParams"]
    wallet = _address(params["depositWallet"])
    domain = _hash(
        _hash(_WALLET_DOMAIN) + _hash(b"DepositWallet") + _hash(b"1") + _word(chain_id) + wallet
    )
    calls = b"".join(
        _hash(
            _hash(_CALL)
            + _address(each["target"])
            + _word(each["value"])
            + _hash(_bytes(each["data"]))
        )
        for each in params["calls"]
    )
    words = _word(batch["nonce"]) + _word(params["deadline"])
    return _hash(b"\x19\x01" + domain + _hash(_hash(_BATCH) + wallet + words + _hash(calls)))


def _recovered(digest: bytes, signature: bytes, offset: int = 0) -> str:
    if len(signature) != 65 or signature[64] - 27 - offset not in {0, 1}:
        raise ValueError("not a signature")
    packed = signature[:64] + bytes([signature[64] - 27 - offset])
    key = coincurve.PublicKey.from_signature_and_message(packed, digest, hasher=None)
    return "0x" + _hash(key.format(compressed=False)[1:])[12:].hex()


def _personal(digest: bytes) -> bytes:
    return _hash(b"\x19Ethereum Signed Message:\n32" + digest)


def _hash(data: bytes) -> bytes:
    return bytes(keccak.new(digest_bits=256, data=data).digest())


def _word(value: int | str) -> bytes:
    return int(value).to_bytes(32, "big")


def _address(text: str) -> bytes:
    raw = _bytes(text)
    if len(raw) != 20:
        raise ValueError("not an address")
    return raw.rjust(32, b"\0")


def _bytes(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError("hex begins with 0x")
    return bytes.fromhex(text[2:])
