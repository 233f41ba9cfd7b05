"""What the reading commands do: scan, markets, book."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from app import catalogue
from app.cli import console, emit
from app.config import Settings, load_settings
from app.live import LiveScan, doubt_of
from app.live import scan_live as one_live_pass
from app.notifying import notify
from app.pair_source import Source, pairs_to_scan
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from app.replayed import scan_answers
from app.report import Tally, as_json, plain, print_near_misses, print_opportunities, print_tally
from app.wiring import open_venue
from app.wiring_terms import VENUES, Member, assumed_market, known_venue, live_policy
from matching.pairs import MarketKey
from scanner import Listed, Opportunity, Policy
from scanner.replay import replay
from venues import Book, Level, Market, SystemClock
from venues.money import text
from venues.replay import passes
from venues.tape import Cycle, Record, Tape, TapeError, TapeWriter

_TAPE_TITLE: Final = "Each pair's most profitable moment, after fees"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    pairs: Path | None
    age_ms_max: int | None
    member: str | None
    top: int
    as_json: bool
    notify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    search: str
    limit: int
    refresh: bool
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookOptions:
    no: bool
    depth: int
    as_json: bool


def scan_tape(path: Path, options: ScanOptions, config: Path | None) -> Exit:
    """Scans a tape, every cycle and every pair, fees as billed.

    Quotes are priced by the rules of contracts, "Quotes in", for a direct member; a recorded live
    scan as it was scanned, by the settings.
    """
    settings = load_settings(config)
    source = pairs_to_scan(options.pairs, settings)
    rows = source.rows
    quoted = _member(options.member, Member.DIRECT)
    recorded = _member(options.member, Member(settings.kalshi.member))
    listed = [listed_of_tape(row, quoted) for row in rows]
    policy = Policy(age_ms_max=options.age_ms_max)
    tally, tape, assumed = Tally(), Tape(path), False
    missing = False
    for cycle in passes(records([tape])):
        if cycle.answers:
            live = _live_policy(settings, options)
            found = asyncio.run(scan_answers(cycle, rows, settings, live, recorded))
            reports, missing = [found.report], missing or bool(found.down)
            for sentence in (*found.down, *found.unknown, *found.faults):
                note(sentence)
        else:
            reports, assumed = list(replay(listed, [cycle], policy)), True
        for report in reports:
            for finding in report.findings:
                tally.add(finding, report.ts_ms)
                if options.as_json:
                    emit(as_json(finding, report.ts_ms) | source.marks(finding.pair_id))
    if assumed:
        _warn_of_assumptions(rows)
    if tape.torn:
        note(f"{path} ends torn, as after a kill; everything before that was scanned.")
    if not tally.evaluated:
        note(f"No cycle of {path} has a quote of both markets of a pair in {source.name}.")
    if not options.as_json:
        out = console()
        print_tally(out, tally)
        if tally.ranked:
            best = tally.ranked[: options.top]
            print_opportunities(out, best, {}, title=_TAPE_TITLE, why_not=_why_not(source, best))
    return Exit.PARTIAL if missing else Exit.DONE


def records(tapes: Sequence[Tape]) -> Iterator[Record]:
    """What is on these tapes, with a progress bar on a terminal. Raises Problem for a bad tape."""
    bar = Console(stderr=True)
    for tape in tapes:
        try:
            if bar.is_terminal:
                yield from track(tape, str(tape.path), console=bar, transient=True)
            else:
                yield from tape
        except TapeError as error:
            raise Problem(Exit.BAD_FILE, f"{error}.") from None
        except OSError as error:
            said = f"The tape {tape.path} cannot be read: {error}."
            raise Problem(Exit.BAD_FILE, said) from None


def listed_of_tape(row: PairRow, member: Member) -> Listed:
    pair = row.pair()
    return Listed(
        pair, assumed_market(pair.one, row, member), assumed_market(pair.two, row, member)
    )


def _warn_of_assumptions(rows: Sequence[PairRow]) -> None:
    free = [row for row in rows if row.polymarket_fee_rate is None]
    if free:
        note(
            f"{len(free)} of {len(rows)} pairs name no polymarket_fee_rate: the rate of the day is "
            "taken from the category (of the pair, or of the Kalshi series), else the dearest."
        )


async def scan_live(record: Path | None, options: ScanOptions, config: Path | None) -> Exit:
    """One live pass over the pairs; exit 4 where something is missing from it."""
    settings = load_settings(config)
    source = pairs_to_scan(options.pairs, settings)
    if not source.rows:
        note("No pair of the book is accepted or approved; `dutchbook pairs list` shows them.")
        return Exit.DONE
    member = _member(options.member, Member(settings.kalshi.member))
    policy = _live_policy(settings, options)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        keep = None
        if record:
            tape = _recorder(stack, record)
            tape.write(Cycle(clock.now_ms()))
            keep = tape.keep
        venues = {
            name: await stack.enter_async_context(
                open_venue(name, settings, clock=clock, keep=keep, member=member)
            )
            for name in VENUES
        }
        found = await one_live_pass(source.rows, venues, clock=clock, policy=policy, member=member)
        asked = venues if options.notify else {}
        doubts = {name: await doubt_of(venue) for name, venue in asked.items()}
    _show_live(found, source, options)
    undelivered = await notify(found, source, settings, clock, doubts) if options.notify else ()
    for sentence in undelivered:
        note(sentence)
    if found.down or undelivered:
        return Exit.PARTIAL
    return Exit.BAD_FILE if found.unknown else Exit.DONE


def _live_policy(settings: Settings, options: ScanOptions) -> Policy:
    policy = live_policy(settings)
    if options.age_ms_max is None:
        return policy
    return replace(policy, age_ms_max=options.age_ms_max)


def _recorder(stack: AsyncExitStack, path: Path) -> TapeWriter:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return stack.enter_context(TapeWriter(path))
    except TapeError as error:
        raise Problem(Exit.BAD_FILE, f"{error}.") from None
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"The tape {path} cannot be written: {error}.") from None


def _why_not(
    source: Source,
    found: Iterable[Opportunity],
    markets: Mapping[MarketKey, Market] | None = None,
) -> dict[str, tuple[str, ...]] | None:
    """Of each pair of the book why it is not executable, None for pairs of a file."""
    if source.booked is None:
        return None
    return {each.pair_id: source.why_not(each.pair_id, markets) or () for each in found}


def _show_live(found: LiveScan, source: Source, options: ScanOptions) -> None:
    for sentence in (*found.down, *found.unknown, *found.faults):
        note(sentence)
    report = found.report
    if options.as_json:
        for finding in report.findings:
            marks = source.marks(finding.pair_id, found.markets)
            emit(as_json(finding, report.ts_ms) | marks)
        return
    out = console()
    if report.ranked:
        best = report.ranked[: options.top]
        why_not = _why_not(source, best, found.markets)
        print_opportunities(out, best, found.markets, why_not=why_not)
    else:
        out.print("Nothing is left after fees on any pair that could be priced.")
    print_near_misses(out, report.near_misses)


async def list_markets(venue: str, options: ListOptions, config: Path | None) -> Exit:
    """Markets whose words hold the search text, from the catalogue on disk."""
    settings = load_settings(config)
    venue = known_venue(venue)
    table = Table(title=f"Open markets at {venue}", title_justify="left")
    for name in ("id", "question", "YES is", "closes (UTC)"):
        table.add_column(name, overflow="fold")
    wanted, shown, more = options.search.casefold(), 0, 0
    async with catalogue.open_catalogue(venue, settings, refresh=options.refresh) as listing:
        note(listing.origin)
        async for market in listing.markets():
            if wanted not in f"{market.id} {market.title} {market.yes_means}".casefold():
                continue
            if shown == options.limit:
                more += 1
                continue
            shown += 1
            if options.as_json:
                emit(_market_json(market))
            else:
                table.add_row(*_market_row(market))
    for sentence in listing.faults[:5]:
        note(sentence)
    if not options.as_json:
        console().print(table)
    if more:
        note(f"{more:,} more; narrow the search or raise --limit.")
    return Exit.DONE


def _market_row(market: Market) -> tuple[str, str, str, str]:
    closes = market.closes_at.strftime("%Y-%m-%d %H:%M") if market.closes_at else ""
    return market.id, plain(market.title), plain(market.yes_means), closes


def _market_json(market: Market) -> dict[str, Any]:
    return {
        "schema": "dutchbook.market/1",
        "venue": market.venue,
        "id": market.id,
        "event_id": market.event_id,
        "title": market.title,
        "yes_means": market.yes_means,
        "status": market.status.value,
        "category": market.category,
        "closes_ms": int(market.closes_at.timestamp() * 1_000) if market.closes_at else None,
        "payout_ms": int(market.payout_at.timestamp() * 1_000) if market.payout_at else None,
        "url": market.url,
        "warnings": list(market.warnings),
    }


async def show_book(venue: str, market: str, options: BookOptions, config: Path | None) -> Exit:
    """One market's book, YES or NO side."""
    settings = load_settings(config)
    async with open_venue(venue, settings) as source:
        id = await source.resolve(market)
        books = await source.books([id])
    if id not in books:
        raise Problem(Exit.PARTIAL, f"{venue} has no book of {market} now.")
    book = books[id].flip() if options.no else books[id]
    if options.as_json:
        emit(book_json(book, options.depth))
    else:
        _print_book(book, options.depth)
    return Exit.DONE


