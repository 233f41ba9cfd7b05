"""Signs and counts what we signed and counted, with three clients of other people.

Runs in oracles/.venv, started by tests/protocol/test_polymarket_signing_oracles.py:
    python oracles/polymarket_signing.py '{"file": …}'
Every line of the file is a question with our answer: {"kind", …, "ours": …}. Prints how many of
each kind every client answered, and every answer that is not ours.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys.backends.native import main as native
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak
from polymarket._internal import wallet
from polymarket._internal.actions.orders import limit, market, typed_data
from polymarket._internal.actions.orders.context import validate_price_on_tick_grid
from polymarket._internal.actions.orders.types import UnsignedOrder
from polymarket._internal.environment import PRODUCTION_CONFIG
from polymarket._internal.hmac import build_hmac_signature as sdk_hmac
from polymarket._internal.l1_auth import sign_api_key_auth
from polymarket.errors import UserInputError
from py_clob_client.signer import Signer as OldSigner
from py_clob_client.signing.eip712 import sign_clob_auth_message as old_l1
from py_clob_client.signing.hmac import build_hmac_signature as old_hmac
from py_clob_client_v2.config import get_contract_config
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2
from py_clob_client_v2.signer import Signer
from py_clob_client_v2.signing.eip712 import sign_clob_auth_message as v2_l1
from py_clob_client_v2.signing.hmac import build_hmac_signature as v2_hmac

CHAIN = 137
REFUSED = "refused"
Answers = Iterator[tuple[str, Any]]

# All clients end in these functions of one library, which take 2 ms each in pure Python: who brings
# the same key and digest again gets what the first one got.
native.private_key_to_public_key = cache(native.private_key_to_public_key)
PrivateKey.sign_msg_hash = cache(PrivateKey.sign_msg_hash)


def order(ask: dict[str, Any]) -> Answers:
    """Order id and signature."""
    yield "py-clob-client-v2", _order_of_v2(ask)
    yield "polymarket-client", _order_of_sdk(ask)


def _order_of_v2(ask: dict[str, Any]) -> list[str]:
    builder = ExchangeOrderBuilderV2(
        getattr(get_contract_config(CHAIN), _V2_NAMES[ask["exchange"]]),
        CHAIN,
        Signer(ask["key"], CHAIN),
        generate_salt=lambda: ask["salt"],
        domain_version=_VERSIONS[ask["exchange"]],
    )
    data = OrderDataV2(
        maker=ask["maker"],
        tokenId=ask["token"],
        makerAmount=str(ask["maker_amount"]),
        takerAmount=str(ask["taker_amount"]),
        side=["BUY", "SELL"].index(ask["side"]),
        signer=ask["signer"],
        signatureType=ask["type"],
        timestamp=str(ask["timestamp_ms"]),
        metadata=ask["metadata"],
        builder=ask["builder"],
    )
    typed = builder.build_order_typed_data(builder.build_order(data))
    return [builder.build_order_hash(typed), builder.build_order_signature(typed)]


def _order_of_sdk(ask: dict[str, Any]) -> list[str]:
    version = _VERSIONS[ask["exchange"]]
    unsigned = UnsignedOrder(
        chain_id=CHAIN,
        builder=ask["builder"],
        exchange_address=getattr(PRODUCTION_CONFIG, _SDK_NAMES[ask["exchange"]]),
        expiration=0,
        maker=ask["maker"],
        maker_amount=ask["maker_amount"],
        metadata=ask["metadata"],
        order_type="GTC",
        salt=ask["salt"],
        side=ask["side"],
        signature_type=ask["type"],
        signer=ask["signer"],
        taker_amount=ask["taker_amount"],
        timestamp=ask["timestamp_ms"],
        token_id=ask["token"],
        protocol_version=version,
    )
    plain = encode_typed_data(
        full_message=typed_data._build_standard_typed_data(unsigned, protocol_version=version)
    )
    digest = keccak(b"\x19" + plain.version + plain.header + plain.body)
    message = typed_data.build_order_typed_data(unsigned)
    signed = _account(ask["key"]).sign_typed_data(full_message=message)
    signature = typed_data.build_order_signature(unsigned, "0x" + signed.signature.hex())
    return ["0x" + digest.hex(), signature]


def wallets(ask: dict[str, Any]) -> Answers:
    config = PRODUCTION_CONFIG.wallet_derivation
    derive: tuple[Callable[..., str], ...] = (
        wallet.derive_proxy_wallet_address,
        wallet.derive_safe_wallet_address,
        wallet.derive_beacon_deposit_wallet_address,
        wallet.derive_uups_deposit_wallet_address,
    )
    owner = _account(ask["key"]).address
    yield "polymarket-client", [owner, *(each(owner, config) for each in derive)]


def l1(ask: dict[str, Any]) -> Answers:
    key, at, nonce = ask["key"], ask["timestamp_s"], ask["nonce"]
    yield "py-clob-client", old_l1(OldSigner(key, CHAIN), at, nonce)
    yield "py-clob-client-v2", v2_l1(Signer(key, CHAIN), at, nonce)
    signed = sign_api_key_auth(_account(key), chain_id=CHAIN, timestamp=at, nonce=nonce)
    yield "polymarket-client", signed.signature


def l2(ask: dict[str, Any]) -> Answers:
    secret, at, method, path = (ask[name] for name in ("secret", "timestamp_s", "method", "path"))
    body = ask["body"] or None
    yield "py-clob-client", old_hmac(secret, at, method, path, body)
    yield "py-clob-client-v2", v2_hmac(secret, at, method, path, body)
    yield (
        "polymarket-client",
        sdk_hmac(secret=secret, timestamp=at, method=method, path=path, body=body),
    )


def limit_amounts(ask: dict[str, Any]) -> Answers:
    price, size, tick = (Decimal(ask[name]) for name in ("price", "amount", "tick"))
    params = limit.PrepareLimitOrderParams(
        asset_id=_TOKEN, price=price, size=size, side=ask["side"]
    )
    try:
        validate_price_on_tick_grid(price, tick, "price")
    except UserInputError:
        yield "polymarket-client", REFUSED
        return
    draft = limit._build_limit_order_draft(_CONTEXT, params, price=price, metadata=_market(tick))
    amounts = [draft.offered_amount, draft.requested_amount]
    yield "polymarket-client", amounts if all(amounts) else REFUSED


def market_amounts(ask: dict[str, Any]) -> Answers:
    """A BUY's shares are cut to 4 decimals afterwards, and its price must survive that too."""
    price, amount, tick = (Decimal(ask[name]) for name in ("price", "amount", "tick"))
    buy = ask["side"] == "BUY"
    params = market.PrepareMarketOrderParams(
        asset_id=_TOKEN,
        side=ask["side"],
        order_type="FAK",
        **(
            {"amount": amount, "max_price": price}
            if buy
            else {"shares": amount, "min_price": price}
        ),
    )
    try:
        draft = market._build_protected_market_order_draft(
            _CONTEXT, params, metadata=_market(tick), builder_taker_fee_rate=Decimal(0)
        )
    except UserInputError:
        yield "polymarket-client", REFUSED
        return
    paid, got = draft.offered_amount, draft.requested_amount
    if buy:
        got = got // 100 * 100
    kept = paid and got and (not buy or Fraction(paid, got) < Fraction(price) + Fraction(1, 10_000))
    yield "polymarket-client", [paid, got] if kept else REFUSED


