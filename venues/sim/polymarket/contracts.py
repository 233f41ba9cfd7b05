"""Contracts of Polygon that the simulated exchange knows (facts §3), written down anew."""

from __future__ import annotations

from typing import Final

EXCHANGE: Final = "0xE111180000d2663C0091e4f400237545B87B996B"
NEG_RISK_EXCHANGE: Final = "0xe2222d279d744050d28e00520010520000310F59"
EXCHANGE_V3: Final = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"
CONDITIONAL_TOKENS: Final = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
PUSD: Final = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
EXCHANGES: Final = (EXCHANGE, NEG_RISK_EXCHANGE, EXCHANGE_V3)


def exchange(version: str, neg_risk: bool) -> tuple[str, str]:  # noqa: FBT001
    """(address, EIP-712 version) of the exchange where a market trades (§8.1)."""
    if version == "v2":
        return EXCHANGE_V3, "3"
    return (NEG_RISK_EXCHANGE if neg_risk else EXCHANGE), "2"
