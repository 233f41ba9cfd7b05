"""Who is handed orders, and which: nobody, until the settings say live and name a key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.config import KalshiSettings, PolymarketSettings, Settings
from app.problem import Exit, Problem
from app.wiring import open_account, open_feed, open_trading, open_venue
from venues import (
    Contract,
    OrderRefused,
    OrderRequest,
    Outcome,
    Price,
    Quantity,
    Side,
    SystemClock,
    TimeInForce,
    Trading,
)
from venues.errors import Reason
from venues.sim.polymarket.server import Served, serve_polymarket
from venues.sim.twins import OWNER_KEYS, twins


class World(NamedTuple):
    """A simulated Polymarket, settings that point there, and one of its markets."""

    served: Served
    settings: Settings
    market: str

    def order(self, client_id: str, side: Side) -> OrderRequest:
        return OrderRequest(
            client_id=client_id,
            contract=Contract("polymarket", self.market, Outcome.YES),
            side=side,
            limit=Price(500_000),
            quantity=Quantity(10_000_000),
            time_in_force=TimeInForce.RESTING,
        )


@asynccontextmanager
async def polymarket_world(**addresses: str) -> AsyncIterator[World]:
    world = twins(SystemClock(), seed=4, moving=False)
    async with serve_polymarket(world.polymarket, keys=OWNER_KEYS) as served:
        names = {name: getattr(served, name) for name in ("clob", "gamma", "data", "site")}
        file = served.accounts[3].private_key_file
        polymarket = PolymarketSettings(**(names | addresses), key_file=file)
        settings = Settings(environment="sim", mode="live", polymarket=polymarket)
        yield World(served, settings, world.pairs[0][2])


async def refused(trading: Trading, request: OrderRequest) -> Reason:
    with pytest.raises(OrderRefused) as caught:
        await trading.place(request)
    return caught.value.reason


@pytest.mark.parametrize("mode", ["dry_run", "paper"])
async def test_s11_orders_are_handed_out_in_live_mode_only(mode: str) -> None:
    settings = Settings(mode=mode)  # type: ignore[arg-type]
    for venue in ("kalshi", "polymarket"):
        with pytest.raises(Problem, match="nothing is sent") as caught:
            async with open_trading(venue, settings):
                pass
        assert caught.value.code is Exit.REFUSED


async def test_nobody_trades_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"kalshi\.key_id"):
        async with open_trading("kalshi", Settings(mode="live")):
            pass
    with pytest.raises(Problem, match=r"polymarket\.key_file"):
        async with open_trading("polymarket", Settings(mode="live")):
            pass
    missing = KalshiSettings(key_id="a", key_file=tmp_path / "none.pem")
    with pytest.raises(Problem, match="cannot be read") as caught:
        async with open_account("kalshi", Settings(kalshi=missing)):
            pass
    assert caught.value.code is Exit.BAD_FILE


@pytest.mark.parametrize("opened", [open_venue, open_account, open_trading, open_feed])
async def test_a_name_that_is_no_venue_is_never_another_venue(
    opened: Callable[[str, Settings], AbstractAsyncContextManager[Any]],
) -> None:
    with pytest.raises(Problem, match="no venue 'polymarkt'; say kalshi or polymarket") as caught:
        async with opened("polymarkt", Settings(mode="live")):
            pass
    assert caught.value.code is Exit.WRONG_USAGE


async def test_polymarket_has_no_demo_to_send_orders_to() -> None:
    settings = Settings(environment="kalshi_demo", mode="live")
    with pytest.raises(Problem, match="no demo exchange") as caught:
        async with open_trading("polymarket", settings):
            pass
    assert caught.value.code is Exit.REFUSED


async def test_who_is_blocked_sells_and_cancels_and_buys_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with polymarket_world() as world:
        shown: dict[str, bool | str] = {
            "blocked": True,
            "country": "\x1b[2JUS",
            "region": "NY\u202e",
        }
        world.served.app.shelf.geoblock.update(shown)
        async with open_trading("polymarket", world.settings) as trading:
            assert await refused(trading, world.order("a", Side.BUY)) is Reason.CLOSE_ONLY
            assert await refused(trading, world.order("b", Side.SELL)) is Reason.FUNDS
            await trading.cancel_all()
    said = capsys.readouterr().err
    assert "polymarket.may_not_open" in said
    assert not {"\x1b", "\u202e"} & {*said}


async def test_an_account_that_may_only_close_buys_nothing() -> None:
    async with polymarket_world() as world:
        account = world.served.accounts[3].address
        world.served.app.house.wallets.close_only(account)
        async with open_trading("polymarket", world.settings) as trading:
            assert await refused(trading, world.order("a", Side.BUY)) is Reason.CLOSE_ONLY
            assert await refused(trading, world.order("b", Side.SELL)) is Reason.FUNDS


async def test_sales_and_cancels_do_not_wait_for_the_venues_web_site() -> None:
    async with (
        polymarket_world(site="http://127.0.0.1:9") as world,
        open_trading("polymarket", world.settings) as trading,
    ):
        assert await refused(trading, world.order("a", Side.BUY)) is Reason.CLOSE_ONLY
        assert await refused(trading, world.order("b", Side.SELL)) is Reason.FUNDS
        await trading.cancel_all()


async def test_who_may_open_buys() -> None:
    async with (
        polymarket_world() as world,
        open_trading("polymarket", world.settings) as trading,
    ):
        order = await trading.place(world.order("a", Side.BUY))
        assert order.order_id.startswith("0x")
