"""The relayer as values: it puts signed batches of contract wallets on the chain, and pays the gas.

Source: facts/polymarket.md §18; SDK polymarket-client 0.14 (gasless.py); for `recent`,
docs.polymarket.com/api-reference/relayer (2026-11-25).
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import msgspec

from venues.http import Call
from venues.polymarket import wire_relayer as wire
from venues.polymarket.batches import Batch, DepositBatch, ProxyBatch, SafeBatch, proxy_data
from venues.polymarket.contracts import DEPOSIT_FACTORY, PROXY_FACTORY, RELAY_HUB
from venues.polymarket.wallets import Kind

RELAYER: Final = "relayer"
METADATA_MAX: Final = 500
TYPES: Final = {Kind.PROXY: "PROXY", Kind.SAFE: "SAFE", Kind.DEPOSIT: "WALLET"}
_NOBODY: Final = "0x" + "0" * 40


def params(owner: str, kind: Kind) -> Call[wire.Params]:
    """The next nonce of the wallet that `owner` has of that kind; of proxies, their relay too."""
    path = "/relay-payload" if kind is Kind.PROXY else "/v1/account/transactions/params"
    return Call(
        method="GET",
        host=RELAYER,
        path=path,
        params=(("address", owner), ("type", TYPES[kind])),
        answer=wire.Params,
        signed=True,
    )


def submit(body: bytes) -> Call[wire.Submitted]:
    """`body` is a `submit_body`."""
    return Call(
        method="POST",
        host=RELAYER,
        path="/submit",
        body=body,
        answer=wire.Submitted,
        accepted=(200, 201),
        signed=True,
    )


def transaction(id: str) -> Call[wire.Transaction]:
    """By the relayer's id."""
    return Call(
        method="GET",
        host=RELAYER,
        path=f"/v1/account/transactions/{quote(id, safe='')}",
        route="/v1/account/transactions/{id}",
        answer=wire.Transaction,
        signed=True,
    )


def recent() -> Call[tuple[wire.Recent, ...]]:
    """What was submitted last for the owner of the key, newest first."""
    return Call(
        method="GET",
        host=RELAYER,
        path="/transactions",
        answer=tuple[wire.Recent, ...],
        signed=True,
    )


def submit_body(batch: Batch, *, owner: str, wallet: str, signature: str, about: str) -> bytes:
    """`about` is kept with it and comes back in `recent`: at most METADATA_MAX characters."""
    found: dict[str, Any] = {
        "from": owner,
        "nonce": str(batch.nonce),
        "signature": signature,
        "metadata": about,
    }
    match batch:
        case ProxyBatch():
            found |= _of_proxy(batch, wallet)
        case SafeBatch():
            found |= _of_safe(batch, wallet)
        case DepositBatch():
            found |= _of_deposit(batch, wallet)
    return msgspec.json.encode(found)


def _of_proxy(batch: ProxyBatch, wallet: str) -> dict[str, Any]:
    return {
        "type": "PROXY",
        "to": PROXY_FACTORY,
        "proxyWallet": wallet,
        "data": _hex(proxy_data(batch.call)),
        "signatureParams": {
            "gasLimit": str(batch.gas_limit),
            "gasPrice": "0",
            "relay": batch.relay,
            "relayHub": RELAY_HUB,
            "relayerFee": "0",
        },
    }


def _of_safe(batch: SafeBatch, wallet: str) -> dict[str, Any]:
    return {
        "type": "SAFE",
        "to": batch.call.to,
        "proxyWallet": wallet,
        "data": _hex(batch.call.data),
        "signatureParams": {
            "baseGas": "0",
            "gasPrice": "0",
            "gasToken": _NOBODY,
            "operation": "0",
            "refundReceiver": _NOBODY,
            "safeTxnGas": "0",
        },
    }


def _of_deposit(batch: DepositBatch, wallet: str) -> dict[str, Any]:
    call = {"target": batch.call.to, "value": "0", "data": _hex(batch.call.data)}
    return {
        "type": "WALLET",
        "to": DEPOSIT_FACTORY,
        "depositWalletParams": {
            "depositWallet": wallet,
            "deadline": str(batch.deadline_s),
            "calls": [call],
        },
    }


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
