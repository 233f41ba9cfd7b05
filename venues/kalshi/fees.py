"""Kalshi's fees: M × k × 0.07 × C × P × (1 − P), as read on 2026-11-22 (facts/kalshi.md §11).

M is the multiplier of the series, or of the event where it overrides; k is 1 for takers and 0, ¼
or ½ for makers by `fee_type`. How a fill is rounded depends on the kind of member we are:
venues/fees.py, CarriedFee. A later fee change is known beforehand, so fees are dated.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from venues.fees import CarriedFee, FeeModel, FeeSchedule, UnknownFee, WorseFee
from venues.money import CENT, ONE, Cash


class Member(StrEnum):
    """Whose account it is: our own at the exchange, one through a broker, or nobody told us.

    One taker fill of 1 @ 0.50 at M = 1 tells: it costs 0.0175 (direct) or 0.02 (non-direct).
    """

    DIRECT = "direct"
    NON_DIRECT = "non_direct"
    UNKNOWN = "unknown"


class Terms(NamedTuple):
    """`fee_type` and `fee_multiplier` as the venue words them; None: not said here."""

    fee_type: str | None
    multiplier: Decimal | None


class Change(NamedTuple):
    """Terms that begin at a moment (UTC epoch ms)."""

    at_ms: int
    terms: Terms


NOT_SAID: Final = Terms(None, None)
STANDARD: Final = Terms("quadratic", Decimal(1))

RATE: Final = Decimal("0.07")

_FREE: Final = Decimal(0)
_MAKER_SHARE: Final = {
    "quadratic": _FREE,
    "quadratic_with_maker_fees": Decimal("0.25"),
    "quadratic_with_combo_maker_fees": Decimal("0.5"),
}
# Balances are kept in 0.0001 dollar for direct members (since 2026-05-28), else in cents.
_DIRECT_GRID: Final = Cash(100)
# A change this much older than the event we just read is in the event; a younger one may not be,
# because answers can come from a cache. Applying it twice does no harm.
_CACHE_MS: Final = 60_000
# S&P 500 and Nasdaq-100 paid half until 2026-07-03 17:00 UTC.
_INDEX_PREFIXES: Final = ("KXINX", "KXNASDAQ100")
_INDEX_HALF: Final = Terms("quadratic", Decimal("0.5"))
_INDEX_FULL_FROM_MS: Final = 1_783_098_000_000
# Seen at M = 0 on 2026-09-26, with seven more that nobody named; since when, nobody knows.
_FREE_SERIES: Final = {
    *("KXBTCY", "KXETHY", "KXTRUMPOUT", "KXGREENLAND", "KXDOED", "KXEXPAND", "KXGDPYEAR"),
}
_FREE_SEEN_MS: Final = 1_790_380_800_000


def model(fee_type: str, multiplier: Decimal, member: Member) -> FeeModel | UnknownFee:
    """The fee of one kind of series; `flat` and any type nobody documents are UnknownFee."""
    share = _MAKER_SHARE.get(fee_type)
    if share is None:
        return UnknownFee(fee_type)
    return at_rate(RATE * multiplier, member, maker_share=share)


def at_rate(
    rate: Decimal, member: Member, *, maker_share: Decimal = _FREE
) -> FeeModel | UnknownFee:
    """The fee at a taker rate like 0.07; rates are rounded up to a whole millionth.

    A rate outside 0 … 1 is UnknownFee: somebody changed the unit.
    """
    if not rate.is_finite() or not 0 <= rate <= 1:
        return UnknownFee(f"a rate of {rate}")
    taker, maker = _millionths(rate), _millionths(rate * maker_share)
    direct = CarriedFee(taker, maker, _DIRECT_GRID)
    brokered = CarriedFee(taker, maker, CENT)
    match member:
        case Member.DIRECT:
            return direct
        case Member.NON_DIRECT:
            return brokered
        case Member.UNKNOWN:
            return WorseFee(direct, brokered)


def schedule(
    series: Terms,
    event: Terms = NOT_SAID,
    *,
    waived_until_ms: int = 0,
    series_changes: Sequence[Change] = (),
    event_changes: Sequence[Change] = (),
    member: Member,
    now_ms: int,
) -> FeeSchedule:
    """The fees of one market from what its series and event say now and will say later.

    An event's terms beat its series', each of the two by itself; a change to NOT_SAID clears
    them. Until `waived_until_ms` nothing is due. `now_ms` is when the event was read: changes of
    it before that are in it already. Entry 0 is what holds now, not history.
    """
    fresh = [change for change in event_changes if change.at_ms > now_ms - _CACHE_MS]
    moments = {0, waived_until_ms} | {change.at_ms for change in (*series_changes, *fresh)}
    entries: list[tuple[int, FeeModel | UnknownFee]] = []
    for moment in sorted(moments):
        if moment < waived_until_ms:
            found = at_rate(_FREE, member)
        else:
            over, under = _at(moment, event, fresh), _at(moment, series, series_changes)
            found = _of(_either(over, under), member)
        if not entries or entries[-1][1] != found:
            entries.append((moment, found))
    return FeeSchedule(tuple(entries))


def assumed(ticker: str, member: Member) -> FeeSchedule:
    """The fees of a market of which only the name is known, as on a tape without a catalogue.

    Standard terms (14,198 of 14,393 series on 2026-09-26), the half rate that index series had
    before 2026-07-03, and no fee from the day on which some series were seen to have none. Wrong
    for the few others with a multiplier of their own: a pairs file says it.
    """
    if ticker.partition("-")[0] in _FREE_SERIES:
        none = Change(_FREE_SEEN_MS, Terms("quadratic", _FREE))
        return schedule(STANDARD, series_changes=(none,), member=member, now_ms=0)
    if ticker.startswith(_INDEX_PREFIXES):
        full = Change(_INDEX_FULL_FROM_MS, STANDARD)
        return schedule(_INDEX_HALF, series_changes=(full,), member=member, now_ms=0)
    return schedule(STANDARD, member=member, now_ms=0)


def _at(moment_ms: int, terms: Terms, changes: Sequence[Change]) -> Terms:
    """The terms in force at a moment: those of the latest change that has begun."""
    begun = [change for change in changes if change.at_ms <= moment_ms]
    return max(begun, key=lambda change: change.at_ms).terms if begun else terms


def _either(over: Terms, under: Terms) -> Terms:
    return Terms(
        under.fee_type if over.fee_type is None else over.fee_type,
        under.multiplier if over.multiplier is None else over.multiplier,
    )


def _of(terms: Terms, member: Member) -> FeeModel | UnknownFee:
    if terms.fee_type is None or terms.multiplier is None:
        return UnknownFee("of a series that is not described")
    return model(terms.fee_type, terms.multiplier, member)


def _millionths(rate: Decimal) -> int:
    return int((rate * ONE).to_integral_value(ROUND_CEILING))
