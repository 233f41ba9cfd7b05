"""What a wallet does not sign, and keys that stay private."""

from __future__ import annotations

import base64
import dataclasses
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from venues.money import Cash, Quantity
from venues.polymarket.contracts import STANDARD, V3, Exchange
from venues.polymarket.signing import SigningLimits, Unsigned, Wallet
from venues.polymarket.wallets import Kind
from venues.sides import Side

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # known to everybody
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
OTHER = "0x1111111111111111111111111111111111111111"
TOKEN = "102936224134271070189104847090829839924697394514566827387181305960175107677216"
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
    "exchange",
    [
        Exchange("CTF Exchange V2", OTHER, "2"),
        Exchange("CTF Exchange V2", STANDARD.address, "1"),
        Exchange("CTF Exchange V2", STANDARD.address, "3"),
        Exchange("CTF Exchange V2", V3.address, "2"),
        Exchange("CTF Exchange V2", STANDARD.address.lower(), "2"),
    ],
)
def test_s05_an_exchange_that_is_not_ours_gets_no_signature(exchange: Exchange) -> None:
    with pytest.raises(ValueError, match="none of the exchanges"):
        Wallet.from_key(KEY).sign_order(dataclasses.replace(BUY, exchange=exchange))


LIMITS = SigningLimits(cash_max=Cash(50_000_000), quantity_max=Quantity(100_000_000))


@pytest.mark.parametrize("order", [BUY, SELL])
def test_s05_an_order_at_the_limits_is_signed_and_one_beyond_is_not(order: Unsigned) -> None:
    wallet = Wallet.from_key(KEY, limits=LIMITS)
    wallet.sign_order(order)
    with pytest.raises(ValueError, match=r"50000001 µ\$.*50000000 at most"):
        wallet.sign_order(
            dataclasses.replace(order, **amounts(order.side, 50_000_001, 100_000_000))
        )
    with pytest.raises(ValueError, match="100000001 µ-shares; at most 100000000"):
        wallet.sign_order(
            dataclasses.replace(order, **amounts(order.side, 50_000_000, 100_000_001))
        )


def amounts(side: Side, cash: int, shares: int) -> dict[str, Any]:
    maker, taker = (cash, shares) if side is Side.BUY else (shares, cash)
    return {"maker_amount": maker, "taker_amount": taker}


@pytest.mark.parametrize("side", Side)
def test_a_wallet_has_limits_unless_told_others(side: Side) -> None:
    large = dataclasses.replace(BUY, side=side, **amounts(side, 10**15 - 1, 10**15))
    with pytest.raises(ValueError, match="at most"):
        Wallet.from_key(KEY).sign_order(large)


@pytest.mark.parametrize("order", [BUY, SELL])
@pytest.mark.parametrize("name", ["maker_amount", "taker_amount"])
@pytest.mark.parametrize("amount", [0, -1])
def test_an_order_that_gives_or_takes_nothing_is_not_signed(
    order: Unsigned, name: str, amount: int
) -> None:
    change: dict[str, Any] = {name: amount}
    with pytest.raises(ValueError, match="is none"):
        Wallet.from_key(KEY).sign_order(dataclasses.replace(order, **change))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("cash", [100_000_000, 100_000_001])
