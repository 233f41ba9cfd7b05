"""Placing and cancelling (§9.1, §9.4). What waits out a taker's delay is answered later (§9.7)."""

from __future__ import annotations

from typing import Final

from venues.sim.polymarket import rest_order_in
from venues.sim.polymarket.knobs import Units
from venues.sim.polymarket.records import Canceled, Placed
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.wire_text import Object, plain


def place(ask: Ask) -> Said:
    new = rest_order_in.new_order(ask.parsed("Invalid order payload"))
    orders = ask.house.orders
    first = orders.place(ask.account.key, new)
    if not first.blocks_ms:
        return Said(_placed(ask, first))
    return Said(
        None,
        due_ms=ask.house.now_ms + first.blocks_ms,
        later=lambda: Said(_placed(ask, orders.outcome(first.order_id))),
    )


def place_batch(ask: Ask) -> Said:
    """200 even if every leg failed; the whole fails only where it cannot be read."""
    found = ask.parsed("Invalid order payload")
    if not isinstance(found, list):
        raise Refusal(400, "Invalid order payload")
    most = ask.house.knobs.batch_max
    if len(found) > most:
        words = f"Too many orders in payload: {len(found)}, max allowed: {most}"
        raise Refusal(400, words)
    news = tuple(map(rest_order_in.new_order, found))
    legs = ask.house.orders.place_batch(ask.account.key, news)
    blocked = max((leg.blocks_ms for leg in legs if isinstance(leg, Placed)), default=0)
    if not blocked:
        return Said([_leg(ask, leg) for leg in legs])
    return Said(
        None,
        due_ms=ask.house.now_ms + blocked,
        later=lambda: Said([_leg(ask, _settled(ask, leg)) for leg in legs]),
    )


def cancel(ask: Ask) -> Said:
    id = rest_order_in.one_id(ask.parsed())
    return _canceled(ask.house.orders.cancel(ask.account.key, (id,)))


def cancel_batch(ask: Ask) -> Said:
    ids = rest_order_in.ids(ask.parsed(), ask.house.knobs.cancel_max)
    return _canceled(ask.house.orders.cancel(ask.account.key, ids))


def cancel_all(ask: Ask) -> Said:
    return _canceled(ask.house.orders.cancel_all(ask.account.key))


def cancel_market(ask: Ask) -> Said:
    """Either name alone will do; without any it is refused."""
    found = ask.parsed()
    if not isinstance(found, dict):
        raise Refusal(400, "Invalid payload")
    market, token = (found.get(name) or "" for name in ("market", "asset_id"))
    if not (isinstance(market, str) and isinstance(token, str) and (market or token)):
        raise Refusal(400, "Invalid payload")
    return _canceled(ask.house.orders.cancel_market(ask.account.key, market, token))


def _settled(ask: Ask, leg: Placed | Refusal) -> Placed | Refusal:
    if isinstance(leg, Refusal) or not leg.blocks_ms:
        return leg
    try:
        return ask.house.orders.outcome(leg.order_id)
    except Refusal as refusal:
        return refusal


def _placed(ask: Ask, placed: Placed) -> Object:
    knobs = ask.house.knobs
    write = plain if knobs.amounts is Units.PLAIN else str
    making, taking = (write(each) if each else "" for each in (placed.making, placed.taking))
    return {
        "success": True,
        "errorMsg": "",
        "orderID": placed.order_id,
        "status": placed.status,
        "makingAmount": making,
        "takingAmount": taking,
        "tradeIDs": [*placed.trade_ids],
        "transactionsHashes": _hashes(ask, placed) if knobs.inline_hashes else [],
    }


def _hashes(ask: Ask, placed: Placed) -> list[str]:
    made = ask.house.view(ask.account.key).trades()
    return [each.transaction_hash for each in made if each.id in placed.trade_ids]


def _leg(ask: Ask, leg: Placed | Refusal) -> Object:
    """A failed leg calls itself a success: only its empty id and its words tell (§8.2)."""
    if isinstance(leg, Placed):
        return _placed(ask, leg)
    return {
        "success": True,
        "errorMsg": leg.words,
        "orderID": "",
        "status": "",
        "makingAmount": "",
        "takingAmount": "",
        "tradeIDs": [],
        "transactionsHashes": [],
    }


def _canceled(found: Canceled) -> Said:
    return Said({"canceled": [*found.canceled], "not_canceled": found.not_canceled})


HANDLERS: Final[Handlers] = {
    ("POST", "/order"): place,
    ("DELETE", "/order"): cancel,
    ("POST", "/orders"): place_batch,
    ("DELETE", "/orders"): cancel_batch,
    ("DELETE", "/cancel-all"): cancel_all,
    ("DELETE", "/cancel-market-orders"): cancel_market,
}
