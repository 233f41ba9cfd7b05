"""Polymarket's taker fees: rate × shares × (p × (1 − p))^exponent, to 5 decimals, fill by fill.

Read on 2026-11-22 (facts/polymarket.md §10). A market's own terms always win; the dated table here
serves tapes that hold no terms. Makers pay nothing; rebates are paid later and are not in any edge.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

from venues.fees import FeeModel, FeeSchedule, RoundedFee, UnknownFee
from venues.money import ONE, Cash

_UNIT: Final = Cash(10)
FREE: Final = RoundedFee(0, _UNIT)
MARKETABLE_MINIMUM: Final = Cash(ONE)
"""A buy that takes must be worth a dollar ("invalid amount for a marketable BUY order")."""

_RATE_MAX: Final = Decimal("0.3")
_CATEGORY_FEES_FROM_MS: Final = 1_774_828_800_000  # 2026-03-30
_SPORTS_RAISED_MS: Final = 1_783_641_600_000  # 2026-07-10
# Somebody still wrote 0.072 in July; all 292 crypto markets recorded on this day say 0.07. Nobody
# knows the day between, so the higher rate counts until here.
_CRYPTO_LOWERED_MS: Final = 1_784_851_200_000  # 2026-07-24
_STEADY: Final = {
    "finance": 40_000,
    "politics": 40_000,
    "mentions": 40_000,
    "tech": 40_000,
    "economics": 50_000,
    "culture": 50_000,
    "weather": 50_000,
    "other": 50_000,
    "geopolitics": 0,
}
RATES: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "crypto": ((_CATEGORY_FEES_FROM_MS, 72_000), (_CRYPTO_LOWERED_MS, 70_000)),
    "sports": ((_CATEGORY_FEES_FROM_MS, 30_000), (_SPORTS_RAISED_MS, 50_000)),
    **{name: ((_CATEGORY_FEES_FROM_MS, rate),) for name, rate in _STEADY.items()},
}
"""Category → (since, rate in millionths), oldest first."""


def model(
    rate: Decimal, exponent: Decimal = Decimal(1), *, taker_only: bool = True
) -> FeeModel | UnknownFee:
    """The fee at a market's own `rate` (0.05 is 5 %), rounded up to a whole millionth.

    An exponent other than 1 or 2, or an absurd rate, is an UnknownFee.
    """
    finite = rate.is_finite() and exponent.is_finite()
    if not finite or exponent not in (1, 2) or not 0 <= rate <= _RATE_MAX:
        return UnknownFee(f"rate {rate}, exponent {exponent}")
    millionths = int((rate * ONE).to_integral_value(ROUND_CEILING))
    return RoundedFee(millionths, _UNIT, exponent=int(exponent), maker_pays=not taker_only)


def assumed(category: str | None) -> FeeSchedule:
    """The fees of a market of which only the category is known; None: of the dearest category.

    Before 2026-03-30 only some crypto markets had a fee, and another formula: unknown for those
    and for an unknown category, none for all others.
    """
    if category is not None and category not in RATES:
        category = None
    starts = RATES[category] if category else _dearest()
    early = UnknownFee("before 2026-03-30") if category in (None, "crypto") else FREE
    dated = tuple((since, RoundedFee(rate, _UNIT)) for since, rate in starts)
    return FeeSchedule(((0, early), *dated))


def _dearest() -> tuple[tuple[int, int], ...]:
    """The highest rate of any category, from each day on which some rate changed."""
    days = sorted({since for steps in RATES.values() for since, _ in steps})
    return tuple((day, max(_rate_on(steps, day) for steps in RATES.values())) for day in days)


def _rate_on(steps: tuple[tuple[int, int], ...], day: int) -> int:
    """The rate of the latest step, 0 before the first."""
    return max((step for step in steps if step[0] <= day), default=(0, 0))[1]
