"""`dutchbook sim serve`: simulated venues on this machine, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import yaml

from app.cli import console, emit
from app.problem import Exit, Problem
from app.wiring import SimulatedKalshi, serve_simulated_kalshi


async def serve(*, kalshi_port: int, seed: int, settings: Path | None, as_json: bool) -> Exit:
    """Prints where it serves, first of all; ends with Ctrl-C or SIGTERM."""
    if settings:
        _refuse_foreign(settings)
    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with AsyncExitStack() as stack:
        try:
            served = await stack.enter_async_context(
                serve_simulated_kalshi(port=kalshi_port, seed=seed)
            )
        except OSError as error:
            raise Problem(
                Exit.BAD_FILE, f"Port {kalshi_port} cannot be served: {error.strerror}."
            ) from None
        if settings:
            _write(settings, served)
        if as_json:
            emit(_document(served), now=True)
        else:
            _print(served, settings)
        await stopped.wait()
    return Exit.DONE


def _refuse_foreign(path: Path) -> None:
    """Settings that are there already are replaced only if they are of a simulated venue too."""
    try:
        found = yaml.safe_load(path.read_text()) if path.exists() else {"environment": "sim"}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict) or found.get("environment") != "sim":
        raise Problem(
            Exit.BAD_FILE, f"{path} is there already, and not for sim: name another file."
        )


def _document(served: SimulatedKalshi) -> dict[str, Any]:
    return {
        "schema": "dutchbook.sim/1",
        "kalshi": {
            "rest": served.rest,
            "ws": served.ws,
            "accounts": [
                {
                    "key_id": each.key_id,
                    "key_type": each.key_type,
                    "private_key_file": str(each.private_key_file),
                }
                for each in served.accounts
            ],
        },
        "polymarket": None,
        "pairs_file": None,
    }


def _settings(served: SimulatedKalshi) -> dict[str, Any]:
    key = served.accounts[-1]
    return {
        "environment": "sim",
        "mode": "live",
        "data_dir": str(key.private_key_file.parent / "data"),  # it goes away with the venue
        "kalshi": {
            "rest": served.rest,
            "ws": served.ws,
            "key_id": key.key_id,
            "key_file": str(key.private_key_file),
            "member": "direct",
        },
    }


def _write(path: Path, served: SimulatedKalshi) -> None:
    try:
        path.write_text(yaml.safe_dump(_settings(served), sort_keys=False))
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{path} cannot be written: {error.strerror}.") from None


def _print(served: SimulatedKalshi, settings: Path | None) -> None:
    out = console()
    out.print("A simulated Kalshi: made-up markets, made-up money, this machine only.\n")
    out.print(f"REST       {served.rest}")
    out.print(f"websocket  {served.ws}")
    for each in served.accounts:
        out.print(f"key        {each.key_type} {each.key_id}\n           {each.private_key_file}")
    out.print("\nPolymarket is not simulated yet.")
    if settings:
        out.print(f"Settings that point here are in {settings}; try, in another terminal:\n")
        out.print(f"    dutchbook account kalshi --config {settings}\n")
    else:
        out.print("Settings that point here (write them to a file with --settings FILE):\n")
        out.print(yaml.safe_dump(_settings(served), sort_keys=False))
    out.print("Ctrl-C ends it.")
    sys.stdout.flush()
