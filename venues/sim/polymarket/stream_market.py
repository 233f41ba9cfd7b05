"""The market channel of one connection (§12): what it is subscribed to, and what it is told.

Choices where the facts are silent: `custom_feature_enabled` is of the whole connection and stands
until a frame says otherwise; a trade is told on the taker's token alone; best_bid_ask comes when a
top moved, never at subscribe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from venues.sim.polymarket import frames_market as frames
from venues.sim.polymarket.catalogue import Market
from venues.sim.polymarket.frames_market import Moved, Top
from venues.sim.polymarket.house import House
from venues.sim.polymarket.notices import (
    LevelsChanged,
    MarketListed,
    MarketResolved,
    Notice,
    TickChanged,
    TradePrinted,
)
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.stream_words import Closing, Said, flag, is_subscribe, names
from venues.sim.polymarket.wire_text import Object
from venues.sim.polymarket.wire_text_book import book as rest_book

Told = Iterator[Object | list[Object]]


class MarketChannel:
    """`unserved` names the tokens that are taken and never served."""

    def __init__(
        self, house: House, knobs: StreamKnobs, unserved: Callable[[], frozenset[str]]
    ) -> None:
        self.tokens: dict[str, None] = {}
        """Those subscribed, in the order they came."""
        self.custom = False
        self._house = house
        self._knobs = knobs
        self._unserved = unserved
        self._tops: dict[str, Top] = {}

    def open(self, said: Said) -> Told:
        """The first frame. It may name no token: then only new markets are told."""
        if said.get("type") not in ("market", "MARKET") or "assets_ids" not in said:
            raise Closing.invalid_payload()
        return self._subscribe(said, dump=flag(said, "initial_dump") is not False)

    def update(self, said: Said) -> Told:
        if is_subscribe(said):
            return self._subscribe(said, dump=True)
        for token in names(said, "assets_ids"):
            self.tokens.pop(token, None)
        return iter(())

    def told(self, notice: Notice) -> Told:
        match notice:
            case LevelsChanged():
                return self._levels(notice)
            case TradePrinted():
                return self._trade(notice)
            case TickChanged():
                return self._tick(notice)
            case MarketListed() if self.custom:
                return iter((frames.new_market(notice),))
            case MarketResolved() if self.custom and self._knobs.resolved_told:
                return iter((frames.market_resolved(notice),))
            case _:
                return iter(())

    def _subscribe(self, said: Said, *, dump: bool) -> Told:
        """The books of what is new, in one array; what was subscribed before gets none."""
        wanted, custom = names(said, "assets_ids"), flag(said, "custom_feature_enabled")
        views = [self._known(each) for each in wanted if each not in self.tokens]
        room = max(0, self._knobs.tokens_max - len(self.tokens))
        fresh = [each for each in views if each is not None][:room]
        if custom is not None:
            self.custom = custom
        for view in fresh:
            self.tokens[view.token] = None
            self._tops[view.token] = self._top(view)
        served = [view for view in fresh if self._serves(view.token)] if dump else []
        books = [frames.book(view, self._market(view.market), whole=True) for view in served]
        return iter((books,) if books else ())

    def _known(self, token: str) -> BookView | None:
        try:
            return self._house.book(token)
        except Refusal:
            if self._knobs.unknown_tokens_close:
                raise Closing.invalid_payload() from None
            return None

    def _serves(self, token: str) -> bool:
        return token in self.tokens and token not in self._unserved()

    def _served(self, condition: str) -> tuple[str, ...]:
        """Its tokens that are to be told of."""
        return tuple(each for each in self._market(condition).tokens if self._serves(each))

    def _levels(self, notice: LevelsChanged) -> Told:
        served = self._served(notice.market)
        if not served:
            return
        market = self._market(notice.market)
        views = {token: self._house.book(token) for token in market.tokens}
        yield from self._changes(notice, market, views)
        if notice.traded and self._knobs.book_after_trade:
            for token in served:
                yield frames.book(views[token], market, whole=False)
        for token in served:
            top = self._top(views[token])
            if self._tops.get(token) != top:
                self._tops[token] = top
                if self.custom:
                    yield frames.best_bid_ask(views[token], top, notice.ts_ms)

    def _changes(self, notice: LevelsChanged, market: Market, views: dict[str, BookView]) -> Told:
        """Both tokens are told, whichever of them is subscribed."""
        shown = [each for each in market.tokens if each not in self._unserved()]
        tops = {token: self._top(views[token]) for token in shown}
        hashes = {token: rest_book(views[token], market)["hash"] for token in shown}
        rows: list[list[Object]] = []
        for level in notice.levels:
            sides = zip(market.tokens, (Moved(*level), Moved(*level).mirrored()), strict=True)
            row = []
            for token, moved in sides:
                if token in tops:
                    digest = self._digest(hashes[token], token, moved, notice.ts_ms)
                    row.append(frames.change(token, moved, tops[token], digest))
            rows.append(row)
        if self._knobs.levels_together and rows:
            rows = [[*chain.from_iterable(rows)]]
        for row in rows:
            yield frames.price_change(notice.market, row, notice.ts_ms)

    def _digest(self, of_book: str, token: str, moved: Moved, ts_ms: int) -> str:
        if self._house.knobs.order_hash_in_changes:
            return frames.level_hash(token, moved, ts_ms)
        return of_book

    def _trade(self, notice: TradePrinted) -> Told:
        if self._serves(notice.token):
            yield frames.last_trade_price(notice, self._market(notice.market))

    def _tick(self, notice: TickChanged) -> Told:
        for token in self._served(notice.market):
            yield frames.tick_size_change(token, notice)

    def _top(self, view: BookView) -> Top:
        return Top.of(view, self._knobs.empty_side)

    def _market(self, condition: str) -> Market:
        return self._house.catalogue.markets[condition]
