"""Endless made-up questions with a number in them: prices, indices, statistics, weather, rates."""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterator
from datetime import date, timedelta

from matching_question import (
    Fresh,
    Question,
    above,
    day,
    kalshi,
    plain,
    polymarket,
    short,
    stamp,
)
from matching_words import ASSETS, BANKS, CITIES


def _hour(hour: int) -> str:
    return f"{(hour - 1) % 12 + 1}{'am' if hour < 12 else 'pm'}"


def _zone(when: date) -> str:
    """Eastern time of 2026."""
    return "EDT" if date(2026, 3, 8) <= when < date(2026, 11, 1) else "EST"


def crypto_instants(rng: random.Random) -> Iterator[Question]:
    """Above a price at an hour. No two are the same: the nearest differ in what the very strike
    means, as $70,000 is not above 70,000 and is above 69,999.99.
    """
    fresh = Fresh()
    while True:
        code, name, around, step, decimals = rng.choice(ASSETS)
        when, hour = day(rng), rng.choice((12, 12, 12, *range(1, 24)))
        if not fresh(code, when, hour):
            continue
        first = round(around * rng.uniform(0.8, 1.2) / step)
        for rung in range(first, first + 14):
            strike = rung * step
            said, under = f"{strike:,.{decimals}f}", f"{strike - 10 ** -(decimals + 2):.4f}"
            floor = under.rstrip("0") if decimals else f"{strike - 0.01:.2f}"
            ours = kalshi(
                f"KX{code}D-{stamp(when)}{hour:02}",
                f"T{floor}",
                f"{name} price  on {short(when)}?"
                if code == "BTC"
                else f"{name} price at {short(when)} at {_hour(hour)} {_zone(when)}?",
                yes=f"${said} or above",
                rules=f"the simple average of the sixty seconds of CF Benchmarks' {code} index "
                f"before {_hour(hour)} {_zone(when)} on {short(when)} is above {floor}",
                closes=when,
                extra=above(floor),
            )
            noon = f"Will the price of {name} be above ${said} on {plain(when)}?"
            hourly = f"{name} above {said} on {plain(when)}, {_hour(hour).upper()} ET?"
            theirs = polymarket(
                rng,
                noon if hour == 12 else hourly,
                rules=f"the Binance 1 minute candle for {code}/USDT at {hour}:00 in the ET "
                f"timezone on {plain(when)} has a final close price higher than {said}",
                ends=when,
                event=f"{name} above ___ on {plain(when)}?",
                extra={"groupItemTitle": said},
            )
            yield Question((ours,), theirs, ())


def touches(rng: random.Random) -> Iterator[Question]:
    """The highest or lowest price inside a month."""
    fresh = Fresh()
    while True:
        code, name, around, step, decimals = rng.choice(ASSETS)
        year, month = rng.choice((2026, 2027)), rng.randint(1, 12)
        high = rng.random() < 0.6
        rung = rng.randint(3, 60) * (1 if high else -1)
        strike = around + rung * step * 2.5 / (1 if high else 3)
        strike = round(strike / step) * step
        if strike <= 0 or not fresh(code, year, month, high, round(strike, 4)):
            continue
        end = date(year, month, calendar.monthrange(year, month)[1])
        side, said = ("MAX", "above") if high else ("MIN", "below")
        ours = kalshi(
            f"KX{code}{side}MON-{code}-{stamp(end)}",
            f"{round(strike * 100)}",
            f"Will {code} trimmed mean be {said} ${strike:.2f} by 11:59 PM ET on {short(end)}?",
            yes=f"{said.title()} ${strike:.2f}",
            rules=f"the trimmed mean of {name} is {said} {strike:.2f} at any time before 11:59 PM "
            f"ET on {short(end)}",
            closes=end,
            extra={"strike_type": "greater" if high else "less", "floor_strike": strike},
        )
        verb, named = "reach" if high else "dip to", f"{end:%B}" + f" {year}" * (year > 2026)
        theirs = polymarket(
            rng,
            f"Will {name} {verb} ${strike:,.{decimals}f} in {named}?",
            rules=f"any Binance 1 minute candle for {code}/USDT in {named} has a final "
            f"{'high' if high else 'low'} that reaches {strike:,.{decimals}f}",
            ends=end,
        )
        yield Question((ours,), theirs)


def closes(rng: random.Random) -> Iterator[Question]:
    """What oil settles at, and what an index closes at."""
    fresh = Fresh()
    while True:
        when = day(rng, rng.choice((2026, 2027)))
        oil = rng.random() < 0.5
        strike = rng.randint(50, 120) if oil else rng.randint(220, 300) * 25
        if not fresh(oil, when, strike):
            continue
        if oil:
            event, floor = f"KXWTI-{stamp(when)}", f"{strike - 0.01:.2f}"
            title = f"Will the WTI front-month settle oil price  be >{floor} on {short(when)}?"
            asked = f"Will WTI Crude Oil (CL) settle at or above ${strike} on {plain(when)}?"
        else:
            event, floor = f"KXINXU-{stamp(when)}H1600", f"{strike - 0.0001:.4f}"
            title = f"Will the S&P 500 be above {floor} on {short(when)} at 4pm ET?"
            asked = f"Will the S&P 500 close at or above {strike:,} on {plain(when)}?"
        if when.year > 2026:
            asked = asked.replace("?", f", {when.year}?")
        ours = kalshi(
            event,
            f"T{floor}",
            title,
            yes=f"{strike:,} or above",
            rules=f"the official value of {short(when)} is above {floor}",
            closes=when,
            extra=above(floor),
        )
        theirs = polymarket(
            rng, asked, rules=f"the official value of {when} is {strike} or higher", ends=when
        )
        yield Question((ours,), theirs)


