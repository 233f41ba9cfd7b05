"""Split, merge and redeem as calls, and everything else that a wallet does not sign."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils.crypto import keccak

from venues.fees import UnknownFee
from venues.money import Cash, Price, Quantity
from venues.polymarket import signing, transactions
from venues.polymarket.batches import (
    Batch,
    DepositBatch,
    ProxyBatch,
    SafeBatch,
    Transaction,
)
from venues.polymarket.contracts import (
    COLLATERAL_OFFRAMP,
    CONDITIONAL_TOKENS,
    CTF_COLLATERAL_ADAPTER,
    DEPOSIT_FACTORY,
    NEG_RISK_COLLATERAL_ADAPTER,
    PUSD,
    ROUTER,
)
from venues.polymarket.signing import SigningLimits, Wallet
from venues.polymarket.terms import Terms
from venues.polymarket.transactions import ContractCall, Meaning, Operation
from venues.polymarket.wallets import Kind
from venues.sides import Outcome

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # known to everybody
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
OTHER = "0x1111111111111111111111111111111111111111"
FIVE = Quantity(5_000_000)
V1 = Terms(
    market="0x" + "ab" * 32,
    yes="1",
    no="2",
    tick=Price(10_000),
    minimum=FIVE,
    fees=UnknownFee("not asked"),
    neg_risk=False,
    version="v1",
    accepting=True,
    delayed=False,
    read_ms=0,
)
NEG_RISK = dataclasses.replace(V1, neg_risk=True)
V2 = dataclasses.replace(V1, market="0x" + "01" + "ab" * 30 + "00", version="v2")
SIGNATURES = {
    Operation.SPLIT: "splitPosition(address,bytes32,bytes32,uint256[],uint256)",
    Operation.MERGE: "mergePositions(address,bytes32,bytes32,uint256[],uint256)",
    Operation.REDEEM: "redeemPositions(address,bytes32,bytes32,uint256[])",
}
ROUTED = {
    Operation.SPLIT: "split(bytes31,uint256)",
    Operation.MERGE: "merge(bytes31,uint256)",
    Operation.REDEEM: "redeem(bytes31,uint256,uint256)",
}


def call(terms: Terms, operation: Operation, quantity: Quantity = FIVE) -> ContractCall:
    match operation:
        case Operation.SPLIT:
            return transactions.split(terms, quantity)
        case Operation.MERGE:
            return transactions.merge(terms, quantity)
        case Operation.REDEEM if terms.version == "v2":
            return transactions.redeem_outcome(terms, Outcome.NO, quantity)
        case Operation.REDEEM:
            return transactions.redeem_all(terms)


def batch(kind: Kind, made: ContractCall) -> Batch:
    match kind:
        case Kind.SAFE:
            return SafeBatch(made, 7)
        case Kind.DEPOSIT:
            return DepositBatch(made, 7, 1_795_564_800)
        case _:
            return ProxyBatch(made, 7, 200_000, OTHER)


def transaction(made: ContractCall, **changes: Any) -> Transaction:
    fields = {"nonce": 7, "gas": 300_000, "fee_max_wei": 90 * 10**9, "tip_wei": 30 * 10**9}
    return Transaction(call=made, **(fields | changes))


def sign(kind: Kind, made: ContractCall, limits: SigningLimits = signing.LIMITS) -> None:
    wallet = Wallet.from_key(KEY, kind, limits=limits)
    if kind is Kind.EOA:
        wallet.sign_transaction(transaction(made))
    else:
        wallet.sign_batch(batch(kind, made))


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    ("terms", "contract", "signatures"),
    [
        (V1, CTF_COLLATERAL_ADAPTER, SIGNATURES),
        (NEG_RISK, NEG_RISK_COLLATERAL_ADAPTER, SIGNATURES),
        (V2, ROUTER, ROUTED),
    ],
)
def test_each_operation_calls_its_contract_by_the_selector_of_its_signature(
    terms: Terms, contract: str, signatures: dict[Operation, str], operation: Operation
) -> None:
    made = call(terms, operation)
    assert made.to == contract
    assert made.data[:4] == keccak(text=signatures[operation])[:4]
    is_all = operation is Operation.REDEEM and terms.version == "v1"
    assert transactions.meaning(made) == Meaning(operation, None if is_all else FIVE)


def test_a_merge_names_the_collateral_the_market_both_outcomes_and_the_quantity() -> None:
    words = [transactions.merge(V1, FIVE).data[4:].hex()[at : at + 64] for at in range(0, 512, 64)]
    assert words == [
        PUSD[2:].lower().rjust(64, "0"),
        "0" * 64,
        "ab" * 32,
        f"{5 * 32:064x}",
        f"{5_000_000:064x}",
        *(f"{n:064x}" for n in (2, 1, 2)),
    ]


@pytest.mark.parametrize("quantity", [0, -1, 2**256])
@pytest.mark.parametrize("terms", [V1, V2])
def test_a_quantity_that_is_none_makes_no_call(terms: Terms, quantity: int) -> None:
    with pytest.raises(ValueError, match=r"whole number|not written as ours"):
        transactions.merge(terms, Quantity(quantity))


def test_a_market_is_redeemed_as_its_version_is() -> None:
    with pytest.raises(ValueError, match="by outcome"):
        transactions.redeem_all(V2)
    with pytest.raises(ValueError, match="as a whole"):
        transactions.redeem_outcome(V1, Outcome.YES, FIVE)
    with pytest.raises(ValueError, match="version 'v3'"):
        transactions.split(dataclasses.replace(V1, version="v3"), FIVE)


def test_a_v2_market_has_31_bytes() -> None:
    with pytest.raises(ValueError, match="not written as ours"):
        transactions.split(dataclasses.replace(V2, market="0x" + "ab" * 32), FIVE)


def _selector(signature: str) -> bytes:
    return bytes(keccak(text=signature)[:4])


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(32) for value in values)


TRANSFER = _selector("transfer(address,uint256)") + _words(int(OTHER, 16), 5_000_000)
APPROVE = _selector("approve(address,uint256)") + _words(int(OTHER, 16), 2**256 - 1)
APPROVE_ALL = _selector("setApprovalForAll(address,bool)") + _words(int(OTHER, 16), 1)
UNWRAP = _selector("unwrap(address,uint256)") + _words(int(OTHER, 16), 5_000_000)
OWNERS = _selector("addOwnerWithThreshold(address,uint256)") + _words(int(OTHER, 16), 1)
MERGE = transactions.merge(V1, FIVE).data
REFUSED = {
    "a transfer of cash": ContractCall(PUSD, TRANSFER),
    "a transfer from the adapter": ContractCall(CTF_COLLATERAL_ADAPTER, TRANSFER),
    "an approval of cash": ContractCall(PUSD, APPROVE),
    "an approval of positions": ContractCall(CONDITIONAL_TOKENS, APPROVE_ALL),
    "an unwrapping": ContractCall(COLLATERAL_OFFRAMP, UNWRAP),
    "a new owner": ContractCall(OWNER, OWNERS),
    "a merge at a foreign contract": ContractCall(OTHER, MERGE),
    "a merge at the tokens themselves": ContractCall(CONDITIONAL_TOKENS, MERGE),
    "a merge at an address in small letters": ContractCall(CTF_COLLATERAL_ADAPTER.lower(), MERGE),
    "a v1 merge at the router": ContractCall(ROUTER, MERGE),
    "a v2 merge at the adapter": ContractCall(
        CTF_COLLATERAL_ADAPTER, transactions.merge(V2, FIVE).data
    ),
    "nothing": ContractCall(CTF_COLLATERAL_ADAPTER, b""),
    "a call at the factory": ContractCall(DEPOSIT_FACTORY, MERGE),
}
BENT = {
    "more after its end": MERGE + bytes(32),
    "less than all": MERGE[:-32],
    "half a word": MERGE[:-1],
    "another collateral": MERGE[:4] + _words(int(OTHER, 16)) + MERGE[36:],
    "another parent": MERGE[:36] + _words(1) + MERGE[68:],
    "another offset": MERGE[:100] + _words(0) + MERGE[132:],
    "nothing to merge": MERGE[:132] + _words(0) + MERGE[164:],
    "three outcomes": MERGE[:164] + _words(3, 1, 2) + MERGE[260:],
    "another outcome": MERGE[:164] + _words(2, 1, 4) + MERGE[260:],
}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", REFUSED)
def test_s05_a_call_that_is_not_ours_gets_no_signature(kind: Kind, name: str) -> None:
    with pytest.raises(ValueError, match="is ever signed"):
        sign(kind, REFUSED[name])


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", BENT)
def test_a_bent_call_gets_no_signature(kind: Kind, name: str) -> None:
    assert BENT[name] != MERGE
    with pytest.raises(ValueError, match="not written as ours are"):
        sign(kind, ContractCall(CTF_COLLATERAL_ADAPTER, BENT[name]))


def test_a_third_outcome_is_not_redeemed() -> None:
    made = call(V2, Operation.REDEEM)
    bent = made.data[:36] + _words(2) + made.data[68:]
    with pytest.raises(ValueError, match="not written as ours are"):
        sign(Kind.SAFE, ContractCall(ROUTER, bent))


LIMITS = SigningLimits(cash_max=Cash(5_000_000), quantity_max=Quantity(8_000_000))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("terms", [V1, NEG_RISK, V2])
def test_an_operation_at_the_limits_is_signed_and_one_beyond_is_not(
    kind: Kind, terms: Terms
) -> None:
    sign(kind, transactions.split(terms, Quantity(5_000_000)), LIMITS)
    with pytest.raises(ValueError, match=r"5000001 µ.*5000000"):
        sign(kind, transactions.split(terms, Quantity(5_000_001)), LIMITS)
    sign(kind, transactions.merge(terms, Quantity(8_000_000)), LIMITS)
    with pytest.raises(ValueError, match="8000001 µ-shares; at most 8000000"):
        sign(kind, transactions.merge(terms, Quantity(8_000_001)), LIMITS)


def test_what_is_redeemed_by_outcome_is_limited_too() -> None:
    sign(Kind.SAFE, call(V2, Operation.REDEEM, Quantity(8_000_000)), LIMITS)
    with pytest.raises(ValueError, match="redeem of 8000001"):
        sign(Kind.SAFE, call(V2, Operation.REDEEM, Quantity(8_000_001)), LIMITS)


@pytest.mark.parametrize("kind", Kind)
def test_a_wallet_signs_only_what_its_own_kind_sends(kind: Kind) -> None:
    made = transactions.merge(V1, FIVE)
    wallet = Wallet.from_key(KEY, kind)
    for other in {Kind.PROXY, Kind.SAFE, Kind.DEPOSIT} - {kind}:
        with pytest.raises(ValueError, match="sends no"):
            wallet.sign_batch(batch(other, made))
    if kind is not Kind.EOA:
        with pytest.raises(ValueError, match="through the relayer"):
            wallet.sign_transaction(transaction(made))


@pytest.mark.parametrize(
    "changes",
    [
        {"gas": 10**8, "fee_max_wei": 10**11 + 1},
        {"fee_max_wei": 1, "tip_wei": 2},
        {"nonce": -1},
        {"gas": -1},
        {"tip_wei": -1},
    ],
)
def test_gas_that_is_too_dear_or_none_is_not_signed(changes: dict[str, int]) -> None:
    made = transaction(transactions.merge(V1, FIVE), **changes)
    with pytest.raises(ValueError, match=r"too dear|is none"):
        Wallet.from_key(KEY).sign_transaction(made)


@pytest.mark.parametrize("value", [-1, 2**256])
@pytest.mark.parametrize("kind", [Kind.PROXY, Kind.SAFE, Kind.DEPOSIT])
def test_a_nonce_that_is_none_is_not_signed(kind: Kind, value: int) -> None:
    made = dataclasses.replace(batch(kind, transactions.merge(V1, FIVE)), nonce=value)
    with pytest.raises(ValueError, match="a nonce is a whole number"):
        Wallet.from_key(KEY, kind).sign_batch(made)


def test_a_deposit_wallets_batch_is_what_a_generic_encoder_makes_of_its_types() -> None:
    wallet = Wallet.from_key(KEY, Kind.DEPOSIT)
    made = transactions.merge(V1, FIVE)
    word = {"name": "nonce", "type": "uint256"}
    typed = {
        "domain": {
            "name": "DepositWallet",
            "version": "1",
            "chainId": 137,
            "verifyingContract": wallet.maker,
        },
        "primaryType": "Batch",
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Batch": [
                {"name": "wallet", "type": "address"},
                word,
                word | {"name": "deadline"},
                {"name": "calls", "type": "Call[]"},
            ],
            "Call": [
                {"name": "target", "type": "address"},
                word | {"name": "value"},
                {"name": "data", "type": "bytes"},
            ],
        },
        "message": {
            "wallet": wallet.maker,
            "nonce": 7,
            "deadline": 1_795_564_800,
            "calls": [{"target": made.to, "value": 0, "data": made.data}],
        },
    }
    signed = Account.sign_message(encode_typed_data(full_message=typed), KEY)
    assert wallet.sign_batch(batch(Kind.DEPOSIT, made)) == "0x" + signed.signature.hex()


def test_a_safes_call_is_what_a_generic_encoder_makes_of_its_type() -> None:
    wallet, made = Wallet.from_key(KEY, Kind.SAFE), transactions.merge(V1, FIVE)
    numbers = ("safeTxGas", "baseGas", "gasPrice")
    nobody = ("gasToken", "refundReceiver")
    fields = {"to": "address", "value": "uint256", "data": "bytes", "operation": "uint8"}
    fields |= dict.fromkeys(numbers, "uint256") | dict.fromkeys(nobody, "address")
    values = dict.fromkeys(numbers, 0) | dict.fromkeys(nobody, "0x" + "0" * 40)
    message = encode_typed_data(
        domain_data={"chainId": 137, "verifyingContract": wallet.maker},
        message_types={
            "SafeTx": [
                {"name": name, "type": kind}
                for name, kind in (fields | {"nonce": "uint256"}).items()
            ]
        },
        message_data={"to": made.to, "value": 0, "data": made.data, "operation": 0}
        | values
        | {"nonce": 7},
    )
    digest = keccak(b"\x19" + message.version + message.header + message.body)
    signature = Account.sign_message(encode_defunct(primitive=digest), KEY).signature
    expected = signature[:64] + bytes([signature[64] + 4])  # "the owner signed a message"
    assert wallet.sign_batch(batch(Kind.SAFE, made)) == "0x" + expected.hex()


def test_a_transaction_is_what_eth_account_makes_of_it_and_only_for_polygon() -> None:
    made = transactions.merge(V1, FIVE)
    sent = Wallet.from_key(KEY).sign_transaction(transaction(made))
    fields = {
        "to": made.to,
        "value": 0,
        "data": made.data,
        "chainId": 137,
        "nonce": 7,
        "gas": 300_000,
        "maxFeePerGas": 90 * 10**9,
        "maxPriorityFeePerGas": 30 * 10**9,
    }
    theirs = Account.sign_transaction(fields, KEY)
    assert sent.raw == "0x" + theirs.raw_transaction.hex()
    assert sent.hash == "0x" + theirs.hash.hex()
    assert Account.recover_transaction(sent.raw) == OWNER
    other = Account.sign_transaction(fields | {"chainId": 1}, KEY)
    assert sent.raw != "0x" + other.raw_transaction.hex()


def test_s05_nothing_that_is_signed_can_name_a_chain_or_send_coins() -> None:
    kinds = (ContractCall, ProxyBatch, SafeBatch, DepositBatch, Transaction)
    names = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    assert not names & {"chain", "chain_id", "value", "operation"}
