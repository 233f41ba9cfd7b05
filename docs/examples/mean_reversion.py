"""A mean-reversion bot for one Kalshi market: an example of the API, not advice.

It buys YES when the ask falls `entry` below the moving average of the middle price, and sells what
it holds when the bid is back within `exit` of it. It never holds more than `position_max`.

    python docs/examples/mean_reversion.py TICKER --config config.yaml

Without `mode: live` in the settings it only says what it would do.
"""

from __future__ import annotations

import argparse
import asyncio
import uuid
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from app.config import load_settings
from app.wiring import open_trading, open_venue
from venues import (
    Book,
    Contract,
    MarketData,
    OrderRequest,
    OrderUnknown,
    Outcome,
    Quantity,
    Side,
    SystemClock,
    TimeInForce,
    Trading,
    micros,
)
from venues.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`entry`, `exit`: distances from the average in micro-dollars; `window`: books in it; `size`,
    `position_max`: micro-contracts; `rounds`: books to look at before it ends."""

    window: int = 20
    entry: int = micros("0.03")
    exit: int = micros("0.005")
    size: int = micros("5")
    position_max: int = micros("20")
    pause_ms: int = 5_000
    rounds: int = 10**9


def decide(middles: Sequence[int], book: Book, held: int, rules: Rules) -> int:
    """Micro-contracts of YES to buy (above zero) or to sell (below zero) now; 0: wait."""
    bid, ask = book.best_bid, book.best_ask
    if bid is None or ask is None or len(middles) < rules.window:
        return 0
    average = sum(middles) // len(middles)
    if held > 0 and bid.price >= average - rules.exit:
        return -min(held, bid.quantity)
    if ask.price <= average - rules.entry:
        return max(0, min(rules.size, ask.quantity, rules.position_max - held))
    return 0


async def run(
    market: str, data: MarketData, trading: Trading | None, clock: Clock, rules: Rules
) -> int:
    """Follows the market; what it holds in the end. Without `trading` it only talks."""
    contract = Contract(data.name, market, Outcome.YES)
    middles: deque[int] = deque(maxlen=rules.window)
    held = await position(contract, trading) if trading else 0
    for _ in range(rules.rounds):
        book = (await data.books([market])).get(market)
        if book and book.best_bid and book.best_ask and book.fault() is None:
            wanted = decide(middles, book, held, rules)
            middles.append((book.best_bid.price + book.best_ask.price) // 2)
            if wanted:
                held += await act(contract, wanted, book, trading)
        await clock.sleep_ms(rules.pause_ms)
    return held


async def act(contract: Contract, wanted: int, book: Book, trading: Trading | None) -> int:
    """Takes what is there at the touch, now or not at all; how the position changed."""
    side = Side.BUY if wanted > 0 else Side.SELL
    touch = book.best_ask if wanted > 0 else book.best_bid
    assert touch
    request = OrderRequest(
        client_id=str(uuid.uuid4()),
        contract=contract,
        side=side,
        limit=touch.price,
        quantity=Quantity(abs(wanted)),
        time_in_force=TimeInForce.FILL_AND_KILL,
        reduce_only=side is Side.SELL,
    )
    print(f"{side} {request.quantity / 1e6:.2f} at {touch.price / 1e6:.4f}")
    if trading is None:
        return 0
    try:
        order = await trading.place(request)
    except OrderUnknown:
        # It may have been filled. Going on would be guessing: stop, and look it up by its id.
        print(f"unknown: look up {request.client_id} before anything else")
        raise
    return order.filled if side is Side.BUY else -order.filled


async def position(contract: Contract, trading: Trading) -> int:
    found = [each for each in await trading.account.positions() if each.contract == contract]
    return found[0].quantity if found else 0


async def main(market: str, config: Path | None, rules: Rules) -> None:
    settings = load_settings(config)
    async with AsyncExitStack() as stack:
        data = await stack.enter_async_context(open_venue("kalshi", settings))
        trading = None
        if settings.mode == "live":
            trading = await stack.enter_async_context(open_trading("kalshi", settings))
        await run(market, data, trading, SystemClock(), rules)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("market", help="Kalshi ticker")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--rounds", type=int, default=10**9)
    given = parser.parse_args()
    asyncio.run(main(given.market, given.config, Rules(rounds=given.rounds)))