def test_a_share_for_a_dollar_or_more_is_not_signed(side: Side, cash: int) -> None:
    order = dataclasses.replace(BUY, side=side, **amounts(side, cash, 100_000_000))
    with pytest.raises(ValueError, match="no price between 0 and 1"):
        Wallet.from_key(KEY).sign_order(order)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"salt": -1}, "salt"),
        ({"salt": 2**53}, "salt"),
        ({"token": ""}, "token"),
        ({"token": "0"}, "token"),
        ({"token": "-5"}, "token"),
        ({"token": "0x12"}, "token"),
        ({"token": "012"}, "token"),
        ({"token": "12\n"}, "token"),
        ({"token": "١٢"}, "token"),
        ({"token": str(2**256)}, "token"),
        ({"token": "9" * 100_000}, "token"),
        ({"timestamp_ms": 1713398400}, "milliseconds"),
        ({"timestamp_ms": -1713398400000}, "milliseconds"),
        ({"timestamp_ms": 1713398400000000}, "milliseconds"),
        ({"builder": "0x00"}, "64 hex digits"),
        ({"metadata": "0x" + "g" * 64}, "64 hex digits"),
        ({"metadata": "0x" + "0" * 64 + "\n"}, "64 hex digits"),
    ],
)
def test_an_order_with_an_impossible_field_is_not_signed(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Wallet.from_key(KEY).sign_order(dataclasses.replace(BUY, **change))


def test_the_largest_salt_and_token_are_signed() -> None:
    large = dataclasses.replace(BUY, salt=2**53 - 1, token=str(2**256 - 1))
    assert Wallet.from_key(KEY).sign_order(large).order_id


@pytest.mark.parametrize(
    ("timestamp_s", "nonce", "words"),
    [
        (1713398400000, 0, "seconds"),
        (0, 0, "seconds"),
        (1713398400, -1, "nonce"),
        (1713398400, 2**256, "nonce"),
    ],
)
def test_a_log_in_with_an_impossible_field_is_not_signed(
    timestamp_s: int, nonce: int, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Wallet.from_key(KEY).sign_l1(timestamp_s, nonce)


@pytest.mark.parametrize("kind", [Kind.PROXY, Kind.SAFE, Kind.DEPOSIT])
def test_a_contract_wallet_may_be_one_that_we_would_not_derive(kind: Kind) -> None:
    small = "0xd93b25cb943d14d0d34fbaf01fc93a0f8b5f6e47"
    wallet = Wallet.from_key(KEY, kind, small)
    assert wallet.maker == "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47"
    with pytest.raises(ValueError, match="mistyped"):
        Wallet.from_key(KEY, kind, "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6e47")
    with pytest.raises(ValueError, match="no address"):
        Wallet.from_key(KEY, kind, "0xd93B25")


def test_a_plain_key_pays_from_its_own_address_alone() -> None:
    assert Wallet.from_key(KEY, Kind.EOA, OWNER.lower()).maker == OWNER
    with pytest.raises(ValueError, match="which kind of wallet"):
        Wallet.from_key(KEY, Kind.EOA, OTHER)
    with pytest.raises(ValueError, match="no address"):
        Wallet.from_key(KEY, Kind.EOA, "")


@pytest.mark.parametrize("written", [KEY, KEY[2:], KEY + "\n", f"  {KEY[2:].upper()}\r\n"])
def test_a_key_file_holds_64_hex_digits(tmp_path: Path, written: str) -> None:
    assert Wallet.from_file(key_file(tmp_path, written.encode())).owner == OWNER


def test_a_key_may_come_as_bytes() -> None:
    assert Wallet.from_key(bytes.fromhex(KEY[2:])).owner == OWNER


def test_s02_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = key_file(tmp_path, KEY.encode())
    file.chmod(0o640)
    with pytest.raises(ValueError, match="chmod 600"):
        Wallet.from_file(file)


def key_file(folder: Path, written: bytes) -> Path:
    folder.chmod(0o700)
    file = folder / "key"
    file.write_bytes(written)
    file.chmod(0o600)
    return file


# A secret in every form in which it could slip out.
CANARY = "c0ffee" * 10 + "cafe"
ORDER_OF_THE_CURVE = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"


def forms(secret: str) -> tuple[str, ...]:
    raw = bytes.fromhex(secret)
    return (secret[:20], str(int(secret, 16)), repr(raw)[2:-1], base64.b64encode(raw).decode()[:20])


def told_by(action: Callable[[], object]) -> str:
    """All that a crash report with the locals of every frame says, but for this test's own."""
    with pytest.raises(ValueError, match=r".") as caught:
        action()
    return told(caught.value) + str(vars(caught.value)) + repr(caught.value)


def told(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and not trace.tb_frame.f_code.co_filename.endswith("/signing.py"):
        trace = trace.tb_next
    assert trace
    parts = traceback.TracebackException(type(error), error, trace, capture_locals=True)
    behind = [told(each) for each in (error.__cause__, error.__context__) if each]
    return "".join(parts.format()) + "".join(behind)


@pytest.mark.parametrize(
    "bad",
    [
        CANARY[:-1],
        CANARY + "0",
        "0x0x" + CANARY[4:],
        CANARY[:-1] + "g",
        CANARY[:32] + "é" + CANARY[33:],
        ORDER_OF_THE_CURVE,
        "0" * 64,
    ],
)
def test_a_damaged_key_is_refused_without_showing_it(tmp_path: Path, bad: str) -> None:
    file = key_file(tmp_path, bad.encode())
    for said in (
        told_by(lambda: Wallet.from_file(file)),
        told_by(lambda: Wallet.from_key(bad)),
    ):
        assert "no private key" in said
        assert "held = None" in said  # locals are there
        assert bad[4:24] not in said


def test_a_key_file_that_is_no_text_is_refused_without_showing_it(tmp_path: Path) -> None:
    file = key_file(tmp_path, CANARY[:-1].encode() + b"\xff")
    assert CANARY[:20] not in told_by(lambda: Wallet.from_file(file))


def test_bytes_that_are_no_key_are_refused_without_showing_them() -> None:
    for bad in (bytes.fromhex(CANARY)[:31], bytes.fromhex(ORDER_OF_THE_CURVE), b""):
        said = told_by(lambda bad=bad: Wallet.from_key(bad))  # type: ignore[misc]
        assert "no private key" in said
        assert not bad or repr(bad)[2:12] not in said


def test_s01_no_refusal_and_no_repr_shows_the_key(tmp_path: Path) -> None:
    file = key_file(tmp_path, CANARY.encode())
    wallet = Wallet.from_file(file)
    said = [
        repr(wallet),
        str(wallet),
        f"{vars(wallet)}",
        repr(wallet.sign_order(BUY)),
        told_by(lambda: Wallet.from_file(file, Kind.EOA, OTHER)),
        told_by(lambda: Wallet.from_file(file, Kind.SAFE, "0x1")),
        told_by(lambda: wallet.sign_order(dataclasses.replace(BUY, salt=-1))),
        told_by(lambda: wallet.sign_order(dataclasses.replace(BUY, token=str(2**256)))),
        told_by(lambda: wallet.sign_l1(0)),
        told_by(lambda: wallet._sign_digest(b"short")),
    ]
    for text in said:
        assert not any(form in text for form in forms(CANARY))
    assert repr(wallet) == f"Wallet({wallet.owner}, EOA)"
