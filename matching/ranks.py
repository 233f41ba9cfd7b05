"""The places in a contest that a text pays for: the winner, the first three, a round reached."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from matching.lexicon import rewritten
from matching.relation import IntSet

_STAGES: Final = {
    "final": 2,
    "finals": 2,
    "championship_game": 2,
    "semifinals": 4,
    "quarterfinals": 8,
    "round_of_16": 16,
    "round_of_32": 32,
}
_GROUP_STAGE: Final = "group_stage"
_STAGE: Final = r"(?P<stage>finals?|semifinals|quarterfinals|round_of_16|round_of_32"
_ORDINALS: Final = {
    **dict.fromkeys(("first", "1st", "1st_place"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
    **{f"{n}th": n for n in range(6, 10)},
}
_LAST: Final = 99  # "last", of however many
_TOP_WORDS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}

_TOP: Final = re.compile(
    r"\b(?:(?:finish|be) (?:in )?(?:the )?)?top[- ](?P<n>\d+|two|three|four|five|ten)\b"
)
_PODIUM: Final = re.compile(r"\b(?:(?:finish|be) on the )?podium\b")
_FINISH: Final = re.compile(
    r"\b(?:finish(?:es)?|place[sd]?|come|be)\s+(?:in\s+)?(?:the\s+)?"
    r"(?P<n>first|second|third|fourth|fifth|1st_place|\d(?:st|nd|rd|th)|last)\b"
    r"(?:\s+place)?(?!-?\s?(?:round|half))"
)
_MOST_NTH: Final = re.compile(
    r"\b(?P<n>second|third|fourth|2nd|3rd|4th)[- ](?:most|largest|richest|highest)"
)
_PLACE_SUFFIX: Final = re.compile(
    r"(?:^|:\s*|\s)(?P<n>1st_place|2nd place|3rd place|second place|third place)\b"
)
_REACH: Final = re.compile(
    r"\b(?:reach(?:es)?|qualif(?:y|ies) for|advances? to|makes? (?:it to )?|plays? in|appear in|in)"
    rf"\s+(?:the\s+)?(?:[\w.' -]{{0,40}}?\s)?{_STAGE})\b"
)
_ELIMINATED: Final = re.compile(rf"\beliminated_in\b.*?\b{_STAGE}|{_GROUP_STAGE})\b")
_QUALIFIERS: Final = re.compile(
    r"\b(?P<stage>final|semifinals|quarterfinals|round_of_16|round_of_32) qualifiers?\b"
)
_WINNER: Final = re.compile(
    r"\b(?:wins?|winner|award|prize|champions?|championship winner|title|nominee_of|nominee"
    r"|elected|victory)\b|\bbe the next\b|\bbe next\b|^\W*(?:who|which)\b.*\bbe\b"
    r"|\bas (?:the )?next\b|\bnext\b|\blead\b|\bleader\b|\bbest\b.*\bperformance\b|\bnamed\b"
    r"|\bhave the (?:most|best|#1|number_one)\b|\bpole\b"
)
_ADVANCE: Final = re.compile(
    r"\b(?:advance|advances|qualify|qualifies)"
    r" (?:from|to the (?:runoff|second round)|for the runoff)\b"
)
_OF_GROUP: Final = re.compile(r"\bqualify from\b(?=.*\bworld_cup\b)")
# What many may do: no place in a contest.
_MANY: Final = re.compile(
    r"\brelegat|\bplayoffs?\b|\bpostseason\b|\bnumber_one_hit\b|\bsquad\b|\bpardon"
    r"|\bqualify from\b|\bshortlist|\bgroup qualif|\bany of\b|\bnominated\b|\bnominations? for\b"
)
_QUALIFY: Final = re.compile(
    r"\b(?:qualify|advance) from (?:the )?(?:FIFA )?World Cup Group [A-L]\b", re.IGNORECASE
)
_SUCCEED: Final = re.compile(r"\bsucceed [A-Z][\w.' -]+? as\b")
_REACH_LAST: Final = re.compile(
    r"\b(?:reach|advance to|make(?: it to)?|qualify for|play in|appear in) (?:the )?"
    r"(?:20\d\d )?(?:[\w-]+ )?"
    r"(?P<cup>(?:NBA|Pro Basketball|Stanley Cup|WNBA) Finals?|World Series|Super Bowl)\b",
    re.IGNORECASE,
)


class Ranks(NamedTuple):
    """The places that pay (None: no contest), the words, the text without them.

    `single`: only one place pays, so that no two can both have it.
    """

    values: IntSet | None
    span: str
    rest: str
    single: bool


def ranks_of(text: str) -> Ranks:
    """The places in a contest that a plain text pays for, as a set of whole numbers."""
    text = _SUCCEED.sub("be the next", _QUALIFY.sub("reach the round of 32 at the world cup", text))
    if found := _REACH_LAST.search(text):
        rest = rewritten(f"{text[: found.start()]} {found['cup']} {text[found.end() :]}")
        return Ranks(IntSet.between(1, 2), found[0], rest, single=False)
    text = rewritten(text)
    if _MANY.search(text) and not _OF_GROUP.search(text):
        return no_ranks(text)
    for pattern, build in _RANKS:
        if found := pattern.search(text):
            values = build(found)
            rest = f"{text[: found.start()]} {_kept(found)} {text[found.end() :]}"
            return Ranks(values, found[0], rest, single=_is_one(values))
    return no_ranks(text)


def no_ranks(text: str) -> Ranks:
    """A rewritten text that asks for no place."""
    return Ranks(None, "", text, single=False)


def is_stage(text: str) -> bool:
    """Whether a text is a round of a contest and nobody's name."""
    name = rewritten(text).strip()
    return name in _STAGES or name == _GROUP_STAGE


def _kept(found: re.Match[str]) -> str:
    """What a match says besides its place: "in the world_cup final" keeps the cup."""
    if stage := found.groupdict().get("stage"):
        return found[0].replace(stage, " ").replace("eliminated_in", " ")
    if found.re is _WINNER:
        return found[0]
    return " most " if found.re is _MOST_NTH else " "


def _is_one(values: IntSet) -> bool:
    return len(values.parts) == 1 and values.parts[0][0] == values.parts[0][1]


def _top(found: re.Match[str]) -> IntSet:
    return IntSet.between(1, _TOP_WORDS.get(found["n"]) or int(found["n"]))


def _nth(found: re.Match[str]) -> IntSet:
    place = _ORDINALS.get(found["n"].split()[0], _LAST)
    return IntSet.between(place, place)


def _stage(found: re.Match[str]) -> IntSet:
    return IntSet.between(1, _STAGES[found["stage"]])


def _out_in(found: re.Match[str]) -> IntSet:
    """Eliminated in a round: neither earlier nor later."""
    if found["stage"] == _GROUP_STAGE:
        return IntSet.between(33, None)
    last = _STAGES[found["stage"]]
    return IntSet.between(last // 2 + 1, last)


# The first that fits decides.
_RANKS: Final = (
    (_ELIMINATED, _out_in),
    (_QUALIFIERS, _stage),
    (_TOP, _top),
    (_PODIUM, lambda _: IntSet.between(1, 3)),
    (_FINISH, _nth),
    (_MOST_NTH, _nth),
    (_PLACE_SUFFIX, _nth),
    (_OF_GROUP, lambda _: IntSet.between(1, 32)),
    (_ADVANCE, lambda _: IntSet.between(1, 2)),
    (_REACH, _stage),
    (_WINNER, lambda _: IntSet.between(1, 1)),
)
