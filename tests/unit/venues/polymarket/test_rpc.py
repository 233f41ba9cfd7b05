"""A plain address that sends its own transactions through a node of the chain."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
import pytest
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from venues import (
    AuthRefused,
    Clock,
    OrderRefused,
    OrderUnknown,
    Price,
    Quantity,
    Reason,
    Recycled,
    RecyclingState,
    Unavailable,
    VenueError,
)
from venues.bucket import TokenBucket
from venues.fees import UnknownFee
from venues.http import Http
from venues.market import Contract
from venues.polymarket import transactions
from venues.polymarket.calls_rpc import NODE
from venues.polymarket.recycling import PolymarketRecycling
from venues.polymarket.rpc import Node, refusal
from venues.polymarket.signing import Wallet
from venues.polymarket.terms import Terms

KEY: Final = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
OWNER: Final = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
MARKET: Final = "0x" + "ab" * 32
FIVE: Final = Quantity(5_000_000)
TERMS: Final = Terms(
    market=MARKET,
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
PENDING, DONE, FAILED, UNKNOWN = RecyclingState
Json = Any


class Known:
    """The terms of one market, and nothing held."""

    async def terms(self, id: str, *, age_ms_max: int) -> Terms:
        return TERMS

    async def held(self, contract: Contract) -> Quantity:
        raise AssertionError(contract)


def recycling(node: Node, clock: Clock) -> PolymarketRecycling:
    return PolymarketRecycling(node, clock, Known(), Known())


class FakeNode:
    """A node of `chain` that takes transactions for `nonce`. `errors` are answered by method."""

    def __init__(self) -> None:
        self.chain = 137
        self.nonce = 9
        self.errors: dict[str, Json] = {}
        self.raws: list[str] = []
        self.receipts: list[str | None] = ["0x1"]
        self.asked: list[str] = []
        self.knows = True
        self.results: dict[str, str] = {}
        self.status = {"": 200}

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        asked = json.loads((await receive())["body"])
        self.asked.append(asked["method"])
        error = self.errors.get(asked["method"])
        found = {"error": error} if error else {"result": self._answer(**asked)}
        if asked["method"] in self.results:
            found = {"result": self.results[asked["method"]]}
        status = self.status.get(asked["method"], self.status[""])
        head = {"type": "http.response.start", "status": status, "headers": []}
        await send(head)
        body = {"jsonrpc": "2.0", "id": asked["id"]} | found
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    def _answer(self, method: str, params: list[Json], **_: Json) -> Json:
        match method:
            case "eth_chainId":
                return hex(self.chain)
            case "eth_getTransactionCount":
                assert params == [OWNER, "pending"]
                return hex(self.nonce)
            case "eth_maxPriorityFeePerGas":
                return hex(30 * 10**9)
            case "eth_getBlockByNumber":
                return {"number": "0x1", "baseFeePerGas": hex(50 * 10**9)}
            case "eth_estimateGas":
                return hex(200_000)
            case "eth_sendRawTransaction":
                self.raws.append(params[0])
                self.nonce += 1
                return hash_of(params[0])
            case "eth_getTransactionReceipt":
                status = self.receipts.pop(0) if len(self.receipts) > 1 else self.receipts[0]
                return status and {"transactionHash": params[0], "status": status}
            case "eth_getTransactionByHash":
                return {"hash": params[0]} if self.knows else None
        raise AssertionError(method)


def hash_of(raw: str) -> str:
    return "0x" + keccak(hexstr=raw).hex()


@asynccontextmanager
async def noding(fake: FakeNode, clock: Clock) -> AsyncIterator[Node]:
    http = Http(
        venue="polymarket",
        hosts={NODE: "http://node.test"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=100, refill_per_s=100),
        transport=httpx2.ASGITransport(app=fake),
        attempts=1,
        modes=refusal,
    )
    async with http:
        yield Node(http, Wallet.from_key(KEY))


async def test_a_plain_address_sends_a_transaction_and_waits_for_its_receipt(
    clock: Clock,
) -> None:
    fake = FakeNode()
    fake.receipts = [None, None, "0x1"]
    async with noding(fake, clock) as node:
        found = await recycling(node, clock).merge(MARKET, FIVE, "a")
    (raw,) = fake.raws
    assert found == Recycled(hash_of(raw), DONE, hash_of(raw))
    assert Account.recover_transaction(raw) == OWNER
    sent = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    names = ("chainId", "nonce", "gas", "maxFeePerGas", "maxPriorityFeePerGas", "value")
    assert [sent[name] for name in names] == [137, 9, 250_000, 130 * 10**9, 30 * 10**9, 0]
    assert bytes(sent["data"]) == MERGE.data


async def test_two_transactions_take_two_nonces(clock: Clock) -> None:
    fake = FakeNode()
    async with noding(fake, clock) as node:
        ours = recycling(node, clock)
        await ours.merge(MARKET, FIVE, "a")
        await ours.merge(MARKET, FIVE, "b")
    nonces = [TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["nonce"] for raw in fake.raws]
    assert nonces == [9, 10]


async def test_a_reverted_transaction_has_failed(clock: Clock) -> None:
    fake = FakeNode()
    fake.receipts = ["0x0"]
    async with noding(fake, clock) as node:
        assert (await recycling(node, clock).merge(MARKET, FIVE, "a")).state is FAILED


async def test_a_node_of_another_chain_gets_nothing(clock: Clock) -> None:
    fake = FakeNode()
    fake.chain = 1
    async with noding(fake, clock) as node:
        with pytest.raises(ValueError, match="chain 1, not of Polygon"):
            await node.send(MERGE, "a")
    assert fake.asked == ["eth_chainId"]


@pytest.mark.parametrize(
    ("method", "message", "reason"),
    [
        ("eth_estimateGas", "execution reverted: ERC20: transfer amount", Reason.OTHER),
        ("eth_sendRawTransaction", "insufficient funds for gas * price + value", Reason.FUNDS),
        ("eth_sendRawTransaction", "replacement transaction underpriced", Reason.OTHER),
    ],
)
async def test_a_nodes_definite_no_is_a_refusal(
    clock: Clock, method: str, message: str, reason: Reason
) -> None:
    fake = FakeNode()
    fake.errors = {method: {"code": -32000, "message": message}}
    async with noding(fake, clock) as node:
        with pytest.raises(OrderRefused) as refused:
            await node.send(MERGE, "a")
    assert (refused.value.reason, refused.value.client_id) == (reason, "a")
    assert not fake.raws


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("message", ["already known", "nonce too low", "internal error", ""])
async def test_any_other_word_about_a_sent_transaction_is_unknown_until_the_chain_tells(
    clock: Clock, status: int, message: str
) -> None:
    fake = FakeNode()
    fake.errors = {"eth_sendRawTransaction": {"code": -32000, "message": message}}
    fake.status["eth_sendRawTransaction"] = status
    async with noding(fake, clock) as node:
        with pytest.raises(OrderUnknown):
            await node.send(MERGE, "a")
        assert fake.asked.count("eth_sendRawTransaction") == 1
        assert (await node.outcome("a")).state is DONE
        fake.receipts = [None]
        assert (await node.outcome("a")).state is PENDING
        fake.knows = False
        assert (await node.outcome("a")).state is UNKNOWN


async def test_a_node_that_tells_another_hash_leaves_it_unknown(clock: Clock) -> None:
    fake = FakeNode()
    fake.results["eth_sendRawTransaction"] = "0x" + "38" * 32
    async with noding(fake, clock) as node:
        with pytest.raises(OrderUnknown):
            await node.send(MERGE, "a")


@pytest.mark.parametrize(("status", "error"), [(401, AuthRefused), (429, Unavailable)])
async def test_a_node_that_does_not_let_us_in_says_so(
    clock: Clock, status: int, error: type[VenueError]
) -> None:
    fake = FakeNode()
    fake.status[""] = status
    fake.errors["eth_chainId"] = {"code": -32000, "message": "execution reverted"}
    async with noding(fake, clock) as node:
        with pytest.raises(error):
            await node.send(MERGE, "a")
    assert fake.asked == ["eth_chainId"]


async def test_a_number_that_is_none_sends_nothing(clock: Clock) -> None:
    fake = FakeNode()
    fake.results["eth_estimateGas"] = "lots"
    async with noding(fake, clock) as node:
        with pytest.raises(Unavailable, match="not one in hex") as away:
            await node.send(MERGE, "a")
    assert away.value.definite
    assert not fake.raws


async def test_a_node_that_is_silent_before_the_send_did_nothing(clock: Clock) -> None:
    fake = FakeNode()
    fake.status[""] = 503
    async with noding(fake, clock) as node:
        with pytest.raises(Unavailable, match="nothing was sent") as away:
            await node.send(MERGE, "a")
    assert away.value.definite


async def test_a_name_of_ours_that_this_node_never_sent_is_unknown(clock: Clock) -> None:
    fake = FakeNode()
    async with noding(fake, clock) as node:
        assert await node.outcome("merge-1") == Recycled("merge-1", UNKNOWN)
    assert not fake.asked
