"""Claims whose title names a second bound, or another number than the other side's."""

from __future__ import annotations

import pytest

from matching.judge import judge
from matching.listing import Listing
from matching.verdict import Verdict

BITCOIN = Listing(
    venue="kalshi",
    id="KXBTCD-26DEC0217-T89999.99",
    title="Bitcoin price on Dec 2, 2026 at 5pm EST?",
    subtitle="$90,000 or above",
    event_id="KXBTCD-26DEC0217",
    series="KXBTCD",
    strike_type="greater",
    floor="89999.99",
)


def verdict(title: str) -> Verdict:
    asked = Listing(venue="polymarket", id="0x1", title=title, outcomes=("Yes", "No"))
    return judge(BITCOIN, asked).verdict


def test_the_plain_question_is_accepted() -> None:
    assert verdict("Bitcoin above 90,000 on December 2, 5PM ET?") is Verdict.ACCEPT


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin above 90,000 and below 100,000 on December 2, 5PM ET?",
        "Bitcoin above 90,000 or below 80,000 on December 2, 5PM ET?",
        "Bitcoin average above 90,000 on December 2, 5PM ET?",
        "Bitcoin futures above 90,000 on December 2, 5PM ET?",
        "Bitcoin low above 90,000 on December 2, 5PM ET?",
        "Bitcoin opens above 90,000 on December 2, 5PM ET?",
    ],
)
def test_a_second_bound_or_another_number_is_not_accepted(title: str) -> None:
    assert verdict(title) is not Verdict.ACCEPT


@pytest.mark.parametrize(
    ("more", "expected"),
    [("", Verdict.ACCEPT), (" and the presidency", Verdict.REVIEW)],
)
def test_a_second_condition_behind_an_and_is_not_accepted(more: str, expected: Verdict) -> None:
    kalshi = Listing(
        venue="kalshi",
        id="KXPRESNOMD-28-GN",
        title="Democratic presidential nominee in 2028?",
        subtitle="Gavin Newsom",
        event_id="KXPRESNOMD-28",
        event_title="Democratic presidential nominee in 2028?",
        series="KXPRESNOMD",
    )
    title = f"Will Gavin Newsom win the 2028 Democratic presidential nomination{more}?"
    asked = Listing(venue="polymarket", id="0x1", title=title, outcomes=("Yes", "No"))
    assert judge(kalshi, asked).verdict is expected
