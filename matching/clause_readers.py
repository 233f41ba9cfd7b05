"""From a folded sentence to its clauses: one reader for each kind, and the words that call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from matching import clause_sources as who
from matching import clause_times as times
from matching import clause_words as w
from matching.clause_kinds import Found, Kind, Outcome, Reader, fold

Triggers = dict[str, tuple[tuple[str, Reader], ...]]


def outcomes(text: str) -> tuple[Outcome, ...]:
    """Every way in which a sentence settles without an answer; empty where it does not say.

    Half a dollar, a last price and a refund may stand side by side; of the others the first counts,
    and only where none of these three is said.
    """
    return _outcomes(fold(text))


@lru_cache(maxsize=1 << 10)
def _outcomes(low: str) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    for cues, pattern, each in _OUTCOMES:
        if found and each not in _VOIDS:
            break
        if any(cue in low for cue in cues) and pattern.search(low):
            found.append(each)
            if each not in _VOIDS:
                break
    if len(found) > 1 and Outcome.REFUND in found and not _MONEY_BACK.search(low):
        found.remove(Outcome.REFUND)  # "void" is only the name of what the other words say
    return tuple(found)


_VOIDS: Final = frozenset((Outcome.FIFTY, Outcome.LAST_PRICE, Outcome.REFUND))
_MONEY_BACK: Final = re.compile(r"refund|returned")
_OUTCOMES: Final = (
    (("50", "0.5", "split", "half "), w.FIFTY, Outcome.FIFTY),
    (("price", "fair "), w.LAST_PRICE, Outcome.LAST_PRICE),
    (("refund", "void", "return"), w.REFUND, Outcome.REFUND),
    (('"no', " no"), w.TO_NO, Outcome.NO),
    ((" other", '"other'), w.TO_OTHER, Outcome.OTHER),
    ((" yes", '"yes'), w.TO_YES, Outcome.YES),
    (("resol", "settle", "pay"), w.TO_NAMED, Outcome.NAMED),
)


def _instants(low: str) -> Found:
    for value in times.instants(low):
        yield Kind.INSTANT, value


def _deadlines(low: str) -> Found:
    """Only the sentence that pays YES sets the deadline; "if nothing happened by …" does not."""
    if w.TO_YES.search(low) and not w.TO_NO.search(low) and not w.CANCELLED.search(low):
        value = times.deadline(low)
        if value:
            yield Kind.DEADLINE, value


def _windows(low: str) -> Found:
    if "resolve" in low or "qualif" in low or "count" in low:
        value = times.window_start(low)
        if value == "listing" or (value and w.TO_YES.search(low) and "between" in low):
            yield Kind.WINDOW, value


def _boundaries(low: str) -> Found:
    if "resolve" not in low and len(low) > 120:
        return
    numbers: dict[str, set[str]] = {}
    for match in w.NUMBER.finditer(low):
        side = _side(low, match)
        number = side and _number(match[1], match[2] or "")
        if number:
            numbers.setdefault(number, set()).add(side)
    for number, sides in numbers.items():
        if len(sides) == 1:
            yield Kind.BOUNDARY, f"{number}:{sides.pop()}"
    if numbers and w.TOUCH.search(low):
        yield Kind.TOUCH, "touch"


def _side(low: str, match: re.Match[str]) -> str:
    """The side that hitting this number exactly belongs to; "" where it is no edge."""
    before = low[max(0, match.start() - 32) : match.start()].rstrip(" $+")
    if before.endswith(w.TO_ABOVE):
        return "above"
    if before.endswith(w.TO_BELOW):
        return "below"
    after = w.OR_EDGE.match(low, match.end())
    if after:
        return "above" if after[1] else "below"
    if before.endswith(w.OVER):
        return "below"
    return "above" if before.endswith(w.UNDER) else ""


def _number(digits: str, unit: str) -> str:
    """A number without commas and in full ("1.5m" is 1500000); "" for a half that nothing hits."""
    unit = unit.strip()
    whole, _, fraction = digits.rstrip(",").replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    if fraction == "5" and not unit and len(whole) < 4:
        return ""
    zeros = w.SCALE.get(unit, 0)
    if zeros:
        whole, fraction = whole + fraction.ljust(zeros, "0")[:zeros], fraction[zeros:]
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def _edges(low: str) -> Found:
    match = w.BRACKET.search(low)
    if match:
        side = match[1] or match[2]
        yield Kind.EDGE, "lower" if side == "lower" else "higher"


def _postponements(low: str) -> Found:
    if not w.POSTPONED.search(low):
        return
    spell = w.SPELL.search(low)
    if spell:
        count = w.NUMBERS.get(spell[1]) or int(spell[1])
        yield Kind.POSTPONEMENT, f"within:{count * w.HOURS[spell[2]]}"
    elif w.OPEN_UNTIL_PLAYED.search(low):
        yield Kind.POSTPONEMENT, "open"
    elif "completed" in low or "played" in low or "finished" in low:
        day = times.deadline(low)
        if day:
            yield Kind.POSTPONEMENT, f"until:{day}"
    else:
        for how in _void(low):
            yield Kind.POSTPONEMENT, how


def _cancellations(low: str) -> Found:
    if _condition(low, w.CANCELLED):
        for how in _void(low):
            yield Kind.CANCELLATION, how


def _void(low: str) -> Iterator[Outcome]:
    """How a sentence settles, but by Yes: that is the question's own answer."""
    return (how for how in _outcomes(low) if how is not Outcome.YES)


