"""Which rows of the catalogue a query means, in which order, and page by page (§5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from venues.money import micros
from venues.sim.polymarket.catalogue import Event, Market, Phase
from venues.sim.polymarket.gamma_words import series_id, tag_id
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Query
from venues.sim.polymarket.rest_pages import opaque, opened

DEFAULT: Final = 20
OFFSET_MAX: Final = 2_100
OVER: Final = {Phase.CLOSED, Phase.RESOLVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What of an event or a market can be asked for. `names` by query parameter: any of a value."""

    id: str
    slug: str
    title: str
    closed: bool
    start_ms: int
    end_ms: int
    volume: int
    tags: tuple[str, ...]
    series: str
    names: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of_event(cls, event: Event, markets: Sequence[Market]) -> Row:
        """Closed once all of its markets are; it begins with the first of them."""
        return cls(
            id=event.id,
            slug=event.slug,
            title=event.title,
            closed=bool(markets) and all(each.phase in OVER for each in markets),
            start_ms=min((each.start_ms for each in markets), default=0),
            end_ms=event.end_ms or 0,
            volume=sum(each.volume for each in markets),
            tags=event.tags,
            series=event.series,
            names={"version": frozenset(each.version for each in markets)},
        )

    @classmethod
    def of_market(cls, market: Market, event: Event) -> Row:
        short = market.condition[:-2] if market.version == "v2" else market.condition
        tokens = frozenset(market.tokens)
        return cls(
            id=market.id,
            slug=market.slug,
            title=market.question,
            closed=market.phase in OVER,
            start_ms=market.start_ms,
            end_ms=market.end_ms or 0,
            volume=market.volume,
            tags=event.tags,
            series=event.series,
            names={
                "condition_ids": frozenset({short.lower()}),
                "question_ids": frozenset({short.lower()}),
                "clob_token_ids": tokens if market.version == "v1" else frozenset(),
                "position_ids": tokens if market.version == "v2" else frozenset(),
                "uma_resolution_status": frozenset({market.uma_status}),
                "version": frozenset({market.version}),
            },
        )


Key = int | str
_ORDERS: Final[dict[str, Callable[[Row], Key]]] = {
    "id": lambda row: int(row.id),
    "slug": lambda row: row.slug,
    "ticker": lambda row: row.slug,
    "title": lambda row: row.title,
    "question": lambda row: row.title,
    "startDate": lambda row: row.start_ms,
    "start_date": lambda row: row.start_ms,
    "endDate": lambda row: row.end_ms,
    "end_date": lambda row: row.end_ms,
    "volume": lambda row: row.volume,
    "volumeNum": lambda row: row.volume,
    "volume24hr": lambda row: row.volume,
    "volume_num": lambda row: row.volume,
    "volume_24hr": lambda row: row.volume,
    "liquidity": lambda row: row.volume,
    "liquidityNum": lambda row: row.volume,
}
"""Liquidity ranks as volume does here."""

_NAMES: Final = (
    "condition_ids",
    "question_ids",
    "clob_token_ids",
    "position_ids",
    "uma_resolution_status",
    "version",
)


def filtered(rows: list[Row], ask: Ask) -> list[Row]:
    """Those meant, in order. Without `closed` open ones alone, unless they are named by id or slug
    (our reading)."""
    query = ask.query
    closed = query.flag("closed")
    named = query.repeated("id") or query.repeated("slug")
    tests: list[Callable[[Row], bool]] = [
        lambda row: row.closed == closed if closed is not None else bool(named) or not row.closed,
        *_of_lists(query, ask),
        *_of_ranges(query),
    ]
    if words := query.text("title_search").lower():
        tests.append(lambda row: words in row.title.lower())
    found = [row for row in rows if all(test(row) for test in tests)]
    order = _order(query)
    found.sort(key=lambda row: (order(row), int(row.id)), reverse=_falls(query))
    return found


