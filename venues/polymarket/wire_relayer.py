"""The relayer's answers. Facts §18; SDK polymarket-client 0.14, models/clob/relayer.py."""

from __future__ import annotations

from msgspec import Struct, field


# {"address": "0x…", "nonce": "31"}; the address is the relay's or, where there is none, the owner's
class Params(Struct, frozen=True):
    address: str
    nonce: str


# {"transactionID": "0190b317-…", "transactionHash": "", "state": "STATE_NEW", …}
class Submitted(Struct, frozen=True):
    id: str = field(name="transactionID")
    state: str
    hash: str | None = field(name="transactionHash", default=None)


# {"transaction_id": "0190b317-…", "transaction_hash": "0x…", "state": "STATE_CONFIRMED", …}
class Transaction(Struct, frozen=True):
    id: str = field(name="transaction_id")
    state: str
    hash: str | None = field(name="transaction_hash", default=None)


# {"transactionID": "0190b317-…", "transactionHash": "0x…", "from": "0x…", "nonce": "60",
#  "signature": "0x…", "state": "STATE_CONFIRMED", "type": "SAFE", "metadata": "", …}
# docs.polymarket.com/api-reference/relayer/get-recent-transactions-for-a-user
class Recent(Struct, frozen=True):
    id: str = field(name="transactionID")
    state: str
    hash: str | None = field(name="transactionHash", default=None)
    signature: str = ""
    metadata: str = ""
