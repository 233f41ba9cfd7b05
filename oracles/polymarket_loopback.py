"""Polymarket's own package turned to a test on this machine, and short words for its answers."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

from polymarket._internal.environment import PRODUCTION_CONFIG, create_environment
from polymarket.environments import Environment

PATHS = {
    "clob_url": "",
    "gamma_url": "/gamma",
    "data_url": "/data",
    "relayer_url": "/relayer",
    "rpc_url": "/rpc",
    "rfq_url": "/rfq",
    "builder_gateway_url": "/builder",
    "collateral_return_url": "/return",
    "perps_url": "/perps",
}
STREAMS = {
    "clob_market_ws_url": "/ws/market",
    "clob_user_ws_url": "/ws/user",
    "rtds_ws_url": "/rtds",
    "sports_ws_url": "/sports",
    "realtime_ws_url": "/realtime",
    "perps_ws_url": "/perps",
    "rfq_quoter_ws_url": "/rfq",
}


def loopback(settings: dict[str, Any]) -> Environment:
    """Every address of the package leads to the test."""
    urls = {name: settings["rest"] + path for name, path in PATHS.items()}
    urls |= {name: settings["ws"] + path for name, path in STREAMS.items()}
    config = dataclasses.replace(PRODUCTION_CONFIG, **urls)
    return create_environment(name="loopback", config=config)


def identity(wallet: dict[str, Any]) -> dict[str, Any]:
    key = Path(wallet["key_file"]).read_text().strip()
    return {"private_key": key, "wallet": wallet["address"]}


def items(pages: Any) -> list[Any]:
    return [each for page in pages for each in page.items]


def text(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"
