"""Where two rules texts would settle one question in two ways, shown by their own words.

A divergence is claimed only when the texts show it: both sentences, or one and the silence of a
text that stands there. Of a side without any rules text nothing is said, but where the shown
sentence cannot be that venue's standard rule (docs/divergences.md, "Standard rules"). What is
usual at both venues and merely unsaid on one side (a league's overtime, the first print, "no
winner means No") is no divergence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from matching import clause_times as times
from matching.clauses import Clause, Kind, Outcome
from matching.divergence_cases import CASES
from matching.listing import Listing
from matching.verdict import Divergence, Severity


class Side:
    """One listing's clauses by kind, and whether it has a rules text at all."""

    def __init__(self, listing: Listing, found: tuple[Clause, ...]) -> None:
        self.shown = listing.has_rules
        self._by_kind: dict[Kind, list[Clause]] = {}
        for clause in found:
            self._by_kind.setdefault(clause.kind, []).append(clause)
        self.kinds: Final = frozenset(self._by_kind)

    def of(self, kind: Kind, prefix: str = "") -> dict[str, str]:
        """Value → the first sentence that says it; `prefix` ("price:") chooses and is cut off."""
        chosen: dict[str, str] = {}
        for clause in self._by_kind.get(kind, ()):
            if clause.value.startswith(prefix):
                chosen.setdefault(clause.value[len(prefix) :], clause.span)
        return chosen

    def put_off(self) -> Iterator[str]:
        """The sentences about what is cancelled or postponed."""
        for kind in _PUT_OFF:
            for clause in self._by_kind.get(kind, ()):
                yield clause.span

    def says(self, kind: Kind) -> bool:
        return kind in self._by_kind


Claim = tuple[str, str, str]
"""A case, Kalshi's words, Polymarket's words."""
Check = Callable[[Side, Side], Iterator[Claim]]


def compared(
    kalshi: Listing, ours: tuple[Clause, ...], polymarket: Listing, theirs: tuple[Clause, ...]
) -> tuple[Divergence, ...]:
    """The divergences of two rules texts by their clauses, each code once, at its gravest."""
    k, p = Side(kalshi, ours), Side(polymarket, theirs)
    if not (k.shown or p.shown):
        return ()
    found: dict[str, Divergence] = {}
    spoken = k.kinds | p.kinds
    for kinds, check in _CHECKS:
        if spoken.isdisjoint(kinds):
            continue
        for case, kalshi_span, polymarket_span in check(k, p):
            code, severity, _ = CASES[case]
            if code not in found or _GRAVITY[severity] > _GRAVITY[found[code].severity]:
                found[code] = Divergence(code, severity, kalshi_span, polymarket_span)
    return tuple(found.values())


_GRAVITY: Final = {severity: place for place, severity in enumerate(Severity)}


def _differ(case: str, k: dict[str, str], p: dict[str, str]) -> Iterator[Claim]:
    """A claim where both sides speak and share no value."""
    if k and p and not k.keys() & p.keys():
        yield case, next(iter(k.values())), next(iter(p.values()))


