"""Every contract of Polymarket that we know, on Polygon: the only place where addresses stand.

They have changed before and will again. Source: docs/venues/polymarket.md, "Contracts".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHAIN: Final = 137
"""Polygon's chain id: the only chain that anything is signed for."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A contract that settles orders; `version` is that of its EIP-712 domain."""

    name: str
    address: str
    version: str


STANDARD: Final = Exchange("CTF Exchange V2", "0xE111180000d2663C0091e4f400237545B87B996B", "2")
"""Markets of version v1 that stand alone."""

NEG_RISK: Final = Exchange(
    "NegRisk CTF Exchange V2", "0xe2222d279d744050d28e00520010520000310F59", "2"
)
"""Markets of version v1 of which at most one in an event comes true."""

V3: Final = Exchange("ExchangeV3", "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa", "3")
"""All markets of version v2."""

PUSD: Final = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
"""The dollar that orders are paid in: an ERC-20 of six decimals."""

USDC_E: Final = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
"""What standard v1 positions are made of: a token's id is derived from it."""

WRAPPED_COLLATERAL: Final = "0x3A3BD7bb9528E159577F7C2e685CC81A765002E2"
"""Likewise of neg-risk v1 positions."""

CONDITIONAL_TOKENS: Final = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
"""Holds the positions of v1 markets (ERC-1155)."""

CTF_COLLATERAL_ADAPTER: Final = "0xAdA100Db00Ca00073811820692005400218FcE1f"
"""Splits, merges and redeems standard v1 positions for pUSD."""

NEG_RISK_COLLATERAL_ADAPTER: Final = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
"""Splits, merges and redeems neg-risk v1 positions for pUSD."""

NEG_RISK_ADAPTER_V1: Final = "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296"
"""The old way in for neg-risk positions; some vaults still had to approve it in July 2026."""

COLLATERAL_ONRAMP: Final = "0x93070a847efEf7F70739046A929D47a521F5B8ee"
"""Wraps USDC into pUSD."""

COLLATERAL_OFFRAMP: Final = "0x2957922Eb93258b93368531d39fAcCA3B4dC5854"
"""Unwraps pUSD into USDC."""

POSITION_MANAGER: Final = "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"
"""Holds the positions of v2 markets."""

ROUTER: Final = "0x12121212006e4CD160D18e3f00711DA5c3372600"
"""Splits, merges and redeems v2 positions."""

BINARY_MODULE: Final = "0x1000008dD9001B968442c1000017eaE6E0dA00Ba"
"""v2 positions of single questions."""

NEG_RISK_MODULE: Final = "0x200000900045e3B6259600682756002200028933"
"""v2 positions of exclusive questions."""

COMBINATORIAL_MODULE: Final = "0x30000034706C7d8e12009DAB006Be20000c031A8"
"""v2 positions of combos."""

AUTO_REDEEMER: Final = "0xa1200000d0002264C9a1698e001292D00E1b00af"
"""Redeems for wallets that allow it."""

DEPOSIT_FACTORY: Final = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
"""Makes deposit wallets."""

DEPOSIT_IMPLEMENTATION: Final = "0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB"
"""The code of older deposit wallets (UUPS)."""

DEPOSIT_BEACON: Final = "0x7A18EDfe055488A3128f01F563e5B479D92ffc3a"
"""Names the code of today's deposit wallets."""

PROXY_FACTORY: Final = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
"""Makes proxy wallets and relays their calls."""

PROXY_IMPLEMENTATION: Final = "0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f"
"""The code of proxy wallets."""

SAFE_FACTORY: Final = "0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b"
"""Makes Safes."""

SAFE_MULTISEND: Final = "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761"
"""Bundles several calls of a Safe."""

RELAY_HUB: Final = "0xD216153c06E857cD7f72665E0aF1d7D82172F494"
"""Takes the relayed calls of proxy wallets."""

UMA_ADAPTER: Final = "0x6A9D222616C90FcA5754cd1333cFD9b7fb6a4F74"
"""Asks UMA how questions ended."""

OPTIMISTIC_ORACLE: Final = "0xCB1822859cEF82Cd2Eb4E6276C7916e692995130"
"""UMA's answers."""


def exchange(*, neg_risk: bool, version: str) -> Exchange:
    """The exchange of a market; `version` is the market's own, "v1" or "v2".

    Raises ValueError for every other version.
    """
    match version:
        case "v1":
            return NEG_RISK if neg_risk else STANDARD
        case "v2":
            return V3
        case _:
            raise ValueError(f"no exchange is known for markets of version {version!r}")
