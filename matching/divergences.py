"""Where two rules texts would settle one question in two ways, shown by their own words.

A divergence is claimed only when the texts show it: both sentences, or one and the silence of a
text that stands there. Of a side without any rules text nothing is said, but where the shown
sentence cannot be that venue's standard rule (docs/divergences.md, "Standard rules"). What is
usual at both venues and merely unsaid on one side (a league's overtime, the first print, "no
winner means No") is no divergence. Claimed without words is only the tie of a game that can end
in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from matching import clause_times as times
from matching.clauses import Clause, Kind
from matching.divergence_cases import CASES
from matching.divergence_sides import Claim, Side, differ, one_speaks, quote
from matching.divergence_voids import SAME_QUESTION, Asked, ties, unanswered
from matching.listing import Listing
from matching.payout import added
from matching.verdict import Divergence, Severity

Check = Callable[[Side, Side], Iterator[Claim]]


def compared(
    kalshi: Listing,
    ours: tuple[Clause, ...],
    polymarket: Listing,
    theirs: tuple[Clause, ...],
    asked: Asked = SAME_QUESTION,
) -> tuple[Divergence, ...]:
    """The divergences of two rules texts by their clauses.

    Of each code the gravest claim, and every other that adds a state to the payout table.
    """
    k, p = Side(kalshi, ours), Side(polymarket, theirs)
    found: list[Divergence] = []
    for case, kalshi_span, polymarket_span in _claims(k, p, asked):
        code, severity, _ = CASES[case]
        new = Divergence(code, severity, kalshi_span, polymarket_span)
        if not any(_covers(old, new) for old in found):
            found = [old for old in found if not _covers(new, old)]
            found.append(new)
    return tuple(found)


def _claims(k: Side, p: Side, asked: Asked) -> Iterator[Claim]:
    if k.shown or p.shown:
        spoken = k.kinds | p.kinds
        for kinds, check in _CHECKS:
            if not spoken.isdisjoint(kinds):
                yield from check(k, p)
        yield from unanswered(k, p, asked)
    yield from ties(k, p, asked)


def _covers(one: Divergence, two: Divergence) -> bool:
    """Whether the second says nothing that the first does not say as gravely."""
    return (
        one.code == two.code
        and _GRAVITY[one.severity] >= _GRAVITY[two.severity]
        and (two.severity is Severity.NOTE or set(added(two)) <= set(added(one)))
    )


_GRAVITY: Final = {severity: place for place, severity in enumerate(Severity)}


def _times(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.INSTANT), p.of(Kind.INSTANT)
    if ours and theirs and not any(times.same_instant(a, b) for a in ours for b in theirs):
        yield quote("instant", ours, theirs)
    ours, theirs = k.of(Kind.DEADLINE), p.of(Kind.DEADLINE)
    if ours and theirs and not any(times.same_deadline(a, b) for a in ours for b in theirs):
        days = {day[5:10] for day in ours} & {day[5:10] for day in theirs}
        yield quote("zone" if days else "deadline", ours, theirs)


def _price_sources(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.SOURCE, "price:"), p.of(Kind.SOURCE, "price:")
    if ours.keys() & theirs.keys():
        return
    trimmed = k.of(Kind.METRIC, "sampling:").get("trimmed_mean", "")
    if ours and theirs:
        yield (_price_case(ours, theirs, trimmed), *quote("", ours, theirs)[1:])
    elif theirs and (k.shown or _not_standard(theirs, "cf_benchmarks")):
        standard = "trimmed" if p.says(Kind.TOUCH) and "binance" in theirs else "rti"
        known = standard if "binance" in theirs else "oracle"
        yield quote("unnamed" if k.shown else known, {}, theirs)
    elif ours and (p.shown or _not_standard(ours, "binance")):
        yield quote("unnamed" if p.shown else "oracle", ours, {})


def _price_case(ours: dict[str, str], theirs: dict[str, str], trimmed: str) -> str:
    if trimmed:
        return "trimmed"
    return "rti" if "cf_benchmarks" in ours and "binance" in theirs else "oracle"


def _not_standard(named: dict[str, str], standard: str) -> bool:
    """Whether what this side names cannot be the other venue's standard source."""
    return standard not in named


def _weather_sources(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.SOURCE, "weather:"), p.of(Kind.SOURCE, "weather:")
    if ours and theirs:
        yield from differ("station", ours, theirs)
    elif (ours and p.shown) or (theirs and k.shown):
        yield quote("unnamed", ours, theirs)
    elif theirs and _not_standard(theirs, "nws"):
        yield quote("station", ours, theirs)
    yield from differ("station", k.of(Kind.SOURCE, "station:"), p.of(Kind.SOURCE, "station:"))


