"""Endless made-up questions about sports: games, lines, football matches, titles, season wins."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from matching_question import (
    Fresh,
    Question,
    Row,
    above,
    day,
    initials,
    kalshi,
    plain,
    polymarket,
    short,
    stamp,
)
from matching_words import AWARDS, CLUBS, COUNTED, LEAGUES, TOTALS, Team, person

Game = tuple[str, date, Team, Team, str]

_EASTERN: Final = ZoneInfo("America/New_York")  # of the hours in tickers


def _games(rng: random.Random) -> Iterator[Game]:
    """League, day, guest, host, Kalshi's code. In baseball the same two meet on three days."""
    fresh = Fresh()
    while True:
        league = rng.choice(("NBA", "NBA", "NHL", "MLB", "MLB", "NFL"))
        away, home = rng.sample(LEAGUES[league], 2)
        first, year = rng.choice((2026, 2027)), 3 if league == "MLB" else 1
        opening = day(rng, first)
        for n in range(year):
            when = opening + timedelta(days=n)
            # Two codes run together must not read as those of another game on that day.
            if fresh(league, when, away.code) and fresh(league, when, home.code):
                hour = f"{rng.choice((1310, 1840, 1940, 2140))}" if league == "MLB" else ""
                yield league, when, away, home, f"{stamp(when)}{hour}{away.code}{home.code}"


def _title(game: Game, what: str) -> str:
    league, _, away, home, _ = game
    return f"{away.city} {'vs' if league == 'MLB' else 'at'} {home.city}{what}"


def _ours(game: Game) -> str:
    """The game as Kalshi's rules name it."""
    league, when, away, home, _ = game
    words = {"NBA": "basketball", "NHL": "hockey", "MLB": "baseball", "NFL": "football"}
    return (
        f"the {away.city} vs {home.city} professional {words[league]} game originally scheduled "
        f"for {short(when)}"
    )


def _slug(game: Game, rest: str = "") -> dict[str, object]:
    league, when, away, home, code = game
    hour = code[7:11] if league == "MLB" else "1930"
    start = datetime.strptime(f"{when} {hour}", "%Y-%m-%d %H%M").replace(tzinfo=_EASTERN)
    return {
        "slug": f"{league.lower()}-{away.code.lower()}-{home.code.lower()}-{when}{rest}",
        "gameStartTime": f"{start.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00",
    }


def moneylines(rng: random.Random) -> Iterator[Question]:
    for game in _games(rng):
        league, when, away, home, code = game
        rows = tuple(
            kalshi(
                f"KX{league}GAME-{code}",
                team.code,
                _title(game, " Winner?"),
                yes=team.city,
                rules=f"{team.city} wins {_ours(game)}",
                closes=when + timedelta(days=2),
                extra={"strike_type": "structured"},
            )
            for team in (away, home)
        )
        name = f"{away.nick} vs. {home.nick}"
        theirs = polymarket(
            rng,
            name,
            rules=f"the {away.nick} win the {league} game scheduled for {plain(when)}",
            ends=when + timedelta(days=7),
            outcomes=(away.nick, home.nick),
            event=name,
            extra={**_slug(game), "sportsMarketType": "moneyline"},
        )
        yield Question(rows, theirs, ("same", "inverted"))


def lines(rng: random.Random) -> Iterator[Question]:
    """The spreads and totals of a game, several lines each."""
    for game in _games(rng):
        league, _, away, home, _ = game
        for team, side in ((away, "away"), (home, "home")):
            for points in rng.sample(range(1, 4 if league in {"MLB", "NHL"} else 15), 2):
                yield _spread(rng, game, team, side, points)
        middle, width = TOTALS[league], 2 if league in {"MLB", "NHL"} else 8
        for points in rng.sample(range(middle - width, middle + width), 4):
            yield _total(rng, game, points)


def _spread(rng: random.Random, game: Game, team: Team, side: str, points: int) -> Question:
    league, when, away, home, code = game
    counted = COUNTED[league].lower()
    ours = kalshi(
        f"KX{league}SPREAD-{code}",
        f"{team.code}{points}",
        f"{team.city} wins by over {points}.5 {counted}?",
        yes=f"{team.city} wins by over {points}.5 {counted}",
        rules=f"{team.city} wins {_ours(game)} by more than {points}.5 {counted}",
        closes=when + timedelta(days=2),
        extra=above(f"{points}.5"),
    )
    other = home if team is away else away
    theirs = polymarket(
        rng,
        f"Spread: {team.nick} (-{points}.5)",
        rules=f"the {team.nick} win the game of {plain(when)} by {points + 1} or more {counted}",
        ends=when + timedelta(days=7),
        outcomes=(team.nick, other.nick),
        event=f"{away.nick} vs. {home.nick}",
        extra={
            **_slug(game, f"-spread-{side}-{points}pt5"),
            "line": -points - 0.5,
            "sportsMarketType": "spreads",
        },
    )
    return Question((ours,), theirs)


def _total(rng: random.Random, game: Game, points: int) -> Question:
    league, when, away, home, code = game
    counted = COUNTED[league]
    ours = kalshi(
        f"KX{league}TOTAL-{code}",
        f"{points + 1}",
        _title(game, f": Total {counted}"),
        yes=f"Over {points}.5 {counted.lower()} scored",
        rules=f"the teams collectively score more than {points}.5 {counted.lower()} in "
        f"{_ours(game)}",
        closes=when + timedelta(days=2),
        extra=above(f"{points}.5"),
    )
    theirs = polymarket(
        rng,
        f"{away.nick} vs. {home.nick}: O/U {points}.5",
        rules=f"the combined total of the game of {plain(when)} is {points + 1} or more",
        ends=when + timedelta(days=7),
        outcomes=("Over", "Under"),
        event=f"{away.nick} vs. {home.nick}",
        extra={
            **_slug(game, f"-total-{points}pt5"),
            "line": points + 0.5,
            "sportsMarketType": "totals",
        },
    )
    return Question((ours,), theirs)


