"""Writes, packs and signs split, merge and redeem as the official client and eth-account do.

Runs in oracles/.venv, started by tests/protocol/test_polymarket_batch_oracles.py:
    python oracles/polymarket_batches.py '{"file": …}'
Every line of the file is a question with our answer: {"kind", …, "ours": …}. Prints how many of
each kind were answered, and every answer that is not ours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_keys.backends.native import main as native
from polymarket._internal.actions.relayer import approvals, calls, gasless
from polymarket._internal.actions.relayer.signing import deposit_wallet, proxy, safe
from polymarket._internal.environment import PRODUCTION_CONFIG as CONFIG
from polymarket.types import EvmAddress

CHAIN = 137
_WALLETS = CONFIG.wallet_derivation

# In pure Python that takes 2 ms a key.
native.private_key_to_public_key = cache(native.private_key_to_public_key)


def call(ask: dict[str, Any]) -> calls.TransactionCall:
    """The client's own call for an operation."""
    market, amount = ask["market"], ask["quantity"]
    if ask["version"] == "v2":
        router = EvmAddress(CONFIG.protocol_v2_router)
        if ask["operation"] == "redeem":
            return calls.router_redeem_call(
                router=router,
                condition_id=market,
                outcome_index=ask["outcome"],
                amount=amount,
            )
        build = {"split": calls.router_split_call, "merge": calls.router_merge_call}
        return build[ask["operation"]](router=router, condition_id=market, amount=amount)
    adapter = CONFIG.neg_risk_collateral_adapter if ask["neg_risk"] else CONFIG.collateral_adapter
    collateral = EvmAddress(CONFIG.collateral_token)
    if ask["operation"] == "redeem":
        return calls.ctf_redeem_positions_call(
            ctf=EvmAddress(adapter), collateral=collateral, condition_id=market
        )
    build = {"split": calls.ctf_split_position_call, "merge": calls.ctf_merge_positions_call}
    return build[ask["operation"]](
        target=EvmAddress(adapter), collateral=collateral, condition_id=market, amount=amount
    )


def of_call(ask: dict[str, Any]) -> Any:
    made = call(ask)
    return [str(made.to), made.data, made.value]


def of_proxy(ask: dict[str, Any]) -> Any:
    account, made = _account(ask["key"]), call(ask)
    factory, hub, data = _WALLETS.proxy_factory, CONFIG.relay_hub, calls.encode_proxy_call([made])
    hashed = proxy.build_proxy_transaction_hash(
        from_address=EvmAddress(account.address),
        to=EvmAddress(factory),
        data=data,
        relayer_fee="0",
        gas_price="0",
        gas_limit=ask["gas_limit"],
        nonce=ask["nonce"],
        relay_hub=EvmAddress(hub),
        relay=EvmAddress(ask["relay"]),
    )
    return gasless.build_proxy_payload(
        signer_address=account.address,
        proxy_factory=factory,
        wallet=ask["wallet"],
        data=data,
        nonce=ask["nonce"],
        signature=proxy.sign_proxy_message(account, hashed),
        gas_limit=ask["gas_limit"],
        relay=EvmAddress(ask["relay"]),
        relay_hub=hub,
        metadata=ask["about"],
    )


def of_safe(ask: dict[str, Any]) -> Any:
    account = _account(ask["key"])
    target, data, value, operation = gasless._resolve_safe_call(CONFIG.safe_multisend, [call(ask)])
    signature = safe.sign_safe_transaction(
        account,
        safe_address=ask["wallet"],
        to=target,
        data=data,
        value=value,
        operation=operation,
        nonce=ask["nonce"],
        chain_id=CHAIN,
    )
    return gasless.build_safe_payload(
        signer_address=account.address,
        wallet=ask["wallet"],
        target=target,
        data=data,
        value=value,
        operation=operation,
        nonce=ask["nonce"],
        signature=signature,
        metadata=ask["about"],
    )


def of_deposit(ask: dict[str, Any]) -> Any:
    account, made = _account(ask["key"]), [call(ask)]
    signature = deposit_wallet.sign_deposit_wallet_batch(
        account,
        wallet=ask["wallet"],
        calls=made,
        nonce=ask["nonce"],
        deadline=ask["deadline"],
        chain_id=CHAIN,
    )
    return gasless.build_deposit_wallet_payload(
        signer_address=account.address,
        deposit_wallet_factory=_WALLETS.deposit_wallet_factory,
        wallet=ask["wallet"],
        calls=made,
        nonce=ask["nonce"],
        deadline=ask["deadline"],
        signature=signature,
        metadata=ask["about"],
    )


def of_transaction(ask: dict[str, Any]) -> Any:
    """The client sends the older kind of transaction, so that eth-account alone is asked."""
    made = call(ask)
    fields = {
        "to": str(made.to),
        "value": made.value,
        "data": made.data,
        "chainId": CHAIN,
        "nonce": ask["nonce"],
        "gas": ask["gas"],
        "maxFeePerGas": ask["fee_max_wei"],
        "maxPriorityFeePerGas": ask["tip_wei"],
    }
    signed = _account(ask["key"]).sign_transaction(fields)
    return ["0x" + signed.raw_transaction.hex(), "0x" + signed.hash.hex()]


def of_approvals(_ask: dict[str, Any]) -> Any:
    """But for that of perpetuals, which we do not trade."""
    cash, positions = approvals._required_trading_approvals(CONFIG)
    pairs = {(str(each.token_address), str(each.spender)) for each in cash}
    pairs |= {(str(each.token_address), str(each.operator)) for each in positions}
    return sorted([*pair] for pair in pairs if pair[1] != CONFIG.perps_deposit_contract)


@cache
def _account(key: str) -> Any:
    return Account.from_key(key)


_KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "call": of_call,
    "approvals": of_approvals,
    "PROXY": of_proxy,
    "SAFE": of_safe,
    "DEPOSIT": of_deposit,
    "EOA": of_transaction,
}


def main(settings: dict[str, str]) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    differences = []
    for line in Path(settings["file"]).read_text().splitlines():
        ask = json.loads(line)
        counts[ask["kind"]] += 1
        answer = _KINDS[ask["kind"]](ask)
        if answer != ask["ours"]:
            differences.append({"theirs": answer, **ask})
    return {"counts": counts, "differences": differences[:20]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