def _other_sources(k: Side, p: Side) -> Iterator[Claim]:
    if not (k.says(Kind.SOURCE) and p.says(Kind.SOURCE)):
        return
    for field, case in _FIELDS:
        ours = k.of(Kind.SOURCE, field)
        theirs = p.of(Kind.SOURCE, field) if ours else {}
        for claim in differ(case, ours, theirs):
            mirrored = "fred" in ours or "fred" in theirs
            yield ("republished", *claim[1:]) if mirrored else claim
    ours, theirs = k.of(Kind.SOURCE, "call:"), p.of(Kind.SOURCE, "call:")
    if "certified" in {*ours, *theirs}:
        yield from differ("calls", ours, theirs)


_FIELDS: Final = (
    ("statistic:", "agency"),
    ("fuel:", "agency"),
    ("poll:", "agency"),
    ("chart:", "agency"),
    ("equity:", "republished"),
)


def _boundaries(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.BOUNDARY), p.of(Kind.BOUNDARY)
    for value, span in ours.items():
        number, _, side = value.rpartition(":")
        other = f"{number}:{'above' if side == 'below' else 'below'}"
        if other in theirs and value not in theirs and other not in ours:
            reach = p.says(Kind.TOUCH) != k.says(Kind.TOUCH) or p.says(Kind.TOUCH)
            yield "touch" if reach else "strict", span, theirs[other]
            break
    ours, theirs = k.of(Kind.EDGE), p.of(Kind.EDGE)
    yield from differ("bracket", ours, theirs)


def _windows(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.WINDOW), p.of(Kind.WINDOW)
    if ("listing" in ours) != ("listing" in theirs):
        if k.shown and p.shown:
            yield quote("listing", ours, theirs)
    elif ours and theirs and not any(times.same_deadline(a, b) for a in ours for b in theirs):
        yield quote("window", ours, theirs)


def _early_close(k: Side, p: Side) -> Iterator[Claim]:
    yield from differ("early", k.of(Kind.EARLY_CLOSE), p.of(Kind.EARLY_CLOSE))


def _entities(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.ENTITY, "acting_"), p.of(Kind.ENTITY, "acting_")
    yield from differ("acting", ours, theirs)
    if one_speaks(k, p, ours, theirs):
        yield quote("acting_unsaid", ours, theirs)
    ours, theirs = k.of(Kind.ENTITY, "successor"), p.of(Kind.ENTITY, "successor")
    if one_speaks(k, p, ours, theirs):
        yield quote("successor", ours, theirs)


def _metrics(k: Side, p: Side) -> Iterator[Claim]:
    if k.says(Kind.METRIC) and p.says(Kind.METRIC):
        for key, case in _KEYS:
            yield from differ(case, k.of(Kind.METRIC, key), p.of(Kind.METRIC, key))
    ours, theirs = k.of(Kind.METRIC, "print:"), p.of(Kind.METRIC, "print:")
    if one_speaks(k, p, ours, theirs) and "revised" in {*ours, *theirs}:
        yield quote("revision", ours, theirs)
    if k.of(Kind.SOURCE, "price:").keys() & p.of(Kind.SOURCE, "price:").keys():
        yield from differ(
            "sampling", k.of(Kind.METRIC, "sampling:"), p.of(Kind.METRIC, "sampling:")
        )


_KEYS: Final = (
    ("basket:", "statistic"),
    ("adjustment:", "statistic"),
    ("change:", "statistic"),
    ("print:", "revision"),
    ("rounding:", "rounding"),
    ("places:", "rounding"),
)


def _stages(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.STAGE), p.of(Kind.STAGE)
    early = [bool({"announced", "announcement_suffices"} & side.keys()) for side in (ours, theirs)]
    late = [bool({"effective", "announcement_excluded"} & side.keys()) for side in (ours, theirs)]
    if early[0] != early[1] and late[0] != late[1] and early[0] != late[0]:
        yield quote("announced", ours, theirs)
    elif k.shown and p.shown:
        told = {"announcement_suffices", "announcement_excluded"}
        ours = {value: span for value, span in ours.items() if value in told}
        theirs = {value: span for value, span in theirs.items() if value in told}
        if ours.keys() != theirs.keys() and early != [True, True]:
            yield quote("announcement", ours, theirs)


_CHECKS: Final[tuple[tuple[frozenset[Kind], Check], ...]] = (
    (frozenset((Kind.INSTANT, Kind.DEADLINE)), _times),
    (frozenset((Kind.SOURCE,)), _price_sources),
    (frozenset((Kind.SOURCE,)), _weather_sources),
    (frozenset((Kind.SOURCE,)), _other_sources),
    (frozenset((Kind.BOUNDARY, Kind.EDGE)), _boundaries),
    (frozenset((Kind.WINDOW,)), _windows),
    (frozenset((Kind.EARLY_CLOSE,)), _early_close),
    (frozenset((Kind.ENTITY,)), _entities),
    (frozenset((Kind.METRIC,)), _metrics),
    (frozenset((Kind.STAGE,)), _stages),
)
