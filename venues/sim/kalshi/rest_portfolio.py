"""REST: what a user owns and moves: balance, positions, fills, settlements, transfers (8.6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from venues.sim.kalshi import body_in, wire_out
from venues.sim.kalshi.records import FillRecord, PositionRecord, SettlementRecord
from venues.sim.kalshi.rest_ask import Ask, BadQuery, Handler, Said
from venues.sim.kalshi.rest_auth import permission_denied
from venues.sim.kalshi.rest_pages import Place, page

TICKERS_MAX: Final = 100
_COUNTED: Final[dict[str, Callable[[PositionRecord], int]]] = {
    "position": lambda position: position.count,
    "total_traded": lambda position: position.traded,
}


def balance(ask: Ask) -> Said:
    """Without `exchange_index` all shards are summed up: not spendable on any one of them."""
    record = ask.house.view(ask.user_id).balance(
        subaccount=ask.asked_subaccount(0), exchange_index=ask.asked_shard()
    )
    locked = ask.key is not None and ask.key.subaccount is not None
    return Said(wire_out.balance(record, breakdown=not locked))


def positions(ask: Ask) -> Said:
    """`event_positions` add up what fits the filters, for the events of this page."""
    query = ask.query
    everything = ask.house.view(ask.user_id).positions(subaccount=ask.asked_subaccount(0))
    ages = {_key(each): age for age, each in enumerate(reversed(everything))}
    fits = _position_filter(ask)
    found = [each for each in everything if fits(each)]
    rows, cursor = page(
        found, query, kind="positions", place=lambda each: Place(ages[_key(each)], each.ticker)
    )
    event_of = ask.house.catalogue.event_of
    events = dict.fromkeys(event_of(each.ticker).ticker for each in rows)
    summed = [
        wire_out.event_position(event, [p for p in found if event_of(p.ticker).ticker == event])
        for event in events
    ]
    shown = [wire_out.position(each) for each in rows]
    return Said({"market_positions": shown, "event_positions": summed, "cursor": cursor})


def fills(ask: Ask) -> Said:
    query = ask.query
    tickers, order_id = frozenset(query.listed("ticker", TICKERS_MAX)), query.text("order_id")
    inside, shard = query.between("min_ts", "max_ts"), ask.asked_shard()
    found = [
        each
        for each in ask.house.view(ask.user_id).fills(subaccount=ask.asked_subaccount(None))
        if (not tickers or each.ticker in tickers)
        and order_id in {None, each.order_id}
        and shard in {None, each.exchange_index}
        and inside(each.created_ms)
    ]
    rows, cursor = page(found, query, kind="fills", place=_place_of_fill)
    legacy = ask.house.knobs.legacy_side_action
    shown = [wire_out.fill(each, legacy=legacy) for each in rows]
    return Said({"fills": shown, "cursor": cursor})


def settlements(ask: Ask) -> Said:
    query = ask.query
    ticker, event = query.text("ticker"), query.text("event_ticker")
    inside = query.between("min_ts", "max_ts")
    found = [
        each
        for each in ask.house.view(ask.user_id).settlements(subaccount=ask.asked_subaccount(None))
        if ticker in {None, each.ticker}
        and event in {None, each.event_ticker}
        and inside(each.settled_ms)
    ]
    rows, cursor = page(found, query, kind="settlements", place=_place_of_settlement)
    return Said({"settlements": [wire_out.settlement(each) for each in rows], "cursor": cursor})


def make_transfer(ask: Ask) -> Said:
    """In centicents. For keys that see every subaccount only (our reading)."""
    if ask.key is not None and ask.key.subaccount is not None:
        raise permission_denied()
    asked = body_in.transfer(body_in.parsed(ask))
    made = ask.house.transfers.between_shards(ask.user_id, asked.pop("amount"), **asked)
    return Said({"transfer_id": made.transfer_id})


def transfer(ask: Ask) -> Said:
    found = ask.house.transfers.get(ask.user_id, ask.values["transfer_id"])
    return Said({"transfer": wire_out.transfer(found)})


def allocation(ask: Ask) -> Said:
    found = ask.house.transfers.allocation(ask.user_id)
    rows = [{"exchange_index": shard, "percent": percent} for shard, percent in found.percents]
    return Said({"allocations": rows, "resting_margin_reservation": found.margin})


def set_allocation(ask: Ask) -> Said:
    ask.house.transfers.set_allocation(ask.user_id, body_in.allocation(body_in.parsed(ask)))
    return Said({})


def _position_filter(ask: Ask) -> Callable[[PositionRecord], bool]:
    query = ask.query
    counted = query.listed("count_filter")
    if unknown := set(counted) - set(_COUNTED):
        raise BadQuery(f"count_filter: {', '.join(sorted(unknown))} is unknown")
    status = query.word("settlement_status", ("unsettled", "settled", "all")) or "unsettled"
    ticker, event, shard = query.text("ticker"), query.text("event_ticker"), ask.asked_shard()

    def fits(position: PositionRecord) -> bool:
        settled = "unsettled" if position.settled_ms is None else "settled"
        return (
            status in {"all", settled}
            and (not counted or any(_COUNTED[name](position) for name in counted))
            and ticker in {None, position.ticker}
            and event in {None, ask.house.catalogue.event_of(position.ticker).ticker}
            and shard in {None, position.exchange_index}
        )

    return fits


def _key(position: PositionRecord) -> tuple[int, str]:
    return position.subaccount, position.ticker


def _place_of_fill(fill: FillRecord) -> Place:
    """One trade of a user with itself would give two fills: the order tells them apart."""
    return Place(fill.created_ms, f"{fill.trade_id} {fill.order_id}")


def _place_of_settlement(settlement: SettlementRecord) -> Place:
    return Place(settlement.settled_ms, f"{settlement.subaccount} {settlement.ticker}")


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/portfolio/balance"): balance,
    ("GET", "/portfolio/positions"): positions,
    ("GET", "/portfolio/fills"): fills,
    ("GET", "/portfolio/settlements"): settlements,
    ("POST", "/portfolio/intra_exchange_instance_transfer"): make_transfer,
    ("GET", "/portfolio/intra_exchange_instance_transfers/{transfer_id}"): transfer,
    ("GET", "/portfolio/target_balance_allocation"): allocation,
    ("POST", "/portfolio/target_balance_allocation"): set_allocation,
}
