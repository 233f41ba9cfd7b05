"""The mutable book: levels come and go, and what cannot be true is poison."""

from __future__ import annotations

import pytest

from venues import ONE, Contract, Outcome, Side
from venues.ladder import Ladder


def good() -> Ladder:
    ladder = Ladder(Contract("v", "m", Outcome.YES))
    ladder.replace([(400_000, 5), (410_000, 6)], [(430_000, 7), (420_000, 8)])
    return ladder


def test_a_ladder_is_in_doubt_until_its_first_snapshot() -> None:
    assert Ladder(Contract("v", "m", Outcome.YES)).fault == "no snapshot yet"
    assert good().fault is None


def test_a_book_is_best_first_and_the_same_object_until_something_changes() -> None:
    ladder = good()
    ladder.received_ms, ladder.venue_ms = 3, 2
    book = ladder.book()
    assert book.bids == ((410_000, 6), (400_000, 5))
    assert book.asks == ((420_000, 8), (430_000, 7))
    assert (book.received_ms, book.venue_ms) == (3, 2)
    assert ladder.book() is book
    ladder.apply(Side.BUY, 400_000, 1)
    assert ladder.book() is not book
    assert book.bids[1].quantity == 5


def test_a_change_adds_and_a_level_of_nothing_is_gone() -> None:
    ladder = good()
    ladder.apply(Side.SELL, 420_000, -8)
    ladder.apply(Side.SELL, 440_000, 2)
    ladder.apply(Side.BUY, 410_000, -1)
    assert ladder.book().asks == ((430_000, 7), (440_000, 2))
    assert ladder.book().bids == ((410_000, 5), (400_000, 5))
    assert ladder.fault is None


@pytest.mark.parametrize(
    ("price", "delta"), [(410_000, -7), (450_000, -1), (0, 1), (ONE, 1), (-1, 1), (ONE + 1, 5)]
)
def test_a_change_that_cannot_be_true_is_poison(price: int, delta: int) -> None:
    ladder = good()
    ladder.apply(Side.BUY, price, delta)
    assert ladder.fault
    assert ladder.fault.startswith("poisoned")
    ladder.replace([], [])
    assert ladder.fault is None


@pytest.mark.parametrize(
    "bids",
    [[(400_000, 0)], [(400_000, -1)], [(0, 1)], [(ONE, 1)], [(400_000, 1), (400_000, 2)]],
)
def test_a_snapshot_that_cannot_be_true_is_poison(bids: list[tuple[int, int]]) -> None:
    ladder = good()
    ladder.replace(bids, [])
    assert ladder.fault
    ladder = good()
    ladder.replace([], bids)
    assert ladder.fault


def test_a_locked_book_counts_as_crossed_and_an_empty_side_does_not() -> None:
    ladder = good()
    assert not ladder.crossed
    ladder.apply(Side.BUY, 420_000, 1)
    assert ladder.crossed
    ladder.book()
    assert ladder.crossed
    ladder.replace([(420_000, 1)], [])
    assert not ladder.crossed


def test_put_says_what_rests_at_a_price_from_now_on() -> None:
    ladder = good()
    ladder.put(Side.BUY, 400_000, 9)
    ladder.put(Side.SELL, 425_000, 3)
    ladder.put(Side.SELL, 420_000, 0)
    ladder.put(Side.SELL, 420_000, 0)
    assert ladder.book().bids == ((410_000, 6), (400_000, 9))
    assert ladder.book().asks == ((425_000, 3), (430_000, 7))
    assert ladder.fault is None


def test_the_best_prices_follow_every_put() -> None:
    ladder = good()
    assert (ladder.best_bid, ladder.best_ask) == (410_000, 420_000)
    ladder.put(Side.BUY, 415_000, 1)
    ladder.put(Side.SELL, 417_000, 1)
    ladder.put(Side.SELL, 440_000, 1)
    assert (ladder.best_bid, ladder.best_ask) == (415_000, 417_000)
    ladder.put(Side.BUY, 415_000, 0)
    ladder.put(Side.SELL, 417_000, 0)
    ladder.put(Side.SELL, 450_000, 0)
    assert (ladder.best_bid, ladder.best_ask) == (410_000, 420_000)
    for price in (400_000, 410_000):
        ladder.put(Side.BUY, price, 0)
    for price in (420_000, 430_000, 440_000):
        ladder.put(Side.SELL, price, 0)
    assert (ladder.best_bid, ladder.best_ask) == (0, ONE)
    ladder.replace([], [(5, 1)])
    assert (ladder.best_bid, ladder.best_ask) == (0, 5)


@pytest.mark.parametrize(
    ("price", "size"), [(0, 1), (ONE, 1), (ONE, 0), (405_000, 1), (405_000, 0), (400_000, -1)]
)
def test_a_put_that_cannot_be_true_or_is_off_its_step_is_poison(price: int, size: int) -> None:
    ladder = good()
    ladder.step = 10_000
    ladder.put(Side.BUY, price, size)
    assert (ladder.fault or "").startswith("poisoned")
    assert ladder.book().bids == good().book().bids
    ladder.replace([(405_000, 1)], [])
    assert ladder.fault
    ladder.step = 5_000
    ladder.replace([(405_000, 1)], [])
    assert ladder.fault is None
