"""class Relayer: the calls of a contract wallet through the venue's relayer.

A batch leaves once. It is signed for one nonce of the wallet, so that of two batches with the same
nonce the chain takes one at most. Source: docs/venues/polymarket.md, "Relayer".
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import httpx2

from venues.bucket import TokenBucket
from venues.clock import Clock
from venues.errors import (
    AuthRefused,
    NotFound,
    OrderRefused,
    RateLimited,
    Reason,
    Refused,
    Unavailable,
    WireError,
)
from venues.http import Call, Http
from venues.polymarket import calls_relayer as calls
from venues.polymarket import wire_relayer as wire
from venues.polymarket.batches import Batch, DepositBatch, ProxyBatch, SafeBatch, proxy_data
from venues.polymarket.contracts import PROXY_FACTORY
from venues.polymarket.normalize import VENUE
from venues.polymarket.transactions import ContractCall
from venues.polymarket.wallets import Kind, address_bytes
from venues.venue import Recycled, RecyclingState

TRIES: Final = 10
WAIT_MS: Final = 2_000
DEADLINE_S: Final = 600
_LATE_S: Final = 120
"""A batch so long past its deadline, with the wallet's nonce unmoved, is not on the chain."""
_GAS: Final = 200_000
"""What the official client takes for a proxy's batch where no node estimates it."""
_BUSY: Final = re.compile(r"wallet busy.*active action|wallet has in-flight action", re.IGNORECASE)
_MISMATCH: Final = re.compile(
    r"batch nonce\s+(\d{1,20})\s+does not match on-chain nonce\s+(\d{1,20})", re.IGNORECASE
)
_STATES: Final = {
    "NEW": RecyclingState.PENDING,
    "EXECUTED": RecyclingState.PENDING,
    "MINED": RecyclingState.PENDING,
    "CONFIRMED": RecyclingState.DONE,
    "FAILED": RecyclingState.FAILED,
    "INVALID": RecyclingState.FAILED,
}


class BatchSigner(Protocol):
    """A wallet, as far as it concerns the relayer."""

    owner: str
    maker: str
    kind: Kind

    def sign_batch(self, batch: Batch) -> str: ...


class GasMeter(Protocol):
    async def gas(self, sender: str, to: str, data: bytes) -> int: ...


class RelayerAuth(httpx2.Auth):
    """The relayer's key, for requests to `relayer` and to nowhere else; never shown."""

    def __init__(self, key: str, address: str, *, relayer: str) -> None:
        self._headers = {"RELAYER_API_KEY": key, "RELAYER_API_KEY_ADDRESS": address}
        del key  # a traceback from here on has nothing to show
        self._relayer = _origin(httpx2.URL(relayer))

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        if _origin(request.url) == self._relayer:
            request.headers.update(self._headers)
        yield request


class RelayerLimits:
    """A Gate: 25 submits in any minute, reads at a steady two a second."""

    def __init__(self, clock: Clock) -> None:
        self._submits = TokenBucket(clock, capacity=5 * 60, refill_per_s=20)
        self._reads = TokenBucket(clock, capacity=2, refill_per_s=2)

    async def admit(self, call: Call[Any]) -> None:
        if call.method == "POST":
            await self._submits.take(60)
        else:
            await self._reads.take(1)

    def refused(self, call: Call[Any]) -> None:
        (self._submits if call.method == "POST" else self._reads).empty()


@dataclass(frozen=True, slots=True)
class _Sent:
    """A batch that left, and the relayer's id once it told it."""

    batch: Batch
    signature: str
    id: str = ""