def _one_speaks(k: Side, p: Side, ours: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether one side speaks of it and the other, whose text stands there, does not."""
    return (bool(ours) and not theirs and p.shown) or (bool(theirs) and not ours and k.shown)


def _quote(case: str, ours: dict[str, str], theirs: dict[str, str]) -> Claim:
    return case, next(iter(ours.values()), ""), next(iter(theirs.values()), "")


def _times(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.INSTANT), p.of(Kind.INSTANT)
    if ours and theirs and not any(times.same_instant(a, b) for a in ours for b in theirs):
        yield _quote("instant", ours, theirs)
    ours, theirs = k.of(Kind.DEADLINE), p.of(Kind.DEADLINE)
    if ours and theirs and not any(times.same_deadline(a, b) for a in ours for b in theirs):
        days = {day[5:10] for day in ours} & {day[5:10] for day in theirs}
        yield _quote("zone" if days else "deadline", ours, theirs)


def _price_sources(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.SOURCE, "price:"), p.of(Kind.SOURCE, "price:")
    if ours.keys() & theirs.keys():
        return
    trimmed = k.of(Kind.METRIC, "sampling:").get("trimmed_mean", "")
    if ours and theirs:
        yield (_price_case(ours, theirs, trimmed), *_quote("", ours, theirs)[1:])
    elif theirs and (k.shown or _not_standard(theirs, "cf_benchmarks")):
        standard = "trimmed" if p.says(Kind.TOUCH) and "binance" in theirs else "rti"
        known = standard if "binance" in theirs else "oracle"
        yield _quote("unnamed" if k.shown else known, {}, theirs)
    elif ours and (p.shown or _not_standard(ours, "binance")):
        yield _quote("unnamed" if p.shown else "oracle", ours, {})


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
        yield from _differ("station", ours, theirs)
    elif (ours and p.shown) or (theirs and k.shown):
        yield _quote("unnamed", ours, theirs)
    elif theirs and _not_standard(theirs, "nws"):
        yield _quote("station", ours, theirs)
    yield from _differ("station", k.of(Kind.SOURCE, "station:"), p.of(Kind.SOURCE, "station:"))


def _other_sources(k: Side, p: Side) -> Iterator[Claim]:
    if not (k.says(Kind.SOURCE) and p.says(Kind.SOURCE)):
        return
    for field, case in _FIELDS:
        ours = k.of(Kind.SOURCE, field)
        theirs = p.of(Kind.SOURCE, field) if ours else {}
        for claim in _differ(case, ours, theirs):
            mirrored = "fred" in ours or "fred" in theirs
            yield ("republished", *claim[1:]) if mirrored else claim
    ours, theirs = k.of(Kind.SOURCE, "call:"), p.of(Kind.SOURCE, "call:")
    if "certified" in {*ours, *theirs}:
        yield from _differ("calls", ours, theirs)


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
    yield from _differ("bracket", ours, theirs)


def _windows(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.WINDOW), p.of(Kind.WINDOW)
    if ("listing" in ours) != ("listing" in theirs):
        if k.shown and p.shown:
            yield _quote("listing", ours, theirs)
    elif ours and theirs and not any(times.same_deadline(a, b) for a in ours for b in theirs):
        yield _quote("window", ours, theirs)


def _interruptions(k: Side, p: Side) -> Iterator[Claim]:
    """Postponed and cancelled: for a game one code for both, since they are one rule there."""
    cancelled, postponed = Kind.CANCELLATION, Kind.POSTPONEMENT
    if not any(_GAME.search(span) for each in (k, p) for span in each.put_off()):
        yield from _settled("cancelled", k, p, cancelled)
        if k.says(postponed) and p.says(postponed):
            yield from _differ("postponed", k.of(postponed), p.of(postponed))
        return
    for kind, ours_usual, theirs_usual in (
        (cancelled, "last_price", "fifty"),
        (postponed, "within:336", "open"),
    ):
        ours, theirs = k.of(kind), p.of(kind)
        yield from _differ("game", _as_no(ours), _as_no(theirs))
        if (
            _one_speaks(k, p, ours, theirs)
            or (theirs and not k.shown and ours_usual not in theirs)
            or (ours and not p.shown and theirs_usual not in ours)
        ):
            yield _quote("game", ours, theirs)


_PUT_OFF: Final = (Kind.CANCELLATION, Kind.POSTPONEMENT)
_GAME: Final = re.compile(r"\b(?:[Gg]ame|[Mm]atch|[Bb]out|[Ff]ight|[Ff]ixture|[Mm]ake-?up)\b")


def _settled(case: str, k: Side, p: Side, kind: Kind) -> Iterator[Claim]:
    """Where the question finds no answer: a claim if the outcomes differ, or one side's is odd.

    Odd is what the question's own logic (No) would not pay; and, where the other side has no text,
    what that venue never pays: Kalshi half a dollar, Polymarket a last price.
    """
    ours, theirs = _as_no(k.of(kind)), _as_no(p.of(kind))
    yield from _differ(case, ours, theirs)
    if ours and not theirs and ours.keys() & (_ODD if p.shown else _ODD - {Outcome.FIFTY}):
        yield _quote(case, ours, {})
    if theirs and not ours and theirs.keys() & (_ODD if k.shown else _ODD - {Outcome.LAST_PRICE}):
        yield _quote(case, {}, theirs)


_ODD: Final = frozenset((Outcome.FIFTY, Outcome.LAST_PRICE, Outcome.REFUND))


def _as_no(said: dict[str, str]) -> dict[str, str]:
    """ "Other" in an event of many answers is No for each that was named."""
    return {"no" if value == "other" else value: span for value, span in said.items()}


def _ties(k: Side, p: Side) -> Iterator[Claim]:
    """Overtime first: it decides whether there is a tie. That it counts goes without saying."""
    ours, theirs = k.of(Kind.OVERTIME), p.of(Kind.OVERTIME)
    yield from _differ("overtime", ours, theirs)
    for mine, other, silent in ((ours, theirs, p), (theirs, ours, k)):
        if "excluded" in mine and not other and silent.shown and not silent.says(Kind.TIE):
            yield _quote("regulation", ours, theirs)
    ours, theirs = _tie_values(k), _tie_values(p)
    yield from _differ("tie", ours, theirs)
    if _one_speaks(k, p, ours, theirs) and not {"no", "named"} & {*ours, *theirs}:
        yield _quote("tie", ours, theirs)


def _tie_values(side: Side) -> dict[str, str]:
    """A tie that pays a contract of its own pays No on both teams'."""
    said = side.of(Kind.TIE)
    return {_SAME_TIE.get(value, value): span for value, span in said.items()}


_SAME_TIE: Final = {"tie_market": "no", "other": "no"}


def _early_close(k: Side, p: Side) -> Iterator[Claim]:
    yield from _differ("early", k.of(Kind.EARLY_CLOSE), p.of(Kind.EARLY_CLOSE))


def _entities(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.ENTITY, "acting_"), p.of(Kind.ENTITY, "acting_")
    yield from _differ("acting", ours, theirs)
    if _one_speaks(k, p, ours, theirs):
        yield _quote("acting_unsaid", ours, theirs)
    ours, theirs = k.of(Kind.ENTITY, "successor"), p.of(Kind.ENTITY, "successor")
    if _one_speaks(k, p, ours, theirs):
        yield _quote("successor", ours, theirs)


def _metrics(k: Side, p: Side) -> Iterator[Claim]:
    if k.says(Kind.METRIC) and p.says(Kind.METRIC):
        for key, case in _KEYS:
            yield from _differ(case, k.of(Kind.METRIC, key), p.of(Kind.METRIC, key))
    ours, theirs = k.of(Kind.METRIC, "print:"), p.of(Kind.METRIC, "print:")
    if _one_speaks(k, p, ours, theirs) and "revised" in {*ours, *theirs}:
        yield _quote("revision", ours, theirs)
    if k.of(Kind.SOURCE, "price:").keys() & p.of(Kind.SOURCE, "price:").keys():
        yield from _differ(
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
        yield _quote("announced", ours, theirs)
    elif k.shown and p.shown:
        told = {"announcement_suffices", "announcement_excluded"}
        ours = {value: span for value, span in ours.items() if value in told}
        theirs = {value: span for value, span in theirs.items() if value in told}
        if ours.keys() != theirs.keys() and early != [True, True]:
            yield _quote("announcement", ours, theirs)


def _shared_places(k: Side, p: Side) -> Iterator[Claim]:
    ours, theirs = k.of(Kind.DEAD_HEAT), p.of(Kind.DEAD_HEAT)
    yield from _differ("dead_heat", ours, theirs)
    if _one_speaks(k, p, ours, theirs):
        yield _quote("dead_heat", ours, theirs)
    ours, theirs = k.of(Kind.SCALAR), p.of(Kind.SCALAR)
    if _one_speaks(k, p, ours, theirs) and not (k.says(Kind.DEAD_HEAT) or p.says(Kind.DEAD_HEAT)):
        yield _quote("scalar", ours, theirs)


def _absences(k: Side, p: Side) -> Iterator[Claim]:
    yield from _settled("death", k, p, Kind.DEATH)
    ours, theirs = k.of(Kind.WITHDRAWAL), p.of(Kind.WITHDRAWAL)
    if "advances" in {*ours, *theirs} and _one_speaks(k, p, ours, theirs):
        return  # who goes on wins: that is what the silent side's question says, too
    yield from _settled("withdrawal", k, p, Kind.WITHDRAWAL)


_CHECKS: Final[tuple[tuple[frozenset[Kind], Check], ...]] = (
    (frozenset((Kind.INSTANT, Kind.DEADLINE)), _times),
    (frozenset((Kind.SOURCE,)), _price_sources),
    (frozenset((Kind.SOURCE,)), _weather_sources),
    (frozenset((Kind.SOURCE,)), _other_sources),
    (frozenset((Kind.BOUNDARY, Kind.EDGE)), _boundaries),
    (frozenset((Kind.WINDOW,)), _windows),
    (frozenset(_PUT_OFF), _interruptions),
    (frozenset((Kind.OVERTIME, Kind.TIE)), _ties),
    (frozenset((Kind.EARLY_CLOSE,)), _early_close),
    (frozenset((Kind.ENTITY,)), _entities),
    (frozenset((Kind.METRIC,)), _metrics),
    (frozenset((Kind.STAGE,)), _stages),
    (frozenset((Kind.DEAD_HEAT, Kind.SCALAR)), _shared_places),
    (frozenset((Kind.DEATH, Kind.WITHDRAWAL)), _absences),
)
