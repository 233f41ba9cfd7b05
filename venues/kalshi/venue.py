"""Kalshi's public market data: the only file of this folder that does I/O."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from venues.book import Book
from venues.clock import Clock
from venues.errors import AuthRefused, NotFound, Refused, WireError
from venues.faults import Faults
from venues.http import Http
from venues.kalshi import normalize
from venues.kalshi.calls import public as calls
from venues.kalshi.fees import Change, Member
from venues.kalshi.normalize import VENUE, Schedule, Surroundings, Trade
from venues.kalshi.wire import public as wire
from venues.kalshi.wire.raw import Raw, label, read
from venues.market import Event, Market
from venues.venue import Page, PricePoint, VenueStatus

PROD: Final = "https://external-api.kalshi.com/trade-api/v2"

T = TypeVar("T")
_FRESH_NS: Final = 600 * 10**9
_TRADES_PAGE: Final = 1_000
_CANDLES_PAGE_S: Final = 5_000 * 3_600  # half of what the venue allows in one answer
_NAMED_MAX: Final = 20
_read_series = partial(read, kind=wire.Series)
_read_event = partial(read, kind=wire.Event)
_read_market = partial(read, kind=wire.Market)
_read_series_change = partial(read, kind=wire.SeriesFeeChange)
_read_event_change = partial(read, kind=wire.EventFeeChange)
_TICKER: Final = re.compile(r"(?!\.+$)[\w.-]{1,200}", re.ASCII)


class Kalshi:
    """MarketData over `http`, whose bucket keeps the polite rate of 3 calls a second.

    `member` decides how fees are rounded. Fee terms of series are kept for ten minutes; nothing
    else is kept between calls.
    """

    def __init__(self, http: Http, clock: Clock, member: Member = Member.UNKNOWN) -> None:
        self._http = http
        self._clock = clock
        self._member = member
        self._faults = Faults(label)
        self._series: dict[str, wire.Series | None] = {}
        self._series_changes: dict[str, list[Change]] = {}
        self._event_changes: dict[str, list[Change]] = {}
        self._changes_ns: int | None = None

    @property
    def name(self) -> str:
        return VENUE

    @property
    def faults(self) -> tuple[str, ...]:
        """The last thousand different sentences."""
        return tuple(self._faults)

    async def status(self) -> VenueStatus:
        found = await self._http.send(calls.exchange_status())
        return normalize.status(found, self._http.skew.ahead_ms)

    async def schedule(self) -> Schedule:
        return normalize.hours((await self._http.send(calls.exchange_schedule())).schedule)

    async def pages(self, cursor: str = "") -> AsyncIterator[Page]:
        """Fee changes and the list of all series come first; only ids are kept of earlier pages."""
        await self._load_changes()
        listed = await self._http.send(calls.series_list())
        self._series = {x.ticker: x for x in self._faults.each(listed.series, _read_series)}
        del listed
        seen: set[str] = set()
        asked = {cursor}
        while True:
            answer = await self._http.send(calls.open_events(cursor))
            found = {x.event_ticker: x for x in self._faults.each(answer.events, _read_event)}
            new = [each for id, each in found.items() if id not in seen]
            seen.update(found)
            await self._load_series(new)
            cursor = self._faults.following(answer.cursor, asked) if answer.events else ""
            yield Page(tuple(event for each in new if (event := self._event(each))), cursor)
            if not cursor:
                return

    async def resolve(self, text: str) -> str:
        """A ticker in any case, or an address that ends in one.

        NotFound for the ticker of an event names the event's markets.
        """
        address = re.sub(r"\?[^#]*", "", text.strip()).rstrip("/#")
        ticker = re.split("[/#]", address)[-1].upper()
        if not _TICKER.fullmatch(ticker):
            raise NotFound(VENUE, 404, f"{text[:200]!r} is no ticker")
        try:
            await self._http.send(calls.market(ticker))
        except NotFound:
            raise NotFound(VENUE, 404, await self._instead(ticker)) from None
        return ticker

    async def markets(self, ids: Collection[str]) -> Mapping[str, Market]:
        wanted = _tickers(ids)
        found: dict[str, wire.Market] = {}
        for some in _batches(wanted):
            answer = await self._http.send(calls.markets(some))
            found |= {x.ticker: x for x in self._faults.each(answer.markets, _read_market)}
        parents = await self._parents({each.event_ticker for each in found.values()})
        markets = {}
        for id in (id for id in wanted if id in found):
            parent = parents.get(found[id].event_ticker)
            if parent is None:
                self._faults.add(
                    f"{id} is left out: its event {found[id].event_ticker} is not listed."
                )
            elif event := self._event(parent, (found[id],)):
                markets[id] = event.markets[0]
        return markets

    async def books(self, ids: Collection[str]) -> Mapping[str, Book]:
        books: dict[str, Book] = {}
        for some in _batches(_tickers(ids)):
            books |= await self._books(some)
        return books

    async def prices(self, id: str, *, start_ms: int, end_ms: int) -> tuple[PricePoint, ...]:
        points: dict[int, PricePoint] = {}
        last_s = end_ms // 1_000
        for start_s in range(-(-start_ms // 1_000), last_s + 1, _CANDLES_PAGE_S):
            end_s = min(start_s + _CANDLES_PAGE_S - 1, last_s)
            answer = await self._http.send(calls.hourly_candles(id, start_s=start_s, end_s=end_s))
            for market in answer.markets:
                for point in self._faults.each(market.candlesticks, _point):
                    if point and market.market_ticker == id:
                        points[point.at_ms] = point
        return tuple(points[at_ms] for at_ms in sorted(points))

    async def trades(self, id: str, limit: int) -> tuple[Trade, ...]:
        """The last `limit` public trades of a market, newest first, block trades included."""
        trades: dict[str, Trade] = {}
        cursor = ""
        asked = {cursor}
        while len(trades) < limit:
            page = min(limit - len(trades), _TRADES_PAGE)
            answer = await self._http.send(calls.trades(id, limit=page, cursor=cursor))
            trades |= {each.id: each for each in self._faults.each(answer.trades, _trade)}
            cursor = self._faults.following(answer.cursor, asked)
            if not cursor or not answer.trades:
                break
        return tuple(trades.values())[:limit]

    async def _instead(self, ticker: str) -> str:
        """What to say of a ticker that is no market."""
        try:
            answer = await self._http.send(calls.event(ticker))
        except (NotFound, WireError):
            return f"there is no market {ticker}"
        listed = answer.event.markets or answer.markets
        names = [market.ticker for market in listed]
        more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
        return f"{ticker} is an event; its markets are {', '.join(names[:_NAMED_MAX])}{more}"

    async def _parents(self, tickers: Collection[str]) -> dict[str, wire.Event]:
        """The events of these tickers, their series and fee changes at hand."""
        if not tickers:
            return {}
        now_ns = self._clock.monotonic_ns()
        if self._changes_ns is None or now_ns - self._changes_ns > _FRESH_NS:
            self._series = {}
            await self._load_changes()
        parents: dict[str, wire.Event] = {}
        for some in _batches(sorted(tickers)):
            answer = await self._http.send(calls.events(some))
            parents |= {x.event_ticker: x for x in self._faults.each(answer.events, _read_event)}
        await self._load_series(parents.values())
        return parents

    async def _load_changes(self) -> None:
        """Fee changes to come, of series and of events."""
        series: dict[str, list[Change]] = defaultdict(list)
        listed = await self._http.send(calls.series_fee_changes())
        for each in self._faults.each(listed.series_fee_change_arr, _read_series_change):
            series[each.series_ticker].append(normalize.series_change(each))
        events: dict[str, list[Change]] = defaultdict(list)
        cursor = ""
        asked = {cursor}
        while True:
            answer = await self._http.send(calls.event_fee_changes(cursor))
            for change in self._faults.each(answer.event_fee_changes, _read_event_change):
                events[change.event_ticker].append(normalize.event_change(change))
            cursor = self._faults.following(answer.cursor, asked)
            if not cursor:
                break
        self._series_changes, self._event_changes = series, events
        self._changes_ns = self._clock.monotonic_ns()

    async def _load_series(self, events: Collection[wire.Event]) -> None:
        for ticker in sorted({each.series_ticker for each in events} - self._series.keys()):
            try:
                self._series[ticker] = (await self._http.send(calls.series(ticker))).series
            except AuthRefused:
                raise
            except (Refused, WireError, ValueError) as error:
                self._series[ticker] = None
                self._faults.add(f"The fees of series {ticker} are unknown: {error}")

    async def _books(self, tickers: Sequence[str]) -> dict[str, Book]:
        """A batch that is refused is asked for in halves, so that one ticker loses only itself."""
        if len(tickers) == 1:
            return await self._single_book(tickers[0])
        try:
            answer = await self._http.send(calls.orderbooks(tickers))
        except AuthRefused:
            raise
        except Refused:
            half = len(tickers) // 2
            return await self._books(tickers[:half]) | await self._books(tickers[half:])
        now_ms = self._clock.now_ms()
        books = self._faults.each(answer.orderbooks, lambda raw: _book(raw, now_ms))
        return {book.contract.market: book for book in books if book.contract.market in tickers}

    async def _single_book(self, ticker: str) -> dict[str, Book]:
        try:
            answer = await self._http.send(calls.orderbook(ticker))
            book = normalize.book(ticker, answer.orderbook_fp, self._clock.now_ms())
        except NotFound:
            return {}
        except AuthRefused:
            raise
        except (Refused, WireError, ValueError) as error:
            self._faults.add(f"The book of {ticker} is left out: {error}")
            return {}
        return {ticker: book}

    def _event(
        self, found: wire.Event, markets: Sequence[wire.Market] | None = None
    ) -> Event | None:
        around = Surroundings(
            series=self._series.get(found.series_ticker),
            series_changes=self._series_changes.get(found.series_ticker, ()),
            event_changes=self._event_changes.get(found.event_ticker, ()),
            member=self._member,
            now_ms=self._clock.now_ms(),
        )
        try:
            return normalize.event(found, around, markets)
        except ValueError as error:
            self._faults.add(f"{found.event_ticker} is left out: {error}.")
            return None


def _book(raw: Raw, received_ms: int) -> Book:
    found = read(raw, wire.TickerOrderbook)
    return normalize.book(found.ticker, found.orderbook_fp, received_ms)


def _trade(raw: Raw) -> Trade:
    return normalize.trade(read(raw, wire.Trade))


def _point(raw: Raw) -> PricePoint | None:
    return normalize.point(read(raw, wire.Candle))


def _tickers(ids: Collection[str]) -> list[str]:
    """Those that can be tickers, each once, in a fixed order so that a tape can answer again."""
    return sorted({id for id in ids if _TICKER.fullmatch(id)})


def _batches(tickers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(tickers), calls.BATCH):
        yield tickers[start : start + calls.BATCH]
