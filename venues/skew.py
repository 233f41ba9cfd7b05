"""How far a venue's clock is from ours, learned from the `Date` of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

_TRUSTED_MS: Final = 1_500


class Skew:
    """`ahead_ms`: the venue's last `Date` minus our clock, None before the first one.

    A `Date` names a whole second that has begun, so `ahead_ms` is up to a second too low.
    """

    def __init__(self) -> None:
        self.ahead_ms: int | None = None

    def learn(self, headers: Mapping[str, str], now_ms: int) -> None:
        """Takes in one answer's `Date`; an answer that a cache kept is older by its `Age`."""
        age = headers.get("age", "")
        try:
            date_s = int(parsedate_to_datetime(headers.get("date", "")).timestamp())
        except (ValueError, OverflowError):
            return
        kept_s = int(age) if age.isdecimal() and len(age) < 10 else 0
        self.ahead_ms = (date_s + kept_s) * 1_000 - now_ms

    @property
    def correction_ms(self) -> int:
        """What to add to our clock to sign in the venue's time; 0 for a small skew, which a `Date`
        cannot tell from none."""
        ahead_ms = 0 if self.ahead_ms is None else self.ahead_ms + 500
        return ahead_ms if abs(ahead_ms) > _TRUSTED_MS else 0

    def corrected(self, our_ms: int) -> int:
        """A moment of our clock as the venue would tell it."""
        return our_ms + self.correction_ms
