"""`dutchbook alerts` on the command line."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.cli_options import AsJson, Config

alerts_app = typer.Typer(help="Whom to tell, and how.", no_args_is_help=True)


@alerts_app.command("test")
def alerts_test(config: Config = None, as_json: AsJson = False) -> None:
    """Send one message through every channel that is set up, and say what became of it."""
    from app import notifying

    raise typer.Exit(asyncio.run(notifying.try_channels(config, as_json=as_json)))


@alerts_app.command("history")
def alerts_history(
    limit: Annotated[int, typer.Option(min=1, help="Messages to show.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show what was told when, through which channel, and what became of it."""
    from app import alerts_commands

    raise typer.Exit(alerts_commands.history(config, limit=limit, as_json=as_json))


@alerts_app.command("snooze")
def alerts_snooze(
    what: Annotated[
        str | None, typer.Argument(help="A pair, a Kalshi event, or a glob of them, as KXFED*.")
    ] = None,
    lasting: Annotated[str, typer.Option("--for", help="90s, 10m, 8h, 7d; 0: tell again.")] = "8h",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Hear nothing of it for a while; without a name: show what is silent."""
    from app import alerts_commands

    raise typer.Exit(alerts_commands.snooze(what, lasting, config, as_json=as_json))


@alerts_app.command("ack")
def alerts_ack(
    subject: Annotated[str, typer.Argument(help='As the message says, as "hedge 17".')],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say that you know of something critical: it is told no more until it is over."""
    from app import alerts_commands

    raise typer.Exit(alerts_commands.acknowledge(subject, config, as_json=as_json))
