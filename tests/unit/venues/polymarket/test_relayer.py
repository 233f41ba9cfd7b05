"""The relayer's conversation against a small fake of it: what is sent, what is made of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import httpx2
import pytest

from venues import (
    AuthRefused,
    Clock,
    OrderRefused,
    OrderUnknown,
    Price,
    Quantity,
    Reason,
    RecyclingState,
    Unavailable,
)
from venues.fees import UnknownFee
from venues.http import Http
from venues.polymarket import transactions
from venues.polymarket.calls_relayer import RELAYER
from venues.polymarket.relayer import DEADLINE_S, GasMeter, Relayer, RelayerAuth, RelayerLimits
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import Terms
from venues.polymarket.wallets import Kind

KEY: Final = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
RELAY: Final = "0x" + "7e" * 20
FIVE: Final = Quantity(5_000_000)
TERMS: Final = Terms(
    market="0x" + "ab" * 32,
    yes="1",
    no="2",
    tick=Price(10_000),
    minimum=FIVE,
    fees=UnknownFee("not asked"),
    neg_risk=False,
    version="v1",
    accepting=True,
    delayed=False,
    read_ms=0,
)
MERGE: Final = transactions.merge(TERMS, FIVE)
BUSY: Final = (400, {"error": "wallet busy: 0xab has an active action"})
HASH: Final = "0x" + "38" * 32
NOW_S: Final = 1_795_564_800
Json = Any


class FakeRelayer:
    """Takes a batch for `nonce`, and shows it in the states of `life`, one a look. `script` is what
    the next submits are answered instead; LOST is taken, and its answer never comes. `told`: what
    it says first when it is asked for the nonce."""

    LOST: Final[tuple[int, Json]] = (502, {})

    def __init__(self) -> None:
        self.nonce = 31
        self.told: list[int] = []
        self.life = ["STATE_NEW", "STATE_EXECUTED", "STATE_MINED", "STATE_CONFIRMED"]
        self.script: list[tuple[int, Json]] = []
        self.bodies: list[Json] = []
        self.taken: list[Json] = []
        self.lists, self.relay = True, RELAY
        self.asked: list[str] = []

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = (await receive())["body"]
        query = dict(parse_qsl(scope["query_string"].decode()))
        self.asked.append(f"{scope['method']} {scope['path']}")
        answer: Json
        if headers.get("relayer_api_key") != "key" or "relayer_api_key_address" not in headers:
            status, answer = 401, {"error": "invalid authorization"}
        else:
            status, answer = self._answer(unquote(scope["path"]), query, body)
        head = {"type": "http.response.start", "status": status, "headers": []}
        await send(head)
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, Json]:
        match path.split("/")[1:]:
            case ["v1", "account", "transactions", "params"]:
                return 200, {"address": query["address"], "nonce": self._told()}
            case ["relay-payload"]:
                return 200, {"address": self.relay, "nonce": self._told()}
            case ["v1", "account", "transactions", id]:
                return self._look(id)
            case ["transactions"] if self.lists:
                return 200, [self._row(n) for n in reversed(range(len(self.taken)))]
            case ["submit"]:
                return self._submit(json.loads(body))
        return 404, {"error": "not found"}

    def _told(self) -> str:
        return str(self.told.pop(0) if self.told else self.nonce)

    def _submit(self, body: Json) -> tuple[int, Json]:
        self.bodies.append(body)
        scripted = self.script.pop(0) if self.script else None
        if scripted and scripted is not self.LOST:
            return scripted
        if int(body["nonce"]) != self.nonce:
            words = f"batch nonce {body['nonce']} does not match on-chain nonce {self.nonce}"
            return 400, {"error": words}
        self.taken.append(body)
        self.nonce += 1
        id = f"id-{len(self.taken)}"
        return scripted or (200, {"transactionID": id, "transactionHash": "", "state": "NEW"})

    def _look(self, id: str) -> tuple[int, Json]:
        if id not in {f"id-{n + 1}" for n in range(len(self.taken))}:
            return 404, {"error": "transaction not found"}
        state = self.life.pop(0) if len(self.life) > 1 else self.life[0]
        return 200, {"transaction_id": id, "transaction_hash": HASH, "state": state}

    def _row(self, n: int) -> Json:
        return {
            "transactionID": f"id-{n + 1}",
            "transactionHash": HASH,
            "state": self.life[-1],
            "signature": self.taken[n]["signature"],
            "metadata": self.taken[n]["metadata"],
        }


@pytest.fixture
def fake() -> FakeRelayer:
    return FakeRelayer()


@asynccontextmanager
async def relaying(
    fake: FakeRelayer,
    clock: Clock,
    kind: Kind = Kind.DEPOSIT,
    *,
    key: str = "key",
    meter: GasMeter | None = None,
) -> AsyncIterator[Relayer]:
    base = "http://relayer.test"
    wallet = Wallet.from_key(KEY, kind)
    http = Http(
        venue="polymarket",
        hosts={RELAYER: base},
        clock=clock,
        bucket=RelayerLimits(clock),
        auth=RelayerAuth(key, wallet.owner, relayer=base),
        transport=httpx2.ASGITransport(app=fake),
        attempts=1,
    )
    async with http:
        yield Relayer(http, clock, wallet, meter)


@pytest.mark.parametrize("kind", [Kind.PROXY, Kind.SAFE, Kind.DEPOSIT])
async def test_a_batch_is_signed_for_the_wallets_nonce_and_followed_to_its_end(
    fake: FakeRelayer, clock: Clock, kind: Kind
) -> None:
    wallet = Wallet.from_key(KEY, kind)
    async with relaying(fake, clock, kind) as relayer:
        id = await relayer.send(MERGE, "merge-1")
        states = [(await relayer.outcome(id)).state for _ in range(4)]
        found = await relayer.outcome("merge-1")
    (body,) = fake.bodies
    assert (body["from"], body["nonce"], body["metadata"]) == (wallet.owner, "31", "merge-1")
    named = body["depositWalletParams"]["depositWallet"] if kind is Kind.DEPOSIT else None
    assert (named or body["proxyWallet"]) == wallet.maker
    if kind is Kind.DEPOSIT:
        assert body["depositWalletParams"]["deadline"] == str(NOW_S + DEADLINE_S)
    assert body["type"] == {Kind.PROXY: "PROXY", Kind.SAFE: "SAFE"}.get(kind, "WALLET")
    assert states == [*[RecyclingState.PENDING] * 3, RecyclingState.DONE]
    assert (found.id, found.state, found.transaction) == (id, RecyclingState.DONE, HASH)


class Meter:
    def __init__(self, answer: int | Exception) -> None:
        self.answer = answer

    async def gas(self, sender: str, to: str, data: bytes) -> int:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("meter", "gas"),
    [(None, 200_000), (Meter(345_678), 345_678), (Meter(Unavailable("x", "y")), 200_000)],
)
async def test_a_proxys_batch_names_its_relay_and_the_estimated_gas(
    fake: FakeRelayer, clock: Clock, meter: Meter | None, gas: int
) -> None:
    async with relaying(fake, clock, Kind.PROXY, meter=meter) as relayer:
        await relayer.send(MERGE, "merge-1")
    params = fake.bodies[0]["signatureParams"]
    assert (params["relay"], params["gasLimit"]) == (RELAY, str(gas))
    assert fake.asked[0] == "GET /relay-payload"


@pytest.mark.parametrize(
    "refusal",
    [BUSY, (400, {"error": "wallet has in-flight action"}), (429, {"error": "slow down"})],
)
async def test_a_busy_wallet_is_waited_for_and_the_batch_signed_anew(
    fake: FakeRelayer, clock: Clock, refusal: tuple[int, Json]
) -> None:
    fake.script = [refusal, refusal]
    async with relaying(fake, clock) as relayer:
        assert await relayer.send(MERGE, "merge-1") == "id-1"
    assert len(fake.bodies) == 3
    assert len(fake.taken) == 1
    assert clock.now_ms() >= NOW_S * 1_000 + 4_000
    deadlines = {each["depositWalletParams"]["deadline"] for each in fake.bodies}
    assert len(deadlines) == 3


@pytest.mark.parametrize(
    ("told", "signed"),
    [([31, 31], ["31", "33"]), ([34, 34, 33], ["34", "34", "33"])],
)
async def test_a_nonce_that_is_not_the_chains_is_waited_for_or_made_good(
    fake: FakeRelayer, clock: Clock, told: list[int], signed: list[str]
) -> None:
    fake.nonce, fake.told = 33, told
    async with relaying(fake, clock) as relayer:
        assert await relayer.send(MERGE, "merge-1") == "id-1"
    assert [each["nonce"] for each in fake.bodies] == signed
    assert clock.now_ms() >= (NOW_S + 2 * (len(signed) - 1)) * 1_000


async def test_a_wallet_that_stays_busy_surely_did_nothing(fake: FakeRelayer, clock: Clock) -> None:
    fake.script = [BUSY] * 10
    async with relaying(fake, clock) as relayer:
        with pytest.raises(Unavailable, match="busy with this wallet") as refused:
            await relayer.send(MERGE, "merge-1")
    assert refused.value.definite
    assert len(fake.bodies) == 10
    assert not fake.taken


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("execution reverted: insufficient balance", Reason.FUNDS),
        ("wallet does not belong to the signer", Reason.OTHER),
    ],
)
async def test_any_other_refusal_is_sent_once_and_final(
    fake: FakeRelayer, clock: Clock, words: str, reason: Reason
) -> None:
    fake.script = [(400, {"error": words})]
    async with relaying(fake, clock) as relayer:
        with pytest.raises(OrderRefused) as refused:
            await relayer.send(MERGE, "merge-1")
    assert (refused.value.reason, refused.value.client_id) == (reason, "merge-1")
    assert len(fake.bodies) == 1


@pytest.mark.parametrize(
    "answer", [(502, {}), (500, {"error": "timeout"}), (200, {"state": "NEW"})]
)
async def test_an_answer_that_says_nothing_is_unknown_and_never_sent_again(
    fake: FakeRelayer, clock: Clock, answer: tuple[int, Json]
) -> None:
    fake.script = [answer]
    async with relaying(fake, clock) as relayer:
        with pytest.raises(OrderUnknown, match="merge-1"):
            await relayer.send(MERGE, "merge-1")
        assert (await relayer.outcome("merge-1")).state is RecyclingState.UNKNOWN
    assert len(fake.bodies) == 1


async def test_a_lost_answer_is_found_again_by_our_signature(
    fake: FakeRelayer, clock: Clock
) -> None:
    fake.script = [fake.LOST]
    async with relaying(fake, clock) as relayer:
        with pytest.raises(OrderUnknown):
            await relayer.send(MERGE, "merge-1")
        fake.taken[0]["metadata"] = ""
        found = await relayer.outcome("merge-1")
    assert (found.id, found.state) == ("id-1", RecyclingState.DONE)
    assert len(fake.bodies) == 1


async def test_after_a_restart_what_was_sent_is_found_by_what_it_was_about(
    fake: FakeRelayer, clock: Clock
) -> None:
    async with relaying(fake, clock) as relayer:
        await relayer.send(MERGE, "merge-1")
    async with relaying(fake, clock) as relayer:
        found = await relayer.outcome("merge-1")
        other = await relayer.outcome("merge-2")
    assert (found.id, found.state) == ("id-1", RecyclingState.DONE)
    assert (other.id, other.state) == ("merge-2", RecyclingState.UNKNOWN)


@pytest.mark.parametrize("is_listed", [True, False])
async def test_a_lost_batch_has_failed_only_once_it_is_void_and_its_nonce_unused(
    fake: FakeRelayer, clock: Clock, *, is_listed: bool
) -> None:
    fake.script, fake.lists = [(502, {})], is_listed
    async with relaying(fake, clock) as relayer:
        with pytest.raises(OrderUnknown):
            await relayer.send(MERGE, "merge-1")
        await clock.sleep_ms(DEADLINE_S * 1_000)
        assert (await relayer.outcome("merge-1")).state is RecyclingState.UNKNOWN
        await clock.sleep_ms(180_000)
        fake.nonce += 1
        assert (await relayer.outcome("merge-1")).state is RecyclingState.UNKNOWN
        fake.nonce -= 1
        assert (await relayer.outcome("merge-1")).state is RecyclingState.FAILED


async def test_a_lost_batch_of_a_safe_has_no_end_and_stays_unknown(
    fake: FakeRelayer, clock: Clock
) -> None:
    fake.script = [(502, {})]
    async with relaying(fake, clock, Kind.SAFE) as relayer:
        with pytest.raises(OrderUnknown):
            await relayer.send(MERGE, "merge-1")
        await clock.sleep_ms(10**9)
        assert (await relayer.outcome("merge-1")).state is RecyclingState.UNKNOWN


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NEW", RecyclingState.PENDING),
        ("STATE_EXECUTED", RecyclingState.PENDING),
        ("MINED", RecyclingState.PENDING),
        ("STATE_CONFIRMED", RecyclingState.DONE),
        ("CONFIRMED", RecyclingState.DONE),
        ("STATE_FAILED", RecyclingState.FAILED),
        ("INVALID", RecyclingState.FAILED),
        ("STATE_REORGED", RecyclingState.UNKNOWN),
        ("", RecyclingState.UNKNOWN),
    ],
)
async def test_the_words_of_the_relayer_and_no_others_are_understood(
    fake: FakeRelayer, clock: Clock, word: str, state: RecyclingState
) -> None:
    fake.life = [word]
    async with relaying(fake, clock) as relayer:
        assert (await relayer.outcome(await relayer.send(MERGE, "merge-1"))).state is state


@pytest.mark.parametrize("nonce", ["", "-1", "0x1f", "9" * 21])
async def test_a_nonce_that_is_no_number_sends_nothing(
    fake: FakeRelayer, clock: Clock, nonce: Any
) -> None:
    fake.nonce = nonce
    async with relaying(fake, clock) as relayer:
        with pytest.raises(Unavailable, match="nonce") as refused:
            await relayer.send(MERGE, "merge-1")
    assert refused.value.definite
    assert not fake.bodies


async def test_a_relay_that_is_no_address_is_signed_nothing(
    fake: FakeRelayer, clock: Clock
) -> None:
    fake.relay = "0x12"
    async with relaying(fake, clock, Kind.PROXY) as relayer:
        with pytest.raises(Unavailable, match="no address"):
            await relayer.send(MERGE, "merge-1")
    assert not fake.bodies


async def test_a_wrong_key_stops_at_once(fake: FakeRelayer, clock: Clock) -> None:
    fake.script = [(403, {"error": "wallet busy: an active action"})]
    for key, asked in (("other", 1), ("key", 2)):
        fake.asked.clear()
        async with relaying(fake, clock, key=key) as relayer:
            with pytest.raises(AuthRefused):
                await relayer.send(MERGE, "merge-1")
        assert len(fake.asked) == asked


async def test_a_note_that_is_too_long_is_not_sent(fake: FakeRelayer, clock: Clock) -> None:
    async with relaying(fake, clock) as relayer:
        with pytest.raises(ValueError, match="longer than 500"):
            await relayer.send(MERGE, "m" * 501)
    assert not fake.asked


async def test_a_call_that_the_wallet_does_not_sign_never_leaves(
    fake: FakeRelayer, clock: Clock
) -> None:
    async with relaying(fake, clock) as relayer:
        with pytest.raises(ValueError, match="is ever signed"):
            await relayer.send(transactions.ContractCall(RELAY, MERGE.data), "merge-1")
    assert not fake.bodies
