"""The relayer's face: batches of every kind of wallet (§11, §18)."""

from __future__ import annotations

from typing import Any

import pytest
from Crypto.Hash import keccak
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from venues.money import Quantity, micros
from venues.sim.polymarket.records import Kind

ADAPTER = "0xAdA100Db00Ca00073811820692005400218FcE1f"
ROUTER = "0x12121212006e4CD160D18e3f00711DA5c3372600"
COLLATERAL = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
TYPES = {Kind.PROXY: "PROXY", Kind.SAFE: "SAFE", Kind.DEPOSIT: "WALLET"}
FACTORY = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
NOBODY = "0x" + "00" * 20
SAFE_PARAMS = {
    "baseGas": "0",
    "gasPrice": "0",
    "gasToken": NOBODY,
    "operation": "0",
    "refundReceiver": NOBODY,
    "safeTxnGas": "0",
}
PROXY_PARAMS = {
    "gasLimit": "200000",
    "gasPrice": "0",
    "relay": "0x" + "7e" * 20,
    "relayHub": "0xD216153c06E857cD7f72665E0aF1d7D82172F494",
    "relayerFee": "0",
}
HEADERS = {"RELAYER_API_KEY": "relay-1", "RELAYER_API_KEY_ADDRESS": "0x" + "12" * 20}
TEN = int(micros("10"))


def selector(signature: str) -> bytes:
    return hashed(signature.encode())[:4]


def word(value: int | str) -> bytes:
    number = int(value, 16) if isinstance(value, str) else value
    return number.to_bytes(32, "big")


def pair_call(name: str, condition: str, amount: int | None) -> bytes:
    """split or merge; without an amount a redemption."""
    head = [word(COLLATERAL), word(0), word(condition)]
    sets = [word(2), word(1), word(2)]
    if amount is None:
        signature = "redeemPositions(address,bytes32,bytes32,uint256[])"
        return selector(signature) + b"".join([*head, word(4 * 32), *sets])
    signature = f"{name}(address,bytes32,bytes32,uint256[],uint256)"
    return selector(signature) + b"".join([*head, word(5 * 32), word(amount), *sets])


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 32)


def proxy_call(to: str, data: bytes) -> bytes:
    call = [word(1), word(to), word(0), word(4 * 32), word(len(data)), padded(data)]
    array = [word(32), word(1), word(32), *call]
    return selector("proxy((uint8,address,uint256,bytes)[])") + b"".join(array)


def multisend_call(calls: list[tuple[str, bytes]]) -> bytes:
    packed = b"".join(
        b"\0" + bytes.fromhex(to[2:]) + word(0) + word(len(data)) + data for to, data in calls
    )
    return selector("multiSend(bytes)") + word(32) + word(len(packed)) + padded(packed)


