"""Whether the words of two claims ask one thing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from matching.claim_words import LEAGUES
from matching.lexicon import canonical, is_edition, lexicon, word_set
from matching.sides import slip
from matching.terms import Claim
from matching.verdict import Agreement

_OF_ONE_LEAGUE: Final = word_set("of_one_league")
_OF_AMERICA: Final = word_set("of_america")
_TIMES: Final = word_set("times")
_STAGES: Final = frozenset({"announce"})  # saying that one will do it, and doing it
_OFFICES: Final = frozenset({"secretary", "minister"})  # "Commerce Secretary", "Secretary of …"
_ONE_CONTEST: Final = {"primary": "nominee_of"}
_LONG: Final = 6  # letters from which on two words may differ by a slip of the pen
_ROLE: Final = re.compile(
    r"(?:\b(?P<role>on|by|from|to|against|for|with|over|into|at)\s+(?:the\s+)?)?"
    r"\b(?P<name>[A-Z][\w.'-]+)"
)


def wording_of(one: Claim, two: Claim, who: Agreement) -> Agreement:
    """Whether the words of two questions ask one thing; `who`: how their subjects compare.

    BRIDGED where the rest of each side is known to the other's subject, event or sport.
    """
    a, b = _meant(one), _meant(two)
    left, right = a - b, b - a
    if not left and not right:
        if not a and one.numeric and two.numeric and who is Agreement.AGREE:
            return Agreement.AGREE  # a thing, and its number
        return _same_order(one, two) if a else _by_context(one, two)
    if who is Agreement.AGREE and all_words(one) == all_words(two):
        return Agreement.BRIDGED
    left, right = _without_slips(left, right)
    left = left - two.context - name_words(two)
    right = right - one.context - name_words(one)
    if not left and not right:
        return Agreement.BRIDGED
    if left & LEAGUES and right & LEAGUES:
        return Agreement.CONFLICT
    common = a & b
    soft = _soft(common, a | b, left | right)
    left, right = left - soft, right - soft
    if common and not left and not right:
        return Agreement.BRIDGED
    one_says_more = not left or not right
    if common and one_says_more and len(common) >= len(left) + len(right):
        return Agreement.UNKNOWN
    return Agreement.CONFLICT


def word_for_word(one: Claim, two: Claim) -> bool:
    """The same words in the same order, wherever each title was cut into subject and question."""
    if one.marks != two.marks or len(one.sequence) < 2 or one.sequence != two.sequence:
        return False
    return _same_roles(one, two)


def same_event(one: Claim, two: Claim) -> bool:
    """Whether both events' titles can be of one: each may say more, not both something else.

    Where the titles themselves name no contest ("Will she win?"), neither may say more.
    """
    left, right = one.context - two.context, two.context - one.context
    if left or right:
        known = one.tokens | two.tokens | name_words(one) | name_words(two)
        left, right = (_untimed(rest - known) - lexicon().soft for rest in (left, right))
        left, right = _without_slips(left, right)
    is_bare = not (one.tokens or two.tokens) and bool(one.context and two.context)
    return not (left or right) if is_bare else not (left and right)


def _untimed(words: frozenset[str]) -> frozenset[str]:
    """Without words of time, which both titles themselves tell."""
    return frozenset(word for word in words - _TIMES if not word.isdigit())


def same_but_for_stage(one: Claim, two: Claim) -> bool:
    """Whether only one of two claims is about the announcement of what both name."""
    if one.tokens & _STAGES == two.tokens & _STAGES:
        return False
    bare, other = (replace(claim, tokens=claim.tokens - _STAGES) for claim in (one, two))
    found = wording_of(bare, other, Agreement.UNKNOWN)
    return found in (Agreement.AGREE, Agreement.BRIDGED)


def question_code(one: Claim, two: Claim) -> str:
    """The divergence that two different wordings are."""
    different = one.tokens ^ two.tokens
    if different & _STAGES:
        return "announcement_vs_actual"
    if any("-" in word and any(c.isdigit() for c in word) for word in different):
        return "entity_mismatch"  # another district
    of_primary = {"primary", "nominee_of"} & (one.tokens | two.tokens)
    return "scope_mismatch" if of_primary or one.tokens & two.tokens else "metric_mismatch"


def all_words(claim: Claim) -> frozenset[str]:
    """The words of a question and its subject: equal where only the roles are told otherwise."""
    return claim.tokens | name_words(claim)


def name_words(claim: Claim) -> frozenset[str]:
    """The telling words of the subject's name."""
    return frozenset(canonical(claim.subject.value)) if claim.subject else frozenset()


def _meant(claim: Claim) -> frozenset[str]:
    """The tokens without years, two words for one contest made one."""
    words = (_ONE_CONTEST.get(word, word) for word in claim.tokens)
    return frozenset(word for word in words if not (word.isdigit() and len(word) == 4))


def _same_order(one: Claim, two: Claim) -> Agreement:
    return Agreement.AGREE if _same_roles(one, two) else Agreement.UNKNOWN


def _same_roles(one: Claim, two: Claim) -> bool:
    """ "From A to B" is not "from B to A", "on A" is not "by A"; a contest has no such roles."""
    if one.ranks is not None or two.ranks is not None:
        return True
    ours, theirs = _roles(one.text), _roles(two.text)
    shared = ours.keys() & theirs.keys()
    if any(ours[word] and theirs[word] and ours[word] != theirs[word] for word in shared):
        return False
    shared -= _OFFICES
    return [word for word in ours if word in shared] == [word for word in theirs if word in shared]


def _roles(text: str) -> dict[str, str]:
    """The names in a text in their order, each with the preposition before it."""
    return {found["name"].lower(): found["role"] or "" for found in _ROLE.finditer(text)}


def _by_context(one: Claim, two: Claim) -> Agreement:
    """Questions without a telling word: their events decide."""
    if one.ranks != two.ranks or not one.context or not two.context:
        return Agreement.UNKNOWN
    if one.context == two.context:
        return Agreement.BRIDGED
    inside = one.context <= two.context or two.context <= one.context
    return Agreement.UNKNOWN if inside else Agreement.CONFLICT


def _without_slips(
    left: frozenset[str], right: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Both rests without the words that differ by a slip of the pen."""
    slips = [(word, other) for word in left for other in right if _is_slip(word, other)]
    if not slips:
        return left, right
    return left - {word for word, _ in slips}, right - {other for _, other in slips}


def _is_slip(word: str, other: str) -> bool:
    if len(word) < _LONG or word[0] != other[0] or abs(len(word) - len(other)) > 1:
        return False
    short, long = sorted((word, other), key=len)
    return not any(c.isdigit() for c in word) and slip(short, long)


def _soft(common: frozenset[str], every: frozenset[str], rest: frozenset[str]) -> frozenset[str]:
    """The words that one side may leave out, given what both say."""
    soft = lexicon().soft | set(filter(is_edition, rest))  # the year names the 99th ceremony too
    if not common & _OF_ONE_LEAGUE:
        soft -= LEAGUES  # "MVP" alone is every league's
    return soft | {"us"} if every & _OF_AMERICA else soft
