"""The measures of the matcher against tables small enough to reckon by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pytest

from matching.evaluate import scored, summary
from matching.pairs import MarketKey, Relation
from matching.verdict import Divergence, Judgement, Severity, Verdict

R, V = Relation, Verdict
Row = dict[str, Any]
Decision = tuple[Row, Judgement]


def said(
    verdict: Verdict, relation: Relation, score: float, *vetoes: str, codes: Sequence[str] = ()
) -> Judgement:
    return Judgement(
        kalshi=MarketKey("kalshi", "K"),
        polymarket=MarketKey("polymarket", "P"),
        relation=relation,
        verdict=verdict,
        score=score,
        vetoes=vetoes,
        divergences=tuple(Divergence(code, Severity.CAUTION, "", "") for code in codes),
    )


def labelled(relation: str, *divergences: str, family: str = "a", certainty: str = "sure") -> Row:
    return {
        "relation": relation,
        "divergences": list(divergences),
        "family": family,
        "certainty": certainty,
    }


TABLE: Final[list[Decision]] = [
    (labelled("same", "hour", "source"), said(V.ACCEPT, R.SAME, 0.99, codes=("source", "tie"))),
    (labelled("same"), said(V.ACCEPT, R.INVERTED, 0.99)),
    (labelled("inverted"), said(V.ACCEPT, R.INVERTED, 0.99)),
    (labelled("exclusive", "edge"), said(V.ACCEPT, R.SAME, 0.99)),
    (labelled("same"), said(V.REVIEW, R.SAME, 0.4, codes=("tie",))),
    (labelled("k_implies_p", family="b"), said(V.REJECT, R.K_IMPLIES_P, 0.0, "window")),
    (labelled("related", family="b"), said(V.REJECT, R.OVERLAP, 0.0, "numbers")),
    (labelled("inverted", family="b"), said(V.REJECT, R.EXCLUSIVE, 0.0, "subject")),
]


def measured(rows: Sequence[Decision]) -> dict[str, Any]:
    return summary(scored(rows))


def test_an_accept_counts_only_in_the_right_direction() -> None:
    found = measured(TABLE)
    assert found["scored"] == 8
    assert found["accept"]["n"] == 4
    assert found["accept"]["precision"] == 0.5  # 2 of 4: one inverted, one exclusive
    assert found["accept"]["recall"] == 0.4  # of five that are same or inverted
    assert found["accept"]["f1"] == pytest.approx(4 / 9, abs=1e-6)
    assert found["direction_errors"] == 1
    assert found["review_share"] == 0.125


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    accept = measured(TABLE)["accept"]
    expected = 2 / (1 / accept["precision"] + 1 / accept["recall"])
    assert accept["f1"] == pytest.approx(expected, abs=1e-6)


def test_macro_f1_is_the_mean_over_the_classes_that_occur() -> None:
    same, inverted, exclusive, k_implies_p, other = 2 * 2 / 6, 2 * 1 / 4, 0, 1, 1
    expected = (same + inverted + exclusive + k_implies_p + other) / 5
    assert measured(TABLE)["macro_f1"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("label", ["overlap", "related", "unrelated"])
@pytest.mark.parametrize("relation", [R.OVERLAP, R.RELATED, R.UNRELATED])
def test_all_uncertain_relations_are_one_class(label: str, relation: Relation) -> None:
    row = (labelled(label), said(V.REJECT, relation, 0.0, "question"))
    assert measured([row])["macro_f1"] == 1


def test_a_perfect_table_of_six_classes_scores_one() -> None:
    labels = ("same", "inverted", "k_implies_p", "p_implies_k", "exclusive", "related")
    rows = [(labelled(label), said(V.REVIEW, R(label), 0.4)) for label in labels]
    assert measured(rows)["macro_f1"] == 1
    rows[3] = (labelled("p_implies_k"), said(V.REVIEW, R.K_IMPLIES_P, 0.4))
    assert measured(rows)["macro_f1"] == pytest.approx((4 + 2 / 3 + 0) / 6, abs=1e-6)


def test_the_brier_score_is_the_mean_squared_error() -> None:
    assert measured(TABLE)["brier"] == pytest.approx(
        (3 * 0.01**2 + 0.99**2 + 0.6**2 + 0 + 0 + 1) / 8, abs=1e-6
    )


def test_the_calibration_error_leaves_out_what_a_veto_decided() -> None:
    bin_of_99, bin_of_40 = abs(4 * 0.99 - 3), abs(0.4 - 1)
    assert measured(TABLE)["ece"] == pytest.approx((bin_of_99 + bin_of_40) / 5, abs=1e-6)
    vetoed = [row for row in TABLE if row[1].vetoes]
    assert measured(vetoed)["ece"] is None


def test_scores_fall_into_ten_bins_and_errors_within_one_bin_cancel() -> None:
    one_bin = [
        (labelled("same"), said(V.REVIEW, R.SAME, 0.41)),
        (labelled("related"), said(V.REVIEW, R.SAME, 0.49)),
    ]
    assert measured(one_bin)["ece"] == pytest.approx(abs(0.9 - 1) / 2, abs=1e-6)
    two_bins = [one_bin[0], (labelled("related"), said(V.REVIEW, R.SAME, 0.51))]
    assert measured(two_bins)["ece"] == pytest.approx((0.59 + 0.51) / 2, abs=1e-6)
    certain = [(labelled("same"), said(V.ACCEPT, R.SAME, 1.0))]
    assert measured([*certain, (labelled("related"), said(V.ACCEPT, R.SAME, 0.95))])[
        "ece"
    ] == pytest.approx(abs(1.95 - 1) / 2, abs=1e-6)  # 1.0 belongs to the last bin


def test_divergences_count_by_code_where_a_label_names_some() -> None:
    # told in labelled rows: source, tie; of the labels hour, source, edge only source was found
    assert measured(TABLE)["divergence"] == {
        "precision": 0.5,
        "recall": pytest.approx(1 / 3, abs=1e-6),
    }


def test_a_code_that_is_told_or_labelled_twice_counts_once() -> None:
    row = (labelled("same", "tie", "tie"), said(V.ACCEPT, R.SAME, 0.99, codes=("tie", "tie")))
    assert measured([row])["divergence"] == {"precision": 1, "recall": 1}


def test_ambiguous_and_unlabelled_rows_are_skipped() -> None:
    wrong = said(V.ACCEPT, R.INVERTED, 0.99)
    more: list[Decision] = [
        (labelled("same", certainty="ambiguous"), wrong),
        ({"relation": "", "family": "a"}, wrong),
        ({"relation": None}, wrong),
        ({}, wrong),
    ]
    assert measured([*more, *TABLE]) == measured(TABLE)
    assert scored(more) == []


def test_a_row_needs_no_more_than_its_relation() -> None:
    found = measured([({"relation": "same"}, said(V.ACCEPT, R.SAME, 0.99))])
    assert found["accept"]["precision"] == 1
    assert set(found["families"]) == {""}


def test_every_family_is_measured_as_if_it_stood_alone() -> None:
    families = measured(TABLE)["families"]
    assert list(families) == ["a", "b"]
    for name, found in families.items():
        alone = measured([row for row in TABLE if row[0]["family"] == name])
        assert found == {key: value for key, value in alone.items() if key != "families"}
    assert families["b"]["accept"] == {
        "n": 0,
        "precision": None,
        "wilson_low": None,
        "wilson_high": None,
        "recall": 0,
        "f1": 0,
    }


def test_nothing_measured_is_none_and_never_zero() -> None:
    found = measured([])
    assert found["scored"] == 0
    assert found["families"] == {}
    assert found["accept"] == {
        "n": 0,
        "precision": None,
        "wilson_low": None,
        "wilson_high": None,
        "recall": None,
        "f1": None,
    }
    for name in ("macro_f1", "review_share", "brier", "ece"):
        assert found[name] is None
    assert found["divergence"] == {"precision": None, "recall": None}


def within(share: float, hits: int, n: int) -> bool:
    """Whether a true share is within 1.959964 of its own deviations of what was seen."""
    return abs(hits / n - share) <= 1.959964 * math.sqrt(share * (1 - share) / n)


def edge(inside: float, outside: float, hits: int, n: int) -> float:
    """Where `within` ends, by bisection."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if within(middle, hits, n) else (inside, middle)
    return inside


