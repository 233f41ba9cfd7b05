"""Follows books with two packages that others wrote for Kalshi's websocket, and prints them.

Runs in oracles/.venv (Python 3.13), started by tests/protocol/test_kalshi_oracles.py:
    python oracles/kalshi_streams.py '{"rest", "ws", "key_id", "key_file", "markets", "package"}'
It subscribes, says "subscribed", follows until stdin ends, lets the last frames come in, and
prints {market: {"yes": {price: size}, "no": {price: size}}}. Both packages take RSA keys only, and
neither sends `use_yes_price`: their NO levels are in NO prices.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

QUIET_S = 1.0


async def pykalshi(settings: dict[str, Any]) -> None:
    from pykalshi import AsyncKalshiClient
    from pykalshi.orderbook import OrderbookManager

    client = AsyncKalshiClient(
        api_key_id=settings["key_id"],
        private_key_path=settings["key_file"],
        api_base=settings["rest"],
    )
    feed = client.feed()
    feed._ws_url = settings["ws"]  # the package has no public setting for it
    books = {market: OrderbookManager(market) for market in settings["markets"]}

    async def follow() -> None:
        async for message in feed:
            kind = type(message).__name__
            ticker = getattr(message, "market_ticker", None)
            if ticker in books and "Snapshot" in kind:
                books[ticker].apply_snapshot(message.yes_dollars, message.no_dollars)
            elif ticker in books and "Delta" in kind:
                books[ticker].apply_delta(message.side, message.price_dollars, message.delta_fp)

    async with feed:
        feed.subscribe("orderbook_delta", market_tickers=settings["markets"])
        await until_told(follow())
        show({market: (book.yes, book.no) for market, book in books.items()})


async def kalshi_sdk(settings: dict[str, Any]) -> None:
    from kalshi.auth import KalshiAuth
    from kalshi.config import KalshiConfig
    from kalshi.ws import KalshiWebSocket

    auth = KalshiAuth.from_pem(settings["key_id"], Path(settings["key_file"]).read_text())
    config = KalshiConfig(base_url=settings["rest"], ws_base_url=settings["ws"])
    socket = KalshiWebSocket(auth=auth, config=config)
    async with socket.connect() as session:
        stream = await session.subscribe_orderbook_delta(tickers=settings["markets"])

        async def follow() -> None:
            async for _ in stream:
                pass

        await until_told(follow())
        found = {market: socket._orderbook_mgr.get(market) for market in settings["markets"]}
        show({market: (pairs(book.yes), pairs(book.no)) for market, book in found.items()})


async def until_told(follow: Any) -> None:
    """Follows until stdin ends, and then as long as the last frames may be on their way."""
    task = asyncio.create_task(follow)
    sys.stdout.write("subscribed\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await asyncio.sleep(QUIET_S)
    if task.done():
        task.result()


def pairs(levels: Any) -> dict[str, str]:
    return {str(level.price): str(level.quantity) for level in levels}


def show(found: dict[str, tuple[dict[str, str], dict[str, str]]]) -> NoReturn:
    """Prints the books and ends at once: neither package lets go of its connection quietly."""
    books = {market: {"yes": plain(yes), "no": plain(no)} for market, (yes, no) in found.items()}
    sys.stdout.write(json.dumps(books) + "\n")
    sys.stdout.flush()
    os._exit(0)


def plain(levels: dict[str, str]) -> dict[str, str]:
    return {f"{float(price):.4f}": f"{float(size):.2f}" for price, size in levels.items()}


if __name__ == "__main__":
    chosen = json.loads(sys.argv[1])
    asyncio.run({"pykalshi": pykalshi, "kalshi-sdk": kalshi_sdk}[chosen["package"]](chosen))