def _condition(low: str, pattern: re.Pattern[str]) -> bool:
    """Whether the words stand in a condition ("if …", "in case of …"), not in the question."""
    return bool(_IF.search(low)) and bool(pattern.search(low))


_IF: Final = re.compile(
    r"\b(?:if|unless|should|when|in (?:the )?(?:case|event)|any|until|in which|otherwise"
    r"|who (?:do|does|did|is|has))\b"
)


def _ties(low: str) -> Found:
    if not w.TIE.search(low):
        return
    if w.TIE_MARKET.search(low):
        yield Kind.TIE, "tie_market"
    elif w.ALPHABETICAL.search(low):
        yield Kind.TIE, "alphabetical"
    elif w.SCALAR.search(low):
        yield Kind.TIE, "scalar"
    else:
        for how in _void(low):
            yield Kind.TIE, how


def _overtimes(low: str) -> Found:
    if w.OVERTIME_OUT.search(low) and not _after_all(low):
        yield Kind.OVERTIME, "excluded"
    elif w.OVERTIME_IN.search(low):
        yield Kind.OVERTIME, "included"


def _after_all(low: str) -> bool:
    """ "not only regulation", "90 minutes, extra time included": it counts."""
    return bool(_BOTH.search(low))


_BOTH: Final = re.compile(
    r"\bnot (?:just|only)\b|(?:90 minutes|regular|regulation)[^.]{0,40}(?:,|and|plus|including)"
    r"[^.()]{0,20}\b(?:extra[- ]time|overtime)\b(?! (?:is|are|does|will|do|shall) not)"
)


def _early(low: str) -> Found:
    if "resol" not in low and "clos" not in low and "settl" not in low:
        return
    if w.NOT_EARLY.search(low):
        yield Kind.EARLY_CLOSE, "not_early"
    elif w.EARLY.search(low):
        yield Kind.EARLY_CLOSE, "early"


def _entities(low: str) -> Found:
    if w.ACTING.search(low) and w.COUNTS.search(low):
        yield Kind.ENTITY, "acting_excluded" if w.NEGATED.search(low) else "acting_counts"
    if w.SUCCESSOR.search(low):
        yield Kind.ENTITY, "successor"


def _stages(low: str) -> Found:
    if w.ALONE.search(low):
        yield Kind.STAGE, "announcement_excluded"
    elif w.SUFFICES.search(low) and (w.REGARDLESS.search(low) or not w.TO_YES.search(low)):
        yield Kind.STAGE, "announcement_suffices"
    elif w.TO_YES.search(low) or "to count" in low or "to qualify" in low:
        if w.EFFECTIVE.search(low):
            yield Kind.STAGE, "effective"
        elif w.ANNOUNCED.search(low):
            yield Kind.STAGE, "announced"


def _choice(key: str, *rows: tuple[re.Pattern[str], str]) -> Reader:
    """A reader of one key of METRIC: the first pattern that fits says the value."""

    def read(low: str) -> Found:
        for pattern, value in rows:
            if pattern.search(low):
                yield Kind.METRIC, f"{key}:{value}"
                return

    return read


_baskets: Final = _choice("basket", (w.CORE, "core"), (w.HEADLINE, "headline"))
_adjustments: Final = _choice("adjustment", (w.UNADJUSTED, "none"), (w.ADJUSTED, "seasonal"))
_changes: Final = _choice("change", (w.YEARLY, "yearly"), (w.MONTHLY, "monthly"))
_prints: Final = _choice("print", (w.FIRST_PRINT, "first"), (w.REVISED, "revised"))
_samplings: Final = _choice(
    "sampling", (w.TRIMMED, "trimmed_mean"), (w.AVERAGED, "average60"), (w.CANDLE, "candle")
)


