"""What Polymarket asks of a game, read from the templates its titles follow."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from matching import sides
from matching.amounts import NANO, nanos
from matching.game_titles import SEPARATOR, after_sides, asks_of_play, is_bare, wins_or_draws
from matching.lexicon import canonical
from matching.listing import Listing
from matching.sides import TwoSides
from matching.terms import Game, Pick, Said
from matching.text import plain
from matching.when import mentions

_EXACT: Final = re.compile(
    r"(?:Exact|Correct) Score: (?P<a>.+?) (?P<i>\d+)\s?-\s?(?P<j>\d+) (?P<b>.+?)\??$"
)
_EXACT_OF_OTHERS: Final = re.compile(r"exact score", re.IGNORECASE)  # "any other score"
_BOTH_SCORE: Final = re.compile(r"both teams to score", re.IGNORECASE)
_COMBINED: Final = re.compile(r"\band\b|\bor\b", re.IGNORECASE)
_SPREAD: Final = re.compile(
    r"(?:Spread|Handicap|Run Line|Puck Line): (?P<who>.+?) \((?P<line>[-+]\d+(?:\.\d+)?)\)",
    re.IGNORECASE,
)
_OVER: Final = re.compile(
    r"(?P<word>O/U|[Oo]ver/?[Uu]nder|[Oo]ver|[Uu]nder|[Aa]t least)\s?\(?(?P<line>\d+(?:\.\d+)?)"
)
_FIRST: Final = re.compile(r"(?P<over>o|over)\b|(?:u|under)\b", re.IGNORECASE)
_TEAM_TOTAL: Final = re.compile(r"(?:.*: )?(?P<who>[^:]+?) Team Total\b", re.IGNORECASE)
_DRAW: Final = re.compile(r"\b(?:draw|tie)\b", re.IGNORECASE)
_WIN_ON: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<who>.+?) (?:win|beat|defeat)s?(?: or (?:draw|tie))? "
    r"(?:against .+? )?(?:on|against|their|the game|the match)\b",
    re.IGNORECASE,
)
_BEATS: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<a>.+?) (?:win against|beat|defeat)s? (?:the )?(?P<b>.+?)"
    r"(?= on | in | to |\?|$)",
    re.IGNORECASE,
)
_WILL_WIN: Final = re.compile(
    r"^(?:Will )?(?:the )?(?P<who>.+?) wins? (?:the|map|set|game|quarter|against)\b", re.IGNORECASE
)
_HALF_LEAD: Final = re.compile(
    r"^(?P<who>.+?) (?:leading|to lead|lead) at half-?time", re.IGNORECASE
)
_COUNTED: Final = re.compile(
    r"\b(?:1st|2nd|first|second) half\b|\b[12]h\b"
    r"|\bteam total\b|\btotal\b|\bgoals?\b|\bmatch\b|:",
    re.IGNORECASE,
)


def names_one_side(title: str) -> bool:
    """Whether a title without two names is of a game: a win on a day, a lead, a spread."""
    won = _WIN_ON.match(title) and mentions(title)
    return bool(won or _HALF_LEAD.match(title) or _SPREAD.search(title))


def sides_beaten(title: str) -> TwoSides | None:
    """The two sides of "Will Boston beat Toronto?"; whether they are sides at all, others tell."""
    found = _BEATS.match(title)
    return (Said(found["a"], found["a"]), Said(found["b"], found["b"])) if found else None


def named_outcomes(listing: Listing) -> tuple[str, ...]:
    """The two outcomes where they are not yes and no (of these the judge knows the order)."""
    outcomes = tuple(plain(each) for each in listing.outcomes)
    return () if {each.lower() for each in outcomes} == {"yes", "no"} else outcomes


def asked(game: Game, listing: Listing, title: str, head: str) -> Game:
    """The game with the question: what is counted, which side or score is YES, which line."""
    if exact := _EXACT.search(title):
        a, b = exact["a"], exact["b"]
        score = (int(exact["i"]), int(exact["j"]))
        game = replace(game, sides=(Said(a, a), Said(b, b)), what="exact", score=score)
        return _answered(game, listing)
    if _EXACT_OF_OTHERS.search(title):
        return _other(game, title)
    rest = after_sides(title, game.sides)
    if _BOTH_SCORE.search(title) and not _COMBINED.search(rest):
        return _answered(replace(game, what="btts"), listing)
    if asks_of_play(title) or (asks_of_play(head) and not listing.outcomes and not rest):
        return _other(game, title)
    if spread := _SPREAD.search(title):
        return _spread(game, spread, listing)
    if over := _OVER.search(title):
        return _total(game, over, rest, listing)
    if _DRAW.search(title) and not wins_or_draws(title):
        return _answered(replace(game, pick=Pick.DRAW), listing)
    return _result(game, listing, title, rest)


def _other(game: Game, words: str) -> Game:
    return replace(game, what="other", words=frozenset(canonical(words)))


def _answered(game: Game, listing: Listing) -> Game:
    """A question that only yes and no answer: with other outcomes nobody knows which one is YES."""
    return replace(game, unread=" / ".join(named_outcomes(listing)))


def _spread(game: Game, found: re.Match[str], listing: Listing) -> Game:
    """A spread: the named side must win by more than the line, or (+) not lose by as much."""
    who, outcomes = found["who"], named_outcomes(listing)
    over = True
    if len(outcomes) == 2:
        one, two = outcomes
        first = sides.pick(who, "", (Said(one), Said(two)))
        over = first is Pick.A
        if first is Pick.NONE:
            game = _answered(game, listing)
    game = replace(game, what="spread", line=-nanos(found["line"]), over=over)
    if game.sides[0] is None:
        return replace(game, sides=(Said(who, who), None), pick=Pick.A)
    return replace(game, pick=sides.pick(who, "", game.sides))


def _total(game: Game, over: re.Match[str], rest: str, listing: Listing) -> Game:
    """Both sides' goals or points against a line; one side's where the title names it."""
    word, outcomes = over["word"].lower(), named_outcomes(listing)
    above = word != "under"
    if outcomes:
        first = _FIRST.match(outcomes[0])
        above = bool(first and first["over"])
        if not first:
            game = _answered(game, listing)
    line = nanos(over["line"]) - (NANO // 2 if word == "at least" else 0)
    game = replace(game, what="total", line=line, over=above)
    named = " ".join(_COUNTED.sub(" ", rest.partition(over[0])[0]).split())
    if of_team := _TEAM_TOTAL.match(over.string):
        named = of_team["who"]
    if not named or game.sides[0] is None:
        return game
    side = sides.pick(named, "", game.sides)
    if side is Pick.NONE:
        return _other(game, rest)
    return replace(game, what="team_total", pick=side)


def _result(game: Game, listing: Listing, title: str, rest: str) -> Game:
    """Who wins, or wins or draws; another question where the title says more and names nobody."""
    named, outcomes = _winner(title), named_outcomes(listing)
    or_draws = wins_or_draws(title)
    if outcomes and (or_draws or game.negated or not _are_the_sides(outcomes, game)):
        game = _answered(game, listing)
    if named and game.sides[0] is None:
        game = _answered(game, listing)
        return replace(game, sides=(Said(named, named), None), pick=Pick.A)
    game = replace(game, pick=_yes_side(game, listing, named, rest))
    if or_draws:
        return replace(game, what="spread", line=-NANO // 2)
    game = replace(game, words=frozenset(canonical(rest)))
    if _group_says_another(listing, game):
        game = replace(game, unread=f"{title} | {listing.subtitle}")
    return game if named or is_bare(rest) else replace(game, what="other")


def _are_the_sides(outcomes: tuple[str, ...], game: Game) -> bool:
    """Whether two outcomes name the two sides, as far as the sides are known."""
    if game.sides[0] is None or game.sides[1] is None:
        return True
    return {sides.pick(each, "", game.sides) for each in outcomes} == {Pick.A, Pick.B}


def _group_says_another(listing: Listing, game: Game) -> bool:
    """Whether the market's name inside its group is the draw, or the other side."""
    said = plain(listing.subtitle)
    told = Pick.DRAW if _DRAW.search(said) else sides.pick(said, "", game.sides)
    return told not in (Pick.NONE, game.pick) and not named_outcomes(listing)


def _winner(title: str) -> str:
    """The side that a title asks of, "" where it names none or both."""
    for pattern in (_HALF_LEAD, _WIN_ON, _WILL_WIN):
        if (found := pattern.match(title)) and not SEPARATOR.search(found["who"]):
            return found["who"]
    found = _BEATS.match(title)
    return found["a"] if found else ""


def _yes_side(game: Game, listing: Listing, named: str, rest: str) -> Pick:
    """The side that YES is: the first of two outcomes that are the sides, else the title's."""
    if outcomes := named_outcomes(listing):
        named = outcomes[0]
    if named and game.sides[0] is not None:
        return sides.pick(named, "", game.sides)
    if listing.outcomes and not is_bare(rest):
        return Pick.NONE
    return Pick.A  # a title of two sides: YES is the first named
