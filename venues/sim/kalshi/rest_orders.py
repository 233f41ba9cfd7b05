"""REST: orders. Writes are V2; reads keep the older paths (8.4, 9)."""

from __future__ import annotations

from typing import Final

from venues.sim.exchange import State
from venues.sim.kalshi import body_in, wire_out
from venues.sim.kalshi.records import CancelOrder, OrderRecord
from venues.sim.kalshi.rest_ask import Ask, Handler, Said
from venues.sim.kalshi.rest_pages import Place, page
from venues.sim.kalshi.wire_text import count

EVENTS_MAX: Final = 100


def create(ask: Ask) -> Said:
    placed = ask.house.orders.create(ask.user_id, body_in.create(body_in.parsed(ask), ask))
    return Said(wire_out.placed(placed), ask.house.knobs.create_status)


def create_batch(ask: Ask) -> Said:
    """201 even if every item failed. An item that cannot be read fails the whole batch."""
    items = body_in.parsed(ask).objects("orders")
    bodies = tuple(body_in.create(item, ask) for item in items)
    answers = ask.house.orders.create_batch(ask.user_id, bodies)
    listed = [
        wire_out.placed_item(answer, body.client_order_id)
        for answer, body in zip(answers, bodies, strict=True)
    ]
    return Said({"orders": listed}, 201)


def cancel(ask: Ask) -> Said:
    """Without ticker and shard it is looked for on shard 0 only (9.5)."""
    body = CancelOrder(
        order_id=ask.values["order_id"],
        market_ticker=ask.query.text("market_ticker"),
        exchange_index=ask.asked_shard(low=-1),
        subaccount=ask.asked_subaccount(0) or 0,
    )
    return Said(wire_out.reduced(ask.house.orders.cancel(ask.user_id, body)))


def cancel_batch(ask: Ask) -> Said:
    bodies = tuple(body_in.cancel(item, ask) for item in body_in.parsed(ask).objects("orders"))
    answers = ask.house.orders.cancel_batch(ask.user_id, bodies)
    listed = [
        wire_out.reduced_item(answer, body.order_id)
        for answer, body in zip(answers, bodies, strict=True)
    ]
    return Said({"orders": listed})


def cancel_all(ask: Ask) -> Said:
    ask.house.orders.cancel_all(ask.user_id, ask.asked_subaccount(None))
    return Said(None, 204)


def amend(ask: Ask) -> Said:
    body = body_in.amend(body_in.parsed(ask), ask)
    return Said(wire_out.amended(ask.house.orders.amend(ask.user_id, ask.values["order_id"], body)))


def decrease(ask: Ask) -> Said:
    body = body_in.parsed(ask)
    by, to = body_in.reduction(body)
    answer = ask.house.orders.decrease(
        ask.user_id,
        ask.values["order_id"],
        by=by,
        to=to,
        market_ticker=body.text("market_ticker") or None,
        exchange_index=body.shard(),
        subaccount=ask.asked_subaccount(0) or 0,
    )
    return Said(wire_out.decreased(answer))


def orders(ask: Ask) -> Said:
    """As the read lag shows them, newest first; times are of the creation (our reading)."""
    query = ask.query
    ticker, events = query.text("ticker"), frozenset(query.listed("event_ticker", EVENTS_MAX))
    status = query.word("status", tuple(State))
    inside, shard = query.between("min_ts", "max_ts"), ask.asked_shard()
    event_of = ask.house.catalogue.event_of
    found = [
        each
        for each in ask.house.view(ask.user_id).orders(subaccount=ask.asked_subaccount(None))
        if ticker in {None, each.ticker}
        and (not events or event_of(each.ticker).ticker in events)
        and status in {None, each.status.value}
        and shard in {None, each.exchange_index}
        and inside(each.created_ms)
    ]
    rows, cursor = page(found, query, kind="orders", place=_place)
    return Said({"orders": [_shown(ask, each) for each in rows], "cursor": cursor})


def order(ask: Ask) -> Said:
    found = ask.house.view(ask.user_id).order(ask.values["order_id"])
    ask.subaccount(found.subaccount, None)
    return Said({"order": _shown(ask, found)})


def queue_position(ask: Ask) -> Said:
    ahead = ask.house.orders.queue_ahead(ask.user_id, ask.values["order_id"])
    return Said({"queue_position_fp": count(ahead)})


def _shown(ask: Ask, record: OrderRecord) -> wire_out.Object:
    return wire_out.order(record, legacy=ask.house.knobs.legacy_side_action)


def _place(record: OrderRecord) -> Place:
    return Place(record.created_ms, record.order_id)


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("POST", "/portfolio/events/orders"): create,
    ("DELETE", "/portfolio/events/orders"): cancel_all,
    ("POST", "/portfolio/events/orders/batched"): create_batch,
    ("DELETE", "/portfolio/events/orders/batched"): cancel_batch,
    ("DELETE", "/portfolio/events/orders/{order_id}"): cancel,
    ("POST", "/portfolio/events/orders/{order_id}/amend"): amend,
    ("POST", "/portfolio/events/orders/{order_id}/decrease"): decrease,
    ("GET", "/portfolio/orders"): orders,
    ("GET", "/portfolio/orders/{order_id}"): order,
    ("GET", "/portfolio/orders/{order_id}/queue_position"): queue_position,
}
