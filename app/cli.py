"""The command line. Commands import what they need when they run, so that `--help` is quick."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli_alerts import alerts_app
from app.cli_hedge import (
    hedge_app,
    journal_app,
    kill,
    limits,
    pnl,
    positions,
    proposals_app,
)
from app.cli_jobs import history, jobs
from app.cli_options import AsJson, Config
from app.cli_pairs import pairs_app
from app.cli_setup import init
from app.problem import Exit, Problem

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="dutchbook",
    help="Finds what two prediction markets disagree about, and what is left of it after fees.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
tape_app = typer.Typer(help="Recordings of both venues.", no_args_is_help=True)
app.add_typer(tape_app, name="tape")
sim_app = typer.Typer(help="Simulated venues on this machine.", no_args_is_help=True)
app.add_typer(sim_app, name="sim")
app.add_typer(pairs_app, name="pairs")
app.add_typer(alerts_app, name="alerts")
app.command()(init)
app.command()(jobs)
app.command()(history)
app.add_typer(hedge_app, name="hedge")
app.add_typer(journal_app, name="journal")
app.add_typer(proposals_app, name="proposals")
for command in (positions, pnl, limits, kill):
    app.command()(command)

Venue = Annotated[str, typer.Argument(help="kalshi or polymarket")]


def main() -> None:
    """Runs a command; a problem becomes one sentence on stderr and its exit code."""
    from venues import AuthRefused, VenueError

    try:
        app()
    except Problem as problem:
        _say(str(problem))
        sys.exit(problem.code)
    except AuthRefused as error:
        _say(str(error))
        sys.exit(Exit.BAD_FILE)
    except VenueError as error:
        _say(str(error))
        sys.exit(Exit.PARTIAL)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            sys.exit(Exit.DONE)  # whoever reads us has read enough, as `head` has
        raise
    except KeyboardInterrupt:
        _say("Stopped.")
        sys.exit(130)


@app.callback(invoke_without_command=True)
def top(
    show_version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if show_version:
        typer.echo(f"dutchbook {version('dutchbook')}")
        raise typer.Exit


@app.command()
def scan(
    pairs: Annotated[
        Path | None,
        typer.Option(help="CSV, JSON or YAML file of pairs; default: those of the pair book."),
    ] = None,
    tape: Annotated[Path | None, typer.Option(help="Scan this tape, not the live venues.")] = None,
    record: Annotated[
        Path | None, typer.Option(help="Keep every answer of a live scan on this tape.")
    ] = None,
    max_age_ms: Annotated[
        int | None, typer.Option("--max-age-ms", min=0, help="Oldest book to price.")
    ] = None,
    member: Annotated[
        str | None,
        typer.Option(help="Kalshi fee class: direct, non_direct, unknown. On a tape: direct."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Opportunities to show.")] = 20,
    notify: Annotated[
        bool, typer.Option("--notify", help="Live: tell Slack and e-mail too, as in cron.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Price pairs at both venues and rank what is left after fees."""
    from app import commands

    options = commands.ScanOptions(
        pairs=pairs,
        age_ms_max=max_age_ms,
        member=member,
        top=top,
        as_json=as_json,
        notify=notify,
    )
    if tape and notify:
        raise Problem(Exit.WRONG_USAGE, "--notify tells of a live scan; a tape is the past.")
    if tape:
        raise typer.Exit(commands.scan_tape(tape, options, config))
    raise typer.Exit(asyncio.run(commands.scan_live(record, options, config)))


