"""Addresses: how they are written, and which wallet belongs to which key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from venues.polymarket import contracts
from venues.polymarket.contracts import NEG_RISK, STANDARD, V3, Exchange, exchange
from venues.polymarket.wallets import (
    Kind,
    address_bytes,
    checksummed,
    derived,
    derived_uups,
    keccak,
)

OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize(
    ("kind", "wallet"),
    [
        (Kind.EOA, OWNER),
        (Kind.PROXY, "0x365f0CA36Ae1f641E02fE3B7743673da42A13A70"),
        (Kind.SAFE, "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47"),
        (Kind.DEPOSIT, "0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50"),
    ],
)
def test_a_wallet_follows_from_the_address_of_its_owner(kind: Kind, wallet: str) -> None:
    assert derived(OWNER, kind) == wallet
    assert derived(OWNER.lower(), kind) == wallet


def test_deposit_wallets_from_before_the_beacon_stand_elsewhere() -> None:
    assert derived_uups(OWNER) == "0xdf8b9E8f9AB23f261F6e1B171B7454ae6E46Ba76"


def test_kinds_are_the_signature_types_of_the_venue() -> None:
    assert [(kind.name, kind.value) for kind in Kind] == [
        ("EOA", 0),
        ("PROXY", 1),
        ("SAFE", 2),
        ("DEPOSIT", 3),
    ]


def test_keccak_is_not_the_sha3_of_the_standard() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak(b"").hex() == empty


@pytest.mark.parametrize(
    "right",
    [  # the examples of EIP-55
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
    ],
)
def test_capitals_are_the_checksum_of_an_address(right: str) -> None:
    assert checksummed(address_bytes(right)) == right
    assert address_bytes(right.lower()) == address_bytes(right)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", "mistyped"),  # one capital too few
        ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "no address"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", "no address"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedff", "no address"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", "no address"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\n", "no address"),
        ("", "no address"),
    ],
)
def test_a_mistyped_address_is_refused(wrong: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        address_bytes(wrong)


def test_a_key_in_the_place_of_an_address_is_not_shown() -> None:
    with pytest.raises(ValueError, match="a text of 66 characters is no address") as caught:
        address_bytes("0x" + "c0ffee42" * 8)
    assert "c0ff" not in str(caught.value)


@pytest.mark.parametrize(
    ("neg_risk", "version", "expected"),
    [(False, "v1", STANDARD), (True, "v1", NEG_RISK), (False, "v2", V3), (True, "v2", V3)],
)
def test_a_market_names_the_exchange_of_its_orders(
    neg_risk: bool, version: str, expected: Exchange
) -> None:
    assert exchange(neg_risk=neg_risk, version=version) == expected


@pytest.mark.parametrize("version", ["", "v3", "V1", "1"])
def test_a_market_of_another_version_has_no_exchange(version: str) -> None:
    with pytest.raises(ValueError, match="no exchange"):
        exchange(neg_risk=False, version=version)


def test_all_contracts_are_written_with_their_checksums_and_are_different() -> None:
    names = {name: value for name, value in vars(contracts).items() if name.isupper()}
    texts = [v.address if isinstance(v, Exchange) else v for v in names.values()]
    addresses = [each for each in texts if isinstance(each, str)]
    assert len(addresses) == len(set(addresses)) == len(names) - 1  # all but the chain
    assert [checksummed(address_bytes(each)) for each in addresses] == addresses


def test_contracts_are_those_that_the_clients_of_the_venue_name(shared: Path) -> None:
    file = shared / "data/recorded/signing/polymarket_official_vectors.json"
    named = json.loads(file.read_text())["contracts"]["137"]
    assert (named["exchange_v2"], named["negRiskExchange_v2"]) == (
        STANDARD.address,
        NEG_RISK.address,
    )
    assert named["exchange_v3"] == V3.address
    assert named["negRiskAdapter"] == contracts.NEG_RISK_ADAPTER_V1
    assert named["collateral_pUSD"] == contracts.PUSD
    assert named["conditionalTokens"] == contracts.CONDITIONAL_TOKENS


def test_only_signing_itself_loads_what_signs() -> None:
    names = ("amounts", "auth", "contracts", "wallets")
    code = f"import sys, {', '.join(f'venues.polymarket.{name}' for name in names)}\n"
    code += "print([name for name in ('coincurve', 'eth_account') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
