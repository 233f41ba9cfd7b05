"""Who is let in: wallet signatures and HMACs (§7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from venues.sim.polymarket.rest_auth import signature

BALANCE = "/balance-allowance"
ASSET = "asset_type=COLLATERAL&signature_type=0"
DENIED = (401, {"error": "Unauthorized/Invalid api key"})
DENIED_L1 = (401, {"error": "Invalid L1 Request headers"})


def said(response: Any) -> tuple[int, Any]:
    return response.status_code, response.json()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            b'1000000test-sign/orders{"hash": "0x123"}',
            "ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=",
        ),
        (b"1713398400GET/data/orders", "QUISMCPWKMpj6hTXpUfoM0jTeAmLBXquQak8nHPkmdA="),
    ],
)
def test_the_hmac_is_the_one_of_the_facts(message: bytes, expected: str) -> None:
    assert signature("A" * 43 + "=", message) == expected


async def test_a_wallet_makes_a_key_and_finds_it_again(exchange: Any) -> None:
    made = await exchange.public.call("POST", "/auth/api-key", **exchange.client.l1(5))
    assert made.status_code == 200
    assert set(made.json()) == {"apiKey", "secret", "passphrase"}
    again = await exchange.public.call("POST", "/auth/api-key", **exchange.client.l1(5))
    assert again.status_code == 400
    derived = await exchange.public.call("GET", "/auth/derive-api-key", **exchange.client.l1(5))
    assert derived.json() == made.json()
    none = await exchange.public.call("GET", "/auth/derive-api-key", **exchange.client.l1(6))
    assert none.status_code in {400, 404}


async def test_a_key_works_at_once_and_no_more_once_deleted(exchange: Any) -> None:
    made = (await exchange.public.call("POST", "/auth/api-key", **exchange.client.l1(1))).json()
    keys = await exchange.client.get("/auth/api-keys")
    assert keys == {"apiKeys": [exchange.client.key.key, made["apiKey"]]}
    exchange.client.key = exchange.house.keys.find(made["apiKey"])
    deleted = await exchange.client.call("DELETE", "/auth/api-key")
    assert said(deleted) == (200, "OK")
    assert said(await exchange.client.call("GET", "/auth/api-keys")) == DENIED


@pytest.mark.parametrize("name", ["POLY_ADDRESS", "POLY_SIGNATURE", "POLY_TIMESTAMP", "POLY_NONCE"])
async def test_every_part_of_a_wallets_signature_is_checked(exchange: Any, name: str) -> None:
    headers = exchange.client.l1(1)
    other = exchange.other.l1(2, at_s=int(headers["POLY_TIMESTAMP"]) + 1)
    answer = await exchange.public.call("POST", "/auth/api-key", **headers | {name: other[name]})
    assert said(answer) == DENIED_L1
    del headers[name]
    if name != "POLY_NONCE":  # without it the nonce is 0
        assert said(await exchange.public.call("POST", "/auth/api-key", **headers)) == DENIED_L1


async def test_a_wallets_signature_ages(exchange: Any, clock: Any) -> None:
    headers = exchange.client.l1(1)
    await clock.sleep_ms(61_000)
    assert said(await exchange.public.call("POST", "/auth/api-key", **headers)) == DENIED_L1


@pytest.mark.parametrize(
    "name",
    ["POLY_ADDRESS", "POLY_API_KEY", "POLY_PASSPHRASE", "POLY_SIGNATURE", "POLY_TIMESTAMP"],
)
async def test_every_part_of_an_hmac_is_needed_and_checked(exchange: Any, name: str) -> None:
    headers = exchange.client.headers("GET", BALANCE, b"")
    at_s = int(headers["POLY_TIMESTAMP"]) + 1
    other = exchange.other.headers("GET", BALANCE, b"", at_s=at_s)
    wrong = await exchange.public.call("GET", BALANCE, query=ASSET, **headers | {name: other[name]})
    assert said(wrong) == DENIED
    del headers[name]
    assert said(await exchange.public.call("GET", BALANCE, query=ASSET, **headers)) == DENIED


async def test_the_query_is_not_signed_but_the_path_is(exchange: Any) -> None:
    headers = exchange.client.headers("GET", BALANCE, b"")
    assert (await exchange.public.call("GET", BALANCE, query=ASSET, **headers)).status_code == 200
    update = await exchange.public.call("GET", f"{BALANCE}/update", query=ASSET, **headers)
    assert said(update) == DENIED


async def test_the_exact_bytes_of_the_body_are_signed(exchange: Any) -> None:
    body = exchange.client.order()
    compact = json.dumps(body, separators=(",", ":")).encode()
    headers = exchange.client.headers("POST", "/order", json.dumps(body).encode())
    refused = await exchange.public.http.post(
        "http://venue.test/order", content=compact, headers=headers
    )
    assert said(refused) == DENIED
    taken = await exchange.public.http.post(
        "http://venue.test/order", content=json.dumps(body).encode(), headers=headers
    )
    assert taken.json()["status"] == "live"


async def test_an_hmac_that_is_too_old_or_too_new_is_refused(exchange: Any, clock: Any) -> None:
    now_s = clock.now_ms() // 1_000
    for at_s, status in ((now_s - 60, 200), (now_s - 61, 401), (now_s + 61, 401)):
        headers = exchange.client.headers("GET", BALANCE, b"", at_s=at_s)
        answer = await exchange.public.call("GET", BALANCE, query=ASSET, **headers)
        assert answer.status_code == status


async def test_the_venues_own_clock_decides(make_exchange: Any, clock: Any) -> None:
    exchange = make_exchange(clock_offset_ms=600_000)
    assert said(await exchange.client.call("GET", BALANCE, query=ASSET)) == DENIED
    now_s = clock.now_ms() // 1_000 + 600
    assert await exchange.public.get("/time") == now_s
    headers = exchange.client.headers("GET", BALANCE, b"", at_s=now_s)
    answer = await exchange.public.call("GET", BALANCE, query=ASSET, **headers)
    assert answer.status_code == 200
    assert answer.headers["date"] == "Wed, 25 Nov 2026 00:10:00 GMT"


async def test_somebody_elses_order_is_refused(exchange: Any) -> None:
    theirs = exchange.other.order()
    owner = await exchange.client.call("POST", "/order", theirs)
    assert said(owner) == (
        400,
        {"error": "the order owner has to be the owner of the API KEY"},
    )
    signer = await exchange.client.call(
        "POST", "/order", theirs | {"owner": exchange.client.key.key}
    )
    assert signer.status_code == 400
    assert signer.json()["error"] == (
        "the order signer address has to be the address of the API KEY"
    )


async def test_closed_only_is_told_to_its_own_account(exchange: Any) -> None:
    path = "/auth/ban-status/closed-only"
    assert await exchange.client.get(path) == {"closed_only": False}
    exchange.house.wallets.close_only(exchange.client.address, on=True)
    assert await exchange.client.get(path) == {"closed_only": True}
    assert await exchange.other.get(path) == {"closed_only": False}
