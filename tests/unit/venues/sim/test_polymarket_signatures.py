"""Who signed: the facts' vectors, and envelopes that another encoder made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from polymarket_desk import KEY, NO, OTHER_KEY, YES, ZERO, Desk, refused, sign_digest

from venues import Clock
from venues.sides import Side
from venues.sim.polymarket.contracts import EXCHANGE, EXCHANGE_V3, NEG_RISK_EXCHANGE
from venues.sim.polymarket.derive import wallet_of
from venues.sim.polymarket.eip712 import (
    ORDER_TYPE,
    keccak,
    l1_signer,
    order_id,
    order_signer,
)
from venues.sim.polymarket.records import Kind, SignedOrder

EOA: Final = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
V2_TOKEN: Final = "663574927012476832975694178961957910328055987427402067619466963999000625152"
ORDER: Final = SignedOrder(
    salt=479249096354,
    maker=EOA,
    signer=EOA,
    token=YES,
    maker_amount=50_000_000,
    taker_amount=100_000_000,
    side=Side.BUY,
    signature_type=0,
    timestamp_ms=1713398400000,
    metadata=ZERO,
    builder=ZERO,
    signature="",
)
VECTORS: Final = (
    (
        (EXCHANGE, "2", YES),
        "0x91e13d21c882a5698778bcc8fd618ee8939ee2c34a2c32a9ea2fa4cce074d45f",
        (
            "0xcf082a456e509a8e137569c89e6132636d5289674eef0cb2f9da01c086f8dd4d"
            "37f81f234696a0f90df1dab9c97be560cf32e7d0b16109b3603f84c180ec59021c"
        ),
    ),
    (
        (NEG_RISK_EXCHANGE, "2", YES),
        "0x650b53297d2a7171797bbac084c3e319570eb3f74c2c824d641629ce5f2f2700",
        (
            "0x8bc1ec748f4aa5d53b936eec9c322c69cff2c3debcdee03337982d9f74e8abd0"
            "2f195f756473a32dcace9ab23ad391e93f2c0d16dc2bc3c0fa5092653817fbd71c"
        ),
    ),
    (
        (EXCHANGE_V3, "3", V2_TOKEN),
        "0x0a18c1969f7a44fd3b44f2ddbae682088e6a4d49f7782aa677dd7328ee18a13b",
        (
            "0xa4cc0f765e406385c22a4768e50db584f28f8e9396de7dc5682b1ad2c1604731"
            "5ebf45da4860d3f596ee9c00c6f163231329952f51984dc5df309b7326d681261b"
        ),
    ),
)
FIELDS: Final = (
    ("salt", "uint256"),
    ("maker", "address"),
    ("signer", "address"),
    ("tokenId", "uint256"),
    ("makerAmount", "uint256"),
    ("takerAmount", "uint256"),
    ("side", "uint8"),
    ("signatureType", "uint8"),
    ("timestamp", "uint256"),
    ("metadata", "bytes32"),
    ("builder", "bytes32"),
)


@pytest.mark.parametrize(("where", "id", "signature"), VECTORS)
def test_an_order_of_the_facts_has_the_id_and_signer_of_the_facts(
    where: tuple[str, str, str], id: str, signature: str
) -> None:
    address, version, token = where
    order = replace(ORDER, token=token, signature=signature)
    assert order_id(order, address, version, 137) == id
    assert order_signer(order, address, version, 137) == EOA
    assert order_signer(order, address, version, 80002) != EOA


def test_the_order_type_has_the_hash_of_the_facts() -> None:
    expected = "bb86318a2138f5fa8ae32fbe8e659f8fcf13cc6ae4014a707893055433818589"
    assert (keccak(ORDER_TYPE).hex(), len(ORDER_TYPE)) == (expected, 186)


@pytest.mark.parametrize(
    ("chain", "timestamp", "nonce", "signature"),
    [
        (
            80002,
            "10000000",
            23,
            (
                "0xf62319a987514da40e57e2f4d7529f7bac38f0355bd88bb5adbb3768d80de6c1"
                "682518e0af677d5260366425f4361e7b70c25ae232aff0ab2331e2b164a1aedc1b"
            ),
        ),
        (
            137,
            "1713398400",
            0,
            (
                "0xb83e6407df605cacd39032130987f4fb6e6a7187056cd88c8051c92f43ed50ae"
                "27174838d08318611d76cbf80110a9b39868b1e02c515268ab3e31073c4512fa1b"
            ),
        ),
    ],
)
def test_a_log_in_of_the_facts_is_known(
    chain: int, timestamp: str, nonce: int, signature: str
) -> None:
    assert l1_signer(EOA, timestamp, nonce, signature, chain) == EOA
    assert l1_signer(EOA, timestamp, nonce + 1, signature, chain) != EOA


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (Kind.EOA, EOA),
        (Kind.PROXY, "0x365f0CA36Ae1f641E02fE3B7743673da42A13A70"),
        (Kind.SAFE, "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47"),
        (Kind.DEPOSIT, "0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50"),
    ],
)
def test_wallets_stand_where_the_facts_say(kind: Kind, address: str) -> None:
    assert wallet_of(EOA, kind) == address


@pytest.mark.parametrize(
    "signature", ["", "0x", "0x12", "0x" + "00" * 65, "0x" + "11" * 64 + "05", "0x 1b" + "11" * 64]
)
def test_what_is_no_signature_is_an_error(signature: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        order_signer(replace(ORDER, signature=signature), EXCHANGE, "2", 137)


@pytest.mark.parametrize(
    "change",
    [
        {"salt": -1},
        {"salt": 2**256},
        {"maker": "0x12"},
        {"metadata": "0x00"},
        {"maker": EOA[2:]},
        {"builder": "0x" + " " * 2 + "00" * 31},
    ],
)
def test_fields_that_do_not_fit_are_an_error(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        order_id(replace(ORDER, **change), EXCHANGE, "2", 137)


def wrapped(order: SignedOrder, secret: bytes, *, wallet: str | None = None) -> str:
    """§8.3 by eth-account's encoder: ERC-7739 under the exchange's domain, and its envelope."""
    types = {
        "TypedDataSign": [
            {"name": "contents", "type": "Order"},
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
            {"name": "chainId", "type": "uint256"},
            {"name": "verifyingContract", "type": "address"},
            {"name": "salt", "type": "bytes32"},
        ],
        "Order": [{"name": name, "type": kind} for name, kind in FIELDS],
    }
    domain = {
        "name": "Polymarket CTF Exchange",
        "version": "2",
        "chainId": 137,
        "verifyingContract": EXCHANGE,
    }
    contents = {
        "salt": order.salt,
        "maker": order.maker,
        "signer": order.signer,
        "tokenId": int(order.token),
        "makerAmount": order.maker_amount,
        "takerAmount": order.taker_amount,
        "side": 0 if order.side is Side.BUY else 1,
        "signatureType": order.signature_type,
        "timestamp": order.timestamp_ms,
        "metadata": order.metadata,
        "builder": order.builder,
    }
    nested = {
        "contents": contents,
        "name": "DepositWallet",
        "version": "1",
        "chainId": 137,
        "verifyingContract": wallet or order.signer,
        "salt": ZERO,
    }
    inner = encode_typed_data(domain, {"Order": types["Order"]}, contents)
    signed = Account.sign_message(encode_typed_data(domain, types, nested), secret)
    envelope = inner.header + inner.body + ORDER_TYPE + b"\x00\xba"
    signature: bytes = signed.signature
    return "0x" + (signature + envelope).hex()


def deposit_order() -> SignedOrder:
    wallet = wallet_of(EOA, Kind.DEPOSIT)
    return replace(ORDER, maker=wallet, signer=wallet, signature_type=3)


def test_an_order_of_a_deposit_wallet_is_its_owners_by_317_bytes() -> None:
    order = deposit_order()
    signature = wrapped(order, KEY)
    assert len(signature) == 2 + 2 * 317
    assert order_signer(replace(order, signature=signature), EXCHANGE, "2", 137) == EOA


@pytest.mark.parametrize("at", [65, 97, 129, 315, 316])
def test_every_part_of_the_envelope_counts(at: int) -> None:
    order = deposit_order()
    raw = bytearray.fromhex(wrapped(order, KEY)[2:])
    raw[at] ^= 1
    with pytest.raises(ValueError, match="envelope"):
        order_signer(replace(order, signature="0x" + raw.hex()), EXCHANGE, "2", 137)


def test_an_envelope_for_another_wallet_is_somebody_elses() -> None:
    order = deposit_order()
    signature = wrapped(order, KEY, wallet=EOA)
    assert order_signer(replace(order, signature=signature), EXCHANGE, "2", 137) != EOA


def test_the_house_takes_an_order_of_every_kind_of_wallet(clock: Clock) -> None:
    desk = Desk(clock)
    for kind in (Kind.PROXY, Kind.SAFE, Kind.DEPOSIT):
        wallet = desk.house.wallets.open(desk.us, kind)
        desk.house.wallets.deposit(wallet, desk.house.wallets.cash(desk.us))
        signer = wallet if kind is Kind.DEPOSIT else desk.us
        new = desk.signed(
            Side.BUY, "0.40", "10", maker=wallet, signer=signer, signature_type=kind.value
        )
        if kind is Kind.DEPOSIT:
            new = replace(new, order=replace(new.order, signature=wrapped(new.order, KEY)))
        assert desk.house.orders.place(desk.key, new).status == "live"


@pytest.mark.parametrize(
    "change",
    [
        {"secret": OTHER_KEY},
        {"maker": "0x365f0CA36Ae1f641E02fE3B7743673da42A13A70"},
        {"signature_type": Kind.PROXY},
        {"maker": EOA.lower()},
        {"metadata": "0x00"},
    ],
)
def test_an_order_that_is_not_its_makers_has_an_invalid_signature(
    clock: Clock, change: dict[str, Any]
) -> None:
    desk = Desk(clock)
    if change == {"metadata": "0x00"}:
        new = desk.signed(Side.BUY, "0.40", "10")
        new = replace(new, order=replace(new.order, **change))
    else:
        new = desk.signed(Side.BUY, "0.40", "10", **change)
    with refused("invalid signature"):
        desk.house.orders.place(desk.key, new)


def test_an_order_for_another_exchange_has_an_invalid_signature(clock: Clock) -> None:
    desk = Desk(clock)
    new = desk.signed(Side.BUY, "0.40", "10", NO)
    id = order_id(new.order, NEG_RISK_EXCHANGE, "2", 137)
    signature = sign_digest(bytes.fromhex(id[2:]), KEY)
    with refused("invalid signature"):
        desk.house.orders.place(
            desk.key, replace(new, order=replace(new.order, signature=signature))
        )


def test_an_order_has_the_id_that_its_signer_knew_before(clock: Clock) -> None:
    desk = Desk(clock)
    new = desk.signed(Side.BUY, "0.40", "10")
    placed = desk.house.orders.place(desk.key, new)
    assert placed.order_id == order_id(new.order, EXCHANGE, "2", 137)
