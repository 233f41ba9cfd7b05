"""What orders give and take: the vectors, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from venues.money import Cash, Price, Quantity, micros
from venues.polymarket.amounts import Amounts, OffGrid, at_once_buy, at_once_sell, limit
from venues.sides import Side

CENT_TICK = Price(10_000)


def price(text: str) -> Price:
    return Price(micros(text))


def quantity(text: str) -> Quantity:
    return Quantity(micros(text))


@pytest.mark.parametrize(
    ("side", "at", "size", "tick", "maker", "taker"),
    [
        (Side.BUY, "0.56", "21.04", "0.01", 11_782_400, 21_040_000),
        (Side.BUY, "0.056", "21.04", "0.001", 1_178_240, 21_040_000),
        (Side.SELL, "0.82", "101", "0.01", 101_000_000, 82_820_000),
        (Side.BUY, "0.0025", "1234.567", "0.0025", 3_086_400, 1_234_560_000),
        (Side.BUY, "0.535", "10.019", "0.005", 5_355_350, 10_010_000),
        (Side.SELL, "0.0001", "333.339", "0.0001", 333_330_000, 33_333),
        (Side.BUY, "0.29", "0.29", "0.01", 84_100, 290_000),  # floats make 0.28 of it
        (Side.SELL, "0.9", "0.019", "0.1", 10_000, 9_000),
    ],
)
def test_a_limit_order_is_exact_at_its_price(
    side: Side, at: str, size: str, tick: str, maker: int, taker: int
) -> None:
    assert limit(side, price(at), quantity(size), price(tick)) == Amounts(maker, taker)


@pytest.mark.parametrize(
    ("spend", "at", "tick", "maker", "taker"),
    [
        ("10", "0.52", "0.01", 10_000_000, 19_230_700),
        ("100", "0.56", "0.01", 100_000_000, 178_571_400),
        ("10.009", "0.5", "0.01", 10_000_000, 20_000_000),  # whole cents
        ("10", "0.3", "0.1", 10_000_000, 33_333_000),  # 3 decimals at the coarsest tick
        ("10", "0.0075", "0.0025", 10_000_000, 1_333_333_300),  # 4 where the tick would allow 6
        ("10", "0.007", "0.001", 10_000_000, 1_428_571_400),
    ],
)
def test_a_buy_at_once_spends_cents_and_rounds_its_shares_down(
    spend: str, at: str, tick: str, maker: int, taker: int
) -> None:
    assert at_once_buy(Cash(micros(spend)), price(at), price(tick)) == Amounts(maker, taker)


def test_a_sell_at_once_gives_hundredths_of_shares_at_its_price() -> None:
    sold = at_once_sell(quantity("12.829"), price("0.57"), CENT_TICK)
    assert sold == Amounts(12_820_000, 7_307_400)  # floats make 7179200 of it


TEN = quantity("10")
ORDERS: list[Callable[[Price, Price], Amounts]] = [
    lambda at, tick: limit(Side.BUY, at, TEN, tick),
    lambda at, tick: limit(Side.SELL, at, TEN, tick),
    lambda at, tick: at_once_buy(Cash(TEN), at, tick),
    lambda at, tick: at_once_sell(TEN, at, tick),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("at", "tick"),
    [("0.555", "0.01"), ("0.501", "0.0025"), ("0", "0.01"), ("1", "0.01"), ("0.05", "0.1")],
)
def test_a_price_off_the_grid_is_refused_and_never_rounded(
    order: Callable[[Price, Price], Amounts], at: str, tick: str
) -> None:
    with pytest.raises(OffGrid, match="no price where the tick is"):
        order(price(at), price(tick))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("tick", ["0.02", "0.05", "0", "0.00005"])
def test_a_tick_that_nobody_knows_is_refused(
    order: Callable[[Price, Price], Amounts], tick: str
) -> None:
    with pytest.raises(ValueError, match="tick") as caught:
        order(price("0.5"), price(tick))
    assert not isinstance(caught.value, OffGrid)


@pytest.mark.parametrize("amount", ["0.009999", "0", "-1"])
def test_an_order_that_rounds_to_nothing_is_refused(amount: str) -> None:
    for side in Side:
        with pytest.raises(ValueError, match=r"below 0\.01"):
            limit(side, price("0.5"), quantity(amount), CENT_TICK)
    with pytest.raises(ValueError, match=r"below 0\.01"):
        at_once_sell(quantity(amount), price("0.5"), CENT_TICK)
    with pytest.raises(ValueError, match="below a cent"):
        at_once_buy(Cash(micros(amount)), price("0.5"), CENT_TICK)


def test_a_buy_too_small_to_keep_to_its_price_is_refused() -> None:
    """One cent at 0.97 buys 0.0103 shares, at 0.9708 a share: an ask at 0.9705 would trade."""
    with pytest.raises(ValueError, match=r"too few to keep to the price 0\.97"):
        at_once_buy(Cash(10_000), price("0.97"), CENT_TICK)
    with pytest.raises(ValueError, match="too few"):
        at_once_buy(Cash(10_000), price("0.9999"), Price(100))
    assert at_once_buy(Cash(1_000_000), price("0.97"), CENT_TICK) == Amounts(1_000_000, 1_030_900)
