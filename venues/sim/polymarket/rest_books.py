"""The exchange's public reads of books and prices (§6)."""

from __future__ import annotations

from typing import Any, Final

from venues.money import ONE
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.wire_text import Object, number, plain
from venues.sim.polymarket.wire_text_book import best, book, middle, side_text

BATCH_MAX: Final = 500


def version(_ask: Ask) -> Said:
    return Said({"version": 2})


def ok(_ask: Ask) -> Said:
    return Said("OK")


def time(ask: Ask) -> Said:
    """The venue's clock, and so with its offset: whole seconds as a bare number."""
    return Said((ask.house.now_ms + ask.clock_offset_ms) // 1_000)


def one_book(ask: Ask) -> Said:
    view, market = _asked(ask)
    return Said(book(view, market))


def books(ask: Ask) -> Said:
    """Unknown tokens are dropped."""
    return Said([book(*each) for each in _known(ask).values()])


def price(ask: Ask) -> Said:
    """`side` is that of the resting orders: BUY answers the best bid."""
    side = ask.query.text("side").upper()
    if side not in {"BUY", "SELL"}:
        raise Refusal(400, "Invalid side")
    view, _ = _asked(ask)
    return Said({"price": _price(view, side)})


def prices(ask: Ask) -> Said:
    """Both sides of every token where the item names none."""
    found: dict[str, Object] = {}
    known = _known(ask)
    for item in ask.objects(BATCH_MAX):
        if (token := str(item.get("token_id"))) not in known:
            continue
        asked = str(item.get("side") or "").upper()
        if asked not in {"", "BUY", "SELL"}:
            raise Refusal(400, "Invalid side")
        for side in (asked,) if asked else ("BUY", "SELL"):
            found.setdefault(token, {})[side] = _price(known[token][0], side)
    return Said(found)


def midpoint(ask: Ask) -> Said:
    view, _ = _asked(ask)
    return Said({"mid": plain(middle(view))})


def midpoints(ask: Ask) -> Said:
    return Said({token: plain(middle(view)) for token, (view, _) in _known(ask).items()})


def spread(ask: Ask) -> Said:
    view, _ = _asked(ask)
    return Said({"spread": _spread(view)})


def spreads(ask: Ask) -> Said:
    return Said({token: _spread(view) for token, (view, _) in _known(ask).items()})


def last_trade(ask: Ask) -> Said:
    view, _ = _asked(ask)
    return Said(_last(view))


def last_trades(ask: Ask) -> Said:
    known = _known(ask)
    return Said([{"token_id": token, **_last(view)} for token, (view, _) in known.items()])


def tick_size(ask: Ask) -> Said:
    _, market = _asked(ask)
    return Said({"minimum_tick_size": number(market.tick)})


def neg_risk(ask: Ask) -> Said:
    _, market = _asked(ask)
    return Said({"neg_risk": market.neg_risk})


def fee_rate(ask: Ask) -> Said:
    """The cap of old, in basis points; never the rate."""
    _, market = _asked(ask)
    return Said({"base_fee": base_fee(market)})


def base_fee(market: Market) -> int:
    return 1_000 if market.fee else 0


def _asked(ask: Ask) -> tuple[BookView, Market]:
    """The book that `token_id` names. Raises Refusal: 400 for none, 404 for an unknown one."""
    token = ask.values.get("token_id") or ask.query.text("token_id")
    if not (token.isascii() and token.isdigit()):
        raise Refusal(400, "Invalid token id")
    view = ask.house.book(token)
    return view, ask.house.catalogue.markets[view.market]


def _known(ask: Ask) -> dict[str, tuple[BookView, Market]]:
    """The books of a batch, by token."""
    found = {}
    for item in ask.objects(BATCH_MAX):
        token = _token(item)
        if ask.house.catalogue.market_of(token):
            view = ask.house.book(token)
            found[token] = view, ask.house.catalogue.markets[view.market]
    return found


def _token(item: Object) -> str:
    token: Any = item.get("token_id")
    if not isinstance(token, str) or not (token.isascii() and token.isdigit()):
        raise Refusal(400, "Invalid token id")
    return token


def _price(view: BookView, side: str) -> str:
    """ "0" for a missing side (our reading)."""
    bid, ask = best(view)
    found = bid if side == "BUY" else ask
    return plain(found or 0)


def _spread(view: BookView) -> str:
    bid, ask = best(view)
    return plain((ONE if ask is None else ask) - (bid or 0))


def _last(view: BookView) -> Object:
    """0.5 and no side where nobody ever traded."""
    if view.last_trade is None or view.last_side is None:
        return {"price": "0.5", "side": ""}
    return {"price": plain(view.last_trade), "side": side_text(view.last_side)}


HANDLERS: Final[Handlers] = {
    ("GET", "/"): version,
    ("GET", "/version"): version,
    ("GET", "/ok"): ok,
    ("GET", "/time"): time,
    ("GET", "/book"): one_book,
    ("POST", "/books"): books,
    ("GET", "/price"): price,
    ("POST", "/prices"): prices,
    ("GET", "/midpoint"): midpoint,
    ("POST", "/midpoints"): midpoints,
    ("GET", "/spread"): spread,
    ("POST", "/spreads"): spreads,
    ("GET", "/last-trade-price"): last_trade,
    ("POST", "/last-trades-prices"): last_trades,
    ("GET", "/tick-size"): tick_size,
    ("GET", "/tick-size/{token_id}"): tick_size,
    ("GET", "/neg-risk"): neg_risk,
    ("GET", "/fee-rate"): fee_rate,
    ("GET", "/fee-rate/{token_id}"): fee_rate,
}
