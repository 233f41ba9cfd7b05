"""The questions that both venues of the world of twins ask, and what stands in their books.

Some pairs are mispriced. Others look so to whoever forgets fees, depth, a minimum or whether a
market takes orders at all. `why` says which; nothing reads it: the truth is in the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from venues.money import ONE
from venues.sides import Side
from venues.sim.polymarket.catalogue import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One question at both venues. Ladders are "price size" pairs, best first, of each venue's own
    YES. `same`: both YES mean the same; False: they are each other's opposite; None: neither, it
    only looks so. `event`: with its title, where both venues list several questions under one.
    """

    why: str
    id: str
    question: str
    kalshi_bids: str = ""
    kalshi_asks: str = ""
    polymarket_bids: str = ""
    polymarket_asks: str = ""
    polymarket_question: str = ""
    same: bool | None = True
    fee: Fee | None = None
    fee_type: str = "economics_fees"
    kalshi_multiplier: int = ONE
    structure: str = "linear_cent"
    tick: str = "0.01"
    minimum: str = "5"
    neg_risk: bool = False
    version: str = "v1"
    event: tuple[str, str] | None = None
    is_paused: bool = False
    eaten: tuple[Side, str, str] | None = None
    """What somebody takes at Polymarket in the beginning (side, price, shares), so that less than a
    whole order is left at the best price."""

    @property
    def ticker(self) -> str:
        return f"{self.event_ticker}-{self.id.upper() if self.event else 'T1'}"

    @property
    def event_ticker(self) -> str:
        return self.event[0] if self.event else f"KX{self.id.upper()}-26DEC"

    @property
    def event_title(self) -> str:
        return self.event[1] if self.event else self.question


_FIVE: Final = Fee(rate=50_000)
_FOUR: Final = Fee(rate=40_000)
_SEVEN: Final = Fee(rate=70_000)

TWINS: Final = (
    Twin(
        why="cheap at Kalshi, several levels deep",
        id="fedhold",
        question="Will the Fed hold rates in December 2026?",
        kalshi_bids="0.29 16 0.28 36",
        kalshi_asks="0.31 20 0.32 32 0.35 36",
        polymarket_bids="0.36 16 0.35 28 0.31 80",
        polymarket_asks="0.38 20 0.39 36",
        fee=_FIVE,
    ),
    Twin(
        why="cheap on both sides of opposite questions",
        id="cpi",
        question="Will inflation be above 3.0% in December 2026?",
        polymarket_question="Will inflation be 3.0% or lower in December 2026?",
        same=False,
        kalshi_bids="0.43 12",
        kalshi_asks="0.45 10.02 0.47 24",
        polymarket_bids="0.45 8",
        polymarket_asks="0.48 4.81 0.5 36",
        fee=_FIVE,
    ),
    Twin(
        why="trap: three cents apart, and the fees are three and a half",
        id="btc100",
        question="Will Bitcoin be above 100,000 on December 31?",
        kalshi_bids="0.46 20",
        kalshi_asks="0.48 20 0.49 20",
        polymarket_bids="0.51 20 0.5 20",
        polymarket_asks="0.53 20",
        fee=_SEVEN,
        fee_type="crypto_fees",
    ),
    Twin(
        why="trap: the best bid is worth it, but is below the minimum of an order",
        id="snow",
        question="Will it snow in New York on December 24?",
        kalshi_bids="0.38 12",
        kalshi_asks="0.40 12 0.44 36",
        polymarket_bids="0.6 10 0.31 36",
        polymarket_asks="0.62 12",
        eaten=(Side.SELL, "0.6", "9"),
        fee=_FIVE,
        fee_type="weather_fees",
    ),
    Twin(
        why="trap: thirty cents' worth, where an order that takes must be worth a dollar",
        id="ufo",
        question="Will the Pentagon confirm aliens in 2026?",
        kalshi_bids="0.03 30 0.01 50",
        kalshi_asks="0.3 20",
        polymarket_bids="0.005 20",
        polymarket_asks="0.01 30 0.3 50",
        tick="0.005",
        fee=_FIVE,
        fee_type="culture_fees",
    ),
    Twin(
        why="a cent apart, and nobody takes a fee",
        id="taiwan",
        question="Will China blockade Taiwan in 2026?",
        kalshi_bids="0.1 36",
        kalshi_asks="0.12 28",
        polymarket_bids="0.13 14.02 0.11 36",
        polymarket_asks="0.15 20",
        kalshi_multiplier=0,
        fee_type="geopolitics",
    ),
    Twin(
        why="good only because Kalshi takes half of its fee there",
        id="series7",
        question="Will Boston win the series?",
        kalshi_bids="0.47 20",
        kalshi_asks="0.49 16",
        polymarket_bids="0.515 12 0.5 12",
        polymarket_asks="0.53 12",
        tick="0.005",
        kalshi_multiplier=ONE // 2,
        fee=_FIVE,
        fee_type="sports_fees_v2",
    ),
    Twin(
        why="one leg of three, signed for another exchange",
        id="nominee",
        question="Will Ada Example be nominated?",
        kalshi_bids="0.2 12",
        kalshi_asks="0.22 12",
        polymarket_bids="0.28 8 0.25 16",
        polymarket_asks="0.3 12",
        neg_risk=True,
        fee=_FOUR,
        fee_type="politics_fees",
    ),
    Twin(
        why="a market of Protocol V2",
        id="gold",
        question="Will gold be above 5,000 on December 31?",
        kalshi_bids="0.66 12",
        kalshi_asks="0.68 12",
        polymarket_bids="0.6 12",
        polymarket_asks="0.61 6 0.62 12",
        version="v2",
        fee=_FOUR,
        fee_type="finance_fees",
    ),
    Twin(
        why="trap: far apart, but Kalshi takes no orders there",
        id="shutdown",
        question="Will the government shut down in December 2026?",
        kalshi_bids="0.3 20",
        kalshi_asks="0.32 20",
        polymarket_bids="0.5 20",
        polymarket_asks="0.52 20",
        fee=_FOUR,
        fee_type="politics_fees",
        is_paused=True,
    ),
    Twin(
        why="trap: what is left at the good price is a crumb below the minimum",
        id="oscar",
        question="Will Example Film win best picture?",
        kalshi_bids="0.5 20",
        kalshi_asks="0.56 20",
        polymarket_bids="0.38 20",
        polymarket_asks="0.4 10 0.52 20",
        fee=_FIVE,
        fee_type="culture_fees",
        eaten=(Side.BUY, "0.4", "9.5"),
    ),
    Twin(
        why="fine ticks on both sides, and nothing in it",
        id="rain",
        question="Will it rain in Seattle on December 24?",
        kalshi_bids="0.912 12 0.91 20",
        kalshi_asks="0.921 12",
        polymarket_bids="0.9115 16",
        polymarket_asks="0.9205 20",
        structure="deci_cent",
        tick="0.0001",
        fee=_FIVE,
        fee_type="weather_fees",
    ),
)