def _print_book(book: Book, depth: int) -> None:
    table = Table()
    for name in ("bid size", "bid", "ask", "ask size"):
        table.add_column(name, justify="right")
    for index in range(min(depth, max(len(book.bids), len(book.asks)))):
        bid = book.bids[index] if index < len(book.bids) else None
        ask = book.asks[index] if index < len(book.asks) else None
        table.add_row(*_cells(bid)[::-1], *_cells(ask))
    out = console()
    out.print(str(book.contract))
    out.print(table)
    out.print(book.fault() or f"{len(book.bids)} bids and {len(book.asks)} asks in all.")


def _cells(level: Level | None) -> tuple[str, str]:
    return (text(level.price), text(level.quantity)) if level else ("", "")


def book_json(book: Book, depth: int) -> dict[str, Any]:
    return {
        "schema": "dutchbook.book/1",
        "venue": book.contract.venue,
        "market": book.contract.market,
        "side": book.contract.outcome.value,
        "received_ms": book.received_ms or None,  # 0: nothing was received yet
        "venue_ms": book.venue_ms,
        "fault": book.fault(),
        **{
            name: [{"price_micros": p, "quantity_micros": q} for p, q in levels[:depth]]
            for name, levels in (("bids", book.bids), ("asks", book.asks))
        },
    }


def _member(text: str | None, otherwise: Member) -> Member:
    if text is None:
        return otherwise
    try:
        return Member(text)
    except ValueError:
        known = ", ".join(Member)
        raise Problem(Exit.WRONG_USAGE, f"--member is one of {known}, not {text!r}.") from None


def note(sentence: str) -> None:
    sys.stderr.write(f"dutchbook: {plain(sentence)}\n")
