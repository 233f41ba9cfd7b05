"""Headers over exactly what is sent, in the venue's time, to the exchange and to nobody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import traceback

import httpx2
import pytest

from venues import Clock
from venues.polymarket.auth import Credentials, PolymarketAuth, l1_headers
from venues.skew import Skew

OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
SECRET = "A" * 43 + "="
CLOB = "https://clob.polymarket.com"
NOW_S = 1795564800  # the clock fixture's start


def keys(secret: str = SECRET) -> Credentials:
    return Credentials("11111111-2222-3333-4444-555555555555", secret, "a pass phrase")


@pytest.mark.parametrize(
    ("timestamp_s", "method", "path", "body", "expected"),
    [
        (
            1000000,
            "test-sign",
            "/orders",
            b'{"hash": "0x123"}',
            "ZwAdJKvoYRlEKDkNMwd5BuwNNtg93kNaR_oU2HrfVvc=",
        ),
        (
            1000000,
            "test-sign",
            "/orders",
            b'{"hash":"0x123"}',
            "4gJVbox-R6XlDK4nlaicig0_ANVL1qdcahiL8CXfXLM=",
        ),
        (1713398400, "GET", "/data/orders", b"", "QUISMCPWKMpj6hTXpUfoM0jTeAmLBXquQak8nHPkmdA="),
    ],
)
def test_requests_are_signed_as_the_vectors_say(
    timestamp_s: int, method: str, path: str, body: bytes, expected: str
) -> None:
    assert keys().signature(timestamp_s, method, path, body) == expected


async def sent(
    auth: httpx2.Auth, method: str, url: str, body: bytes | None = None
) -> httpx2.Request:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={})

    async with httpx2.AsyncClient(auth=auth, transport=httpx2.MockTransport(answer)) as client:
        await client.request(method, url, content=body)
    return seen[0]


def expected(message: bytes) -> str:
    """Written anew from the venue's rule."""
    key = base64.urlsafe_b64decode(SECRET)
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def auth_at(clock: Clock, *, clob: str = CLOB, skew: Skew | None = None) -> PolymarketAuth:
    return PolymarketAuth(keys(), OWNER, clob=clob, clock=clock, skew=skew or Skew())


@pytest.mark.parametrize(
    ("method", "url", "body", "message"),
    [
        ("GET", "/data/orders?next_cursor=MA%3D%3D&market=0x1", None, b"GET/data/orders"),
        ("GET", "/data/order/a%20b%2Fc", None, b"GET/data/order/a%20b%2Fc"),
        ("POST", "/order", '{"it\'s":"µ"}'.encode(), 'POST/order{"it\'s":"µ"}'.encode()),
        ("DELETE", "/cancel-all", None, b"DELETE/cancel-all"),
    ],
)
async def test_the_signature_is_over_the_path_without_its_query_and_the_bytes_of_the_body(
    clock: Clock, method: str, url: str, body: bytes | None, message: bytes
) -> None:
    request = await sent(auth_at(clock), method, CLOB + url, body)
    assert request.content == (body or b"")
    assert {k: v for k, v in request.headers.items() if k.startswith("poly")} == {
        "poly_address": OWNER,
        "poly_api_key": "11111111-2222-3333-4444-555555555555",
        "poly_passphrase": "a pass phrase",
        "poly_signature": expected(str(NOW_S).encode() + message),
        "poly_timestamp": str(NOW_S),
    }


async def test_a_prefix_of_the_clobs_own_path_is_signed_as_sent(clock: Clock) -> None:
    auth = auth_at(clock, clob="http://127.0.0.1:8080/clob")
    request = await sent(auth, "GET", "http://127.0.0.1:8080/clob/data/orders?a=1")
    message = f"{NOW_S}GET/clob/data/orders".encode()
    assert request.headers["POLY_SIGNATURE"] == expected(message)


@pytest.mark.parametrize(
    "url",
    [
        "https://gamma-api.polymarket.com/markets",
        "https://clob.polymarket.com.example/order",
        "https://clob.polymarket.com:8443/order",
        "http://clob.polymarket.com/order",
        "https://clob.polymarket.com@example.org/order",
    ],
)
async def test_nobody_but_the_clob_gets_our_headers(clock: Clock, url: str) -> None:
    request = await sent(auth_at(clock), "GET", url)
    assert not [name for name in request.headers if name.startswith("poly")]


async def test_the_default_port_of_the_clob_may_be_written_out(clock: Clock) -> None:
    request = await sent(auth_at(clock, clob=CLOB + ":443"), "GET", CLOB + "/data/orders")
    assert "POLY_SIGNATURE" in request.headers


async def test_requests_carry_the_time_of_the_venue(clock: Clock) -> None:
    skew = Skew()
    skew.ahead_ms = -90_000
    request = await sent(auth_at(clock, skew=skew), "GET", CLOB + "/data/orders")
    stamp = (NOW_S * 1_000 - 90_000 + 500) // 1_000
    assert request.headers["POLY_TIMESTAMP"] == str(stamp)
    assert request.headers["POLY_SIGNATURE"] == expected(f"{stamp}GET/data/orders".encode())


class Witness:
    """A wallet that signs by writing down what it was asked."""

    owner = OWNER

    def sign_l1(self, timestamp_s: int, nonce: int = 0) -> str:
        return f"0x signed {timestamp_s} {nonce}"


def test_a_log_in_carries_the_wallets_own_signature() -> None:
    assert l1_headers(Witness(), 1713398400999) == {
        "POLY_ADDRESS": OWNER,
        "POLY_SIGNATURE": "0x signed 1713398400 0",
        "POLY_TIMESTAMP": "1713398400",
        "POLY_NONCE": "0",
    }
    headers = l1_headers(Witness(), 1713398400000, nonce=23)
    assert (headers["POLY_NONCE"], headers["POLY_SIGNATURE"]) == ("23", "0x signed 1713398400 23")


@pytest.mark.parametrize(
    "bad", ["", "c0ffee+c0ffee+c0ffee", "c0ffeec0ffeec", "c0ffee c0ffee", "c0ffeec0ffee\n", "=="]
)
def test_a_damaged_secret_is_refused_without_showing_it(bad: str) -> None:
    with pytest.raises(ValueError, match=r"11111111-2222.* is damaged") as caught:
        keys(bad)
    assert caught.value.__context__ is None
    inside = caught.value.__traceback__
    while inside and not inside.tb_frame.f_code.co_filename.endswith("/auth.py"):
        inside = inside.tb_next
    assert inside
    found = traceback.TracebackException(
        ValueError, caught.value, inside, capture_locals=True
    ).format()
    said = "".join(found)
    assert "self = Credentials(" in said  # locals are there
    assert "c0ffee" not in said
    assert "a pass phrase" not in said


def test_a_secret_without_its_padding_is_the_same_secret() -> None:
    signed = [keys(each).signature(1, "GET", "/") for each in (SECRET, SECRET.rstrip("="))]
    assert signed[0] == signed[1]


def test_credentials_show_their_key_and_nothing_else(clock: Clock) -> None:
    credentials = keys()
    assert repr(credentials) == "Credentials('11111111-2222-3333-4444-555555555555')"
    assert str([credentials]) == f"[{credentials!r}]"
    assert "AAAA" not in f"{vars(auth_at(clock))}"
    assert (credentials.secret, credentials.passphrase) == (SECRET, "a pass phrase")
