"""The chain's node, for wallets that pay their own gas (§11)."""

from __future__ import annotations

from typing import Any

import pytest
from Crypto.Hash import keccak
from eth_account import Account

from venues.money import Cash, micros
from venues.sim.polymarket.rest_rpc_raw import read

ADAPTER = "0xAdA100Db00Ca00073811820692005400218FcE1f"
PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
CTF = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
STRANGER = "0x" + "77" * 32
TEN = int(micros("10"))


def split(condition: str) -> str:
    words = [int(PUSD, 16), 0, int(condition, 16), 5 * 32, TEN, 2, 1, 2]
    return call("splitPosition(address,bytes32,bytes32,uint256[],uint256)", *words)


def call(signature: str, *words: int) -> str:
    selector = keccak.new(digest_bits=256, data=signature.encode()).hexdigest()[:8]
    return "0x" + selector + b"".join(each.to_bytes(32, "big") for each in words).hex()


def signed(private_key: str, data: str, **fields: Any) -> Any:
    """An EIP-1559 transaction, or a legacy one where a gas price is named."""
    fees = {} if "gasPrice" in fields else {"maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**10}
    plain = {"to": ADAPTER, "value": 0, "data": data, "gas": 300_000, "nonce": 0, "chainId": 137}
    return Account.sign_transaction({**plain, **fees, **fields}, private_key)


def raw(transaction: Any) -> str:
    return "0x" + bytes(transaction.raw_transaction).hex()


async def ask(exchange: Any, method: str, *params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": [*params]}
    answer = (await exchange.public.call("POST", "/rpc", body)).json()
    assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
    return answer.get("error", {}).get("message") or answer["result"]


@pytest.mark.parametrize("fields", [{}, {"gasPrice": 10**11}, {"nonce": 3, "value": 5}])
def test_a_transaction_is_read_back_whole(exchange: Any, fields: dict[str, int]) -> None:
    made = signed(exchange.client.private_key, "0x" + "1234" * 60, **fields)
    found = read(bytes(made.raw_transaction))
    assert found.hash == "0x" + bytes(made.hash).hex()
    assert found.sender == exchange.client.address.lower()
    assert found.chain_id == 137
    assert (found.nonce, found.value) == (fields.get("nonce", 0), fields.get("value", 0))
    assert (found.to, found.data) == (ADAPTER.lower(), bytes.fromhex("1234" * 60))


async def test_an_eoa_splits_by_its_own_transaction(exchange: Any, clock: Any) -> None:
    wallets, address = exchange.house.wallets, exchange.client.address
    before = wallets.cash(address)
    assert await ask(exchange, "eth_chainId") == "0x89"
    assert await ask(exchange, "eth_getTransactionCount", address, "pending") == "0x0"
    made = signed(exchange.client.private_key, split(exchange.rain.condition))
    sent = await ask(exchange, "eth_sendRawTransaction", raw(made))
    assert sent == "0x" + bytes(made.hash).hex()
    assert await ask(exchange, "eth_getTransactionReceipt", sent) is None
    waiting = await ask(exchange, "eth_getTransactionByHash", sent)
    assert (waiting["hash"], waiting["nonce"]) == (sent, "0x0")
    assert await ask(exchange, "eth_getTransactionByHash", STRANGER) is None
    await clock.sleep_ms(60_000)
    receipt = await ask(exchange, "eth_getTransactionReceipt", sent)
    assert (receipt["transactionHash"], receipt["status"]) == (sent, "0x1")
    assert wallets.cash(address) == Cash(before - TEN)
    assert await ask(exchange, "eth_getTransactionCount", address, "latest") == "0x1"
    exchange.house.audit()


async def test_a_revert_has_a_receipt_that_says_so(exchange: Any, clock: Any) -> None:
    exchange.house.chain.fail_next()
    made = signed(exchange.client.private_key, split(exchange.rain.condition))
    sent = await ask(exchange, "eth_sendRawTransaction", raw(made))
    await clock.sleep_ms(60_000)
    assert (await ask(exchange, "eth_getTransactionReceipt", sent))["status"] == "0x0"


async def test_what_cannot_be_sent_is_told_why(exchange: Any) -> None:
    key, data = exchange.client.private_key, split(exchange.rain.condition)

    async def send(transaction: Any) -> Any:
        return await ask(exchange, "eth_sendRawTransaction", raw(transaction))

    assert await send(signed(key, data, nonce=1)) == "nonce too high"
    assert await send(signed(key, data, chainId=1)) == "invalid chain id for signer"
    assert await send(signed(STRANGER, data)) == "execution reverted"
    assert await send(signed(key, "0xa9059cbb" + "00" * 64)) == "invalid transaction data"
    assert await send(signed(key, data, value=1)) == "execution reverted"
    assert await ask(exchange, "eth_sendRawTransaction", "0x02") == "rlp: invalid transaction"
    await send(signed(key, data))
    assert await send(signed(key, data)) == "already known"
    assert await send(signed(key, data, gas=5)) == "nonce too low"


async def test_gas_has_a_price_and_an_unknown_method_an_error(exchange: Any) -> None:
    for method in ("eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_estimateGas"):
        assert int(await ask(exchange, method, {}), 16) > 0
    block = await ask(exchange, "eth_getBlockByNumber", "latest", False)
    assert int(block["timestamp"], 16) == exchange.house.now_ms // 1_000
    assert "does not exist" in await ask(exchange, "eth_mining")


async def test_calls_may_come_in_a_list(exchange: Any) -> None:
    bodies: list[Any] = [
        {"jsonrpc": "2.0", "id": n, "method": "eth_chainId", "params": []} for n in (1, 2)
    ]
    answers = (await exchange.public.call("POST", "/rpc", bodies)).json()
    assert [(each["id"], each["result"]) for each in answers] == [(1, "0x89"), (2, "0x89")]


async def test_balances_can_be_read_from_the_chain(exchange: Any) -> None:
    us = int(exchange.client.address, 16)
    yes, no = (int(each) for each in exchange.rain.tokens)

    async def words(to: str, data: str) -> list[int]:
        found = (await ask(exchange, "eth_call", {"to": to, "data": data}, "latest"))[2:]
        return [int(found[at : at + 64], 16) for at in range(0, len(found), 64)]

    assert await words(PUSD, call("balanceOf(address)", us)) == [10_000 * 10**6]
    assert await words(CTF, call("balanceOf(address,uint256)", us, yes)) == [500 * 10**6]
    assert await words(ADAPTER, call("balanceOf(address,uint256)", us, yes)) == [0]
    assert await words(CTF, call("balanceOf(address,uint256)", 7, yes)) == [0]
    both = call("balanceOfBatch(address[],uint256[])", 64, 160, 2, us, us, 2, yes, no)
    assert await words(CTF, both) == [32, 2, 500 * 10**6, 500 * 10**6]
    assert await words(CTF, call("isApprovedForAll(address,address)", us, 7)) == [1]
    assert await ask(exchange, "eth_call", {"to": CTF, "data": "0x"}) == "execution reverted"
