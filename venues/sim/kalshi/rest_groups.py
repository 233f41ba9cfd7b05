"""REST: order groups (8.5).

Unless told, reads see all subaccounts, and writes mean subaccount 0 and shard 0.
"""

from __future__ import annotations

from typing import Final

from venues.sim.kalshi import body_in, wire_out
from venues.sim.kalshi.records import GroupRecord
from venues.sim.kalshi.refusal import not_found
from venues.sim.kalshi.rest_ask import Ask, Handler, Said


def create(ask: Ask) -> Said:
    body = body_in.parsed(ask)
    group = ask.house.groups.create(
        ask.user_id,
        body_in.group_limit(body),
        subaccount=ask.own_subaccount(body.subaccount()),
        exchange_index=body.whole("exchange_index", 0, 100) or 0,
    )
    made = {"order_group_id": group.group_id, "subaccount": group.subaccount}
    return Said({**made, "exchange_index": group.exchange_index}, 201)


def groups(ask: Ask) -> Said:
    found = ask.house.groups.all(ask.user_id, ask.asked_subaccount(None))
    return Said({"order_groups": [wire_out.group(each) for each in found]})


def group(ask: Ask) -> Said:
    found = _asked(ask, ask.asked_subaccount(None))
    orders = list(ask.house.groups.orders_of(found.group_id))
    return Said({**wire_out.group_state(found), "orders": orders})


def set_limit(ask: Ask) -> Said:
    limit = body_in.group_limit(body_in.parsed(ask))
    ask.house.groups.set_limit(ask.user_id, _written(ask), limit, exchange_index=_shard(ask))
    return Said({})


def reset(ask: Ask) -> Said:
    body_in.parsed(ask, optional=True)
    ask.house.groups.reset(ask.user_id, _written(ask), exchange_index=_shard(ask))
    return Said({})


def trigger(ask: Ask) -> Said:
    body_in.parsed(ask, optional=True)
    ask.house.groups.trigger(ask.user_id, _written(ask), exchange_index=_shard(ask))
    return Said({})


def delete(ask: Ask) -> Said:
    ask.house.groups.delete(ask.user_id, _written(ask), exchange_index=_shard(ask))
    return Said({})


def _written(ask: Ask) -> str:
    return _asked(ask, ask.asked_subaccount(0)).group_id


def _asked(ask: Ask, subaccount: int | None) -> GroupRecord:
    found = ask.house.groups.get(ask.user_id, ask.values["order_group_id"])
    if subaccount not in {None, found.subaccount}:
        raise not_found("order group")
    return found


def _shard(ask: Ask) -> int:
    return ask.asked_shard() or 0


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/portfolio/order_groups"): groups,
    ("POST", "/portfolio/order_groups/create"): create,
    ("GET", "/portfolio/order_groups/{order_group_id}"): group,
    ("DELETE", "/portfolio/order_groups/{order_group_id}"): delete,
    ("PUT", "/portfolio/order_groups/{order_group_id}/limit"): set_limit,
    ("PUT", "/portfolio/order_groups/{order_group_id}/reset"): reset,
    ("PUT", "/portfolio/order_groups/{order_group_id}/trigger"): trigger,
}