def batch(
    exchange: Any, kind: Kind, wallet: str, data: bytes, nonce: int = 0, target: str = ADAPTER
) -> dict[str, Any]:
    """A signed /submit body with one call."""
    found: dict[str, Any] = {
        "type": TYPES[kind],
        "from": exchange.client.address,
        "to": target if kind is Kind.SAFE else FACTORY,
        "nonce": str(nonce),
        "metadata": "",
    }
    if kind is Kind.DEPOSIT:
        call = {"target": target, "value": "0", "data": "0x" + data.hex()}
        deadline = str(exchange.house.now_ms // 1_000 + 600)
        inner = {"depositWallet": wallet, "deadline": deadline, "calls": [call]}
        return signed(exchange, found | {"depositWalletParams": inner})
    sent = proxy_call(target, data) if kind is Kind.PROXY else data
    params = SAFE_PARAMS if kind is Kind.SAFE else PROXY_PARAMS
    more = {"proxyWallet": wallet, "data": "0x" + sent.hex(), "signatureParams": params}
    return signed(exchange, found | more)


def signed(exchange: Any, body: dict[str, Any]) -> dict[str, Any]:
    """As the official client does it, by the generic encoder of eth-account."""
    key = exchange.client.private_key
    if body["type"] == "WALLET":
        signature = Account.sign_message(wallet_message(body), key).signature
        return body | {"signature": "0x" + signature.hex()}
    digest = safe_digest(body) if body["type"] == "SAFE" else proxy_digest(body)
    raw = bytearray(Account.sign_message(encode_defunct(primitive=digest), key).signature)
    if body["type"] == "SAFE":
        raw[64] += 4
    return body | {"signature": "0x" + raw.hex()}


def wallet_message(body: dict[str, Any]) -> Any:
    params = body["depositWalletParams"]
    call = [("target", "address"), ("value", "uint256"), ("data", "bytes")]
    whole = [
        ("wallet", "address"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
        ("calls", "Call[]"),
    ]
    return encode_typed_data(
        domain_data={
            "name": "DepositWallet",
            "version": "1",
            "chainId": 137,
            "verifyingContract": params["depositWallet"],
        },
        message_types={"Batch": fields(whole), "Call": fields(call)},
        message_data={
            "wallet": params["depositWallet"],
            "nonce": int(body["nonce"]),
            "deadline": int(params["deadline"]),
            "calls": [
                {**each, "value": int(each["value"]), "data": bytes.fromhex(each["data"][2:])}
                for each in params["calls"]
            ],
        },
    )


def safe_digest(body: dict[str, Any]) -> bytes:
    params = body["signatureParams"]
    whole = [("to", "address"), ("value", "uint256"), ("data", "bytes"), ("operation", "uint8")]
    whole += [(name, "uint256") for name in ("safeTxGas", "baseGas", "gasPrice")]
    whole += [("gasToken", "address"), ("refundReceiver", "address"), ("nonce", "uint256")]
    message = encode_typed_data(
        domain_data={"chainId": 137, "verifyingContract": body["proxyWallet"]},
        message_types={"SafeTx": fields(whole)},
        message_data={
            "to": body["to"],
            "value": 0,
            "data": bytes.fromhex(body["data"][2:]),
            "operation": int(params["operation"]),
            "safeTxGas": 0,
            "baseGas": 0,
            "gasPrice": 0,
            "gasToken": NOBODY,
            "refundReceiver": NOBODY,
            "nonce": int(body["nonce"]),
        },
    )
    return hashed(b"\x19" + message.version + message.header + message.body)


def proxy_digest(body: dict[str, Any]) -> bytes:
    params = body["signatureParams"]
    numbers = (params["relayerFee"], params["gasPrice"], params["gasLimit"], body["nonce"])
    ends = [bytes.fromhex(body[name][2:]) for name in ("from", "to", "data")]
    relays = [bytes.fromhex(params[name][2:]) for name in ("relayHub", "relay")]
    return hashed(b"".join([b"rlx:", *ends, *(word(int(each)) for each in numbers), *relays]))


def fields(named: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in named]


def hashed(data: bytes) -> bytes:
    return bytes(keccak.new(digest_bits=256, data=data).digest())


def opened(exchange: Any, kind: Kind) -> str:
    """A wallet with ten pairs of the plain market, and a relayer key."""
    exchange.app.shelf.relayer.keys["relay-1"] = HEADERS["RELAYER_API_KEY_ADDRESS"]
    wallet = str(exchange.house.wallets.open(exchange.client.address, kind))
    for token in exchange.rain.tokens:
        exchange.house.wallets.give(wallet, token, Quantity(TEN))
    return wallet


async def submit(exchange: Any, body: dict[str, Any]) -> Any:
    return await exchange.public.call("POST", "/relayer/submit", body, **HEADERS)


async def state(exchange: Any, id: str) -> Any:
    path = f"/relayer/v1/account/transactions/{id}"
    return (await exchange.public.call("GET", path, **HEADERS)).json()


@pytest.mark.parametrize("kind", TYPES)
async def test_a_pair_is_merged_into_cash(exchange: Any, clock: Any, kind: Kind) -> None:
    wallet = opened(exchange, kind)
    data = pair_call("mergePositions", exchange.rain.condition, TEN)
    answer = await submit(exchange, batch(exchange, kind, wallet, data))
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"transactionID", "transactionHash", "state"}
    assert exchange.house.wallets.cash(wallet) == 0
    await clock.sleep_ms(60_000)
    found = await state(exchange, answer.json()["transactionID"])
    assert found["state"] == "STATE_CONFIRMED"
    assert len(found["transaction_hash"]) == 66
    assert exchange.house.wallets.cash(wallet) == TEN
    exchange.house.audit()


async def test_a_safe_sends_several_calls_at_once(exchange: Any, clock: Any) -> None:
    wallet = opened(exchange, Kind.SAFE)
    approve = selector("approve(address,uint256)") + word(ADAPTER) + word(TEN)
    merge = pair_call("mergePositions", exchange.rain.condition, TEN)
    body = batch(
        exchange, Kind.SAFE, wallet, multisend_call([(COLLATERAL, approve), (ADAPTER, merge)])
    )
    body = signed(exchange, body | {"signatureParams": SAFE_PARAMS | {"operation": "1"}})
    assert (await submit(exchange, body)).status_code == 200
    await clock.sleep_ms(60_000)
    exchange.house.advance()
    assert exchange.house.wallets.cash(wallet) == TEN


async def test_a_protocol_v2_pair_goes_through_the_router(exchange: Any, clock: Any) -> None:
    wallet = opened(exchange, Kind.DEPOSIT)
    for token in exchange.new.tokens:
        exchange.house.wallets.give(wallet, token, Quantity(TEN))
    condition = bytes.fromhex(exchange.new.condition[2:])
    data = selector("merge(bytes31,uint256)") + condition + word(TEN)
    body = batch(exchange, Kind.DEPOSIT, wallet, data, target=ROUTER)
    assert (await submit(exchange, body)).status_code == 200
    await clock.sleep_ms(60_000)
    exchange.house.advance()
    assert exchange.house.wallets.cash(wallet) == TEN


async def test_a_busy_wallet_and_an_old_nonce_are_refused(exchange: Any) -> None:
    wallet = opened(exchange, Kind.DEPOSIT)
    data = pair_call("mergePositions", exchange.rain.condition, TEN // 2)
    assert (await submit(exchange, batch(exchange, Kind.DEPOSIT, wallet, data))).status_code == 200
    old = await submit(exchange, batch(exchange, Kind.DEPOSIT, wallet, data))
    assert old.status_code == 400
    assert old.json() == {"error": "batch nonce 0 does not match on-chain nonce 1"}
    busy = await submit(exchange, batch(exchange, Kind.DEPOSIT, wallet, data, nonce=1))
    assert busy.status_code == 400
    assert busy.json() == {"error": "wallet busy: it has an active action"}


async def test_the_owner_of_the_key_reads_what_it_submitted(exchange: Any, clock: Any) -> None:
    wallet = opened(exchange, Kind.SAFE)
    exchange.app.shelf.relayer.keys["relay-1"] = exchange.client.address
    headers = HEADERS | {"RELAYER_API_KEY_ADDRESS": exchange.client.address}
    data = pair_call("mergePositions", exchange.rain.condition, TEN // 2)
    bodies = [
        batch(exchange, Kind.SAFE, wallet, data, nonce=nonce) | {"metadata": f"no {nonce}"}
        for nonce in (0, 1)
    ]
    for body in bodies:
        await exchange.public.call("POST", "/relayer/submit", body, **headers)
        await clock.sleep_ms(60_000)
    answer = await exchange.public.call("GET", "/relayer/transactions", **headers)
    found = answer.json()
    assert [each["metadata"] for each in found] == ["no 1", "no 0"]
    assert (found[0]["state"], found[0]["signature"]) == ("STATE_CONFIRMED", bodies[1]["signature"])
    theirs = await exchange.public.call("GET", "/relayer/transactions", **HEADERS)
    assert theirs.status_code == 401


async def test_a_failure_on_the_chain_is_told(exchange: Any, clock: Any) -> None:
    wallet = opened(exchange, Kind.DEPOSIT)
    exchange.house.chain.fail_next()
    data = pair_call("mergePositions", exchange.rain.condition, TEN)
    id = (await submit(exchange, batch(exchange, Kind.DEPOSIT, wallet, data))).json()[
        "transactionID"
    ]
    await clock.sleep_ms(60_000)
    found = await state(exchange, id)
    assert found["state"] == "STATE_FAILED"
    assert found["error_msg"]


async def test_the_nonce_is_the_wallets_own(exchange: Any) -> None:
    wallet = opened(exchange, Kind.PROXY)
    opened(exchange, Kind.SAFE)
    await submit(
        exchange,
        batch(
            exchange,
            Kind.PROXY,
            wallet,
            pair_call("mergePositions", exchange.rain.condition, TEN),
        ),
    )

    async def nonce(path: str, kind: str) -> Any:
        query = f"address={exchange.client.address}&type={kind}"
        return (await exchange.public.call("GET", path, query=query, **HEADERS)).json()

    assert (await nonce("/relayer/relay-payload", "PROXY"))["nonce"] == "1"
    found = await nonce("/relayer/v1/account/transactions/params", "SAFE")
    assert found == {"address": exchange.client.address, "nonce": "0"}


async def test_only_a_known_key_with_its_address_may_submit(exchange: Any) -> None:
    wallet = opened(exchange, Kind.SAFE)
    body = batch(
        exchange, Kind.SAFE, wallet, pair_call("mergePositions", exchange.rain.condition, TEN)
    )
    for name in HEADERS:
        wrong = HEADERS | {name: "another"}
        assert (
            await exchange.public.call("POST", "/relayer/submit", body, **wrong)
        ).status_code == 401


@pytest.mark.parametrize(
    "broken",
    ["foreign call", "cut short", "another wallet", "no market", "another contract"],
)
async def test_a_batch_that_makes_no_sense_is_refused(exchange: Any, broken: str) -> None:
    wallet = opened(exchange, Kind.SAFE)
    data = pair_call("mergePositions", exchange.rain.condition, TEN)
    if broken == "foreign call":
        data = selector("transfer(address,uint256)") + data[4:]
    elif broken == "cut short":
        data = data[:100]
    elif broken == "no market":
        data = pair_call("mergePositions", "0x" + "99" * 32, TEN)
    body = batch(exchange, Kind.SAFE, wallet, data)
    if broken == "another contract":
        body = batch(exchange, Kind.SAFE, wallet, data, target=ROUTER)
    if broken == "another wallet":
        body = signed(exchange, body | {"proxyWallet": exchange.other.address})
    assert (await submit(exchange, body)).status_code == 400


@pytest.mark.parametrize("kind", TYPES)
async def test_a_batch_that_was_changed_after_signing_is_refused(exchange: Any, kind: Kind) -> None:
    wallet = opened(exchange, kind)
    data = pair_call("mergePositions", exchange.rain.condition, TEN)
    body = batch(exchange, kind, wallet, data)
    half = batch(exchange, kind, wallet, pair_call("mergePositions", exchange.rain.condition, 1))
    answer = await submit(exchange, body | {"signature": half["signature"]})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid signature"})


async def test_a_deposit_wallets_batch_is_good_until_its_deadline(
    exchange: Any, clock: Any
) -> None:
    wallet = opened(exchange, Kind.DEPOSIT)
    data = pair_call("mergePositions", exchange.rain.condition, TEN)
    body = batch(exchange, Kind.DEPOSIT, wallet, data)
    await clock.sleep_ms(601_000)
    assert (await submit(exchange, body)).json() == {"error": "invalid signature"}


async def test_only_opened_wallets_are_deployed(exchange: Any) -> None:
    wallet = opened(exchange, Kind.SAFE)
    for address, known in ((wallet, True), ("0x" + "77" * 20, False)):
        found = await exchange.public.get("/relayer/deployed", f"address={address}&type=SAFE")
        assert found == {"deployed": known}


async def test_the_26th_submission_of_a_minute_is_too_many(exchange: Any, clock: Any) -> None:
    opened(exchange, Kind.SAFE)
    answers = [await submit(exchange, {}) for _ in range(26)]
    assert [each.status_code for each in answers] == [400] * 25 + [429]
    assert answers[-1].headers["retry-after"] == "60"
    await clock.sleep_ms(60_000)
    assert (await submit(exchange, {})).status_code == 400