class Relayer:
    """`http` speaks to the relayer alone, with RelayerAuth and RelayerLimits. `meter` estimates the
    gas of proxies."""

    def __init__(
        self, http: Http, clock: Clock, wallet: BatchSigner, meter: GasMeter | None = None
    ) -> None:
        if wallet.kind not in calls.TYPES:
            raise ValueError(f"{wallet!r} sends its calls itself, not through the relayer")
        self._http = http
        self._clock = clock
        self._wallet = wallet
        self._meter = meter
        self._sent: dict[str, _Sent] = {}

    async def send(self, call: ContractCall, about: str) -> str:
        """The relayer's id of the batch. A wallet that is busy is waited for.

        Raises as venues/venue.py, Recycling, says.
        """
        if len(about) > calls.METADATA_MAX:
            raise ValueError(f"{about[:40]}… is longer than {calls.METADATA_MAX} characters")
        nonce_min = 0
        for _ in range(TRIES):
            batch = await self._batch(call, nonce_min, about)
            try:
                return await self._submit(batch, about)
            except RateLimited as limited:
                await self._clock.sleep_ms(max((limited.retry_after_s or 0) * 1_000, WAIT_MS))
            except AuthRefused:
                raise
            except Refused as refused:
                nonce_min = _nonce_to_wait_for(refused, about)
                await self._clock.sleep_ms(WAIT_MS)
        raise Unavailable(VENUE, "its relayer is busy with this wallet", definite=True)

    async def outcome(self, id: str) -> Recycled:
        """`id` is the relayer's, or what the call was about."""
        sent = self._sent.get(id)
        is_lost = sent is not None and not sent.id
        if not is_lost and (found := await self._told(sent.id if sent else id)):
            return found
        for row in await self._recent():
            ours = sent is not None and row.signature.lower() == sent.signature
            if ours or id in {row.id, row.metadata}:
                return _recycled(row)
        is_dead = sent is not None and await self._is_dead(sent.batch)
        return Recycled(id, RecyclingState.FAILED if is_dead else RecyclingState.UNKNOWN)

    async def _submit(self, batch: Batch, about: str) -> str:
        signature = self._wallet.sign_batch(batch)
        body = calls.submit_body(
            batch,
            owner=self._wallet.owner,
            wallet=self._wallet.maker,
            signature=signature,
            about=about,
        )
        self._sent[about] = _Sent(batch, signature)
        answer = await self._http.act(calls.submit(body), about)
        self._sent[about] = replace(self._sent[about], id=answer.id)
        return answer.id

    async def _batch(self, call: ContractCall, nonce_min: int, about: str) -> Batch:
        """For the wallet's next nonce. What fails here was a read: nothing was sent."""
        try:
            found = await self._http.send(calls.params(self._wallet.owner, self._wallet.kind))
            nonce = max(_nonce(found), nonce_min)
            match self._wallet.kind:
                case Kind.SAFE:
                    return SafeBatch(call, nonce)
                case Kind.DEPOSIT:
                    return DepositBatch(call, nonce, self._now_s() + DEADLINE_S)
                case _:
                    return ProxyBatch(call, nonce, await self._gas(call), _relay(found))
        except AuthRefused:
            raise
        except Refused as refused:
            raise OrderRefused(refused, _reason(refused.words), about) from refused
        except (Unavailable, WireError) as error:
            why = f"its relayer does not tell the wallet's nonce ({error})"
            raise Unavailable(VENUE, why, definite=True) from error

    async def _gas(self, call: ContractCall) -> int:
        """Also the official client falls back on a fixed number where the node says nothing."""
        if self._meter is None:
            return _GAS
        try:
            return await self._meter.gas(self._wallet.owner, PROXY_FACTORY, proxy_data(call))
        except (Unavailable, WireError, Refused):
            return _GAS

    async def _told(self, id: str) -> Recycled | None:
        """None for an id that the relayer does not know."""
        try:
            found = await self._http.send(calls.transaction(id), attempts=1)
        except AuthRefused:
            raise
        except Refused:
            return None
        return _recycled(found)

    async def _recent(self) -> Sequence[wire.Recent]:
        """Nothing where there is no such list: the documents name one, the client asks for none."""
        try:
            return await self._http.send(calls.recent(), attempts=1)
        except NotFound:
            return ()

    async def _is_dead(self, batch: Batch) -> bool:
        """Whether a batch that the relayer does not list can never reach the chain any more. Only a
        deposit wallet's has an end."""
        if not isinstance(batch, DepositBatch) or self._now_s() < batch.deadline_s + _LATE_S:
            return False
        call = calls.params(self._wallet.owner, self._wallet.kind)
        return _nonce(await self._http.send(call, attempts=1)) == batch.nonce

    def _now_s(self) -> int:
        return self._http.skew.corrected(self._clock.now_ms()) // 1_000


def _nonce_to_wait_for(refused: Refused, about: str) -> int:
    """The least nonce to sign next; OrderRefused for every refusal that waiting does not mend."""
    if refused.status == 400 and _BUSY.search(refused.words):
        return 0
    found = _MISMATCH.search(refused.words)
    if refused.status != 400 or found is None:
        raise OrderRefused(refused, _reason(refused.words), about) from refused
    ours, theirs = map(int, found.groups())
    return theirs if ours < theirs else 0


def _reason(words: str) -> Reason:
    said = words.lower()
    return Reason.FUNDS if "insufficient" in said or "balance" in said else Reason.OTHER


def _nonce(found: wire.Params) -> int:
    if not (found.nonce.isascii() and found.nonce.isdigit() and len(found.nonce) <= 20):
        raise WireError(VENUE, "the relayer's nonce", f"{found.nonce[:40]!r} is no number")
    return int(found.nonce)


def _relay(found: wire.Params) -> str:
    try:
        address_bytes(found.address)
    except ValueError as error:
        raise WireError(VENUE, "the relay's address", str(error)) from None
    return found.address


def _recycled(found: wire.Transaction | wire.Recent) -> Recycled:
    """A word that we do not know is UNKNOWN."""
    state = _STATES.get(found.state.upper().removeprefix("STATE_"), RecyclingState.UNKNOWN)
    return Recycled(found.id, state, found.hash or "")


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
