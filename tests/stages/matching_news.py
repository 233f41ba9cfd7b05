"""Endless made-up questions about people, offices, firms and laws."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from matching_question import Fresh, Question, initials, kalshi, plain, polymarket, short
from matching_words import COUNTRIES, STATES, coined, person

_PARTIES = (("D", "Democratic", "a Democrat"), ("R", "Republican", "a Republican"))


def elections(rng: random.Random) -> Iterator[Question]:
    """House seats by party; nominees, governors and presidents by made-up person."""
    fresh = Fresh()
    kinds = (_seat, _nominee, _nominee, _governor, _governor, _president)
    while True:
        found = rng.choice(kinds)(rng)
        if fresh(found.kalshi[0]["title"]):
            yield found


def _seat(rng: random.Random) -> Question:
    state, district, year = rng.choice(tuple(STATES)), rng.randint(1, 20), rng.choice((2026, 2028))
    code, party, member = rng.choice(_PARTIES)
    seat = f"{state}-{district:02}"
    end = date(year, 11, 8)
    ours = kalshi(
        f"KXHOUSERACE-{state}{district:02}-{year % 100}",
        code,
        f"Will {member} win the House race for {seat} in {year}?",
        yes=f"{party} party",
        rules=f"a representative of the {party} party is sworn in for {seat} after the {year} "
        "election",
        closes=end + timedelta(days=60),
    )
    theirs = polymarket(
        rng,
        f"Will the {party} Party win the {seat} House seat in {year}?",
        rules=f"the {party} Party's candidate wins {seat} in the {year} election",
        ends=end,
        event=f"{seat} House Election Winner",
        extra={"groupItemTitle": f"{party} Party"},
    )
    return Question((ours,), theirs)


def _nominee(rng: random.Random) -> Question:
    state, name, year = rng.choice(tuple(STATES)), person(rng), rng.choice((2026, 2028))
    code, party, _ = rng.choice(_PARTIES)
    office, word = rng.choice((("GOV", "Governor"), ("SEN", "Senate")))
    ours = kalshi(
        f"KX{office}{state}NOM{code}-{year % 100}",
        initials(name),
        f"Will {name} be the {party} nominee for {word} in {STATES[state]} in {year}?",
        yes=name,
        rules=f"{name} wins the {year} {party} nomination for {word} in {STATES[state]}",
        closes=date(year, 9, 1),
    )
    theirs = polymarket(
        rng,
        f"Will {name} win the {year} {STATES[state]} {word} {party} primary election?",
        rules=f"{name} becomes the {party} nominee for {word} in {STATES[state]} in {year}",
        ends=date(year, 9, 1),
        event=f"{STATES[state]} {word} {party} Primary Winner",
        extra={"groupItemTitle": name},
    )
    return Question((ours,), theirs)


def _governor(rng: random.Random) -> Question:
    state, name, year = rng.choice(tuple(STATES)), person(rng), rng.choice((2026, 2028))
    office, word = rng.choice((("GOV", "Governor"), ("SENATE", "Senate")))
    ours = kalshi(
        f"KX{office}{state}PERSON-{year % 100}",
        initials(name),
        f"Will {name} win the {year} {STATES[state]} {word} race?",
        yes=name,
        rules=f"{name} wins the {year} {word} election in {STATES[state]}",
        closes=date(year, 11, 8),
    )
    theirs = polymarket(
        rng,
        f"Will {name} win the {STATES[state]} {word} Election in {year}?",
        rules=f"{name} wins the {year} {STATES[state]} {word} election",
        ends=date(year, 11, 8),
        event=f"{STATES[state]} {word} Election Winner",
        extra={"groupItemTitle": name},
    )
    return Question((ours,), theirs)


def _president(rng: random.Random) -> Question:
    country, name, year = rng.choice(tuple(COUNTRIES)), person(rng), rng.choice((2026, 2027, 2028))
    ours = kalshi(
        f"KX{country.upper().replace(' ', '')[:6]}PRES-{year % 100}",
        initials(name),
        f"Will {name} win the {year} {COUNTRIES[country]} presidential election?",
        yes=name,
        rules=f"{name} wins the {year} presidential election in {country}",
        closes=date(year, 12, 31),
    )
    theirs = polymarket(
        rng,
        f"Will {name} win the {year} {COUNTRIES[country]} presidential election?",
        rules=f"{name} wins the {year} presidential election in {country}",
        ends=date(year, 12, 31),
        event=f"{country} Presidential Election Winner",
        extra={"groupItemTitle": name},
    )
    return Question((ours,), theirs)


def deadlines(rng: random.Random) -> Iterator[Question]:
    """Somebody does something before a day: Kalshi names the day after, Polymarket the last."""
    fresh = Fresh()
    while True:
        subject, act, code = _act(rng)
        for end in rng.sample([date(y, m, 1) for y in (2026, 2027) for m in (4, 7, 10)], 3):
            if not fresh(subject, act, end):
                continue
            last = end - timedelta(days=1)
            ours = kalshi(
                f"KX{code}-{end:%y%b}01".upper(),
                initials(subject),
                f"Will {subject} {act} before {short(end)}?",
                yes=subject,
                rules=f"{subject} does {act} before {short(end)}",
                closes=last,
            )
            theirs = polymarket(
                rng,
                f"Will {subject} {act} by {plain(last)}, {last.year}?",
                rules=f"{subject} does {act} by {plain(last)}, {last.year}, 11:59 PM ET",
                ends=last,
                event=f"Will {subject} {act} by...?",
            )
            yield Question((ours,), theirs)


def _act(rng: random.Random) -> tuple[str, str, str]:
    country = rng.choice(tuple(COUNTRIES))
    firm, product = f"{coined(rng)} {rng.choice(('Labs', 'Energy', 'Motors'))}", coined(rng)
    return rng.choice(
        (
            (person(rng), f"visit {country}", "VISIT"),
            (person(rng), "receive a presidential pardon", "PARDON"),
            (person(rng), f"leave office as finance minister of {country}", "LEAVE"),
            (firm, f"release {product} {rng.randint(2, 6)}", "RELEASE"),
            (firm, "announce an IPO", "IPO"),
            (f"{product} Protocol", "launch a token", "TOKEN"),
        )
    )


def events(rng: random.Random) -> Iterator[Question]:
    """Whatever fits no other drawer: a country does a thing in a year."""
    fresh = Fresh()
    verbs = ("approve", "ban", "tax", "nationalize", "recognize", "legalize", "sanction")
    things = ("imports", "exchange", "airline", "drones", "satellites", "reactor", "railway")
    while True:
        country, year = rng.choice(tuple(COUNTRIES)), rng.choice((2026, 2027))
        verb, thing = rng.choice(verbs), f"{coined(rng)} {rng.choice(things)}"
        if not fresh(country, verb, thing, year):
            continue
        ours = kalshi(
            f"KX{country.upper().replace(' ', '')[:5]}{verb.upper()}-{year % 100}",
            initials(thing),
            f"Will {country} {verb} the {thing} in {year}?",
            yes=thing,
            rules=f"{country} does {verb} the {thing} before Jan 1, {year + 1}",
            closes=date(year, 12, 31),
        )
        theirs = polymarket(
            rng,
            f"Will {country} {verb} the {thing} by December 31, {year}?",
            rules=f"{country} does {verb} the {thing} between January 1 and December 31, {year}",
            ends=date(year, 12, 31),
        )
        yield Question((ours,), theirs)
