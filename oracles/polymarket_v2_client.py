"""Trades with py-clob-client-v2, by every kind of wallet and in every kind of market.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_polymarket_oracles.py:
    python oracles/polymarket_v2_client.py '{"rest", "other", "wallets", "markets"}'
Prints what the package was told of the books, the answers and the refusals, and of every account
in the end. Ends with a traceback at the first thing that it does not accept.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from py_clob_client_v2 import clob_types as types
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderType
from py_clob_client_v2.exceptions import PolyApiException
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2

CHAIN = 137
ORDER = ("asset_id", "side", "price", "original_size", "size_matched", "order_type", "status")
TAKER = ("taker_order_id", "asset_id", "side", "price", "size")
MAKER = ("order_id", "asset_id", "side", "price", "matched_amount")


def main(settings: dict[str, Any]) -> dict[str, Any]:
    host, markets = settings["rest"], settings["markets"]

    def opened(wallet: dict[str, Any]) -> ClobClient:
        key = Path(wallet["key_file"]).read_text().strip()
        kind, funder = wallet["kind"], wallet["address"]
        client = ClobClient(host, CHAIN, key=key, signature_type=kind, funder=funder)
        made = client.create_or_derive_api_key()
        assert client.create_or_derive_api_key() == made == client.derive_api_key()
        client.set_api_creds(made)
        assert client.get_api_keys() == {"apiKeys": [made.api_key]}
        return client

    other = opened(settings["other"])
    public = ClobClient(host, CHAIN)
    for market in markets:
        look_around(public, market)
    accounts = {}
    for wallet in settings["wallets"]:
        client = opened(wallet)
        told = played(client, other, markets)
        settled(client)
        told |= state(client, markets) | {"api_key": client.creds.api_key}
        accounts[wallet["address"]] = told
    beat = other.post_heartbeat()["heartbeat_id"]
    assert other.post_heartbeat(beat)["heartbeat_id"] != beat
    books = {token: book(public, token) for market in markets for token in tokens_of(market)}
    assert other.delete_api_key() == "OK"
    return {"accounts": accounts, "books": books}


def tokens_of(market: dict[str, Any]) -> tuple[str, str]:
    return market["yes"], market["no"]


def look_around(c: ClobClient, market: dict[str, Any]) -> None:
    """All public reads; one by one and all at once they are the same."""
    condition, token = market["condition"], market["yes"]
    assert c.get_ok() == "OK"
    assert abs(c.get_server_time() - time.time()) < 60
    assert c.get_version() == 2
    found = c.get_market(condition)
    assert [each["token_id"] for each in found["tokens"]] == [*tokens_of(market)]
    every = (c.get_markets, c.get_simplified_markets, c.get_sampling_markets)
    for listing in (*every, c.get_sampling_simplified_markets):
        assert condition in [each["condition_id"] for each in listing()["data"]]
    compact = ClobClient(c.host, CHAIN).get_clob_market_info(condition)
    assert str(compact["mts"]) == c.get_tick_size(token) == market["tick"]
    assert compact.get("nr", False) == c.get_neg_risk(token) == market["neg_risk"]
    assert compact["fd"] == {"r": float(market["rate"]), "e": 1, "to": True}
    assert c.get_fee_rate_bps(token) == compact["tbf"]
    assert c.get_fee_exponent(token) == 1
    both = [types.BookParams(token, side) for side in ("BUY", "SELL")]
    prices = c.get_prices(both)[token]
    for side in ("BUY", "SELL"):
        assert c.get_price(token, side)["price"] == prices[side]
    assert c.get_midpoints(both[:1]) == {token: c.get_midpoint(token)["mid"]}
    assert c.get_spreads(both[:1]) == {token: c.get_spread(token)["spread"]}
    assert c.get_last_trade_price(token)["side"] == ""
    span = types.PricesHistoryParams(market=token, interval="1h")
    assert c.get_prices_history(span)["history"]


def book(c: ClobClient, token: str) -> dict[str, Any]:
    """After the last trade. The package cannot count the hash of a Protocol V2 book."""
    found = c.get_order_book(token)
    assert c.get_order_books([types.BookParams(token)]) == [found]
    (last,) = c.get_last_trades_prices([types.BookParams(token)])
    assert (last["token_id"], last["price"]) == (token, found["last_trade_price"])
    if "version" not in found:
        assert c.get_order_book_hash(found) == found["hash"]
    return {
        "bids": [[each["price"], each["size"]] for each in reversed(found["bids"])],
        "asks": [[each["price"], each["size"]] for each in reversed(found["asks"])],
        "tick": found["tick_size"],
        "neg_risk": found["neg_risk"],
        "last": found["last_trade_price"],
    }


def played(c: ClobClient, other: ClobClient, markets: list[dict[str, Any]]) -> dict[str, Any]:
    """What every accepted order was told, which were canceled, and every refusal."""
    assert c.get_closed_only_mode() == {"closed_only": False}
    assert c.get_notifications() == []
    answers: dict[str, list[str]] = {}
    canceled: list[str] = []
    for market in markets:
        desk = Desk(c, other, market, answers)
        canceled += desk.quote()
        desk.trade()
    canceled += batch(c, markets[0], answers)
    refused = refusals(c, other, markets[0])
    Desk(c, other, markets[0], answers).limit("yes", "BUY", 0.30, 10)
    Desk(c, other, markets[-1], answers).limit("no", "SELL", 0.70, 10)
    return {"answers": answers, "canceled": canceled, "refused": refused}


@dataclass
class Desk:
    """One account in one market; `answers` keeps status and amounts by order id."""

    c: ClobClient
    other: ClobClient
    market: dict[str, Any]
    answers: dict[str, list[str]]

    def asset(self, which: str) -> dict[str, str]:
        """A position of Protocol V2 has a name of its own in this package."""
        name = "position_id" if self.market["version"] == "v2" else "token_id"
        return {name: self.market[which]}

    def limit(self, which: str, side: str, price: float, size: float, **more: Any) -> str:
        asked = types.OrderArgs(
            **self.asset(which),
            side=side,
            price=price,
            size=size,
            expiration=more.pop("expiration", 0),
        )
        return self.accepted(self.c.create_and_post_order(asked, **more))

    def take(self, side: str, amount: float, price: float, order_type: str) -> str:
        asked = types.MarketOrderArgs(
            **self.asset("yes"), side=side, amount=amount, price=price, order_type=order_type
        )
        return self.accepted(self.c.create_and_post_market_order(asked, order_type=order_type))

    def accepted(self, answer: dict[str, Any]) -> str:
        assert answer["success"], answer
        assert not answer["errorMsg"], answer
        amounts = [answer["makingAmount"] or "0", answer["takingAmount"] or "0"]
        self.answers[answer["orderID"]] = [answer["status"], *amounts]
        assert len(answer["transactionsHashes"]) == len(answer["tradeIDs"])
        return str(answer["orderID"])

    def quote(self) -> list[str]:
        """Orders of every resting kind, read back and canceled one by one, by list, by market."""
        c, condition = self.c, self.market["condition"]
        late_s = int(time.time()) + 600
        plain = self.limit("yes", "BUY", 0.30, 10)
        quiet = self.limit("yes", "BUY", 0.31, 10, post_only=True)
        dated = self.limit("yes", "BUY", 0.32, 10, order_type=OrderType.GTD, expiration=late_s)
        resting = {plain, quiet, dated}
        rows = c.get_open_orders(types.OpenOrderParams(market=condition))
        assert {each["id"] for each in rows} == resting
        found = c.get_order(dated)
        assert (found["order_type"], found["expiration"]) == ("GTD", str(late_s))
        told = c.are_orders_scoring(types.OrdersScoringParams([plain]))
        assert told == {plain: c.is_order_scoring(types.OrderScoringParams(plain))["scoring"]}
        first = c.cancel_order(types.OrderPayload(plain))
        assert first == {"canceled": [plain], "not_canceled": {}}
        again = c.cancel_orders([plain, quiet, dated])
        assert set(again["canceled"]) == {quiet, dated}
        assert again["not_canceled"] == {plain: "already canceled or matched"}
        late = {self.limit("no", "BUY", price, 10) for price in (0.20, 0.21)}
        whole = types.OrderMarketCancelParams(market=condition)
        assert set(c.cancel_market_orders(whole)["canceled"]) == late
        return [*resting, *late]

    def trade(self) -> None:
        """Takes by GTC, FOK and FAK, in both tokens, and is taken from once."""
        self.limit("yes", "BUY", 0.60, 20)
        self.take("BUY", 6, 0, OrderType.FOK)
        self.limit("no", "BUY", 0.60, 10)
        settled(self.c)
        self.take("SELL", 5, 0.40, OrderType.FAK)
        self.limit("yes", "SELL", 0.50, 5)
        asked = types.OrderArgs(**self.asset("yes"), side="BUY", price=0.50, size=5)
        assert self.other.create_and_post_order(asked)["status"] == "matched"


def batch(c: ClobClient, market: dict[str, Any], answers: dict[str, list[str]]) -> list[str]:
    """Orders posted together: one that cannot be paid fails alone; then all are canceled."""
    asked = [
        types.PostOrdersV2Args(
            c.create_order(types.OrderArgs(market["yes"], side="BUY", price=0.25, size=size))
        )
        for size in (10, 1_000_000, 11)
    ]
    first, bad, last = c.post_orders(asked)
    assert bad["errorMsg"].startswith("not enough balance / allowance: ")
    assert not bad["orderID"]
    resting = {first["orderID"], last["orderID"]}
    answers |= {id: ["live", "0", "0"] for id in resting}
    assert set(c.cancel_all()["canceled"]) == resting
    assert c.get_open_orders() == []
    return [*resting]


def refusals(c: ClobClient, other: ClobClient, market: dict[str, Any]) -> dict[str, Any]:
    """Every way to be refused → the error of the package: its type, status and words."""
    yes = market["yes"]

    def signed(price: float, size: float) -> Any:
        return c.create_order(types.OrderArgs(yes, side="BUY", price=price, size=size))

    def at_once(side: str, amount: float, price: float, order_type: str) -> Any:
        asked = types.MarketOrderArgs(yes, side=side, amount=amount, price=price)
        return c.create_and_post_market_order(asked, order_type=order_type)

    order = signed(0.30, 10)
    first = c.post_order(order)
    off_tick = c.builder.build_order(
        types.OrderArgs(yes, side="BUY", price=0.301, size=10),
        types.CreateOrderOptions(tick_size="0.001", neg_risk=False),
        version=2,
    )
    told = {
        "balance": caught(lambda: c.post_order(signed(0.30, 1_000_000))),
        "minimum": caught(lambda: c.post_order(signed(0.30, 4))),
        "tick": caught(lambda: c.post_order(off_tick)),
        "duplicate": caught(lambda: c.post_order(order)),
        "crossing": caught(lambda: c.post_order(signed(0.60, 10), post_only=True)),
        "fak": caught(lambda: at_once("SELL", 5, 0.99, OrderType.FAK)),
        "fok": caught(lambda: at_once("BUY", 5, 0.55, OrderType.FOK)),
        "signer": caught(lambda: other.post_order(order)),
        "owner": caught(lambda: under_a_foreign_key(c, order, other.creds.api_key)),
        "unknown": caught(lambda: c.get_order_book("123")),
    }
    assert c.cancel_order(types.OrderPayload(first["orderID"]))["canceled"] == [first["orderID"]]
    return told | {"duplicate_of": first["orderID"]}


def under_a_foreign_key(c: ClobClient, order: Any, key: str) -> Any:
    body = order_to_json_v2(order, key, OrderType.GTC)
    text = json.dumps(body, separators=(",", ":"))
    headers = c._l2_headers("POST", "/order", body=body, serialized_body=text)
    return c._post(f"{c.host}/order", headers=headers, data=text)


def caught(ask: Callable[[], Any]) -> list[Any]:
    try:
        told = ask()
    except PolyApiException as error:
        return [type(error).__name__, error.status_code, error.error_msg["error"]]
    raise AssertionError(f"it was not refused: {told}")


def settled(c: ClobClient) -> None:
    for _ in range(100):
        if all(each["status"] == "CONFIRMED" for each in c.get_trades()):
            return
        time.sleep(0.05)
    raise AssertionError("the trades do not settle")


def state(c: ClobClient, markets: list[dict[str, Any]]) -> dict[str, Any]:
    """The account as the exchange tells it."""
    held = {}
    for market in markets:
        kind = "CONDITIONAL-V2" if market["version"] == "v2" else "CONDITIONAL"
        for token in tokens_of(market):
            asked = types.BalanceAllowanceParams(asset_type=kind, token_id=token)
            c.update_balance_allowance(asked)
            held[token] = int(c.get_balance_allowance(asked)["balance"])
    cash = c.get_balance_allowance(types.BalanceAllowanceParams(asset_type="COLLATERAL"))
    assert min(map(int, cash["allowances"].values())) > 0
    return {
        "cash": int(cash["balance"]),
        "held": held,
        "orders": {each["id"]: _order(each) for each in c.get_open_orders()},
        "trades": {each["id"]: _trade(each) for each in c.get_trades()},
    }


def _order(each: dict[str, Any]) -> list[str]:
    return [each[name] for name in ORDER]


def _trade(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "taker": [each[name] for name in TAKER],
        "makers": [[maker[name] for name in MAKER] for maker in each["maker_orders"]],
        "status": each["status"],
        "role": each["trader_side"],
        "hash": each["transaction_hash"],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
