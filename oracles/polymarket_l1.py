"""Asks as py-clob-client does, the package before the second version of orders.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_polymarket_oracles.py:
    python oracles/polymarket_l1.py '{"rest", "wallets", "markets"}'
Its keys and reads still work; an order that it signs is refused. Prints what it read of every
wallet and every refusal; ends with a traceback at the first thing that it does not accept.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, OrderArgs
from py_clob_client.exceptions import PolyApiException

CHAIN = 137


def main(settings: dict[str, Any]) -> dict[str, Any]:
    told = {}
    for wallet in settings["wallets"]:
        kind, funder = wallet["kind"], wallet["address"]
        key = Path(wallet["key_file"]).read_text().strip()
        client = ClobClient(settings["rest"], CHAIN, key, signature_type=kind, funder=funder)
        made = client.create_or_derive_api_creds()
        assert client.create_or_derive_api_creds() == made == client.derive_api_key()
        client.set_api_creds(made)
        told[funder] = read(client) | {
            "api_key": made.api_key,
            "refused": [refusal(client, market["yes"]) for market in settings["markets"]],
        }
    return told


def read(c: ClobClient) -> dict[str, Any]:
    assert c.get_ok() == {"version": 2}  # it asks for "/"
    cash = c.get_balance_allowance(BalanceAllowanceParams(AssetType.COLLATERAL))
    return {
        "keys": c.get_api_keys()["apiKeys"],
        "cash": int(cash["balance"]),
        "orders": c.get_orders(),
        "trades": c.get_trades(),
    }


def refusal(c: ClobClient, token: str) -> list[Any]:
    """Of an order at the best price that the market shows."""
    price = float(c.get_price(token, "SELL")["price"])
    assert price == min(float(each.price) for each in c.get_order_book(token).asks)
    order = c.create_order(OrderArgs(token, price=price, size=10, side="BUY"))
    try:
        told = c.post_order(order)
    except PolyApiException as error:
        return [error.status_code, error.error_msg["error"]]
    raise AssertionError(f"it was not refused: {told}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
