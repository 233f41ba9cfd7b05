"""What every venue's adapter must tell about markets and books."""

from __future__ import annotations

from typing import Any

from venues import MarketStatus, Price, Side, UnknownFee


async def test_a_market_says_what_an_order_needs_to_know(stage: Any) -> None:
    market = (await stage.data.markets([stage.market]))[stage.market]
    assert (market.venue, market.id) == (stage.name, stage.market)
    assert market.status is MarketStatus.OPEN
    assert market.grid.holds(Price(450_000))
    assert not market.grid.holds(Price(455_000))
    assert not isinstance(market.fees.at(stage.clock.now_ms()), UnknownFee)
    assert market.rules
    assert market.warnings == ()


async def test_a_book_is_best_first_and_its_flip_is_the_other_side(stage: Any) -> None:
    for side, at in ((Side.BUY, "0.39"), (Side.BUY, "0.40"), (Side.SELL, "0.45")):
        stage.rest(side, at, "7.25")
    stage.rest(Side.SELL, "0.47", "1")
    book = (await stage.data.books([stage.market]))[stage.market]
    assert book.fault() is None
    assert book.bids == ((400_000, 7_250_000), (390_000, 7_250_000))
    assert book.asks == ((450_000, 7_250_000), (470_000, 1_000_000))
    assert book.flip().asks == ((600_000, 7_250_000), (610_000, 7_250_000))
    assert book.received_ms == stage.clock.now_ms()


async def test_unknown_markets_are_left_out(stage: Any) -> None:
    assert await stage.data.markets(["KX-NO-SUCH"]) == {}
    assert stage.market in await stage.data.markets([stage.market, "KX-NO-SUCH"])


async def test_the_catalogue_lists_every_open_market_once(stage: Any) -> None:
    events = [event async for page in stage.data.pages() for event in page.events]
    ids = [market.id for event in events for market in event.markets]
    assert sorted(ids) == sorted({stage.market, stage.second, stage.elsewhere} - {""})


async def test_the_venue_says_whether_it_trades(stage: Any) -> None:
    status = await stage.data.status()
    assert status.trading
    assert status.skew_ms is not None
    assert abs(status.skew_ms) <= 1_000
