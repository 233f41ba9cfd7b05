"""What a well-known series is about, from its name alone.

Only for tapes without a catalogue, where it picks the fee category of the other venue's twin. A
name that no line here begins is unknown, and then the dearest category is assumed.
"""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = {
    "sports": (
        *("KXMENWORLDCUP", "KXWC", "KXFIFA", "KXUCL", "KXEPL", "KXMLS", "KXLALIGA", "KXSERIEA"),
        *("KXNBA", "KXWNBA", "KXNFL", "KXSB-", "KXMLB", "KXNHL", "KXNCAA", "KXATP", "KXWTA"),
        *("KXPGA", "KXUFC", "KXF1", "KXNASCAR", "KXBUNDESLIGA", "KXLIGUE1", "KXAFL", "KXIPL"),
    ),
    "crypto": ("KXBTC", "KXETH", "KXSOL", "KXXRP", "KXDOGE"),
    "finance": ("KXINX", "KXNASDAQ100", "KXWTI", "KXGOLD"),
    "economics": ("KXFED", "KXCPI", "KXGDP", "KXPAYROLLS", "KXU3", "KXRATECUT", "KXJOBLESS"),
    "weather": ("KXHIGH", "KXLOW", "KXRAIN", "KXSNOW", "KXTEMP", "KXHURR"),
    "politics": ("KXPRES", "KXSENATE", "KXHOUSE", "KXGOV", "KXTRUMP", "KXPRIMARY"),
}


def category_of(ticker: str) -> str | None:
    """The category of a ticker that begins with a known series name, else None."""
    for category, beginnings in _BEGINNINGS.items():
        if ticker.startswith(beginnings):
            return category
    return None