def soccer(rng: random.Random) -> Iterator[Question]:
    """Home, draw, away and goals of a match; the goals of both texts count 90 minutes."""
    fresh = Fresh()
    while True:
        league = rng.choice(tuple(CLUBS))
        home, away = rng.sample(CLUBS[league], 2)
        when = day(rng, rng.choice((2026, 2027)))
        if not (fresh(league, when, home.code) and fresh(league, when, away.code)):
            continue
        code = f"{stamp(when)}{home.code}{away.code}"
        match = f"the {home.city} vs {away.city} professional soccer game originally scheduled for"
        event = f"{home.nick} vs. {away.nick}"
        for side, yes, question in (
            (home.code, home.city, f"Will {home.nick} win on {when}?"),
            (away.code, away.city, f"Will {away.nick} win on {when}?"),
            ("TIE", "Tie", f"Will {event} end in a draw?"),
        ):
            result = "ends in a tie" if side == "TIE" else f"is won by {yes}"
            ours = kalshi(
                f"KX{league}GAME-{code}",
                side,
                f"{home.city} vs {away.city} Winner?",
                yes=yes,
                rules=f"{match} {short(when)} {result} after 90 minutes plus stoppage time",
                closes=when + timedelta(days=14),
            )
            told = f"the match of {when} {result.replace(yes, question[5:].split(' win ')[0])}"
            yield Question((ours,), _match(rng, question, when, told, event, league))
        for goals in (1, 2, 3, 4):
            ours = kalshi(
                f"KX{league}TOTAL-{code}",
                f"{goals + 1}",
                f"{home.city} vs {away.city}: Totals",
                yes=f"Over {goals}.5 goals scored",
                rules=f"more than {goals}.5 goals are scored in {match} {short(when)} after 90 "
                "minutes plus stoppage time",
                closes=when + timedelta(days=14),
                extra=above(f"{goals}.5"),
            )
            told = f"{goals + 1} or more goals are scored in the match of {when}"
            theirs = _match(rng, f"{event}: O/U {goals}.5", when, told, event, league)
            over = {"line": goals + 0.5, "outcomes": '["Over", "Under"]'}
            yield Question((ours,), theirs | over)


def _match(
    rng: random.Random, question: str, when: date, rules: str, event: str, league: str
) -> Row:
    return polymarket(
        rng,
        question,
        rules=f"{rules} after 90 minutes plus stoppage time ({league})",
        ends=when + timedelta(days=7),
        event=event,
        extra={"gameStartTime": f"{when} 19:00:00+00"},
    )


def titles(rng: random.Random) -> Iterator[Question]:
    """Awards, with made-up people; now and then one of Polymarket's placeholders."""
    fresh = Fresh()
    while True:
        code, ours, theirs = rng.choice(AWARDS)
        year, name = rng.choice((2026, 2027, 2028)), person(rng)
        if not fresh(code, year, name.split()[0], name.split()[-1]):
            continue  # a middle letter makes nobody another
        won, end = theirs.format(year=year), date(year, 12, 31)
        row = kalshi(
            f"KX{code}-{year % 100}",
            initials(name),
            f"Will {name} win {ours} in {year}?",
            yes=name,
            rules=f"{name} wins {ours} in {year}",
            closes=end,
        )
        placeholder = rng.random() < 0.02
        said = f"Player {rng.choice('ABCDEFGH')}{rng.choice('XYZ')}" if placeholder else name
        other = polymarket(
            rng,
            f"Will {said} win {won}?",
            rules=f"{said} wins {won}",
            ends=end,
            event=f"{won.removeprefix('the ')} winner",
            extra={"groupItemTitle": said},
        )
        yield Question((row,), other, () if placeholder else ("same",))


def season_wins(rng: random.Random) -> Iterator[Question]:
    """At least so many games won: a count."""
    fresh = Fresh()
    games = {"NBA": 82, "NHL": 82, "MLB": 162, "NFL": 17}
    sports = {"NBA": "basketball", "NHL": "hockey", "MLB": "baseball", "NFL": "football"}
    while True:
        league = rng.choice(tuple(LEAGUES))
        team, year = rng.choice(LEAGUES[league]), rng.choice((2026, 2027, 2028))
        wins = rng.randint(2, games[league] - 2)
        if not fresh(league, team.code, year, wins):
            continue
        row = kalshi(
            f"KX{league}WINS-{team.code}-{year % 100}",
            f"T{wins}",
            f"Will the {team.city} pro {sports[league]} team win at least {wins} games in the "
            f"{year} regular season?",
            yes=f"At least {wins} wins",
            rules=f"{team.city} wins at least {wins} games in the {year} regular season",
            closes=date(year, 12, 31),
            extra={"strike_type": "greater_or_equal", "floor_strike": wins},
        )
        other = polymarket(
            rng,
            f"Will the {team.full} win {wins} or more games in the {year} {league} regular season?",
            rules=f"the {team.full} win {wins} or more regular season games in {year}",
            ends=date(year, 12, 31),
        )
        yield Question((row,), other)