@app.command()
def run(
    pairs: Annotated[
        Path | None,
        typer.Option(help="CSV, JSON or YAML file of pairs; default: those of the pair book."),
    ] = None,
    seconds: Annotated[
        int | None, typer.Option(min=1, help="End after so long; default: at Ctrl-C or SIGTERM.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Put the whole day on tapes in this folder.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Watch pairs live: books from both venues, priced whenever one changes."""
    from app import running

    options = running.RunOptions(pairs=pairs, record=record, seconds=seconds, as_json=as_json)
    raise typer.Exit(asyncio.run(running.run(options, config)))


@app.command()
def markets(
    venue: Venue,
    search: Annotated[str, typer.Option(help="Only markets whose words hold this text.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Markets to show.")] = 50,
    refresh: Annotated[bool, typer.Option(help="Fetch the catalogue anew.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List a venue's open markets from its catalogue, kept on disk."""
    from app import commands

    options = commands.ListOptions(search=search, limit=limit, refresh=refresh, as_json=as_json)
    raise typer.Exit(asyncio.run(commands.list_markets(venue, options, config)))


@app.command()
def book(
    venue: Venue,
    market: Annotated[str, typer.Argument(help="Ticker, condition id, slug, token or URL.")],
    no: Annotated[bool, typer.Option("--no", help="The NO side.")] = False,
    depth: Annotated[int, typer.Option(min=1, help="Levels to show.")] = 10,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: a line for every change.")] = False,
    lines: Annotated[int | None, typer.Option(min=1, help="With --watch: end after these.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the order book of one market, best first."""
    if watch:
        from app import watching

        wanted = watching.Wanted(market=market, no=no, depth=depth, lines=lines, as_json=as_json)
        raise typer.Exit(asyncio.run(watching.watch(venue, wanted, config)))
    from app import commands

    options = commands.BookOptions(no=no, depth=depth, as_json=as_json)
    raise typer.Exit(asyncio.run(commands.show_book(venue, market, options, config)))


@app.command()
def fees(
    venue: Venue,
    fills: Annotated[list[str], typer.Argument(help="One order's fills: QUANTITY@PRICE …")],
    sell: Annotated[bool, typer.Option("--sell", help="A sale.")] = False,
    maker: Annotated[bool, typer.Option("--maker", help="The order rested.")] = False,
    fee_type: Annotated[
        str, typer.Option(help="Kalshi: the series' fee_type.")
    ] = "quadratic_with_maker_fees",
    multiplier: Annotated[str, typer.Option(help="Kalshi: the fee multiplier.")] = "1",
    member: Annotated[str, typer.Option(help="Kalshi: direct, non_direct, unknown.")] = "direct",
    category: Annotated[
        str | None, typer.Option(help="Polymarket: sports, crypto, politics …")
    ] = None,
    rate: Annotated[str | None, typer.Option(help="Polymarket: the market's own rate.")] = None,
    on: Annotated[str | None, typer.Option(help="Polymarket: the day, as 2026-07-05.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an order would cost in fees, fill by fill and step by step."""
    from app import fee_steps

    order = fee_steps.Order(
        venue=venue,
        fills=tuple(fills),
        sell=sell,
        maker=maker,
        fee_type=fee_type,
        multiplier=multiplier,
        member=member,
        category=category,
        rate=rate,
        on=on,
    )
    fee_steps.show(fee_steps.explain(order), as_json=as_json)


@app.command()
def account(
    venue: Annotated[str, typer.Argument(help="kalshi or polymarket")] = "kalshi",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show your cash, positions and open orders at a venue."""
    from app import holdings

    raise typer.Exit(asyncio.run(holdings.show_account(venue, config, as_json=as_json)))


@sim_app.command("serve")
def sim_serve(
    kalshi_port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")] = 0,
    polymarket_port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same world.")] = 0,
    settings: Annotated[
        Path | None, typer.Option(help="Write settings that point here to this file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve simulated venues on this machine until Ctrl-C."""
    from app import simulated

    serving = simulated.serve(
        kalshi_port=kalshi_port,
        polymarket_port=polymarket_port,
        seed=seed,
        settings=settings,
        as_json=as_json,
    )
    raise typer.Exit(asyncio.run(serving))


@app.command()
def doctor(config: Config = None, as_json: AsJson = False) -> None:
    """Check this machine, the settings and both venues, and say what to do."""
    from app import checkup

    raise typer.Exit(asyncio.run(checkup.doctor(config, as_json=as_json)))


@app.command()
def demo(
    seconds: Annotated[
        int | None,
        typer.Option(min=0, help="End by itself: one hedge is made by an alert's link, and told."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another world.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Everything, offline: two simulated venues, matcher, alerts, page, and a one-click hedge."""
    from app import demo as demo_

    options = demo_.DemoOptions(seconds=seconds, seed=seed, as_json=as_json)
    raise typer.Exit(asyncio.run(demo_.demo(options)))


@app.command()
def replay(
    tape: Annotated[
        list[Path],
        typer.Argument(help="A tape of quotes; or tapes of live days, or their folder."),
    ],
    pairs: Annotated[
        Path | None,
        typer.Option(help="CSV, JSON or YAML file of pairs; default: those of the pair book."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="ISO time or epoch milliseconds.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Likewise.")] = None,
    delay_ms: Annotated[
        str, typer.Option("--delay-ms", help="How long after the alert a click comes.")
    ] = "0,250,1000",
    size: Annotated[str, typer.Option(help="Dollars of a click.")] = "100,1000,10000",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Run a tape through the live engine, and say what clicks on its alerts would have got."""
    from app import replaying

    options = replaying.ReplayOptions(
        pairs=pairs, since=since, until=until, delays=delay_ms, sizes=size, as_json=as_json
    )
    raise typer.Exit(replaying.replay(tape, options, config))


@app.command()
def search(
    words: Annotated[str, typer.Argument(metavar="TEXT", help="All these words must occur.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 20,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Search both catalogues; matched markets stand side by side."""
    from app import searching

    options = searching.SearchOptions(text=words, limit=limit, as_json=as_json)
    raise typer.Exit(searching.search(options, config))


@app.command()
def quote(
    pair: Annotated[str, typer.Argument(help="A pair's id, or KALSHI_TICKER,POLYMARKET_ID.")],
    side: Annotated[str, typer.Option(help="yes or no, as Kalshi means it.")] = "yes",
    size: Annotated[str, typer.Option(help="Contracts.")] = "100",
    sell: Annotated[bool, typer.Option("--sell", help="Sell what you hold.")] = False,
    pairs: Annotated[
        Path | None, typer.Option(help="Look the id up in this file, not in the pair book.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the cheapest way to buy or sell one outcome over both venues. Sends nothing."""
    from app import quoting

    options = quoting.QuoteOptions(
        pair=pair, pairs=pairs, outcome=side, sell=sell, size=size, as_json=as_json
    )
    raise typer.Exit(asyncio.run(quoting.quote(options, config)))


@tape_app.command("import")
def tape_import(
    quotes: Annotated[Path, typer.Argument(help="JSON Lines of quotes, plain or gzip.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The tape to write.")],
    as_json: AsJson = False,
) -> None:
    """Turn recorded quotes into a tape."""
    from app.quotes import import_quotes

    count = import_quotes(quotes, output)
    if as_json:
        emit({"schema": "dutchbook.tape_import/1", "quotes": count, "tape": str(output)})
    else:
        typer.echo(f"{count:,} quotes on {output}")


def emit(document: dict[str, Any], *, now: bool = False) -> None:
    """One JSON document on one line of stdout; `now`: whoever reads a pipe waits for this line."""
    sys.stdout.write(json.dumps(document, separators=(",", ":")) + "\n")
    if now:
        sys.stdout.flush()


def console() -> Console:
    """For people: colours only on a terminal, and brackets in a title are brackets."""
    from rich.console import Console

    return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 140)


def _say(sentence: str) -> None:
    """What a venue wrote into it cannot steer the terminal."""
    shown = "".join(c if c.isprintable() else " " for c in sentence)
    sys.stderr.write(f"dutchbook: {shown}\n")
