"""Trades with Polymarket's own package, by every kind of wallet and in every kind of market.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_polymarket_oracles.py:
    python oracles/polymarket_official.py '{"rest", "ws", "other", "wallets", "markets", "fickle"}'
Says "tick" when the tick of `fickle` must become coarser, and goes on with the next line that it
reads. Prints what the package was told of the catalogue, the books, the answers and the refusals,
and of every account in the end. Ends with a traceback at the first thing that it does not accept.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from polymarket import PublicClient, SecureClient
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket.errors import OrderHeartbeatMismatchError, RequestRejectedError
from polymarket.models.clob.requests import PriceRequest
from polymarket_loopback import identity, items, loopback, text


def main(settings: dict[str, Any]) -> dict[str, Any]:
    environment = loopback(settings)
    public = PublicClient(environment=environment)

    def opened(wallet: dict[str, Any], **more: Any) -> SecureClient:
        return SecureClient.create(environment=environment, **identity(wallet), **more)

    other = opened(settings["other"])
    catalogue = listed(public, settings)
    accounts, clients = {}, []
    for wallet in settings["wallets"]:
        made, derived = opened(wallet), opened(wallet)
        assert made.credentials == derived.credentials
        client = opened(wallet, credentials=made.credentials)
        assert client.fetch_api_keys() == (made.credentials.key,)
        told = played(client, other, settings["markets"])
        clients.append(client)
        accounts[wallet["address"]] = told | {"api_key": made.credentials.key}
    stale = stale_tick(clients[-1], settings["fickle"])
    beats(other, settings["fickle"]["yes"])
    for client in clients:
        settled(client)
    time.sleep(settings["indexed_s"])
    for client in clients:
        accounts[client.wallet] |= state(client, settings["markets"])
    other.delete_api_key()
    return {
        "accounts": accounts,
        "catalogue": catalogue,
        "books": books(public, settings["markets"]),
        "stale": stale,
    }


def listed(c: PublicClient, settings: dict[str, Any]) -> dict[str, Any]:
    """All reads of the catalogue; a market as its own page shows it."""
    both = ("v1", "v2")
    markets = {each.id: each for each in items(c.list_markets(version=both))}
    events = {each.id: each for each in items(c.list_events(version=both))}
    for event in events.values():
        assert c.get_event(id=event.id).slug == event.slug
        assert c.get_event(slug=event.slug).id == event.id
        assert [each.label for each in c.get_event_tags(event.id)]
        found = c.search(q=event.title).first_page().items
        assert event.id in [each.id for result in found for each in result.events]
    for market in markets.values():
        assert c.get_market(slug=market.slug).id == market.id
        assert c.get_market_tags(market.id)
    series = items(c.list_series())
    assert c.get_series(series[0].id).slug == series[0].slug
    tags = items(c.list_tags())
    assert c.get_tag(slug=tags[0].slug) == c.get_tag(id=tags[0].id)
    assert c.get_sports() is not None
    assert c.get_sports_market_types().market_types
    yes = [market["yes"] for market in settings["markets"]]
    prices(c, yes)
    return {
        "events": {id: [each.id for each in event.markets] for id, event in events.items()},
        "markets": {id: _market(c.get_market(id=id)) for id in markets},
    }


def _market(market: Any) -> dict[str, Any]:
    trading, outcomes = market.trading, market.outcomes
    return {
        "condition": market.condition_id,
        "tokens": [each.position_id or each.token_id for each in (outcomes.yes, outcomes.no)],
        "version": market.version.value,
        "neg_risk": market.state.neg_risk,
        "tick": text(trading.minimum_tick_size),
        "minimum": text(trading.minimum_order_size),
        "fee": text(trading.fee_schedule.rate) if trading.fee_schedule else "0",
    }


def prices(c: PublicClient, tokens: list[str]) -> None:
    """One by one and all at once they are the same."""
    wanted = [PriceRequest(token_id=each, side=side) for each in tokens for side in ("BUY", "SELL")]
    every = c.get_prices(requests=wanted)
    middles, spreads = c.get_midpoints(token_ids=tokens), c.get_spreads(token_ids=tokens)
    for token in tokens:
        assert c.get_midpoint(token_id=token) == middles[token]
        assert c.get_spread(token_id=token) == spreads[token] > 0
        for side in ("BUY", "SELL"):
            assert c.get_price(token_id=token, side=side) == every[token][side] > 0


def books(c: PublicClient, markets: list[dict[str, Any]]) -> dict[str, Any]:
    """After the last trade, all at once and one by one."""
    tokens = [market[side] for market in markets for side in ("yes", "no")]
    every = {each.asset_id: each for each in c.get_order_books(token_ids=tokens)}
    last = {each.asset_id: each.price for each in c.get_last_trade_prices(token_ids=tokens)}
    told = {}
    for token in tokens:
        book = c.get_order_book(token_id=token)
        assert book == every[token]
        assert c.get_last_trade_price(token_id=token).price == last[token]
        assert book.last_trade_price == last[token]
        assert items(c.list_price_history(asset_id=token, interval="1h"))
        told[token] = {
            "bids": [[text(each.price), text(each.size)] for each in reversed(book.bids)],
            "asks": [[text(each.price), text(each.size)] for each in reversed(book.asks)],
            "tick": text(book.tick_size),
            "neg_risk": book.neg_risk,
            "last": text(book.last_trade_price),
        }
    return told


def played(s: SecureClient, other: SecureClient, markets: list[dict[str, Any]]) -> dict[str, Any]:
    """What every accepted order was told, which were canceled, and every refusal."""
    assert s.get_closed_only_mode() is False
    answers: dict[str, list[str]] = {}
    canceled: list[str] = []
    for market in markets:
        desk = Desk(s, other, market, answers)
        canceled += desk.quote()
        desk.trade()
    canceled += batch(s, markets, answers)
    refused = refusals(s, other, markets[0])
    Desk(s, other, markets[0], answers).limit("yes", "BUY", "0.30", "10")
    Desk(s, other, markets[-1], answers).limit("no", "SELL", "0.70", "10")
    return {"answers": answers, "canceled": canceled, "refused": refused}


@dataclasses.dataclass
class Desk:
    """One account in one market; `answers` keeps status and amounts by order id."""

    s: SecureClient
    other: SecureClient
    market: dict[str, Any]
    answers: dict[str, list[str]]

    def limit(self, which: str, side: Any, price: str, size: str, **more: Any) -> str:
        asked = {"token_id": self.market[which], "side": side, "price": price, "size": size}
        return self.accepted(self.s.place_limit_order(**asked, **more)).order_id

    def accepted(self, answer: Any) -> Any:
        assert answer.ok, answer
        amounts = [text(answer.making_amount), text(answer.taking_amount)]
        self.answers[answer.order_id] = [answer.status, *amounts]
        return answer

    def quote(self) -> list[str]:
        """Orders of every resting kind, read back and canceled one by one, by list, by market."""
        s, condition = self.s, self.market["condition"]
        plain = self.limit("yes", "BUY", "0.30", "10")
        quiet = self.limit("yes", "BUY", "0.31", "10", post_only=True)
        dated = self.limit("yes", "BUY", "0.32", "10", expiration=int(time.time()) + 600)
        resting = {plain, quiet, dated}
        assert {each.id for each in items(s.list_open_orders(market=condition))} == resting
        assert s.get_order(order_id=dated).order_type == "GTD"
        assert s.get_order(order_id=plain).expires_at is None
        assert s.get_orders_scoring(order_ids=[plain]) == {
            plain: s.get_order_scoring(order_id=plain)
        }
        first = s.cancel_order(order_id=plain)
        assert (first.canceled, first.not_canceled) == ((plain,), {})
        again = s.cancel_orders(order_ids=[plain, quiet, dated])
        assert set(again.canceled) == {quiet, dated}
        assert again.not_canceled == {plain: "already canceled or matched"}
        late = {self.limit("no", "BUY", price, "10") for price in ("0.20", "0.21")}
        assert set(s.cancel_market_orders(market=condition).canceled) == late
        return [*resting, *late]

    def trade(self) -> None:
        """Takes by GTC, FOK and FAK, in both tokens, and is taken from once."""
        s, yes = self.s, self.market["yes"]
        self.limit("yes", "BUY", "0.60", "20")
        spent = s.place_market_order(token_id=yes, side="BUY", amount="6", order_type="FOK")
        self.accepted(spent)
        self.limit("no", "BUY", "0.60", "10")
        settled(s)
        assert s.wait_for_order_fill_settlement(spent)
        sold = {"min_price": "0.40", "order_type": "FAK"}
        self.accepted(s.place_market_order(token_id=yes, side="SELL", shares="5", **sold))
        self.limit("yes", "SELL", "0.50", "5")
        took = self.other.place_limit_order(token_id=yes, side="BUY", price="0.50", size="5")
        assert took.status == "matched"


def batch(
    s: SecureClient, markets: list[dict[str, Any]], answers: dict[str, list[str]]
) -> list[str]:
    """Orders posted together: one that cannot be paid fails alone; then all are canceled."""
    signed = [
        s.create_limit_order(token_id=market["yes"], side="BUY", price="0.25", size=size)
        for market in markets
        for size in ("10", "1000000")
    ]
    told = s.post_orders(signed)
    good, bad = told[::2], told[1::2]
    assert all(each.ok for each in good)
    assert {each.code for each in bad} == {"not_enough_balance"}
    for each in good:
        answers[each.order_id] = [each.status, "0", "0"]
    resting = {each.order_id for each in good}
    assert set(s.cancel_all().canceled) == resting
    assert not items(s.list_open_orders())
    return [*resting]


def refusals(s: SecureClient, other: SecureClient, market: dict[str, Any]) -> dict[str, Any]:
    """Every way to be refused → the error of the package: its type, status and words."""
    yes = market["yes"]

    def limit(price: str, size: str, **more: Any) -> Any:
        return s.place_limit_order(token_id=yes, side="BUY", price=price, size=size, **more)

    def market_order(**more: Any) -> Any:
        return s.place_market_order(token_id=yes, **more)

    signed = s.create_limit_order(token_id=yes, side="BUY", price="0.30", size="10")
    first = s.post_order(signed)
    told = {
        "balance": caught(lambda: limit("0.30", "1000000")),
        "minimum": caught(lambda: limit("0.30", "4")),
        "duplicate": caught(lambda: s.post_order(signed)),
        "crossing": caught(lambda: limit("0.60", "10", post_only=True)),
        "fak": caught(lambda: market_order(side="SELL", shares="5", min_price="0.99")),
        "fok": caught(
            lambda: market_order(side="BUY", amount="5", max_price="0.55", order_type="FOK")
        ),
        "signer": caught(lambda: other.post_order(signed)),
        "owner": caught(lambda: under_a_foreign_key(s, signed, other.credentials.key)),
        "unknown": caught(lambda: s.get_order_book(asset_id="123")),
    }
    assert s.cancel_order(order_id=first.order_id).canceled == (first.order_id,)
    return told | {"duplicate_of": first.order_id}


def under_a_foreign_key(s: SecureClient, signed: Any, key: str) -> Any:
    path, payload = build_post_order_request(signed, owner_api_key=key)
    return s._ctx.secure_clob.post_json(path, json=payload)


def caught(ask: Callable[[], Any]) -> list[Any]:
    try:
        told = ask()
    except RequestRejectedError as error:
        return [type(error).__name__, error.status, str(error)]
    raise AssertionError(f"it was not refused: {told}")


def stale_tick(s: SecureClient, market: dict[str, Any]) -> list[Any]:
    """The package keeps a market's tick for minutes; meanwhile the venue may have another."""
    asked = {"token_id": market["yes"], "side": "BUY", "price": "0.301", "size": "10"}
    order = s.place_limit_order(**asked)
    assert s.cancel_order(order_id=order.order_id).canceled
    sys.stdout.write("tick\n")
    sys.stdout.flush()
    sys.stdin.readline()
    return caught(lambda: s.place_limit_order(**asked))


