"""What titles of games have in common at both venues: the two sides, the part, the frame."""

from __future__ import annotations

import re
from typing import Final

from matching.sides import TwoSides
from matching.terms import Said

SEPARATOR: Final = re.compile(r"\s+(?:vs\.?|v\.|versus|@)\s+")
_SIDES: Final = re.compile(
    r"(?:^|: |- |(?:in|win) the (?=[^:]* vs)|Score: )"
    rf"(?P<a>[^:?]{{1,60}}?){SEPARATOR.pattern}(?P<b>[^:?(]{{1,60}}?)"
    r"(?=\s*(?:$|[:?(]| - | on \w"
    r"| (?:\d(?:st|nd|rd|th)|First|Second|Third|Conference) (?:[Rr]ound|Semi|Final)"
    r"| Winner\b| winner\b| [Tt]otal\b| match\b| game\b| fight\b| series\b| end in"
    r"| first 5\b| (?:1st|2nd|first|second) half\b| 20\d\d\b"
    r"| (?:CS2|Valorant|Dota|League of Legends|LoL)\b| professional\b"
    r"| NHL\b| NBA\b| NFL\b| MLB\b| UFC\b| MMA\b| boxing\b| tennis\b))"
)
_AT: Final = re.compile(
    r"^(?P<a>[A-Z][\w .'&-]+?) at (?P<b>[A-Z0-9][\w .'&-]+?)"
    r"(?=\s*(?:$|[:?(]| Winner\b| winner\b| [Tt]otal))"
)
_WILL_END: Final = re.compile(r"^Will (?=.* end in a (?:draw|tie))")
_BEFORE_A: Final = re.compile(r"^(?:Will )?(?:[A-Z][\w .]+ win (?:map|set|game) \d in )?(?:the )")
_AFTER_B: Final = re.compile(r"\s+-\s+.*$")
_LINE: Final = re.compile(r"\s*\([-+]?[\d.]+\)$")
FRAME: Final = re.compile(
    r"\b(?:(?:map|set|game) \d|[12]h|(?:1st|2nd|first|second) half|first 5(?: innings)?|moneyline"
    r"|winner|series|match|fight|game|bout|professional|pro|scheduled for|originally|on|in|the"
    r"|nba|nfl|mlb|nhl|wnba|mma|ufc|boxing|tennis|basketball|football"
    r"|cs2|valorant|dota ?2?|lol|league of legends|bo\d"
    r"|20\d\d(?:-\d\d)*|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2},?"
    r"|\d(?:st|nd|rd|th)|round(?: of \d+)?|quarter-?finals?|semi-?finals?|finals?"
    r"|playoffs?|conference)\b"
    r"|^\s*-.*|[:?,.-]",
    re.IGNORECASE,
)
_IN_PARENTHESES: Final = re.compile(r"\(.*?\)")
SEGMENTS: Final = (
    (re.compile(r"\b(?:1H|1st half|first half|half-?time|HT)\b", re.IGNORECASE), "1h"),
    (re.compile(r"\b(?:2H|2nd half|second half)\b", re.IGNORECASE), "2h"),
    *(
        (re.compile(rf"\b(?:{n}Q|Q{n}|(?:{said}) quarter)\b", re.IGNORECASE), f"q{n}")
        for n, said in enumerate(("1st|first", "2nd|second", "3rd|third", "4th|fourth"), 1)
    ),
    (re.compile(r"\b(?:first 5(?: innings)?|F5|5 innings)\b", re.IGNORECASE), "f5"),
    (re.compile(r"\bin regulation|regulation time|90 minutes\b", re.IGNORECASE), "reg"),
    (re.compile(r"\bseries\b", re.IGNORECASE), "series"),
)
_NUMBERED: Final = re.compile(
    r"\b(?P<what>map|set|game|period|quarter|round|inning)\s?(?P<n>\d)\b", re.IGNORECASE
)
_DOUBLE_HEADER: Final = re.compile(
    r"\(Game ([12])\)|[Dd]ouble-?header Game ([12])|-game-?([12])\b|\bG([12])$"
)
_PROPS: Final = re.compile(
    r"\bcorner|\b(?:red|yellow) cards?\b|\bcards\b|red card|shots|saves|penalt|own goal|clean sheet"
    r"|win to nil|both halves|anytime|goalscorer|first (?:goal|blood|basket|to)|overtime|most "
    r"|\b(?:kills|roshan|barracks|dragon|baron|tower|inhibitor)s?\b|\baces\b"
    r"|\btoss\b|sixes|fours|wicket|completed match|run scored|hits|strikeout|home run"
    r"|go the distance|ko or tko|ko/tko|by submission|decision|rounds(?! \d)|method"
    r"|assist|rebound|points [ou]|steals|blocks|threes|yards|touchdown"
    r"|double|odd/even|moneyline and|daytime|attend|announcer|mention",
    re.IGNORECASE,
)
OR_DRAW: Final = re.compile(r"\bwin or (?:draw|tie)\b|\bnot lose\b|\bavoid defeat\b", re.IGNORECASE)
_DENIED: Final = re.compile(r"\bnot\b|\bfail")