# Kalshi's series, Kalshi's title, Polymarket's question, lowest rung, rungs, step, decimals.
# {k} is the strike that is to be exceeded, {p} the next value that is published.
_STATISTICS = (
    (
        "CPIYOY",
        "Will the rate of CPI inflation be above {k}% for the year ending in {month}?",
        "Will annual inflation increase by ≥{p}% in {month}?",
        (1.0, 40, 0.1, 1),
    ),
    (
        "CPI",
        "Will CPI rise more than {k}% in {month}?",
        "Will monthly inflation increase by ≥{p}% in {month}?",
        (-0.5, 17, 0.1, 1),
    ),
    (
        "CPICOREYOY",
        "Will the rate of core CPI inflation be above {k}% for the year ending in {month}?",
        "Will annual core inflation be ≥{p}% in {month}?",
        (1.0, 40, 0.1, 1),
    ),
    (
        "ECONSTATU3",
        "Will the unemployment rate be above {k}% in {month}?",
        "Will the {month} unemployment rate be ≥{p}%?",
        (3.0, 40, 0.1, 1),
    ),
    (
        "PAYROLLS",
        "Will above {k} jobs be added in {month}?",
        "Will the US add more than {k} jobs in {month}?",
        (5_000, 60, 5_000, 0),
    ),
)


def statistics(rng: random.Random) -> Iterator[Question]:
    fresh = Fresh()
    while True:
        series, title, question, (low, rungs, step, decimals) = rng.choice(_STATISTICS)
        month, rung = date(rng.choice((2026, 2027)), rng.randint(1, 12), 1), rng.randrange(rungs)
        if not fresh(series, month, rung):
            continue
        strike, following = (f"{low + step * n:.{decimals}f}" for n in (rung, rung + 1))
        words = {"k": strike.replace("-0.0", "0.0"), "p": following.replace("-0.0", "0.0")}
        words["month"] = f"{month:%B %Y}"
        ours = kalshi(
            f"KX{series}-{month:%y%b}".upper(),
            f"T{words['k']}",
            title.format(**words),
            yes=f"Above {words['k']}",
            rules=f"the first print for {month:%B %Y} is above {words['k']}",
            closes=month + timedelta(days=45),
            extra=above(words["k"]),
        )
        theirs = polymarket(
            rng,
            question.format(**words),
            rules=f"so says the first print of the official release for {month:%B %Y}",
            ends=month + timedelta(days=45),
        )
        yield Question((ours,), theirs)


def weather(rng: random.Random) -> Iterator[Question]:
    """Degrees two by two. About every tenth looks the same and is measured elsewhere."""
    fresh = Fresh()
    while True:
        code, ours_name, theirs_name, station, other_station = rng.choice(CITIES)
        when = day(rng)
        if not fresh(code, when):
            continue
        base = rng.randint(15, 46) * 2
        for low in range(base, base + 10, 2):
            ours = kalshi(
                f"KXHIGH{code}-{stamp(when)}",
                f"B{low}.5",
                f"Will the **high temp in {ours_name}** be {low}-{low + 1}° on {short(when)}?",
                yes=f"{low}° to {low + 1}°",
                rules=f"the highest temperature recorded at {station} for {short(when)} as "
                "reported by the National Weather Service's Climatological Report (Daily) is "
                f"between {low}-{low + 1}°",
                closes=when,
                extra={"strike_type": "between", "floor_strike": low, "cap_strike": low + 1},
            )
            elsewhere = rng.random() < 0.1
            theirs = polymarket(
                rng,
                f"Will the highest temperature in {theirs_name} be between {low}-{low + 1}°F on "
                f"{plain(when)}?",
                rules="the highest temperature recorded at "
                f"{other_station if elsewhere else station} on {plain(when)} as reported by the "
                f"National Weather Service is between {low} and {low + 1} degrees Fahrenheit",
                ends=when,
                extra={"groupItemTitle": f"{low}-{low + 1}°F"},
            )
            yield Question((ours,), theirs, () if elsewhere else ("same",))


_STEPS = (
    ("H25", "Hike rates by 25bps", "{bank} increase interest rates by 25 bps"),
    ("H26", "Hike rates by >25bps", "{bank} increase interest rates by 50+ bps"),
    ("H0", "Maintain current rate", "{bank} make no change to interest rates"),
    ("C25", "Cut rates by 25bps", "{bank} decrease interest rates by 25 bps"),
    ("C26", "Cut rates by >25bps", "{bank} decrease interest rates by 50+ bps"),
)


def central_banks(rng: random.Random) -> Iterator[Question]:
    fresh = Fresh()
    while True:
        series, ours_bank, theirs_bank = rng.choice(BANKS)
        month, (code, did, does) = (
            date(rng.randint(2026, 2035), rng.randint(1, 12), 1),
            rng.choice(_STEPS),
        )
        if not fresh(series, month, code):
            continue
        ours = kalshi(
            f"KX{series}-{month:%y%b}".upper(),
            code,
            f"Will {ours_bank} {did} at their {month:%B %Y} meeting?",
            yes=did,
            rules=f"{ours_bank} does so at the {month:%B %Y} meeting: {did}",
            closes=month + timedelta(days=27),
        )
        theirs = polymarket(
            rng,
            f"Will {does.format(bank=theirs_bank)} after the {month:%B %Y} meeting?",
            rules=f"that is what the statement after the {month:%B %Y} meeting says; a change that "
            "is not listed is rounded up to the nearest 25 bps",
            ends=month + timedelta(days=27),
        )
        yield Question((ours,), theirs)
