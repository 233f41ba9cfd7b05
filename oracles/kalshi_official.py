"""Trades with Kalshi's own package: all 43 operations that we rely on, against any address.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_kalshi_oracles.py:
    python oracles/kalshi_official.py '{"rest": …, "key_id": …, "key_file": …, "archived": …}'
Prints what each operation answered, and what the account looks like in the end. Ends with a
traceback at the first thing that the package does not accept.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from kalshi_python_sync import Configuration, KalshiClient
from kalshi_python_sync import api as apis

DONE: dict[str, str] = {}


class Exchange:
    """Every operation of every part of the package under its own name; None is a failure."""

    def __init__(self, client: KalshiClient) -> None:
        names = "Account Events Exchange Historical Market OrderGroups Orders Portfolio"
        self._apis = [getattr(apis, f"{name}Api")(client) for name in names.split()]

    def __getattr__(self, name: str) -> Any:
        method = next(getattr(each, name) for each in self._apis if hasattr(each, name))

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            # A status that the package does not expect gives None; a 204 gives None rightly.
            assert answer is not None or name == "cancel_all_orders", f"{name} answered nothing"
            DONE[name] = type(answer).__name__
            return answer

        return call


def main(settings: dict[str, str]) -> dict[str, Any]:
    config = Configuration(host=settings["rest"], retries=0)
    config.api_key_id = settings["key_id"]
    config.private_key_pem = Path(settings["key_file"]).read_text()
    k = Exchange(KalshiClient(config))
    ticker, shard = look_around(k, settings["archived"])
    bid = best_bid(k, ticker)
    trade(k, ticker, bid)
    groups(k, shard)
    money(k)
    return {"operations": DONE, "state": state(k)}


def look_around(k: Exchange, archived: str) -> tuple[str, int]:
    """All public reads; the ticker and shard of an open market with two sides and funds."""
    assert k.get_exchange_status().trading_active
    k.get_exchange_schedule()
    k.get_user_data_timestamp()
    assert k.get_historical_cutoff().market_settled_ts
    assert k.get_historical_market(archived).market.status == "finalized"
    funded = {each.exchange_index for each in k.get_balance().balance_breakdown if money_in(each)}
    page = k.get_markets(limit=1_000, status="open", mve_filter="exclude")
    market = next(
        each
        for each in page.markets
        if each.exchange_index in funded
        and 0.10 < float(each.yes_bid_dollars) < float(each.yes_ask_dollars) < 0.90
        and each.price_level_structure == "linear_cent"
    )
    ticker = market.ticker
    assert k.get_market(ticker).market.ticker == ticker
    event = k.get_event(market.event_ticker, with_nested_markets=True).event
    assert ticker in [each.ticker for each in event.markets]
    assert k.get_events(limit=200, status="open").events
    assert k.get_series(event.series_ticker).series.ticker == event.series_ticker
    assert k.get_series_list().series
    k.get_series_fee_changes(show_historical=True)
    k.get_event_fee_changes(limit=100)
    k.get_trades(ticker=ticker, limit=10)
    names = [each.ticker for each in page.markets][:2]
    assert len(k.get_market_orderbooks(tickers=names).orderbooks) == len(names)
    assert k.get_account_api_limits().write.bucket_capacity
    assert k.get_account_endpoint_costs().default_cost == 10
    return ticker, market.exchange_index


def money_in(each: Any) -> bool:
    return float(each.balance) > 100


def best_bid(k: Exchange, ticker: str) -> int:
    """In cents; the best is the last of the array."""
    book = k.get_market_orderbook(ticker, depth=10).orderbook_fp
    return round(float(book.yes_dollars[-1][0]) * 100)


def order(ticker: str, side: str, cents: int, count: str, time_in_force: str) -> dict[str, str]:
    return {
        "ticker": ticker,
        "side": side,
        "price": f"{cents / 100:.4f}",
        "count": count,
        "client_order_id": str(uuid.uuid4()),
        "time_in_force": time_in_force,
        "self_trade_prevention_type": "taker_at_cross",
    }


def trade(k: Exchange, ticker: str, bid: int) -> None:
    rest, now = "good_till_canceled", "immediate_or_cancel"
    bought = k.create_order_v2(**order(ticker, "bid", 99, "3.50", now))
    assert (bought.fill_count, bought.remaining_count) == ("3.50", "0.00")
    sold = k.create_order_v2(**order(ticker, "ask", 1, "1", now))
    assert sold.fill_count == "1.00"

    first = k.create_order_v2(**order(ticker, "bid", bid - 5, "10", rest))
    assert first.remaining_count == "10.00"
    k.get_order_queue_position(first.order_id)
    assert k.get_order(first.order_id).order.status == "resting"
    smaller = k.decrease_order_v2(first.order_id, reduce_by="4", market_ticker=ticker)
    assert smaller.remaining_count == "6.00"
    moved = k.amend_order_v2(
        first.order_id, ticker=ticker, side="bid", price=f"{(bid - 6) / 100:.4f}", count="8"
    )
    assert moved.remaining_count == "8.00"
    gone = k.cancel_order_v2(first.order_id, market_ticker=ticker)
    assert gone.reduced_by == "8.00"

    made = k.batch_create_orders_v2(
        orders=[order(ticker, "bid", bid - 7, "1", rest), order(ticker, "bid", 3, "0.5", rest)]
    ).orders
    assert all(each.error is None and each.order_id for each in made)
    ended = k.batch_cancel_orders_v2(
        orders=[{"order_id": each.order_id, "market_ticker": ticker} for each in made[:1]]
    ).orders
    assert ended[0].error is None
    k.cancel_all_orders()
    assert not k.get_orders(status="resting").orders


def groups(k: Exchange, shard: int) -> None:
    made = k.create_order_group(contracts_limit=50, exchange_index=shard)
    group = made.order_group_id
    at = {"exchange_index": shard}
    k.update_order_group_limit(group, contracts_limit=60, **at)
    k.trigger_order_group(group, body={}, **at)
    k.reset_order_group(group, body={}, **at)
    assert k.get_order_group(group).is_auto_cancel_enabled is not None
    assert group in [each.id for each in k.get_order_groups().order_groups]
    k.delete_order_group(group, **at)


def money(k: Exchange) -> None:
    funded = [each.exchange_index for each in k.get_balance().balance_breakdown if money_in(each)]
    moved = k.intra_exchange_instance_transfer(
        source="event_contract",
        destination="event_contract",
        amount=5_000,
        source_exchange_shard=funded[0],
        destination_exchange_shard=funded[1],
    )
    for _ in range(100):
        found = k.get_intra_exchange_instance_transfer(moved.transfer_id).transfer
        if found.status == "complete":
            break
        time.sleep(0.1)
    assert found.status == "complete"
    k.set_target_balance_allocation(allocations=[])
    assert k.get_target_balance_allocation().allocations == []
    k.get_settlements(limit=10)


def state(k: Exchange) -> dict[str, Any]:
    """What our own client must see too."""
    return {
        "cash": {each.exchange_index: each.balance for each in k.get_balance().balance_breakdown},
        "positions": {
            each.ticker: [each.position_fp, each.market_exposure_dollars]
            for each in k.get_positions(count_filter="position").market_positions
        },
        "fills": {
            each.fill_id: [each.book_side, each.count_fp, each.yes_price_dollars, each.fee_cost]
            for each in k.get_fills(limit=1_000).fills
        },
        "orders": {
            each.order_id: [each.client_order_id, each.status, each.fill_count_fp]
            for each in k.get_orders(limit=1_000).orders
        },
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
