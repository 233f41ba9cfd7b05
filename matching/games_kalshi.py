"""What Kalshi asks of a game, read from the series, the title and the ticker's last part."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple

from matching import sides
from matching.amounts import NANO, nanos
from matching.game_titles import after_sides, asks_of_play, is_bare
from matching.leagues import league_of_series, sport_of
from matching.lexicon import canonical
from matching.listing import Listing
from matching.terms import Game, Pick
from matching.ticker import Ticker
from matching.when import Day

_EXACT: Final = re.compile(
    r"(?P<who>Draw|.+?)(?: wins?)?(?: 1H| 2H)?[: ]+(?P<i>\d+)\s?-\s?(?P<j>\d+)"
)
_WINS_BY: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<who>.+?) (?:wins?|to win) (?:(?:the|first) [^?]*)?"
    r"by (?:over|more than) (?P<line>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_SCORES: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<who>.+?) (?:scores?|to score) ", re.IGNORECASE
)
_OVER: Final = re.compile(
    r"(?:O/U|[Oo]ver/?[Uu]nder|[Oo]ver|[Uu]nder|[Aa]t least)\s?\(?(?P<line>\d+(?:\.\d+)?)"
)
_WILL_WIN: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<who>.+?) wins? (?:the|map|set|game|quarter|against)\b", re.IGNORECASE
)
_UNDER: Final = re.compile(r"(?<!/)\bunder\b", re.IGNORECASE)
_STRIKES_ABOVE: Final = ("", "greater", "greater_or_equal", "structured", "custom")
_STRIKES_BELOW: Final = ("less", "less_or_equal")
_TOTALS: Final = re.compile(r"\b[Tt]otals?\b|scored\?")
_OTHER_SERIES: Final = ("MOF", "OVERTIME", "DISTANCE", "ROUNDS", "CORNER")
_DRAW_CODES: Final = frozenset({"TIE", "DRAW", "DRW"})
_TEAM_AND_DIGITS: Final = re.compile(r"^([A-Z]*?)(\d+(?:\.\d+)?)?$")
_NO_CLUBS: Final = re.compile(r"1H|2H|^KXWC")
_RENUMBERED: Final[Day] = (2026, 7, 1)


class Wording(NamedTuple):
    """A listing's plain texts: its title without the answer, its event's title, the answer."""

    title: str
    head: str
    answer: str

    @property
    def told(self) -> str:
        return " | ".join(part for part in (self.title, self.head) if part)


def asked(game: Game, listing: Listing, ticker: Ticker, wording: Wording) -> Game:
    """The game with the question: what is counted, which side or score is YES, which line."""
    series, title, told = ticker.series, wording.title, wording.told
    if asks_of_play(title) or any(word in series for word in _OTHER_SERIES):
        return _other(game, ticker.code, told)
    if "BTTS" in series or "both teams" in told.lower():
        return replace(game, what="btts")
    if "SCORE" in series and (exact := _EXACT.search(wording.answer or title)):
        return _exact(game, exact, ticker.code)
    if what := _counted(series, title):
        return _with_line(replace(game, what=what), listing, ticker, wording)
    return _result(game, ticker.code, wording)


def _other(game: Game, code: str, words: str) -> Game:
    return replace(game, what="other", code=code, words=frozenset(canonical(words)))


def _exact(game: Game, found: re.Match[str], code: str) -> Game:
    """A final score: "Leeds 2-1" is the winner's view, turned where the winner is named second."""
    i, j = int(found["i"]), int(found["j"])
    turned = i > j and sides.pick(found["who"], code, game.sides) is Pick.B
    return replace(game, what="exact", code=code, score=(j, i) if turned else (i, j))


def _counted(series: str, title: str) -> str:
    """What a line divides (team_total, total or spread), "" where there is no line."""
    if "TEAMTOTAL" in series:
        return "team_total"
    if "TOTAL" in series or _TOTALS.search(title):
        return "total"
    margin = "SPREAD" in series or "WINMARGIN" in series or _WINS_BY.search(title)
    return "spread" if margin else ""


def _with_line(game: Game, listing: Listing, ticker: Ticker, wording: Wording) -> Game:
    found = _TEAM_AND_DIGITS.match(ticker.code)
    team, digits = (found[1], found[2] or "") if found else (ticker.code, "")
    line, source = _line(listing, ticker, wording.title, digits)
    game = replace(game, line=line, line_source=source)
    under = _UNDER.search(f"{wording.title} {wording.answer}")
    if listing.strike_type in _STRIKES_BELOW or (under and not listing.strike_type):
        game = replace(game, over=False)
    elif listing.strike_type not in _STRIKES_ABOVE or under:
        game = replace(game, unread=f"{listing.strike_type} {wording.title}")
    if game.what == "total":
        return game
    wins = _WINS_BY.search(wording.title) or _SCORES.search(wording.title)
    named = wins["who"] if wins else wording.answer
    told = sides.pick(wording.answer, "", game.sides)
    if told not in (Pick.NONE, sides.pick(named, team, game.sides)):
        game = replace(game, unread=f"{wording.title} | {wording.answer}")
    return replace(game, code=team, pick=sides.pick(named, team, game.sides), named=named)


def _line(listing: Listing, ticker: Ticker, title: str, digits: str) -> tuple[int | None, str]:
    """The line in nanos: the strike, else the texts' number, else the ticker's whole number.

    A number that itself pays gives the line half a step beside it. The second is "ticker" where
    only that has one: soccer totals and spreads of clubs counted from n + 0.5 until summer 2026;
    all others, and these since, count from n - 0.5.
    """
    half = NANO // 2
    if strike := listing.cap if listing.strike_type in _STRIKES_BELOW else listing.floor:
        whole_counts = listing.strike_type in ("greater_or_equal", "less")
        return nanos(strike) - (half if whole_counts else 0), ""
    said = f"{listing.subtitle} {title} {' '.join(listing.rules)}"
    if found := _OVER.search(said) or _WINS_BY.search(said):
        return nanos(found["line"]) - (half if "least" in found[0].lower() else 0), ""
    if not digits:
        return None, ""
    return nanos(digits) + (half if _counts_from_above(ticker) else -half), "ticker"


def _counts_from_above(ticker: Ticker) -> bool:
    """Whether the whole number in a ticker stands for the line half a goal above it."""
    if ticker.day and ticker.day >= _RENUMBERED:
        return False
    soccer = sport_of(league_of_series(ticker.series), ticker.series) == "soccer"
    return soccer and not _NO_CLUBS.search(ticker.series)


def _result(game: Game, code: str, wording: Wording) -> Game:
    """Who wins; another question where the title says more than a game's frame."""
    rest = after_sides(wording.title, game.sides)
    winner = _WILL_WIN.match(wording.title)
    if not is_bare(rest) and not winner:
        return _other(game, code, rest)
    named = wording.answer or (winner["who"] if winner else "")
    if code in _DRAW_CODES or named.lower() in ("tie", "draw"):
        return replace(game, code=code, pick=Pick.DRAW)
    return replace(game, code=code, pick=sides.pick(named, code, game.sides), named=named)