def sides_of(text: str) -> tuple[Said, Said] | None:
    """The two sides of "… A vs. B …", in the text's order."""
    if not SEPARATOR.search(text):
        return None
    found = _SIDES.search(_WILL_END.sub("", text))
    if not found:
        return None
    a = _BEFORE_A.sub("", found["a"].strip())
    a = a.rsplit(" win the ", 1)[-1].rsplit(" in the ", 1)[-1]
    a = a.rpartition(": ")[2].rpartition(" - ")[2] or a
    a = _LINE.sub("", a)
    b = _LINE.sub("", _AFTER_B.sub("", found["b"].strip()))
    return (Said(a, a), Said(b, b)) if a and b else None


def sides_at(text: str) -> tuple[Said, Said] | None:
    """The two sides of "Toronto at Boston Winner?", which names a game only in a game's series."""
    found = _AT.match(text)
    return (Said(found["a"], found["a"]), Said(found["b"], found["b"])) if found else None


def after_sides(title: str, pair: TwoSides) -> str:
    """What a title says beyond its two sides; all of it where it does not name them."""
    a, b = pair
    if b is None or b.span not in title:
        return title
    if a is None or not b.span:
        return ""
    _, found, after = title.partition(a.span)
    return after.partition(b.span)[2] if found and b.span in after else title.rpartition(b.span)[2]


def is_bare(rest: str) -> bool:
    """Whether what follows the two names only repeats the game's frame (a league, a round)."""
    return not FRAME.sub(" ", _IN_PARENTHESES.sub(" ", rest)).strip()


def segment_of(text: str, sport: str) -> str:
    """The part of the game that a text asks about ("1h", "q1", "f5", "set2" …), else "full"."""
    if found := _NUMBERED.search(text):
        what = found["what"].lower()
        if what == "game" and sport == "esports":
            what = "map"
        if what != "game":  # "Game 4" of a series is a whole game
            return f"{what}{found['n']}"
    return next((segment for pattern, segment in SEGMENTS if pattern.search(text)), "full")


def number_of(text: str) -> int:
    """Which game of a double-header; 0 where the text says nothing of two."""
    found = _DOUBLE_HEADER.search(text)
    return int(next(group for group in found.groups() if group)) if found else 0


def asks_of_play(text: str) -> bool:
    """Whether a text asks of what happens in the game (corners, kills), and not of its score."""
    return bool(_PROPS.search(text))


def wins_or_draws(title: str) -> bool:
    """Whether a title asks for a win or a draw of one side."""
    return bool(OR_DRAW.search(title))


def is_denied(title: str) -> bool:
    """Whether a title asks that something does not come true ("not lose" is a win or a draw)."""
    return bool(_DENIED.search(title)) and not wins_or_draws(title)