def _roundings(low: str) -> Found:
    rounded = w.ROUNDED.search(low)
    if rounded:
        yield Kind.METRIC, f"rounding:{rounded[1] or rounded[2] or 'down'}"
    places = w.PLACES.search(low)
    if places:
        yield Kind.METRIC, f"places:{_PLACES.get(places[1] or '', '0')}"


_PLACES: Final = {
    "one": "1",
    "1": "1",
    "first": "1",
    "two": "2",
    "2": "2",
    "second": "2",
    "three": "3",
    "3": "3",
}


def _dead_heats(low: str) -> Found:
    if "dead heat" in low or "dead-heat" in low:
        for how in _outcomes(low) or ("shared",):
            yield Kind.DEAD_HEAT, how


def _deaths(low: str) -> Found:
    if _condition(low, w.DEATH):
        for how in _void(low):
            yield Kind.DEATH, how


def _withdrawals(low: str) -> Found:
    if not w.WITHDRAWAL.search(low):
        return
    if w.ADVANCES.search(low):
        yield Kind.WITHDRAWAL, "advances"
    elif w.CANCELLED.search(low.split(" walkover", maxsplit=1)[0]):
        return
    elif w.AS_PLAYED.search(low) and "cannot" not in low:
        yield Kind.WITHDRAWAL, "as_played"
    elif _IF.search(low) or "cannot" in low:
        for how in _void(low):
            yield Kind.WITHDRAWAL, how


def _scalars(low: str) -> Found:
    if w.SCALAR.search(low) and ("resolve" in low or "settle" in low or "pay" in low):
        yield Kind.SCALAR, "scalar"


def _disputes(low: str) -> Found:
    if w.DISPUTE.search(low):
        yield Kind.DISPUTE, "dispute"


def _triggers(*rows: tuple[str, Reader]) -> Triggers:
    """First four letters → the stems that begin so, with their readers; a short word is exact."""
    found: dict[str, list[tuple[str, Reader]]] = {}
    for stems, reader in rows:
        for stem in stems.split():
            found.setdefault(stem[:4], []).append((stem, reader))
    return {key: tuple(dict.fromkeys(each)) for key, each in found.items()}


READERS: Final = _triggers(
    (" ".join(who.NAMES), who.sources),
    ("temperature precipitation station weather climate airport central midway", who.stations),
    ("am pm noon midnight et utc gmt", _instants),
    ("by before prior until through later between", _deadlines),
    ("between from after since following upon issuance listing creation", _windows),
    ("above over exceed surpass than least reach hit hits touch more higher greater", _boundaries),
    ("better below under most less lower fewer dip dips", _boundaries),
    ("exactly brackets", _edges),
    (
        "postpon reschedul delay remain completed played started held finished",
        _postponements,
    ),
    (
        "shorten otherwise must cancel abandon contest called completed complete played play",
        _cancellations,
    ),
    (
        "started starts held begun begin concluded conclude finished finish occur place",
        _cancellations,
    ),
    ("happen determined decided declared released published finalized", _cancellations),
    ("announced confirmed available no cease", _cancellations),
    ("tie ties tied draw same", _ties),
    ("overtime extra stoppage regulation shootout shoot minutes penalties", _overtimes),
    ("early earlier soon immediately until prior before only", _early),
    ("acting interim caretaker pro temporary successor", _entities),
    ("announc sworn office inaugurat effect effective cease declare", _stages),
    ("core food items headline", _baskets),
    ("seasonal seasonally unadjusted", _adjustments),
    ("year month monthly annual", _changes),
    ("revis latest print initial advance prelim estimate release reading", _prints),
    ("trimmed average candle candles candlestick rti brti sixty", _samplings),
    ("rounded truncat decimal nearest whole", _roundings),
    ("dead", _dead_heats),
    ("die dies died death deceased passes pass dead", _deaths),
    ("begin withdraw drops drop inactive play participate compete take start retire", _withdrawals),
    ("retirement walkover disqualif forfeit scratched suspends unconditionally", _withdrawals),
    ("rata proportional fraction divided scalar split shares", _scalars),
    ("uma oracle dispute outcome", _disputes),
)
TITLE_READERS: Final = _triggers(
    ("above over exceed surpass than least reach hit hits touch more higher greater", _boundaries),
    ("better below under most less lower fewer dip dips", _boundaries),
)
