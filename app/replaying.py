"""`dutchbook replay`: a tape of quotes, or a recorded day, through the live engine; and what clicks
on its alerts would have got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.cli import emit
from app.commands import listed_of_tape, note, records
from app.config import Settings, load_settings
from app.jobs_commands import episode_json
from app.pair_source import pairs_to_scan
from app.pairs_file import PairRow
from app.problem import Exit, Problem
from app.relisted import listed_from
from app.replay_report import Seen, document, show
from app.wiring import player
from app.wiring_terms import Member, live_policy
from scanner.backtest import backtest
from scanner.click import Click
from scanner.clicks import Clicked, Clicks
from scanner.engine import Engine
from scanner.episode import Change
from scanner.relive import Relived
from scanner.scan import Policy
from venues import Cash, micros
from venues.replay import Pass, passes
from venues.tape import Answer, Cycle, Quote, Tape
from venues.tapes import tapes_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Times as ISO or epoch milliseconds; `delays` in milliseconds and `sizes` in dollars, with
    commas between."""

    pairs: Path | None
    since: str | None
    until: str | None
    delays: str
    sizes: str
    as_json: bool


def replay(given: Sequence[Path], options: ReplayOptions, config: Path | None) -> Exit:
    settings = load_settings(config)
    source = pairs_to_scan(options.pairs, settings)
    tapes = [Tape(path) for path in _files(given)]
    clicks = [
        Click(delay, Cash(size))
        for delay in _delays(options.delays)
        for size in _sizes(options.sizes)
    ]
    replayed = _relived if _is_of_a_day(tapes) else _quoted
    seen = Seen()
    for each in replayed(tapes, source.rows, settings, clicks, options):
        seen.add(each)
    for tape in tapes:
        if tape.torn:
            note(f"{tape.path} ends torn, as after a kill; everything before that was replayed.")
    if options.as_json:
        for episode in seen.episodes.values():
            emit(episode_json(episode))
        emit(document(seen, clicks))
    else:
        show(seen, clicks)
    return Exit.DONE


def _files(given: Iterable[Path]) -> list[Path]:
    found = [each for path in given for each in (tapes_in(path) if path.is_dir() else [path])]
    if not found:
        raise Problem(Exit.BAD_FILE, f"No tape is in {', '.join(map(str, given))}.")
    return found


def _is_of_a_day(tapes: Sequence[Tape]) -> bool:
    """Whether a live day is on them; by the first record that is no answer."""
    kinds = (each for each in records(tapes) if not isinstance(each, Answer))
    return not isinstance(next(kinds, None), Cycle | Quote | None)


def _quoted(
    tapes: Sequence[Tape],
    rows: Sequence[PairRow],
    _: Settings,
    clicks: Sequence[Click],
    options: ReplayOptions,
) -> Iterator[Change | Clicked]:
    listed = [listed_of_tape(row, Member.DIRECT) for row in rows]
    chosen = _between(passes(records(tapes)), _moment(options.since), _moment(options.until))
    return backtest(listed, chosen, clicks=clicks, policy=Policy())


def _relived(
    tapes: Sequence[Tape],
    rows: Sequence[PairRow],
    settings: Settings,
    clicks: Sequence[Click],
    options: ReplayOptions,
) -> Iterator[Change | Clicked]:
    """A live day as it was lived, by the settings."""
    played = player()
    engine = Engine(played.books, policy=live_policy(settings), age_ms_max=settings.scan.age_ms_max)
    listed = listed_from(rows, Member(settings.kalshi.member))
    again = Relived(engine, played, Clicks(clicks, played.books), listed)
    since_ms, until_ms = _moment(options.since), _moment(options.until)
    try:
        yield from again.run(records(tapes), since_ms=since_ms or 0, until_ms=until_ms)
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"These tapes contradict themselves: {error}.") from None
    if played.skipped:
        note(
            f"{played.skipped:,} frames were passed over: their connections began before these "
            "tapes. Give the earlier tapes, too."
        )


def _between(found: Iterable[Pass], since_ms: int | None, until_ms: int | None) -> Iterator[Pass]:
    for cycle in found:
        if cycle.answers:
            raise Problem(
                Exit.BAD_FILE,
                "This tape holds a live scan's answers, not quotes: `dutchbook scan --tape` "
                "scans it again.",
            )
        if until_ms is not None and cycle.ts_ms > until_ms:
            return
        if since_ms is None or cycle.ts_ms >= since_ms:
            yield cycle


def _moment(text: str | None) -> int | None:
    if text is None or text.isdecimal():
        return None if text is None else int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        said = f"{text!r} is no time: write 2026-07-05T18:00Z or epoch milliseconds."
        raise Problem(Exit.WRONG_USAGE, said) from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1_000)


def _delays(text: str) -> list[int]:
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError:
        found = [-1]
    if min(found) < 0:
        said = f"--delay-ms is whole milliseconds with commas between, not {text!r}."
        raise Problem(Exit.WRONG_USAGE, said)
    return found


def _sizes(text: str) -> list[int]:
    try:
        found = sorted({micros(part.strip()) for part in text.split(",")})
    except ValueError:
        found = [0]
    if min(found) <= 0:
        said = f"--size is dollars above zero with commas between, not {text!r}."
        raise Problem(Exit.WRONG_USAGE, said)
    return found
