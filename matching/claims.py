"""Title → Claim: a known question's numbers, or the words, places and numbers of any other."""

from __future__ import annotations

import re
from typing import Final

from matching.claim_words import marks_of, negated, sequence_of, tokens_of
from matching.lexicon import lexicon, rewritten
from matching.listing import Listing
from matching.numbers import figures_of, grid_of, has_number, is_number, numbers_of
from matching.ranks import Ranks, no_ranks, ranks_of
from matching.relation import IntSet
from matching.sides import context_of_series
from matching.subjects import is_placeholder, subject_of, team_of
from matching.terms import Claim, Form, Numbers, Said
from matching.ticker import Ticker, strike
from matching.title import Title
from matching.topic_kinds import Topic
from matching.topic_places import country_words
from matching.topics import names_of
from matching.when import Window
from matching.windows import times_beside

_THINGS: Final = (
    r"(?:seats?|launches|posts?|tweets?|times?|cuts?|hikes?|votes?|deliver(?:ies|y)?|people"
    r"|goals?|runs?|wins?|games?|cases|deaths|strikes|earthquakes|tornado(?:es)?|hurricanes?"
    r"|storms?|states?|members?|senators?|countries|medals?|pardons?|executive orders?|bills?"
    r"|days?|episodes?|vehicles|ships?|transits?|flights?|passengers|words?|nominations?|awards?"
    r"|home runs|strikeouts|points|rebounds|assists|threes|yards|touchdowns|shutdown|jobs|claims"
    r"|companies|layoffs|judges|rotten tomatoes)\b"
)
_COUNTED: Final = re.compile(rf"\b{_THINGS}")
_NUMBER_OF: Final = re.compile(rf"(?:\d[\d,.]*\+?|more|fewer|less|no)\s+(?:\w+\s){{0,2}}?{_THINGS}")
_MARGIN: Final = re.compile(
    r"\bby (?:between|at least|over|more than|less than|under|[<>]|\d)|\bmargin\b"
)
_NUMBER: Final = re.compile(
    r"\b(?:between|more than|less than|fewer than|greater than|at least|at most|above|below|over"
    r"|under|exactly|or (?:more|less|higher|lower|fewer|greater|larger|above|below))\b"
    r"|[<>]=?"
    r"|[$€£]?\b\d[\d,.]*\s?(?:%|k|m|b|bn|million|billion|trillion|bps?)?\b\+?"
    r"|%|\+",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(r"\bnot\b|\bfail")
_RAW_WORD: Final = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9/'-]*")
_NAME_WORD: Final = re.compile(r"[a-z0-9]+")
_MATURITY: Final = re.compile(r"\b\d+-(?:year|month|day|week|yr)\b")
_USUAL_MATURITY: Final = "30-year"
_GASOLINE_SERIES: Final = re.compile(r"AAAGAS(?:MAX|MIN|[DWM])?([A-Z]{2})$")
_FULL_QUESTION: Final = re.compile(r"(?:.*: )?(?:Will|Is|Does|Who|What|Where|When)\b")


def known_claim(
    listing: Listing, ticker: Ticker | None, title: Title, topic: Topic, window: Window | None
) -> Claim:
    """The claim of a known question."""
    text = title.timeless
    place = topic.place
    if topic.subject and topic.subject.value == "GASOLINE" and ticker and place is None:
        place = _state_in_series(ticker.series)
    more = _unexplained(topic, text) | (times_beside(window, title.times) - {"after"})
    return Claim(
        subject=topic.subject,
        topic=Said(topic.id, topic.span),
        code=ticker.code if ticker else "",
        tokens=topic.qualifiers | more,
        form=topic.form,
        numbers=topic.numbers or numbers_of(listing, ticker, text, title.answer, topic.grid),
        numeric=topic.form is not Form.UP,
        negated=bool(_DENIED.search(text.lower())),
        place=place,
        source=topic.source,
        text=text,
    )


def worded_claim(
    listing: Listing, ticker: Ticker | None, title: Title, window: Window | None
) -> Claim:
    """A claim that only its words name."""
    answer = "" if title.answer_is_time else title.answer
    number = answer if is_number(answer) else ""
    told, rest = subject_of(title.timeless, "" if number else answer)
    name, league = team_of(told.value) if told else ("", "")
    if rest.strip(" ?") == "out":  # "Starmer out in 2026?"
        rest = "leave"
    ranks, numbers = _paying(listing, ticker, title, rest, number)
    numeric = bool(number) or numbers is not None
    tokens = tokens_of(_NUMBER.sub(" ", ranks.rest) if numeric else ranks.rest)
    if league:
        tokens |= {league}
    if told and answer and not numeric:
        ranks = _answered(ranks, title, answer)
    beside = times_beside(window, title.times)
    return Claim(
        subject=told._replace(value=name) if told else None,
        code=ticker.code if ticker and not strike(ticker.code) else "",
        tokens=tokens | beside,
        sequence=sequence_of(title.timeless),
        marks=marks_of(tokens) | beside,
        context=tokens_of(title.head) | _context(ticker),
        ranks=ranks.values,
        rank_span=ranks.span,
        single=ranks.single,
        form=Form.TOTAL if numeric else Form.AT,
        numbers=numbers,
        numeric=numeric,
        figures=figures_of(rest, numbers) if numeric else frozenset(),
        negated=negated(title.timeless),
        placeholder=bool(name) and is_placeholder(name),
        text=rest,
    )


def _state_in_series(series: str) -> Said | None:
    found = _GASOLINE_SERIES.search(series)
    return Said(found[1], series, source="ticker") if found else None


def _unexplained(topic: Topic, text: str) -> frozenset[str]:
    """The words of a known question's title that it does not need: they may ask something more."""
    known = lexicon().explained.get(topic.domain.value)
    if known is None:
        return frozenset()
    said = {topic.span, *(x.span for x in (topic.subject, topic.place, topic.source) if x)}
    named = {word for span in said for word in _NAME_WORD.findall(span.lower())}
    low = text.lower().replace("'s", "")
    found = {*_RAW_WORD.findall(low), *_MATURITY.findall(low)} - {_USUAL_MATURITY}
    found -= known | lexicon().fillers | lexicon().soft | named | {"not", "fail", "fails"}
    names = names_of(topic.subject) | country_words(topic.place)
    return frozenset(word for word in found if word not in names and word.strip("-'/") not in names)


def _paying(
    listing: Listing, ticker: Ticker | None, title: Title, rest: str, number: str
) -> tuple[Ranks, Numbers | None]:
    """The places and the numbers that pay, mostly one of them.

    `rest`: the title without its subject; `number`: the answer, where that is one.
    """
    ranks = ranks_of(rest)
    if not _asks_number(listing, rest, number, ranks):
        return ranks, _strike_alone(listing, ticker, ranks)
    if ranks.values is not None and not _MARGIN.search(rest.lower()):
        ranks = no_ranks(rewritten(rest))
    counted = bool(_COUNTED.search(title.timeless.lower()))
    grid = grid_of(f"{rest} {number}", counted=counted)
    return ranks, numbers_of(listing, ticker, rest, number, grid)


def _asks_number(listing: Listing, rest: str, number: str, ranks: Ranks) -> bool:
    """Whether a number pays; beside a place in a contest only a count or a margin does."""
    if number:
        return True
    has_strike = bool(listing.strike_type and (listing.floor or listing.cap))
    if not (has_strike or has_number(rest)):
        return False
    low = rest.lower()
    return ranks.values is None or bool(_NUMBER_OF.search(low) or _MARGIN.search(low))


def _strike_alone(listing: Listing, ticker: Ticker | None, ranks: Ranks) -> Numbers | None:
    """A number that only the ticker says, where no place is asked either."""
    if ticker and "." in ticker.code and strike(ticker.code) and ranks.values is None:
        return numbers_of(listing, ticker, "", "", 0)
    return None


def _answered(ranks: Ranks, title: Title, answer: str) -> Ranks:
    """A heading that a name answers ("Oscar for Best Picture?") asks for its winner."""
    if ranks.values is not None or _FULL_QUESTION.match(title.timeless):
        return ranks
    return ranks._replace(values=IntSet.between(1, 1), single=True, span=answer)


def _context(ticker: Ticker | None) -> frozenset[str]:
    return context_of_series(ticker.series) if ticker else frozenset()
