"""Which contracts a wallet must let move its money for it to trade and recycle. Told, never sent.

Source: docs/venues/polymarket.md, "Contracts"; SDK polymarket-client 0.14.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from venues.errors import WireError
from venues.http import Call, Http
from venues.polymarket import wire_approvals as wire
from venues.polymarket.calls_orders import DATA
from venues.polymarket.contracts import (
    AUTO_REDEEMER,
    BINARY_MODULE,
    CHAIN,
    CONDITIONAL_TOKENS,
    CTF_COLLATERAL_ADAPTER,
    NEG_RISK,
    NEG_RISK_COLLATERAL_ADAPTER,
    NEG_RISK_MODULE,
    POSITION_MANAGER,
    PUSD,
    ROUTER,
    STANDARD,
    V3,
)
from venues.polymarket.normalize import VENUE


@dataclass(frozen=True, slots=True)
class Approval:
    """`spender` may move the wallet's holdings of `token`."""

    token: str
    spender: str


_ADAPTERS: Final = (CTF_COLLATERAL_ADAPTER, NEG_RISK_COLLATERAL_ADAPTER)
_EXCHANGES: Final = (STANDARD.address, NEG_RISK.address)
_MODULES: Final = (BINARY_MODULE, NEG_RISK_MODULE)
_SPENDERS: Final = {
    PUSD: (*_EXCHANGES, *_ADAPTERS, ROUTER, V3.address),
    CONDITIONAL_TOKENS: (*_EXCHANGES, *_ADAPTERS, AUTO_REDEEMER, *_MODULES),
    POSITION_MANAGER: (ROUTER, V3.address, AUTO_REDEEMER),
}
APPROVALS: Final = tuple(
    Approval(token, spender) for token, spenders in _SPENDERS.items() for spender in spenders
)
"""Those that the venue's own client sees to before it trades, but for perpetuals."""


async def missing_approvals(http: Http, wallet: str) -> tuple[Approval, ...]:
    """As the venue's indexer saw the chain. Raises as reads do."""
    found = (await http.send(_approvals(wallet))).data
    if found.chain_id != CHAIN or found.address.lower() != wallet.lower():
        said = f"{found.address[:80]} on chain {found.chain_id}"
        raise WireError(VENUE, "GET /v2/approvals", f"it speaks of {said}")
    given = {(row.token.lower(), row.spender.lower()) for row in found.contracts if row.approved}
    return tuple(
        each for each in APPROVALS if (each.token.lower(), each.spender.lower()) not in given
    )


def _approvals(wallet: str) -> Call[wire.Answer]:
    return Call(
        method="GET",
        host=DATA,
        path="/v2/approvals",
        params=(("user", wallet),),
        answer=wire.Answer,
    )
