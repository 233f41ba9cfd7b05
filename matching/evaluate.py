"""How well the matcher decides labelled pairs: the numbers that docs/matching.md shows.

Shapes and definitions are fixed: positive = labelled same or inverted; an accept with the wrong
direction is a false positive and a direction error; six classes for macro-F1; the calibration error
counts rows that no veto decided; rows labelled ambiguous are skipped.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matching.pairs import Relation
from matching.verdict import Judgement, Verdict

_POSITIVE: Final = (Relation.SAME.value, Relation.INVERTED.value)
_CLASSES: Final = (*_POSITIVE, "k_implies_p", "p_implies_k", "exclusive", "other")
_BINS: Final = 10
_Z: Final = 1.959964  # 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One labelled row and what was decided of it."""

    label: str
    divergences: tuple[str, ...]
    family: str
    judgement: Judgement


def scored(rows: Iterable[tuple[Mapping[str, Any], Judgement]]) -> list[Decided]:
    """The rows that count: labelled, and not ambiguous."""
    return [
        Decided(
            label=row["relation"],
            divergences=tuple(row.get("divergences") or ()),
            family=row.get("family") or "",
            judgement=judgement,
        )
        for row, judgement in rows
        if row.get("relation") and row.get("certainty") != "ambiguous"
    ]


def summary(decided: Sequence[Decided]) -> dict[str, Any]:
    """All measures, then the same by family."""
    families: defaultdict[str, list[Decided]] = defaultdict(list)
    for each in decided:
        families[each.family].append(each)
    return {**_measures(decided), "families": {f: _measures(families[f]) for f in sorted(families)}}


def _measures(decided: Sequence[Decided]) -> dict[str, Any]:
    review = sum(d.judgement.verdict is Verdict.REVIEW for d in decided)
    return {
        "scored": len(decided),
        "accept": _accept(decided),
        "direction_errors": sum(_misdirected(d) for d in decided),
        "macro_f1": _macro_f1(decided),
        "review_share": _share(review, len(decided)),
        "brier": _brier(decided),
        "ece": _calibration_error(decided),
        "divergence": _divergence(decided),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None


def _accepted(d: Decided) -> bool:
    return d.judgement.verdict is Verdict.ACCEPT


def _right(d: Decided) -> bool:
    return _accepted(d) and d.label == d.judgement.relation.value


def _misdirected(d: Decided) -> bool:
    return _accepted(d) and d.label in _POSITIVE and d.label != d.judgement.relation.value


def _accept(decided: Sequence[Decided]) -> dict[str, Any]:
    n = sum(map(_accepted, decided))
    right = sum(map(_right, decided))
    positives = sum(d.label in _POSITIVE for d in decided)
    precision, recall = _share(right, n), _share(right, positives)
    low, high = _wilson(right, n)
    f1 = _share(2 * right, n + positives)
    return {
        "n": n,
        "precision": precision,
        "wilson_low": low,
        "wilson_high": high,
        "recall": recall,
        "f1": f1,
    }


def _wilson(hits: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share (E. B. Wilson, 1927)."""
    if not n:
        return None, None
    p, z2 = hits / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return round(max(0.0, middle - half), 6), round(min(1.0, middle + half), 6)


def _class(relation: str) -> str:
    return relation if relation in _CLASSES else "other"


def _macro_f1(decided: Sequence[Decided]) -> float | None:
    """The mean F1 of the classes that occur, as a label or as a decision."""
    pairs = [(_class(d.label), _class(d.judgement.relation.value)) for d in decided]
    found = []
    for name in _CLASSES:
        hits = sum(label == said == name for label, said in pairs)
        labelled, said_so = (sum(pair[i] == name for pair in pairs) for i in (0, 1))
        if labelled or said_so:
            found.append(2 * hits / (labelled + said_so))
    return round(sum(found) / len(found), 6) if found else None


def _brier(decided: Sequence[Decided]) -> float | None:
    errors = [(d.judgement.score - (d.label in _POSITIVE)) ** 2 for d in decided]
    return _share(sum(errors), len(errors))


def _calibration_error(decided: Sequence[Decided]) -> float | None:
    """The expected calibration error over ten equal bins of the rows that no veto decided."""
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for d in decided:
        if not d.judgement.vetoes:
            at = min(int(d.judgement.score * _BINS), _BINS - 1)
            bins[at].append((d.judgement.score, d.label in _POSITIVE))
    total = sum(map(len, bins.values()))
    gap = sum(abs(sum(s for s, _ in b) - sum(hit for _, hit in b)) for b in bins.values())
    return _share(gap, total)


def _divergence(decided: Sequence[Decided]) -> dict[str, Any]:
    """Codes by name, over rows that carry a label of divergences."""
    told = hits = labelled = 0
    for d in decided:
        said = {each.code for each in d.judgement.divergences}
        labelled += len(set(d.divergences))
        hits += len(said & set(d.divergences))
        if d.divergences:
            told += len(said)
    return {"precision": _share(hits, told), "recall": _share(hits, labelled)}