def beats(s: SecureClient, token: str) -> None:
    """Whoever stops to beat loses what rests; another than the last id is answered with it."""
    order = s.place_limit_order(token_id=token, side="BUY", price="0.30", size="10")
    first = s.send_order_heartbeat().heartbeat_id
    last = s.send_order_heartbeat(heartbeat_id=first).heartbeat_id
    assert wrong_beat(s, first) == last
    assert s.get_order(order_id=order.order_id).status == "LIVE"
    for _ in range(100):
        time.sleep(0.05)
        if s.get_order(order_id=order.order_id).status == "CANCELED":
            return
    raise AssertionError("what rests outlives its heartbeat")


def wrong_beat(s: SecureClient, id: str) -> str:
    """The id that the venue waits for, as the error of the package tells it."""
    try:
        s.send_order_heartbeat(heartbeat_id=id)
    except OrderHeartbeatMismatchError as error:
        return error.heartbeat_id
    raise AssertionError("an old heartbeat was taken")


def settled(s: SecureClient) -> None:
    for _ in range(100):
        trades = items(s.list_account_trades())
        if all(each.status == "CONFIRMED" for each in trades):
            return
        time.sleep(0.05)
    raise AssertionError("the trades do not settle")


def state(s: SecureClient, markets: list[dict[str, Any]]) -> dict[str, Any]:
    """The account as the exchange and the indexer tell it."""
    held = {}
    for market in markets:
        asset = "CONDITIONAL-V2" if market["version"] == "v2" else "CONDITIONAL"
        for token in (market["yes"], market["no"]):
            held[token] = s.get_balance_allowance(asset_type=asset, token_id=token).balance
    cash = s.get_balance_allowance(asset_type="COLLATERAL")
    assert min(cash.allowances.values()) > 0
    conditions = [market["condition"] for market in markets]
    assert s.get_resolutions(condition_ids=conditions) == ()
    return {
        "cash": cash.balance,
        "held": held,
        "orders": {each.id: _order(each) for each in items(s.list_open_orders())},
        "trades": {each.id: _trade(each) for each in items(s.list_account_trades())},
        "positions": {
            each.asset_id: [text(each.current_size), text(each.entry_cost_usdc)]
            for each in items(s.list_positions())
        },
        "past": [_past(each) for each in items(s.list_activity())],
        "past_trades": [
            [each.asset_id, each.side, text(each.size), text(each.price)]
            for each in items(s.list_trades(taker_only=False))
        ],
        "worth": text(s.get_portfolio_value().value),
    }


def _order(each: Any) -> list[str]:
    numbers = map(text, (each.price, each.original_size, each.size_matched))
    return [each.asset_id, each.side, *numbers, each.order_type, each.status]


def _trade(each: Any) -> dict[str, Any]:
    return {
        "taker": [each.taker_order_id, each.asset_id, each.side, text(each.price), text(each.size)],
        "makers": [
            [m.order_id, m.asset_id, m.side, text(m.price), text(m.matched_amount)]
            for m in each.maker_orders
        ],
        "status": each.status,
        "role": each.trader_side,
        "hash": each.transaction_hash,
    }


def _past(each: Any) -> list[str]:
    numbers = map(text, (each.shares, each.amount, each.price))
    return [each.type.value, each.asset_id, each.side, *numbers]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
