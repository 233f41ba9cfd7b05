"""`dutchbook init` on the command line. Paths stay as they were typed: the settings judge them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli_options import AsJson


def init(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The settings to write; never overwritten.")
    ] = Path("config.yaml"),
    environment: Annotated[
        str | None, typer.Option(help="prod, kalshi_demo or sim. Default: prod.")
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(help="dry_run or paper; live is for you to write. Default: dry_run."),
    ] = None,
    data_dir: Annotated[str | None, typer.Option(help="Where everything is kept.")] = None,
    venue: Annotated[
        list[str] | None, typer.Option(help="Where you have an account; may be said twice.")
    ] = None,
    kalshi_key_id: Annotated[str | None, typer.Option(help="The id of your key.")] = None,
    kalshi_key_file: Annotated[str | None, typer.Option(help="The file of that key.")] = None,
    polymarket_key_file: Annotated[
        str | None, typer.Option(help="The file of your wallet's key.")
    ] = None,
    polymarket_wallet: Annotated[
        str | None, typer.Option(help="deposit, safe, proxy or eoa.")
    ] = None,
    slack_webhook_file: Annotated[
        str | None, typer.Option(help="The file of Slack's webhook.")
    ] = None,
    mail_host: Annotated[str | None, typer.Option(help="The mail server.")] = None,
    mail_from: Annotated[str | None, typer.Option(help="The sender of its mails.")] = None,
    mail_to: Annotated[str | None, typer.Option(help="Their recipient.")] = None,
    mail_user: Annotated[str | None, typer.Option(help="The user at the mail server.")] = None,
    mail_password_file: Annotated[
        str | None, typer.Option(help="The file of that user's password.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write commented settings and make the data folder. Takes paths of secrets, never a secret."""
    from app import initial

    given = {
        "environment": environment,
        "mode": mode,
        "data_dir": data_dir,
        "kalshi.key_id": kalshi_key_id,
        "kalshi.key_file": kalshi_key_file,
        "polymarket.key_file": polymarket_key_file,
        "polymarket.wallet": polymarket_wallet,
        "alerts.slack.webhook_file": slack_webhook_file,
        "alerts.email.host": mail_host,
        "alerts.email.sender": mail_from,
        "alerts.email.recipients": [mail_to] if mail_to else None,
        "alerts.email.user": mail_user,
        "alerts.email.password_file": mail_password_file,
    }
    raise typer.Exit(
        initial.init(output, given, venues=venue, asks=not (yes or as_json), as_json=as_json)
    )
