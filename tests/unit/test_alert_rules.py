"""When to speak: thresholds, doubts, one message an episode, and spreads that flap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.rules import KEPT_MAX, Rules, Said, Thresholds
from scanner.episode import Change, Happened, Proof, begin, end
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Contract, Outcome, Price, Quantity

START_MS = 1_795_564_800_000
GOOD = Proof(ages_ms=(10, 20))
MINUTE_MS = 60_000


def opportunity(profit: int, *, at_ms: int = START_MS, pair: str = "p") -> Opportunity:
    """Of 100 contracts; `profit` in cents."""

    def leg(venue: str, cost: int) -> Leg:
        return Leg(
            contract=Contract(venue, "m", Outcome.YES),
            bought=Quantity(100_000_000),
            average_price=Price(cost // 100),
            worst_price=Price(cost // 100),
            cost=Cash(cost),
            fee=Cash(0),
        )

    legs = leg("kalshi", 40_000_000), leg("polymarket", 60_000_000 - profit * 10_000)
    return Opportunity(pair_id=pair, legs=legs, quantity=Quantity(100_000_000), seen_ms=at_ms)


def appeared(profit: int, *, at_ms: int = START_MS, pair: str = "p") -> Change:
    found = opportunity(profit, at_ms=at_ms, pair=pair)
    return Change(happened=Happened.APPEARED, episode=begin(found, GOOD))


def changed(before: Change, profit: int, *, at_ms: int) -> Change:
    last = opportunity(profit, at_ms=at_ms, pair=before.episode.pair_id)
    return Change(happened=Happened.CHANGED, episode=replace(before.episode, last=last))


def wants(rules: Rules, change: Change, group: str = "g") -> bool:
    return rules.wants(change, group=group, executable=True)


def test_only_what_is_large_enough_is_told() -> None:
    rules = Rules(Thresholds(profit_min=Cash(2_000_000), edge_bps_min=300))
    assert not wants(rules, appeared(199))
    assert not wants(rules, appeared(290), "b")  # 290 bps of 97.10 dollars are 298
    assert wants(rules, appeared(300), "c")


def test_what_is_in_doubt_is_never_told() -> None:
    rules = Rules(Thresholds())
    doubted = replace(appeared(500).episode, proof=Proof(ages_ms=(1, None), doubts=("old",)))
    assert not wants(rules, Change(happened=Happened.APPEARED, episode=doubted))
    healed = Change(happened=Happened.CHANGED, episode=replace(doubted, proof=GOOD))
    assert wants(rules, healed)  # nothing was said of it before


def test_an_episode_is_told_once_and_again_when_it_is_much_better() -> None:
    rules = Rules(Thresholds(again_percent=50))
    first = appeared(200)
    assert wants(rules, first)
    later_ms = START_MS + 60 * MINUTE_MS
    assert not wants(rules, changed(first, 299, at_ms=later_ms))
    assert wants(rules, changed(first, 300, at_ms=later_ms))
    assert not wants(rules, changed(first, 310, at_ms=later_ms))
    over = Change(happened=Happened.ENDED, episode=end(first.episode, later_ms, "not_crossed"))
    assert not wants(rules, over)


def test_a_spread_that_flaps_is_told_once_in_a_while() -> None:
    rules = Rules(Thresholds(cool_down_ms=10 * MINUTE_MS))
    told = [wants(rules, appeared(200, at_ms=START_MS + n * MINUTE_MS)) for n in range(31)]
    assert [n for n, said in enumerate(told) if said] == [0, 10, 20, 30]


def test_the_pairs_of_one_event_are_one_group() -> None:
    rules = Rules(Thresholds())
    assert wants(rules, appeared(200, pair="a"))
    assert not wants(rules, appeared(200, pair="b", at_ms=START_MS + 1))
    assert wants(rules, appeared(200, pair="b", at_ms=START_MS + 1), "another event")


def test_two_long_episodes_of_one_event_are_told_once_each() -> None:
    rules = Rules(Thresholds(cool_down_ms=10 * MINUTE_MS))
    one, two = appeared(200, pair="a"), appeared(200, pair="b", at_ms=START_MS + 1)
    told = [
        (n, change.episode.pair_id)
        for n in range(60)
        for change in (one, two)
        if wants(rules, changed(change, 195 + n % 10, at_ms=START_MS + n * MINUTE_MS))
    ]
    assert told == [(0, "a"), (10, "b")]


@pytest.mark.parametrize(("executable", "told"), [(True, True), (False, False), (None, False)])
def test_pairs_that_nobody_may_trade_can_be_left_out(
    *, executable: bool | None, told: bool
) -> None:
    rules = Rules(Thresholds(executable_only=True))
    assert rules.wants(appeared(200), group="g", executable=executable) is told


def test_what_was_said_before_a_restart_is_not_said_again() -> None:
    rules = Rules(Thresholds())
    rules.remember("g", Said("p@1", START_MS - MINUTE_MS, 2_000_000))
    assert not wants(rules, appeared(200))


def test_memory_is_bounded() -> None:
    rules = Rules(Thresholds())
    for number in range(KEPT_MAX + 1):
        rules.remember(f"g{number}", Said("e", START_MS, 2_000_000))
    assert wants(rules, appeared(200), "g0")
    assert not wants(rules, appeared(200), f"g{KEPT_MAX}")