def keyset(rows: list[Row], query: Query, *, most: int) -> tuple[list[Row], str]:
    """A page and the cursor of the next, "" for none. A parameter `cursor` is not looked at.

    Raises Refusal (422) for an offset.
    """
    if query.has("offset"):
        raise Refusal(422, "offset is not supported, use after_cursor")
    size, order = _size(query, most), _order(query)
    if cursor := query.text("after_cursor"):
        rows = _after(rows, opened(cursor), order, falls=_falls(query))
    shown = rows[:size]
    more = len(rows) > size
    return shown, opaque([order(shown[-1]), int(shown[-1].id)]) if more else ""


def legacy(rows: list[Row], query: Query, *, most: int) -> list[Row]:
    offset = query.whole("offset") or 0
    if offset > OFFSET_MAX:
        raise Refusal(422, "offset is too large")
    return rows[offset : offset + _size(query, most)]


def _after(rows: list[Row], last: object, order: Callable[[Row], Key], *, falls: bool) -> list[Row]:
    """Rows beyond the one that a cursor names, whether or not it is still among them."""
    match last:
        case [int() | str() as key, int(id)]:
            pass
        case _:
            raise Refusal(422, "invalid cursor")
    try:
        if falls:
            return [row for row in rows if (order(row), int(row.id)) < (key, id)]
        return [row for row in rows if (order(row), int(row.id)) > (key, id)]
    except TypeError:
        raise Refusal(422, "invalid cursor") from None


def _size(query: Query, most: int) -> int:
    limit = query.whole("limit")
    return min(DEFAULT if limit is None else limit, most) or DEFAULT


def _order(query: Query) -> Callable[[Row], Key]:
    name = query.text("order") or "id"
    if name not in _ORDERS:
        raise Refusal(422, "order fields are not valid")
    return _ORDERS[name]


def _falls(query: Query) -> bool:
    """Rising where nothing is said about the order, else falling unless told (our reading)."""
    ascending = query.flag("ascending")
    return bool(query.text("order")) if ascending is None else not ascending


def _of_lists(query: Query, ask: Ask) -> list[Callable[[Row], bool]]:
    """Repeated parameters: any of their values will do."""
    catalogue = ask.house.catalogue
    plain: dict[str, Callable[[Row], frozenset[str]]] = {
        "id": lambda row: frozenset({row.id}),
        "slug": lambda row: frozenset({row.slug}),
        "tag_slug": lambda row: frozenset(row.tags),
        "tag_id": lambda row: frozenset(tag_id(catalogue, tag) for tag in row.tags),
        "series_id": lambda row: frozenset({series_id(catalogue, row.series)}),
    }
    tests = [_any_of(frozenset(query.repeated(name)), of) for name, of in plain.items()]
    without = frozenset(query.repeated("exclude_tag_id"))
    tests.append(lambda row: not without & plain["tag_id"](row))
    asked = {name: frozenset(map(str.lower, query.repeated(name))) for name in _NAMES}
    tests.extend(_named(name, values) for name, values in asked.items())
    return tests


def _any_of(asked: frozenset[str], of: Callable[[Row], frozenset[str]]) -> Callable[[Row], bool]:
    return lambda row: not asked or bool(asked & of(row))


def _named(name: str, asked: frozenset[str]) -> Callable[[Row], bool]:
    return lambda row: not asked or bool(asked & row.names.get(name, frozenset()))


def _of_ranges(query: Query) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    for name, of in (
        ("start_date", lambda row: row.start_ms),
        ("end_date", lambda row: row.end_ms),
    ):
        tests.append(_between(_moment(query, f"{name}_min"), _moment(query, f"{name}_max"), of))
    for name in ("volume", "volume_num"):
        low, high = _amount(query, f"{name}_min"), _amount(query, f"{name}_max")
        tests.append(_between(low, high, lambda row: row.volume))
    return tests


def _between(low: int | None, high: int | None, of: Callable[[Row], int]) -> Callable[[Row], bool]:
    return lambda row: (low is None or of(row) >= low) and (high is None or of(row) <= high)


def _moment(query: Query, name: str) -> int | None:
    """ISO 8601 → epoch milliseconds."""
    if not (text := query.text(name)):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(422, f"invalid {name}") from None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(aware.timestamp()) * 1_000


def _amount(query: Query, name: str) -> int | None:
    try:
        return micros(query.text(name)) if query.text(name) else None
    except ValueError:
        raise Refusal(422, f"invalid {name}") from None
