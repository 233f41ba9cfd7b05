"""When to speak: thresholds, doubts, one message an episode, and spreads that flap."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.rules import KEPT_MAX, About, Quiet, Rule, Rules, Said
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
    return hears(rules, change, About(group, "executable"))


def hears(rules: Rules, change: Change, about: About) -> bool:
    said = rules.judge(change, about)
    if said:
        rules.remember(about.group, said)
    return said is not None


def test_only_what_is_large_enough_is_told() -> None:
    rules = Rules(Rule(profit_min=Cash(2_000_000), edge_bps_min=300))
    assert not wants(rules, appeared(199))
    assert not wants(rules, appeared(290), "b")  # 290 bps of 97.10 dollars are 298
    assert wants(rules, appeared(300), "c")


def test_what_is_in_doubt_is_never_told() -> None:
    rules = Rules(Rule())
    doubted = replace(appeared(500).episode, proof=Proof(ages_ms=(1, None), doubts=("old",)))
    assert not wants(rules, Change(happened=Happened.APPEARED, episode=doubted))
    healed = Change(happened=Happened.CHANGED, episode=replace(doubted, proof=GOOD))
    assert wants(rules, healed)  # nothing was said of it before


def test_an_episode_is_told_once_and_again_when_it_is_much_better() -> None:
    rules = Rules(Rule(again_percent=50))
    first = appeared(200)
    assert wants(rules, first)
    later_ms = START_MS + 60 * MINUTE_MS
    assert not wants(rules, changed(first, 299, at_ms=later_ms))
    assert wants(rules, changed(first, 300, at_ms=later_ms))
    assert not wants(rules, changed(first, 310, at_ms=later_ms))
    over = Change(happened=Happened.ENDED, episode=end(first.episode, later_ms, "not_crossed"))
    assert not wants(rules, over)


def test_a_spread_that_flaps_is_told_once() -> None:
    rules = Rules(Rule(cool_down_ms=10 * MINUTE_MS))
    told = [wants(rules, appeared(200, at_ms=START_MS + n * MINUTE_MS)) for n in range(31)]
    assert [n for n, said in enumerate(told) if said] == [0]
    assert wants(rules, appeared(200, at_ms=START_MS + 40 * MINUTE_MS))  # it was away


def test_what_stays_near_its_threshold_was_not_away() -> None:
    rules = Rules(Rule(cool_down_ms=10 * MINUTE_MS, profit_min=Cash(2_000_000)))
    for n in range(60):
        cents = 199 if n % 12 else 201
        told = wants(rules, appeared(cents, at_ms=START_MS + n * MINUTE_MS))
        assert told is (n == 0)


def test_an_end_is_when_a_spread_was_near_last() -> None:
    rules = Rules(Rule(cool_down_ms=10 * MINUTE_MS))
    first = appeared(200)
    assert wants(rules, first)
    ended = end(first.episode, START_MS + 60 * MINUTE_MS, "not_crossed")
    assert not wants(rules, Change(happened=Happened.ENDED, episode=ended))
    assert not wants(rules, appeared(200, at_ms=START_MS + 69 * MINUTE_MS))
    assert wants(rules, appeared(200, at_ms=START_MS + 80 * MINUTE_MS))


def test_another_episode_that_stands_for_long_is_told() -> None:
    rules = Rules(Rule(cool_down_ms=10 * MINUTE_MS))
    assert wants(rules, appeared(200))
    again = appeared(200, at_ms=START_MS + MINUTE_MS)
    told = [wants(rules, changed(again, 200, at_ms=START_MS + n * MINUTE_MS)) for n in range(1, 30)]
    assert told.index(True) == 10
    assert sum(told) == 1


def test_the_pairs_of_one_event_are_one_group() -> None:
    rules = Rules(Rule())
    assert wants(rules, appeared(200, pair="a"))
    assert not wants(rules, appeared(200, pair="b", at_ms=START_MS + 1))
    assert wants(rules, appeared(200, pair="b", at_ms=START_MS + 1), "another event")


def test_two_long_episodes_of_one_event_are_told_once_each() -> None:
    rules = Rules(Rule(cool_down_ms=10 * MINUTE_MS))
    one, two = appeared(200, pair="a"), appeared(200, pair="b", at_ms=START_MS + 1)
    told = [
        (n, change.episode.pair_id)
        for n in range(60)
        for change in (one, two)
        if wants(rules, changed(change, 195 + n % 10, at_ms=START_MS + n * MINUTE_MS))
    ]
    assert told == [(0, "a"), (10, "b")]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule(size_min=100_000_000), True),
        (Rule(size_min=100_000_001), False),
        (Rule(annual_bps_min=2_400), True),
        (Rule(annual_bps_min=2_600), False),
        (Rule(days_max=30), True),
        (Rule(days_max=29), False),
        (Rule(venues=frozenset({"kalshi", "polymarket"})), True),
        (Rule(venues=frozenset({"kalshi"})), False),
        (Rule(pairs=("kxfed*", "P")), True),
        (Rule(pairs=("EVENT*",)), True),
        (Rule(pairs=("q*",)), False),
        (Rule(categories=("econ*",)), True),
        (Rule(categories=("Sports",)), False),
        (Rule(states=frozenset({"review", "file"})), False),
        (Rule(states=frozenset({"executable"})), True),
    ],
)
def test_each_filter_of_a_rule_leaves_out_what_it_says(rule: Rule, *, told: bool) -> None:
    found = replace(appeared(204).episode.last, days=30)  # 208 bps, 2,530 a year
    change = Change(happened=Happened.APPEARED, episode=begin(found, GOOD))
    about = About("event-1", "executable", ("Economics",))
    assert hears(Rules(rule), change, about) is told


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000


NIGHT = Quiet(begin=22 * 60, end=7 * 60, zone=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-01T21:59:59+01:00", None),
        ("2026-12-01T22:00:00+01:00", "2026-12-02T07:00:00+01:00"),
        ("2026-12-02T06:59:00+01:00", "2026-12-02T07:00:00+01:00"),
        ("2026-12-02T07:00:00+01:00", None),
        ("2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),  # summer begins
        ("2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),  # and ends
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now: str, until: str | None) -> None:
    assert NIGHT.until_ms(at(now)) == (at(until) if until else None)


def test_quiet_hours_by_day_end_on_the_same_day() -> None:
    noon = replace(NIGHT, begin=12 * 60, end=13 * 60)
    assert noon.until_ms(at("2026-12-01T12:30:00+01:00")) == at("2026-12-01T13:00:00+01:00")
    assert noon.until_ms(at("2026-12-01T13:30:00+01:00")) is None


def test_a_digest_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    rule = Rule(name="rest", digest_ms=30 * MINUTE_MS, quiet=NIGHT)
    assert rule.hold(at("2026-12-01T20:10:00+01:00")) == (
        at("2026-12-01T20:30:00+01:00"),
        "of rest",
    )
    assert rule.hold(at("2026-12-01T21:50:00+01:00")) == (
        at("2026-12-02T07:00:00+01:00"),
        "of the quiet hours",
    )
    assert Rule().hold(START_MS) is None


def test_what_was_said_before_a_restart_is_not_said_again() -> None:
    rules = Rules(Rule())
    rules.remember("g", Said("p@1", START_MS - MINUTE_MS, 2_000_000))
    assert not wants(rules, appeared(200))


def test_memory_is_bounded() -> None:
    rules = Rules(Rule())
    for number in range(KEPT_MAX + 1):
        rules.remember(f"g{number}", Said("e", START_MS, 2_000_000))
    assert wants(rules, appeared(200), "g0")
    assert not wants(rules, appeared(200), f"g{KEPT_MAX}")
