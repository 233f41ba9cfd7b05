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
from app.wiring_sim import WALLETS, Served, serve_simulated


async def serve(
    *, kalshi_port: int, polymarket_port: int, seed: int, settings: Path | None, as_json: bool
) -> Exit:
    """Prints where it serves, first of all; ends with Ctrl-C or SIGTERM."""
    if settings:
        _refuse_foreign(settings)
    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with AsyncExitStack() as stack:
        try:
            served = await stack.enter_async_context(
                serve_simulated(kalshi_port=kalshi_port, polymarket_port=polymarket_port, seed=seed)
            )
        except OSError as error:
            named = " or ".join(str(port) for port in (kalshi_port, polymarket_port) if port)
            raise Problem(
                Exit.BAD_FILE, f"Port {named} cannot be served: {error.strerror}."
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


def _document(served: Served) -> dict[str, Any]:
    polymarket = served.polymarket
    return {
        "schema": "dutchbook.sim/1",
        "kalshi": {
            "rest": served.kalshi.rest,
            "ws": served.kalshi.ws,
            "accounts": [
                {
                    "key_id": each.key_id,
                    "key_type": each.key_type,
                    "private_key_file": str(each.private_key_file),
                }
                for each in served.kalshi.accounts
            ],
        },
        "polymarket": {
            "gamma": polymarket.gamma,
            "clob": polymarket.clob,
            "data": polymarket.data,
            "ws_market": polymarket.ws_market,
            "ws_user": polymarket.ws_user,
            "accounts": [
                {
                    "address": each.address,
                    "private_key_file": str(each.private_key_file),
                    "signature_type": each.signature_type,
                }
                for each in polymarket.accounts
            ],
        },
        "pairs_file": str(served.pairs_file),
    }


def settings_of(served: Served) -> dict[str, Any]:
    """What leads the other commands here, with the last key and the last wallet."""
    key, wallet = served.kalshi.accounts[-1], served.polymarket.accounts[-1]
    return {
        "environment": "sim",
        "mode": "live",
        "data_dir": str(key.private_key_file.parent / "data"),  # it goes away with the venue
        "kalshi": {
            "rest": served.kalshi.rest,
            "ws": served.kalshi.ws,
            "key_id": key.key_id,
            "key_file": str(key.private_key_file),
            "member": "direct",
        },
        "polymarket": {
            "clob": served.polymarket.clob,
            "gamma": served.polymarket.gamma,
            "data": served.polymarket.data,
            "site": served.polymarket.site,
            "ws": served.polymarket.ws_market.removesuffix("/market"),
            "relayer": served.polymarket.relayer,
            "relayer_key_file": str(served.relayer_key_file),
            "key_file": str(wallet.private_key_file),
            "wallet": WALLETS[wallet.signature_type],
        },
    }


def _write(path: Path, served: Served) -> None:
    try:
        path.write_text(yaml.safe_dump(settings_of(served), sort_keys=False))
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"{path} cannot be written: {error.strerror}.") from None


def _print(served: Served, settings: Path | None) -> None:
    out = console()
    out.print(
        "A simulated Kalshi and Polymarket: made-up markets, made-up money, this machine only.\n"
    )
    out.print(f"Kalshi      {served.kalshi.rest}\n            {served.kalshi.ws}")
    for key in served.kalshi.accounts:
        out.print(f"  key       {key.key_type} {key.key_id}\n            {key.private_key_file}")
    polymarket = served.polymarket
    for name in ("clob", "gamma", "data", "ws_market", "ws_user"):
        out.print(f"{'Polymarket' if name == 'clob' else '':12}{getattr(polymarket, name)}")
    for wallet in polymarket.accounts:
        kind = WALLETS[wallet.signature_type]
        out.print(f"  {kind:10}{wallet.address}\n            {wallet.private_key_file}")
    out.print(f"Pairs       {served.pairs_file}\n")
    if settings:
        out.print(f"Settings that point here are in {settings}; try, in another terminal:\n")
        out.print(f"    dutchbook account polymarket --config {settings}")
        out.print(f"    dutchbook scan --pairs {served.pairs_file} --config {settings}\n")
    else:
        out.print("Settings that point here (write them to a file with --settings FILE):\n")
        out.print(yaml.safe_dump(settings_of(served), sort_keys=False))
    out.print("Ctrl-C ends it.")
    sys.stdout.flush()
