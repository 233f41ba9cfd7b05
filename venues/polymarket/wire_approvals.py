"""What a wallet's contracts may do. Source: SDK polymarket-client 0.14, relayer/approvals.py."""

from __future__ import annotations

from msgspec import Struct


# {"token": "0x…", "spender": "0x…", "standard": "ERC20", "approved": true, "amount": "max", …}
class Row(Struct, frozen=True):
    approved: bool
    token: str = ""
    spender: str = ""


# {"address": "0x…", "chain_id": 137, "contracts": […]}
class Approvals(Struct, frozen=True):
    address: str
    chain_id: int
    contracts: tuple[Row, ...]


# {"data": {…}}
class Answer(Struct, frozen=True):
    data: Approvals
