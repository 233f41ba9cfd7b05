"""`dutchbook pairs …`: the pair book on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli_options import AsJson, Config

pairs_app = typer.Typer(
    help="The pair book: what was found, and what you decided.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(help="The pair's id, or as much of it as names one pair.")]
By = Annotated[str | None, typer.Option(help="Who decides; default: your login name.")]
Note = Annotated[str, typer.Option(help="Why; kept with the decision.")]


@pairs_app.command("find")
def pairs_find(
    kalshi: Annotated[
        Path | None, typer.Option(help="Catalogue file, one market a line; default: the venue's.")
    ] = None,
    polymarket: Annotated[Path | None, typer.Option(help="The same for Polymarket.")] = None,
    candidates: Annotated[
        Path | None, typer.Option(help="Write each Kalshi market's ranked candidates here.")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch both catalogues anew.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Match both catalogues; what is found goes to the pair book for you to read."""
    from app.finding import FindOptions, find

    options = FindOptions(
        kalshi=kalshi,
        polymarket=polymarket,
        candidates=candidates,
        refresh=refresh,
        as_json=as_json,
    )
    raise typer.Exit(find(options, config))


@pairs_app.command("evaluate")
def pairs_evaluate(
    file: Annotated[
        Path, typer.Argument(help="JSON lines: a Kalshi and a Polymarket market each.")
    ],
    decisions: Annotated[
        Path | None, typer.Option(help="Write what is decided of each row here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide labelled pairs and measure how well."""
    from app.evaluating import run

    raise typer.Exit(run(file, decisions, as_json=as_json))


@pairs_app.command("list")
def pairs_list(
    state: Annotated[
        str | None, typer.Option(help="proposed, approved, rejected or revoked.")
    ] = None,
    verdict: Annotated[str | None, typer.Option(help="accept, review or reject.")] = None,
    executable: Annotated[
        bool, typer.Option("--executable", help="Only pairs that orders may be made from.")
    ] = False,
    near: Annotated[
        bool, typer.Option("--near", help="What was nearly found instead, and what was against it.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the pairs of the book, and why one may not be traded."""
    from app import pairs_commands

    if near:
        raise typer.Exit(pairs_commands.list_near_misses(config, as_json=as_json))
    wanted = pairs_commands.Wanted(state=state, verdict=verdict, executable=executable)
    raise typer.Exit(pairs_commands.list_pairs(wanted, config, as_json=as_json))


@pairs_app.command("show")
def pairs_show_(id: Id, config: Config = None, as_json: AsJson = False) -> None:
    """Show both rules texts with the evidence marked, the payouts and the history."""
    from app.pairs_show import show

    raise typer.Exit(show(id, config, as_json=as_json))


@pairs_app.command("approve")
def pairs_approve(
    id: Id,
    note: Note = "",
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say that both markets are the same, or inverted, after reading both texts."""
    from app import pairs_commands

    said = pairs_commands.Said(id=id, by=by, note=note, as_json=as_json)
    raise typer.Exit(pairs_commands.approve(said, config, yes=yes))


@pairs_app.command("reject")
def pairs_reject(
    id: Id, note: Note = "", by: By = None, config: Config = None, as_json: AsJson = False
) -> None:
    """Say that a pair is none; it stays so until a text changes."""
    from app import pairs_commands

    said = pairs_commands.Said(id=id, by=by, note=note, as_json=as_json)
    raise typer.Exit(pairs_commands.reject(said, config))


@pairs_app.command("import")
def pairs_import(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or YAML, as for scan --pairs.")],
    by: By = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take in your own pairs: approved where the book knows both texts, else proposed."""
    from app import pairs_exchange

    raise typer.Exit(pairs_exchange.import_pairs(file, by, config, as_json=as_json))


@pairs_app.command("export")
def pairs_export(
    file: Annotated[
        Path | None, typer.Argument(help=".csv, .json, .yaml; default: CSV on stdout.")
    ] = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="Your decisions as regression cases, JSON Lines.")
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write the approved pairs as a pairs file, or your decisions as regression cases."""
    from app import pairs_exchange

    raise typer.Exit(pairs_exchange.export(file, config, cases=cases, as_json=as_json))
