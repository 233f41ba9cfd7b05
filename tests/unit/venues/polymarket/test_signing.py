"""Orders and log-ins are signed byte for byte as the vectors and a generic encoder say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_utils.crypto import keccak

from venues.polymarket import signing, typed_data
from venues.polymarket.contracts import NEG_RISK, STANDARD, V3, Exchange
from venues.polymarket.signing import Signed, Unsigned, Wallet
from venues.polymarket.wallets import Kind, derived
from venues.sides import Side

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # known to everybody
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TOKEN = "102936224134271070189104847090829839924697394514566827387181305960175107677216"
TOKEN_V2 = "663574927012476832975694178961957910328055987427402067619466963999000625152"
BUY = Unsigned(
    exchange=STANDARD,
    token=TOKEN,
    side=Side.BUY,
    maker_amount=50_000_000,
    taker_amount=100_000_000,
    salt=479249096354,
    timestamp_ms=1713398400000,
)
SELL = dataclasses.replace(BUY, side=Side.SELL, maker_amount=100_000_000, taker_amount=50_000_000)


@pytest.mark.parametrize(
    ("exchange", "token", "order_id", "signature"),
    [
        (
            STANDARD,
            TOKEN,
            "0x91e13d21c882a5698778bcc8fd618ee8939ee2c34a2c32a9ea2fa4cce074d45f",
            (
                "0xcf082a456e509a8e137569c89e6132636d5289674eef0cb2f9da01c086f8dd4d"
                "37f81f234696a0f90df1dab9c97be560cf32e7d0b16109b3603f84c180ec59021c"
            ),
        ),
        (
            NEG_RISK,
            TOKEN,
            "0x650b53297d2a7171797bbac084c3e319570eb3f74c2c824d641629ce5f2f2700",
            (
                "0x8bc1ec748f4aa5d53b936eec9c322c69cff2c3debcdee03337982d9f74e8abd0"
                "2f195f756473a32dcace9ab23ad391e93f2c0d16dc2bc3c0fa5092653817fbd71c"
            ),
        ),
        (
            V3,
            TOKEN_V2,
            "0x0a18c1969f7a44fd3b44f2ddbae682088e6a4d49f7782aa677dd7328ee18a13b",
            (
                "0xa4cc0f765e406385c22a4768e50db584f28f8e9396de7dc5682b1ad2c1604731"
                "5ebf45da4860d3f596ee9c00c6f163231329952f51984dc5df309b7326d681261b"
            ),
        ),
    ],
)
def test_orders_are_signed_as_the_vectors_say(
    exchange: Exchange, token: str, order_id: str, signature: str
) -> None:
    unsigned = dataclasses.replace(BUY, exchange=exchange, token=token)
    assert Wallet.from_key(KEY).sign_order(unsigned) == Signed(
        unsigned=unsigned,
        order_id=order_id,
        signature=signature,
        maker=OWNER,
        signer=OWNER,
        kind=Kind.EOA,
    )


def test_the_type_of_an_order_is_the_venues() -> None:
    expected = "bb86318a2138f5fa8ae32fbe8e659f8fcf13cc6ae4014a707893055433818589"
    assert signing._ORDER_HASH.hex() == expected
    assert len(signing._ORDER) == 186


def test_a_log_in_is_signed_as_the_vector_says() -> None:
    assert Wallet.from_key(KEY).sign_l1(1713398400) == (
        "0xb83e6407df605cacd39032130987f4fb6e6a7187056cd88c8051c92f43ed50ae"
        "27174838d08318611d76cbf80110a9b39868b1e02c515268ab3e31073c4512fa1b"
    )


def test_recorded_reference_orders_have_our_hashes_and_signatures(shared: Path) -> None:
    """Step by step: two of the three pay two dollars a share, which we would not sign."""
    file = shared / "data/recorded/signing/polymarket_v2_reference_vectors.json"
    vectors = json.loads(file.read_text())["vectors"]
    assert vectors
    exchanges = {each.address: each for each in (STANDARD, NEG_RISK, V3)}
    for vector in vectors:
        order = vector["order"]
        kind = Kind(order["signatureType"])
        wallet = Wallet.from_key(KEY, kind, None if kind is Kind.EOA else order["maker"])
        unsigned = Unsigned(
            exchange=exchanges[vector["verifyingContract"]],
            token=order["tokenId"],
            side=[Side.BUY, Side.SELL][order["side"]],
            maker_amount=int(order["makerAmount"]),
            taker_amount=int(order["takerAmount"]),
            salt=int(order["salt"]),
            timestamp_ms=int(order["timestamp"]),
            metadata=order["metadata"],
            builder=order["builder"],
        )
        separator = signing._EXCHANGES[unsigned.exchange]
        struct = wallet._order_hash(unsigned)
        digest = typed_data.digest(separator, struct)
        assert "0x" + separator.hex() == vector["domain_separator"]
        assert "0x" + struct.hex() == vector["struct_hash"]
        assert "0x" + digest.hex() == vector["digest"]
        assert "0x" + wallet._sign_digest(digest).hex() == vector["signature"]


# What follows knows EIP-712 from eth-account's generic encoder alone.

ORDER_V2 = (
    "salt:uint256 maker:address signer:address tokenId:uint256 makerAmount:uint256 "
    "takerAmount:uint256 side:uint8 signatureType:uint8 timestamp:uint256 metadata:bytes32 "
    "builder:bytes32"
)
ORDER_V1 = (
    "salt:uint256 maker:address signer:address taker:address tokenId:uint256 makerAmount:uint256 "
    "takerAmount:uint256 expiration:uint256 nonce:uint256 feeRateBps:uint256 side:uint8 "
    "signatureType:uint8"
)
ENVELOPE = (
    "contents:Order name:string version:string chainId:uint256 verifyingContract:address "
    "salt:bytes32"
)
LOG_IN = "address:address timestamp:string nonce:uint256 message:string"
DOMAIN = "name:string version:string chainId:uint256 verifyingContract:address"


def typed(
    name: str, types: dict[str, str], domain: dict[str, Any], message: dict[str, Any]
) -> SignableMessage:
    fields = [each for each in DOMAIN.split() if each.partition(":")[0] in domain]
    types = {"EIP712Domain": " ".join(fields), **types}
    return encode_typed_data(
        full_message={
            "primaryType": name,
            "types": {
                each: [dict(zip(("name", "type"), f.split(":"), strict=True)) for f in text.split()]
                for each, text in types.items()
            },
            "domain": domain,
            "message": message,
        }
    )


def digest_of(message: SignableMessage) -> bytes:
    return keccak(b"\x19" + message.version + message.header + message.body)


def signed_by(message: SignableMessage) -> str:
    return "0x" + bytes(Account.sign_message(message, KEY).signature).hex()


def order_in(
    message: dict[str, Any], exchange: str, chain: int, version: str, fields: str = ORDER_V2
) -> SignableMessage:
    domain = {"name": "Polymarket CTF Exchange", "version": version, "chainId": chain}
    return typed("Order", {"Order": fields}, domain | {"verifyingContract": exchange}, message)


def generic(message: dict[str, Any], exchange: str, chain: int, version: str) -> str:
    """The signature that travels with an order."""
    order = order_in(message, exchange, chain, version)
    if message["signatureType"] != 3:
        return signed_by(order)
    domain = {"name": "Polymarket CTF Exchange", "version": version, "chainId": chain}
    envelope = typed(
        "TypedDataSign",
        {"Order": ORDER_V2, "TypedDataSign": ENVELOPE},
        domain | {"verifyingContract": exchange},
        {
            "contents": message,
            "name": "DepositWallet",
            "version": "1",
            "chainId": chain,
            "verifyingContract": message["signer"],
            "salt": bytes(32),
        },
    )
    kind = ",".join(" ".join(reversed(field.split(":"))) for field in ORDER_V2.split())
    text = f"Order({kind})".encode()
    trailer = order.header + order.body + text + len(text).to_bytes(2, "big")
    return signed_by(envelope) + trailer.hex()


def as_numbers(order: dict[str, Any]) -> dict[str, Any]:
    return {
        name: int(value) if isinstance(value, str) and value.isdecimal() else value
        for name, value in order.items()
    }


def test_the_generic_encoder_reproduces_what_the_venues_clients_publish(shared: Path) -> None:
    """On another chain and with the orders of old: what it says of ours can be believed."""
    file = shared / "data/recorded/signing/polymarket_official_vectors.json"
    vectors = {each["kind"]: each for each in json.loads(file.read_text())["vectors"]}

    wrapped = vectors["order_v2_poly1271_wrapped_signature"]
    order, exchange = as_numbers(wrapped["order"]), wrapped["verifyingContract"]
    assert generic(order, exchange, 80002, "2") == wrapped["expected_signature"]

    old = vectors["order_v1_eoa"]
    message = order_in(as_numbers(old["order"]), old["verifyingContract"], 80002, "1", ORDER_V1)
    assert "0x" + digest_of(message).hex() == old["expected_digest"]
    assert signed_by(message) == old["expected_signature"]

    log_in = vectors["clob_auth_l1"]
    signature = signed_by(log_in_at(log_in["timestamp"], log_in["nonce"], 80002))
    assert signature == log_in["expected_signature"]


def test_an_order_that_really_traded_has_the_id_that_its_digest_says(shared: Path) -> None:
    file = shared / "data/recorded/signing/polymarket_production_signed_order_v1.json"
    found = json.loads(file.read_text())
    order = as_numbers(found["order"]) | {"side": 0}
    signature = order.pop("signature")
    message = order_in(order, found["verifyingContract"], 137, "1", ORDER_V1)
    assert "0x" + digest_of(message).hex() == found["orderID_returned"]
    signer = Account.recover_message(message, signature=signature)
    assert signer.lower() == found["order"]["signer"]


def log_in_at(timestamp_s: int, nonce: int, chain: int) -> SignableMessage:
    return typed(
        "ClobAuth",
        {"ClobAuth": LOG_IN},
        {"name": "ClobAuthDomain", "version": "1", "chainId": chain},
        {
            "address": OWNER,
            "timestamp": str(timestamp_s),
            "nonce": nonce,
            "message": "This message attests that I control the given wallet",
        },
    )


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("exchange", [STANDARD, NEG_RISK, V3])
def test_every_kind_of_wallet_signs_as_the_generic_encoder_does(
    kind: Kind, exchange: Exchange
) -> None:
    random = Random(f"{kind}{exchange.name}")
    wallet = Wallet.from_key(KEY, kind)
    assert (wallet.owner, wallet.maker) == (OWNER, derived(OWNER, kind))
    for side in Side:
        unsigned = dataclasses.replace(
            BUY if side is Side.BUY else SELL,
            exchange=exchange,
            token=str(random.getrandbits(256)),
            salt=random.getrandbits(53),
            builder="0x" + random.randbytes(32).hex(),
            metadata="0x" + random.randbytes(32).hex(),
        )
        signed = wallet.sign_order(unsigned)
        message = {
            "salt": unsigned.salt,
            "maker": wallet.maker,
            "signer": wallet.maker if kind is Kind.DEPOSIT else OWNER,
            "tokenId": int(unsigned.token),
            "makerAmount": unsigned.maker_amount,
            "takerAmount": unsigned.taker_amount,
            "side": [Side.BUY, Side.SELL].index(side),
            "signatureType": kind.value,
            "timestamp": unsigned.timestamp_ms,
            "metadata": bytes.fromhex(unsigned.metadata[2:]),
            "builder": bytes.fromhex(unsigned.builder[2:]),
        }
        digest = digest_of(order_in(message, exchange.address, 137, exchange.version))
        assert signed.order_id == "0x" + digest.hex()
        assert signed.signature == generic(message, exchange.address, 137, exchange.version)
        assert len(bytes.fromhex(signed.signature[2:])) == (317 if kind is Kind.DEPOSIT else 65)
        assert (signed.maker, signed.signer, signed.kind) == (
            message["maker"],
            message["signer"],
            kind,
        )


@pytest.mark.parametrize("kind", Kind)
def test_a_log_in_is_always_the_owners(kind: Kind) -> None:
    signature = Wallet.from_key(KEY, kind).sign_l1(1795564800, 7)
    assert signature == signed_by(log_in_at(1795564800, 7, 137))