@cache
def _account(key: str) -> Any:
    return Account.from_key(key)


def _market(tick: Decimal) -> Any:
    return SimpleNamespace(tick_size=tick, neg_risk=False)


_TOKEN = "1" * 77
_CONTEXT = SimpleNamespace(
    environment_config=PRODUCTION_CONFIG, wallet="0x", signer=SimpleNamespace(address="0x")
)
_VERSIONS = {"standard": "2", "neg_risk": "2", "v3": "3"}
_V2_NAMES = {"standard": "exchange_v2", "neg_risk": "neg_risk_exchange_v2", "v3": "exchange_v3"}
_SDK_NAMES = {"standard": "standard_exchange", "neg_risk": "neg_risk_exchange", "v3": "exchange_v3"}
_KINDS: dict[str, Callable[[dict[str, Any]], Answers]] = {
    each.__name__: each for each in (order, wallets, l1, l2, limit_amounts, market_amounts)
}


def check(lines: tuple[str, ...]) -> tuple[Counter[str], list[Any]]:
    counts: Counter[str] = Counter()
    differences = []
    for line in lines:
        ask = json.loads(line)
        for client, answer in _KINDS[ask["kind"]](ask):
            counts[f"{ask['kind']} {client}"] += 1
            if answer != ask["ours"]:
                differences.append({"client": client, "theirs": answer, **ask})
    return counts, differences


def main(settings: dict[str, str]) -> dict[str, Any]:
    lines = Path(settings["file"]).read_text().splitlines()
    counts: Counter[str] = Counter()
    differences: list[Any] = []
    with multiprocessing.get_context("fork").Pool(os.process_cpu_count()) as pool:
        for some, wrong in pool.imap_unordered(check, itertools.batched(lines, 200)):
            counts += some
            differences += wrong
    return {"counts": counts, "differences": differences[:20]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
