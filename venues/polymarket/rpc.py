"""class Node: the calls of a wallet that is a plain address, as transactions through a node.

A transaction leaves once; its hash is known before. It is signed for one nonce of the address, so
that of two with the same nonce the chain takes one at most.
"""

from __future__ import annotations

import re
from typing import Final, Protocol, TypeVar

from venues.errors import (
    AuthRefused,
    OrderRefused,
    OrderUnknown,
    Reason,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.http import Call, Exchange, Http, words
from venues.polymarket import calls_rpc as calls
from venues.polymarket import wire_rpc as wire
from venues.polymarket.batches import SignedTransaction, Transaction
from venues.polymarket.contracts import CHAIN
from venues.polymarket.normalize import VENUE
from venues.polymarket.transactions import ContractCall
from venues.venue import Recycled, RecyclingState

_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")
_STATUSES: Final = {"0x1": RecyclingState.DONE, "0x0": RecyclingState.FAILED}
_REFUSALS: Final = (
    *("execution reverted", "insufficient funds", "intrinsic gas too low", "underpriced"),
    *("less than block base fee", "exceeds block gas limit", "gas required exceeds"),
)
"""By these a node surely takes nothing. "nonce too low", "already known" may mean ours itself."""
T = TypeVar("T")


class TransactionSigner(Protocol):
    """A wallet, as far as it concerns the chain."""

    owner: str

    def sign_transaction(self, transaction: Transaction) -> SignedTransaction: ...


def refusal(answer: Exchange) -> VenueError | None:
    """What an error in a node's answer means: the `modes` of the node's Http."""
    if answer.status in {401, 403, 429}:
        return None
    said, code = words(answer.body)
    if any(part in said.lower() for part in _REFUSALS):
        return Refused(VENUE, answer.status, said, code)
    return Unavailable(VENUE, f"its node answers HTTP {answer.status}: {said or 'no reason'}")


class Node:
    """`http` speaks to the node alone, with `modes=refusal`."""

    def __init__(self, http: Http, wallet: TransactionSigner) -> None:
        self._http = http
        self._wallet = wallet
        self._hashes: dict[str, str] = {}

    async def send(self, call: ContractCall, about: str) -> str:
        """The transaction's hash. Raises as venues/venue.py, Recycling, says."""
        try:
            transaction = await self._transaction(call)
        except AuthRefused:
            raise
        except Refused as refused:
            raise OrderRefused(refused, _reason(refused), about) from refused
        except (Unavailable, WireError) as error:
            raise Unavailable(VENUE, f"nothing was sent ({error})", definite=True) from error
        signed = self._wallet.sign_transaction(transaction)
        self._hashes[about] = signed.hash
        try:
            answer = await self._http.act(calls.send(signed.raw), about)
        except AuthRefused:
            raise
        except Refused as refused:
            raise OrderRefused(refused, _reason(refused), about) from refused
        if answer.result.lower() != signed.hash:
            raise OrderUnknown(VENUE, about)
        return signed.hash

    async def outcome(self, id: str) -> Recycled:
        """`id` is the hash or, while this Node lives, what the call was about."""
        sent = self._hashes.get(id, id)
        if not _HASH.fullmatch(sent):
            return Recycled(id, RecyclingState.UNKNOWN)
        receipt = await self._read(calls.receipt(sent), attempts=1)
        if receipt is not None:
            state = _STATUSES.get(receipt.status, RecyclingState.UNKNOWN)
            return Recycled(sent, state, sent)
        is_waiting = await self._read(calls.transaction(sent), attempts=1) is not None
        return Recycled(sent, RecyclingState.PENDING if is_waiting else RecyclingState.UNKNOWN)

    async def gas(self, sender: str, to: str, data: bytes) -> int:
        """An estimate; Refused where the call would be reverted."""
        return await self._number(calls.gas(sender, to, data))

    async def _transaction(self, call: ContractCall) -> Transaction:
        """Raises ValueError for a node of another chain."""
        if (chain := await self._number(calls.chain_id())) != CHAIN:
            raise ValueError(f"the node is one of chain {chain}, not of Polygon ({CHAIN})")
        owner = self._wallet.owner
        tip = await self._number(calls.tip())
        block = await self._read(calls.latest_block())
        return Transaction(
            call=call,
            nonce=await self._number(calls.nonce(owner)),
            gas=await self.gas(owner, call.to, call.data) * 5 // 4,  # state may change until then
            fee_max_wei=2 * _number(block.base_fee) + tip,
            tip_wei=tip,
        )

    async def _number(self, call: Call[wire.Answer[str]]) -> int:
        return _number(await self._read(call))

    async def _read(self, call: Call[wire.Answer[T]], attempts: int | None = None) -> T:
        return (await self._http.send(call, attempts=attempts)).result


def _number(text: str) -> int:
    if not _HEX.fullmatch(text):
        raise WireError(VENUE, "a number of the node", f"{text[:80]!r} is not one in hex")
    return int(text, 16)


def _reason(refused: Refused) -> Reason:
    return Reason.FUNDS if "insufficient funds" in refused.words.lower() else Reason.OTHER
