"""`dutchbook jobs` and `dutchbook history` on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli_options import AsJson, Config


def jobs(
    job: Annotated[str | None, typer.Option(help="Only this job.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Past runs to show.")] = 20,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show when each job runs next, and how its last runs ended."""
    from app import jobs_commands

    raise typer.Exit(jobs_commands.show_jobs(job, limit, config, as_json=as_json))


def history(
    since: Annotated[str, typer.Option(help="How far back: 90s, 30m, 24h, 7d.")] = "24h",
    pair: Annotated[str | None, typer.Option(help="Only this pair, by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Episodes to show.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show past opportunities: how long each lasted, its best, and what ended it."""
    from app import jobs_commands

    wanted = jobs_commands.Wanted(since=since, pair=pair, limit=limit)
    raise typer.Exit(jobs_commands.show_history(wanted, config, as_json=as_json))
