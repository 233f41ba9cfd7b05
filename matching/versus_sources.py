"""Compares whose numbers count in two claims: pollsters, and the venues' known price sources."""

from __future__ import annotations

from matching.finding import Finding
from matching.terms import Claim
from matching.topic_prices import crypto
from matching.verdict import Severity
from matching.versus_numbers import EXTREMES


def same_source(one: Claim, two: Claim, finding: Finding) -> bool:
    """False where the titles name two sources; a price's sources are a divergence and no veto."""
    a, b = one.source, two.source
    if one.topic and one.topic.value == "price":
        return True
    if a and b and a.value != b.value:
        finding.veto("source", a.span, b.span, "metric_mismatch")
        return False
    if bool(a) != bool(b):
        finding.unknown("source", a.span if a else "", b.span if b else "")
    return True


def price_sources(one: Claim, two: Claim, finding: Finding) -> None:
    """Both venues' usual sources of a crypto price, which are never one."""
    if one.subject is None or one.subject.value not in crypto():
        return
    if one.form in EXTREMES:
        code = "source_mismatch_trimmed_mean_vs_exchange_candle"
        finding.diverge(
            code, one.source.value if one.source else one.asked, two.asked, Severity.BAR
        )
    else:
        code = "source_mismatch_CFB_RTI_vs_Binance"
        finding.diverge(code, one.asked, two.asked, Severity.BAR)
