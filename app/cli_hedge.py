"""`dutchbook hedge`, `positions`, `pnl`, `kill`, `limits` and `journal` on the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app.cli_options import AsJson, Config

hedge_app = typer.Typer(help="Both legs of a pair, with limits.", no_args_is_help=True)
journal_app = typer.Typer(help="What was done, and why.", no_args_is_help=True)
proposals_app = typer.Typer(help="What would free or move capital.")
Pairs = Annotated[
    Path | None,
    typer.Option(help="CSV, JSON or YAML file of pairs; default: those of the pair book."),
]
HedgeId = Annotated[str, typer.Argument(help="The id of a hedge (dutchbook hedge list).")]


@hedge_app.command("preview")
def preview(
    pair: Annotated[str, typer.Argument(help="A pair's id, or one of its two markets.")],
    size: Annotated[str | None, typer.Option(help="At most so many contracts.")] = None,
    budget: Annotated[str | None, typer.Option(help="At most so many dollars, both legs.")] = None,
    pairs: Pairs = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what a hedge would be, in numbers, with every way it can end. Sends nothing."""
    from app import hedge_commands

    wanted = hedge_commands.Wanted(pair=pair, size=size, budget=budget, pairs=pairs)
    raise typer.Exit(asyncio.run(hedge_commands.preview(wanted, config, as_json=as_json)))


@hedge_app.command("execute")
def execute(
    preview_id: Annotated[str, typer.Argument(help="As `hedge preview` said it.")],
    confirm: Annotated[
        str | None, typer.Option(help="In live mode: the word live, in place of typing it.")
    ] = None,
    pairs: Pairs = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Send both legs of a preview, if it still holds. The same preview twice is one hedge."""
    from app import hedge_commands

    raise typer.Exit(
        asyncio.run(hedge_commands.execute(preview_id, confirm, pairs, config, as_json=as_json))
    )


@hedge_app.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """Show all hedges of this mode, newest last."""
    from app import hedge_commands

    raise typer.Exit(asyncio.run(hedge_commands.show_all(config, as_json=as_json)))


@hedge_app.command("show")
def show(id: HedgeId, config: Config = None, as_json: AsJson = False) -> None:
    """Show one hedge: its orders, what they did, and every line of the journal about it."""
    from app import hedge_commands

    raise typer.Exit(asyncio.run(hedge_commands.show_one(id, config, as_json=as_json)))


@hedge_app.command("resume")
def resume(
    id: HedgeId, pairs: Pairs = None, config: Config = None, as_json: AsJson = False
) -> None:
    """Try again to give a parked hedge its missing leg."""
    from app import hedge_commands

    raise typer.Exit(
        asyncio.run(hedge_commands.go_on(id, "resume", pairs, config, as_json=as_json))
    )


@hedge_app.command("unwind")
def unwind(
    id: HedgeId, pairs: Pairs = None, config: Config = None, as_json: AsJson = False
) -> None:
    """Sell what a parked hedge holds without a twin."""
    from app import hedge_commands

    raise typer.Exit(
        asyncio.run(hedge_commands.go_on(id, "unwind", pairs, config, as_json=as_json))
    )


@hedge_app.command("reopen")
def reopen(
    venue: Annotated[str, typer.Argument(help="kalshi or polymarket")],
    confirm: Annotated[
        str | None, typer.Option(help="The venue's name, in place of typing it.")
    ] = None,
    pairs: Pairs = None,
    config: Config = None,
) -> None:
    """Let hedges begin again at a venue that was closed to them."""
    from app import hedge_commands

    raise typer.Exit(asyncio.run(hedge_commands.reopen(venue, confirm, pairs, config)))


@proposals_app.callback(invoke_without_command=True)
def proposals(
    context: typer.Context, pairs: Pairs = None, config: Config = None, as_json: AsJson = False
) -> None:
    """Show what would free or move capital. Sends nothing."""
    from app import proposal_commands

    if context.invoked_subcommand is None:
        raise typer.Exit(asyncio.run(proposal_commands.show(pairs, config, as_json=as_json)))


@proposals_app.command("do")
def do(
    id: Annotated[str, typer.Argument(help="As `dutchbook proposals` said it.")],
    confirm: Annotated[
        str | None, typer.Option(help="The word live, in place of typing it.")
    ] = None,
    pairs: Pairs = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Do one of them, once. Money stays within your own account."""
    from app import proposal_commands

    raise typer.Exit(asyncio.run(proposal_commands.do(id, confirm, pairs, config, as_json=as_json)))


def positions(config: Config = None, as_json: AsJson = False) -> None:
    """Show what hedges hold, where the venues differ, and what would free money."""
    from app import holding_commands

    raise typer.Exit(asyncio.run(holding_commands.positions(config, as_json=as_json)))


def pnl(
    csv: Annotated[Path | None, typer.Option(help="Write every fill to this file.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what hedges earned: settled, locked, provisional and basis apart."""
    from app import holding_commands

    raise typer.Exit(asyncio.run(holding_commands.pnl(csv, config, as_json=as_json)))


def kill(
    on_or_off: Annotated[str, typer.Argument(help="on: no new hedge begins. off: they may again.")],
    why: Annotated[str, typer.Option(help="A word for whoever finds it.")] = "a person set it",
    confirm: Annotated[
        str | None, typer.Option(help="off: the word off, in place of typing it.")
    ] = None,
    config: Config = None,
) -> None:
    """Set the kill switch, or clear it. Hedges at work are finished, never begun."""
    from app import holding_commands

    raise typer.Exit(holding_commands.kill(on_or_off, why, confirm, config))


def limits(config: Config = None, as_json: AsJson = False) -> None:
    """Show the limits, and how much of each is used."""
    from app import holding_commands

    raise typer.Exit(asyncio.run(holding_commands.limits(config, as_json=as_json)))


@journal_app.command("verify")
def verify(config: Config = None, as_json: AsJson = False) -> None:
    """Check every row of the journal, and replay them."""
    from app import journal_commands

    raise typer.Exit(asyncio.run(journal_commands.verify(config, as_json=as_json)))


@journal_app.command("show")
def show_journal(
    hedge: Annotated[str | None, typer.Option(help="Only this hedge.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Newest rows to show.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show the newest rows of the journal."""
    from app import journal_commands

    raise typer.Exit(asyncio.run(journal_commands.show(hedge, limit, config, as_json=as_json)))


@journal_app.command("backup")
def backup(to: Annotated[Path, typer.Argument(help="A new file.")], config: Config = None) -> None:
    """Copy the journal while it is in use, and check the copy."""
    from app import journal_commands

    raise typer.Exit(asyncio.run(journal_commands.backup(to, config)))


@journal_app.command("restore")
def restore(
    backup: Annotated[Path, typer.Argument(help="What `journal backup` wrote.")],
    config: Config = None,
) -> None:
    """Put a backup in the place of the journal; what was there is kept beside it."""
    from app import journal_commands

    raise typer.Exit(asyncio.run(journal_commands.restore(backup, config)))