@pytest.mark.parametrize(
    ("hits", "n"), [(0, 1), (1, 1), (1, 2), (3, 4), (0, 20), (20, 20), (97, 100), (250, 1_000)]
)
def test_the_wilson_interval_holds_the_shares_that_would_not_surprise(hits: int, n: int) -> None:
    right = (labelled("same"), said(V.ACCEPT, R.SAME, 0.99))
    wrong = (labelled("related"), said(V.ACCEPT, R.SAME, 0.99))
    accept = measured([right] * hits + [wrong] * (n - hits))["accept"]
    assert accept["precision"] == round(hits / n, 6)
    assert accept["wilson_low"] == pytest.approx(edge(hits / n, 0.0, hits, n), abs=2e-6)
    assert accept["wilson_high"] == pytest.approx(edge(hits / n, 1.0, hits, n), abs=2e-6)


def test_the_wilson_interval_of_a_known_example() -> None:
    """8 of 10 is 0.490 to 0.943 in every textbook."""
    rows = [(labelled("same" if i < 8 else "related"), TABLE[0][1]) for i in range(10)]
    accept = measured(rows)["accept"]
    assert (accept["wilson_low"], accept["wilson_high"]) == (
        pytest.approx(0.490, abs=5e-4),
        pytest.approx(0.943, abs=5e-4),
    )
