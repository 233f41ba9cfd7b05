"""Polymarket's public market data: the only file of this folder that does I/O."""

from __future__ import annotations

import asyncio
import re
from collections.abc import (
    AsyncIterator,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from functools import partial
from typing import Final

from venues.book import Book
from venues.clock import Clock
from venues.errors import AuthRefused, NotFound, Refused, VenueError, WireError
from venues.faults import Faults
from venues.http import Http
from venues.market import Event, Market
from venues.polymarket import calls, normalize, wire
from venues.polymarket.normalize import VENUE
from venues.polymarket.terms import Terms, TermsBook
from venues.venue import Page, PricePoint, VenueStatus

CLOB: Final = "https://clob.polymarket.com"
GAMMA: Final = "https://gamma-api.polymarket.com"

_NAMED_MAX: Final = 20
_ASKED_SINGLY: Final = 20
_TOKEN_DIGITS_MIN: Final = 30  # a token id has about 77, Gamma's own numbers 7
_read_name = partial(wire.read, kind=wire.MarketName)
_read_event = partial(wire.read, kind=wire.Event)
_SLUG: Final = re.compile(r"(?!\.+$)[\w.-]{1,200}", re.ASCII)


class Polymarket:
    """MarketData of the main venue over `http`, which needs CLOB as host "" and GAMMA as "gamma".

    A market id is the condition id as the exchange writes it. `book` learns tokens and terms.
    """

    def __init__(self, http: Http, clock: Clock, book: TermsBook | None = None) -> None:
        self.book = book or TermsBook()
        self._http = http
        self._clock = clock
        self._faults = Faults(wire.label)

    @property
    def name(self) -> str:
        return VENUE

    @property
    def faults(self) -> tuple[str, ...]:
        """The last thousand different sentences."""
        return tuple(self._faults)

    async def status(self) -> VenueStatus:
        seconds = await self._http.send(calls.time())
        now_ms = self._clock.now_ms()
        return normalize.status(seconds, await self._http.send(calls.ok()), now_ms)

    async def pages(self, cursor: str = "") -> AsyncIterator[Page]:
        """Open events in the order of Gamma's ids; markets that closed already are left out."""
        seen: set[str] = set()
        asked = {cursor}
        while True:
            answer = await self._http.send(calls.open_events(cursor))
            found = {each.id: each for each in self._faults.each(answer.events, self._event)}
            fresh = tuple(each for id, each in found.items() if id not in seen)
            seen.update(found)
            cursor = self._faults.following(answer.next_cursor, asked)
            yield Page(fresh, cursor)
            if not cursor:
                return

    async def resolve(self, text: str) -> str:
        """Condition id, YES token, Gamma's number, market slug or address of a page → market id.

        NotFound for the slug of an event with several markets names them.
        """
        name = re.split("[?#]", text.strip())[0].rstrip("/").rpartition("/")[2]
        try:
            return await self._named(name)
        except AuthRefused:
            raise
        except Refused as error:
            raise NotFound(VENUE, error.status, error.words) from None

    async def markets(self, ids: Collection[str]) -> dict[str, Market]:
        """Words from Gamma, terms from the exchange; closed markets are found too."""
        found: dict[str, Market] = {}
        for batch in _batches(_conditions(ids), calls.IDS_MAX):
            for id, row in (await self._rows(batch)).items():
                now = await self._compact_market(id)
                if now is None:
                    self._faults.add(f"Market {id} is left out: the exchange has none yet.")
                    continue
                try:
                    found[id] = normalize.market(row, None, now)
                except ValueError as error:
                    self._faults.add(f"Market {id} is left out: {error}.")
        return found

    async def books(self, ids: Collection[str]) -> dict[str, Book]:
        """YES books, whole; markets without one are absent."""
        await self.learn(ids)
        tokens = {found[0]: id for id in _conditions(ids) if (found := self.book.tokens(id))}
        books: dict[str, Book] = {}
        for batch in _batches(tuple(tokens), calls.BOOKS_MAX):
            books |= await self._books({token: tokens[token] for token in batch})
        return books

    async def prices(self, id: str, *, start_ms: int, end_ms: int) -> tuple[PricePoint, ...]:
        await self.learn([id])
        tokens = self.book.tokens(id)
        if tokens is None:
            return ()
        points: dict[int, PricePoint] = {}
        last_s = end_ms // 1_000
        for start_s in range(-(-start_ms // 1_000), last_s + 1, calls.HISTORY_S_MAX):
            end_s = min(start_s + calls.HISTORY_S_MAX - 1, last_s)
            answer = await self._http.send(calls.history(tokens[0], start_s=start_s, end_s=end_s))
            points |= {point.at_ms: point for point in self._faults.each(answer.history, _point)}
        return tuple(points[at_ms] for at_ms in sorted(points))

    async def learn(self, ids: Collection[str]) -> None:
        """The tokens of these markets into `book`, as far as anybody knows them: a few from the
        exchange, side by side, many from Gamma, a hundred at once. Raises the first error, after
        all of the few that could be learned are."""
        unknown = [id for id in _conditions(ids) if self.book.tokens(id) is None]
        if len(unknown) <= _ASKED_SINGLY:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._try_market(id)) for id in unknown]
            for task in asked:
                if error := task.result():
                    raise error
            return
        for batch in _batches(unknown, calls.IDS_MAX):
            for id, row in (await self._rows(batch)).items():
                try:
                    self.book.learn_tokens(id, *normalize.tokens(row))
                except ValueError as error:
                    self._faults.add(f"The tokens of {id} are unknown: {error}.")

    async def terms(self, id: str, *, age_ms_max: int) -> Terms:
        """What orders of a market must keep to. Raises NotFound where the exchange has none."""
        known = self.book.terms(id)
        if known and self._clock.now_ms() - known.read_ms <= age_ms_max:
            return known
        self.book.forget_terms(id)
        if normalize.is_condition(id):
            await self._compact_market(id)
        if found := self.book.terms(id):
            return found
        raise NotFound(VENUE, 404, f"the exchange tells no terms of {id}")

    async def _named(self, name: str) -> str:
        if name.lower().startswith("0x"):
            return await self._by_condition(name)
        if name.isdecimal() and len(name) >= _TOKEN_DIGITS_MIN:
            return await self._by_token(name)
        if not _SLUG.fullmatch(name):
            raise NotFound(VENUE, 404, await self._instead(name))
        call = calls.market_by_number if name.isdecimal() else calls.market_by_slug
        try:
            return normalize.condition((await self._http.send(call(name))).condition_id)
        except NotFound:
            return await self._by_event(name)

    async def _by_condition(self, text: str) -> str:
        try:
            id = normalize.condition(text)
        except ValueError as error:
            raise NotFound(VENUE, 404, str(error)) from None
        if await self._compact_market(id) is None:
            raise NotFound(VENUE, 404, f"the exchange does not list {id}")
        return id

    async def _by_token(self, token: str) -> str:
        found = await self._http.send(calls.market_of_token(token))
        id = normalize.condition(found.condition_id)
        if token != found.primary_token_id:
            raise NotFound(VENUE, 404, f"{token} is the NO token of market {id}: name the market")
        return id

    async def _by_event(self, slug: str) -> str:
        try:
            event = await self._http.send(calls.event_by_slug(slug))
        except NotFound:
            raise NotFound(VENUE, 404, await self._instead(slug)) from None
        markets = list(self._faults.each(event.markets, _read_name))
        if len(markets) == 1:
            return normalize.condition(markets[0].condition_id)
        words = f"{slug} is an event; its markets are {_listed(each.slug for each in markets)}"
        raise NotFound(VENUE, 404, words)

    async def _instead(self, name: str) -> str:
        """What to say of a name that is no market."""
        words = " ".join(re.findall(r"\w+", name))[:100]
        slugs = await self._similar(words) if words else []
        hint = f"; did you mean {_listed(slugs)}" if slugs else ""
        return f"there is no market {name!r}{hint}"

    async def _similar(self, words: str) -> list[str]:
        """Slugs that a search finds; none where it fails: a hint is not worth an error."""
        try:
            answer = await self._http.send(calls.search(words))
        except VenueError:
            return []
        events = self._faults.each(answer.events or (), _read_event)
        return [
            market.slug
            for event in events
            for market in self._faults.each(event.markets, _read_name)
        ]

    async def _rows(self, ids: Sequence[str]) -> dict[str, wire.Market]:
        """What Gamma says of these markets: the open ones, then those that were missing."""
        open_ones = await self._http.send(calls.markets(ids, closed=False))
        rows = dict(self._faults.each(open_ones, _row))
        if missing := [id for id in ids if id not in rows]:
            closed_ones = await self._http.send(calls.markets(missing, closed=True))
            rows |= dict(self._faults.each(closed_ones, _row))
        return {id: rows[id] for id in ids if id in rows}

    async def _compact_market(self, id: str) -> wire.CompactMarket | None:
        """None where the exchange does not know it (yet), or answers what makes no sense."""
        try:
            found = await self._http.send(calls.compact_market(id))
        except WireError as error:
            self._faults.add(f"The terms of {id} are unknown: {error}")
            return None
        except Refused as error:
            if error.status not in {400, 404}:
                raise
            return None
        if normalize.condition(found.condition) != id:
            self._faults.add(f"The terms of {id} are unknown: those of {found.condition} came.")
            return None
        try:
            self.book.learn(normalize.terms(id, found, self._clock.now_ms()))
        except ValueError as error:
            self._faults.add(f"The terms of {id} are unknown: {error}.")
            return None
        return found

    async def _try_market(self, id: str) -> VenueError | None:
        try:
            await self._compact_market(id)
        except VenueError as error:
            return error
        return None

    async def _books(self, tokens: Mapping[str, str]) -> dict[str, Book]:
        """The books of these YES tokens, token → market id."""
        try:
            raws = await self._http.send(calls.books(tuple(tokens)))
        except NotFound:
            return {}
        now_ms = self._clock.now_ms()
        books = self._faults.each(raws, lambda raw: _book(raw, tokens, now_ms))
        return {book.contract.market: book for book in books}

    def _event(self, raw: wire.Raw) -> Event:
        event = wire.read(raw, wire.Event)
        markets = self._faults.each(event.markets, lambda each: _open_market(each, event))
        return normalize.event(event, tuple(market for market in markets if market))


def _row(raw: wire.Raw) -> tuple[str, wire.Market]:
    row = wire.read(raw, wire.Market)
    return normalize.condition(row.condition_id), row


def _open_market(raw: wire.Raw, event: wire.Event) -> Market | None:
    row = wire.read(raw, wire.Market)
    return None if row.closed else normalize.market(row, event, None)


def _book(raw: wire.Raw, tokens: Mapping[str, str], received_ms: int) -> Book:
    found = wire.read(raw, wire.Book)
    if found.asset_id not in tokens:
        raise ValueError("nobody asked for this book")
    return normalize.book(tokens[found.asset_id], found, received_ms)


def _point(raw: wire.Raw) -> PricePoint:
    return normalize.point(wire.read(raw, wire.HistoryPoint))


def _listed(slugs: Iterable[str]) -> str:
    names = list(slugs)
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return ", ".join(names[:_NAMED_MAX]) + more


def _conditions(ids: Collection[str]) -> list[str]:
    """Those that are market ids, each once, in a fixed order so that a tape can answer again."""
    return sorted({id for id in ids if normalize.is_condition(id)})


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
