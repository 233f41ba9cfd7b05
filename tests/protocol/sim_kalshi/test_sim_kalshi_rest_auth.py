"""Signatures and scopes at the REST face (sections 3 and 4)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from venues.sim.kalshi.refusal import Refusal
from venues.sim.kalshi.rest_auth import STREAM, ApiKeys

BALANCE = "/portfolio/balance"
TICKER = "KXFEDDECISION-26DEC-C25"


def error(response: Any) -> tuple[int, str, str]:
    found = response.json()["error"]
    return response.status_code, found["code"], found.get("details", "")


async def test_both_kinds_of_key_are_let_in(exchange: Any, rsa_key: Any) -> None:
    rsa = exchange.with_key("rsa", rsa_key)
    assert (await exchange.client.call("GET", BALANCE)).status_code == 200
    assert (await rsa.call("GET", BALANCE, query="exchange_index=2")).status_code == 200
    assert (await rsa.create()).status_code == 201


async def test_the_query_and_the_body_are_not_signed(exchange: Any) -> None:
    signed = exchange.client.headers("GET", BALANCE + "?exchange_index=2")
    wrong = await exchange.public.call("GET", BALANCE, query="exchange_index=2", **signed)
    assert error(wrong) == (401, "authentication_error", "INCORRECT_API_KEY_SIGNATURE")


async def test_the_path_is_signed_as_it_was_sent(exchange: Any) -> None:
    """Percent-encoding untouched; the segment is unquoted only to be used."""
    path = "/portfolio/orders/A%20B%2FC%25"
    assert error(await exchange.client.call("GET", path)) == (404, "not_found", "")
    plain = exchange.client.headers("GET", "/portfolio/orders/A B/C%")
    wrong = await exchange.public.call("GET", path, **plain)
    assert error(wrong)[2] == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize("missing", ["KEY", "TIMESTAMP", "SIGNATURE"])
async def test_each_of_the_three_headers_is_needed(exchange: Any, missing: str) -> None:
    headers = exchange.client.headers("GET", BALANCE)
    del headers[f"KALSHI-ACCESS-{missing}"]
    answer = await exchange.public.call("GET", BALANCE, **headers)
    assert error(answer) == (401, "signature_is_missing_from_headers", "")


async def test_a_key_nobody_registered_is_not_found(exchange: Any, ed25519_key: Any) -> None:
    exchange.client.key_id = "stranger"
    answer = await exchange.client.call("GET", BALANCE)
    assert error(answer) == (401, "authentication_error", "NOT_FOUND")


async def test_a_key_of_the_other_type_is_refused(
    exchange: Any, rsa_key: Any, ed25519_key: Any
) -> None:
    crossed = exchange.with_key("crossed", ed25519_key)
    crossed.key = rsa_key
    assert error(await crossed.call("GET", BALANCE))[2] == "INCORRECT_API_KEY_SIGNATURE"
    crossed = exchange.with_key("crossed", rsa_key)
    crossed.key = ed25519_key
    assert error(await crossed.call("GET", BALANCE))[2] == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize("padding", ["pkcs1", "salt 20", "not base64"])
async def test_only_pss_with_a_salt_of_32_is_accepted(
    exchange: Any, rsa_key: Any, padding: str
) -> None:
    client = exchange.with_key("rsa", rsa_key)
    headers = client.headers("GET", BALANCE)
    message = f"{headers['KALSHI-ACCESS-TIMESTAMP']}GET/trade-api/v2{BALANCE}"
    if padding == "pkcs1":
        raw = rsa_key.sign(message.encode(), PKCS1v15(), SHA256())
        signature = base64.b64encode(raw).decode()
    elif padding == "salt 20":
        signature = client.signature(message, salt=20)
    else:
        signature = "%%%"
    headers["KALSHI-ACCESS-SIGNATURE"] = signature
    wrong = await exchange.public.call("GET", BALANCE, **headers)
    assert error(wrong)[2] == "INCORRECT_API_KEY_SIGNATURE"


@pytest.mark.parametrize(
    ("off_ms", "status"), [(10_000, 200), (-10_000, 200), (10_001, 401), (-10_001, 401)]
)
async def test_a_timestamp_must_be_near_the_venues_clock(
    exchange: Any, clock: Any, off_ms: int, status: int
) -> None:
    headers = exchange.client.headers("GET", BALANCE, at_ms=clock.now_ms() + off_ms)
    answer = await exchange.public.call("GET", BALANCE, **headers)
    assert answer.status_code == status
    if status == 401:
        assert error(answer)[1] == "header_timestamp_expired"


async def test_a_timestamp_in_seconds_has_expired(exchange: Any, clock: Any) -> None:
    headers = exchange.client.headers("GET", BALANCE, at_ms=clock.now_ms() // 1_000)
    assert (
        error(await exchange.public.call("GET", BALANCE, **headers))[1]
        == "header_timestamp_expired"
    )


async def test_a_venue_whose_clock_is_off_says_so_in_its_date(exchange: Any) -> None:
    exchange.app.clock_offset_ms = 60_000
    answer = await exchange.client.call("GET", BALANCE)
    assert error(answer)[1] == "header_timestamp_expired"
    assert answer.headers["date"] == "Wed, 25 Nov 2026 00:01:00 GMT"


async def test_public_calls_need_no_keys_and_mind_no_wrong_ones(exchange: Any) -> None:
    for client in (exchange.public, exchange.client):
        assert (await client.call("GET", f"/markets/{TICKER}")).status_code == 200
    wrong = {
        "KALSHI-ACCESS-KEY": "x",
        "KALSHI-ACCESS-TIMESTAMP": "1",
        "KALSHI-ACCESS-SIGNATURE": "x",
    }
    answer = await exchange.public.call("GET", f"/markets/{TICKER}", **wrong)
    assert answer.status_code == 200


async def test_scopes_bound_what_a_key_may_do(exchange: Any, ed25519_key: Any) -> None:
    reader = exchange.with_key("reader", ed25519_key, scopes=("read",))
    assert (await reader.call("GET", BALANCE)).status_code == 200
    assert error(await reader.create()) == (403, "permission_denied", "")

    trader = exchange.with_key("trader", ed25519_key, scopes=("write::trade",))
    assert (await trader.create()).status_code == 201
    assert error(await trader.call("GET", BALANCE)) == (403, "permission_denied", "")
    body: dict[str, Any] = {"allocations": []}
    moved = await trader.call("POST", "/portfolio/target_balance_allocation", body)
    assert error(moved) == (403, "permission_denied", "")

    looker = exchange.with_key("looker", ed25519_key, scopes=("read::portfolio_balance",))
    assert (await looker.call("GET", BALANCE)).status_code == 200
    assert (await looker.call("GET", "/portfolio/fills")).status_code == 403


async def test_a_locked_key_knows_only_its_subaccount(exchange: Any, ed25519_key: Any) -> None:
    number = exchange.house.accounts.open_subaccount(exchange.client_user)
    locked = exchange.with_key("locked", ed25519_key, subaccount=number)
    await exchange.client.created()

    balance = await locked.get(BALANCE)
    assert balance["balance"] == 0
    assert "balance_breakdown" not in balance
    assert (await locked.get("/portfolio/orders"))["orders"] == []
    assert error(await locked.create())[1] == "insufficient_balance"
    assert error(await locked.create(subaccount=0)) == (403, "permission_denied", "")
    assert (await locked.call("GET", BALANCE, query="subaccount=0")).status_code == 403
    assert (await locked.call("GET", BALANCE, query=f"subaccount={number}")).status_code == 200


def test_the_websocket_face_can_check_an_upgrade(exchange: Any, clock: Any) -> None:
    client, keys = exchange.client, exchange.app.keys
    stamp = str(clock.now_ms())
    headers = {
        "kalshi-access-key": "ours",
        "kalshi-access-timestamp": stamp,
        "kalshi-access-signature": client.signature(f"{stamp}GET{STREAM}"),
    }
    at = {"method": "GET", "now_ms": clock.now_ms(), "skew_ms": 10_000}
    assert keys.verify(headers, path=STREAM, **at).key_id == "ours"
    with pytest.raises(Refusal, match="authentication_error"):
        keys.verify(headers, path="/trade-api/v2", **at)


def test_a_key_of_a_third_kind_cannot_be_registered() -> None:
    pem = (
        "-----BEGIN PUBLIC KEY-----\n"
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
        "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
        "-----END PUBLIC KEY-----\n"
    )
    with pytest.raises(ValueError, match="RSA or Ed25519"):
        ApiKeys().add("curve", "user", pem)
