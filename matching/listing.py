"""A listing: what one venue says about one market, as text, before anybody has read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One market as its venue words it. A field the venue does not say is empty, never guessed.

    `subtitle` is the venue's name of the YES side where it stands apart from the title (Kalshi's
    yes_sub_title, Polymarket's groupItemTitle). `outcomes` are Polymarket's two outcomes, YES
    first. `rules` are the rules texts in the venue's order. `floor` and `cap` are Kalshi's strikes,
    as written. `line` is a sports market's line, as written.
    """

    venue: str
    id: str
    title: str
    subtitle: str = ""
    event_id: str = ""
    event_title: str = ""
    series: str = ""
    slug: str = ""
    outcomes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    strike_type: str = ""
    floor: str = ""
    cap: str = ""
    line: str = ""
    starts_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def has_rules(self) -> bool:
        """Whether some rules text says anything: white space and dashes alone do not."""
        return any(character.isalnum() for text in self.rules for character in text)
