"""A wallet comes to its API key, and whatever goes wrong then shows nothing of it."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
import pytest

from venues import Clock
from venues.bucket import TokenBucket
from venues.errors import AuthRefused, OrderUnknown, Unavailable, VenueError, WireError
from venues.http import Http
from venues.polymarket.calls_orders import SITE
from venues.polymarket.eligibility import Eligibility, eligibility
from venues.polymarket.keys import credentials
from venues.polymarket.signing import Wallet
from venues.polymarket.wallets import Kind, derived, derived_uups

CANARIES: Final = ("Y2FuYXJ5", "canary")
KEY: Final = {"apiKey": "an-id", "secret": "Y2FuYXJ5IGNhbmFyeQ==", "passphrase": "canary pass"}
NONE: Final = (400, {"error": "none"})
DERIVE: Final = "/auth/derive-api-key"
CREATE: Final = "/auth/api-key"
GEOBLOCK: Final = "/api/geoblock"
CLOSED_ONLY: Final = "/auth/ban-status/closed-only"
PORTUGAL: Final = (200, {"blocked": False, "country": "PT", "region": "11"})


@asynccontextmanager
async def line(clock: Clock, answers: dict[str, tuple[int, Any]]) -> AsyncIterator[Http]:
    def answer(request: httpx2.Request) -> httpx2.Response:
        status, body = answers[request.url.path]
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx2.Response(status, content=content)

    async with Http(
        venue="polymarket",
        hosts={"": "http://127.0.0.1:9", SITE: "http://127.0.0.1:9"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=9, refill_per_s=9),
        transport=httpx2.MockTransport(answer),
        attempts=1,
    ) as http:
        yield http


async def test_a_wallet_without_a_key_gets_one(clock: Clock) -> None:
    async with line(clock, {DERIVE: NONE, CREATE: (200, KEY)}) as http:
        assert (await credentials(http, may_make=True)).api_key == "an-id"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({DERIVE: (200, {name: KEY[name] for name in ("secret", "passphrase")})}, WireError),
        ({DERIVE: (200, KEY | {"secret": "Y2FuYXJ5%%"})}, WireError),
        ({DERIVE: (200, KEY | {"passphrase": "canary\n"})}, WireError),
        ({DERIVE: (200, KEY | {"apiKey": "clé"})}, WireError),
        ({DERIVE: (200, KEY | {"error": "oops"})}, WireError),
        ({DERIVE: (202, KEY)}, Unavailable),
        ({DERIVE: (401, KEY | {"error": "oops"})}, AuthRefused),
        ({DERIVE: NONE, CREATE: (200, json.dumps(KEY).encode()[:-1])}, OrderUnknown),
        ({DERIVE: NONE, CREATE: (500, KEY)}, OrderUnknown),
    ],
)
async def test_s01_no_failure_shows_a_key_not_even_in_the_locals_of_its_traceback(
    clock: Clock, answers: dict[str, tuple[int, Any]], expected: type[VenueError]
) -> None:
    async with line(clock, answers) as http:
        with pytest.raises(expected) as caught:
            await credentials(http, may_make=True)
    error = caught.value
    inside = error.__traceback__
    while inside and not inside.tb_frame.f_code.co_filename.endswith("/keys.py"):
        inside = inside.tb_next
    assert inside
    shown = traceback.TracebackException(expected, error, inside, capture_locals=True)
    said = f"{error} {vars(error)} {''.join(shown.format())}"
    assert "http = <" in said  # locals are there
    assert not [canary for canary in CANARIES if canary in said]


@pytest.mark.parametrize(
    ("place", "closed", "may_open"),
    [
        (PORTUGAL, (200, {"closed_only": False}), True),
        (PORTUGAL, (200, {"closed_only": True}), False),
        (
            (200, {"blocked": True, "country": "US", "region": "NY"}),
            (200, {"closed_only": False}),
            0,
        ),
        ((503, b"<html>"), (200, {"closed_only": False}), False),
        ((403, {"error": "no robots"}), (200, {"closed_only": False}), False),
        ((200, {"blocked": "no"}), (200, {"closed_only": False}), False),
        (PORTUGAL, (200, {"closed_only": None}), False),
        (PORTUGAL, (500, {"error": "oops"}), False),
    ],
)
async def test_only_who_is_told_that_he_may_opens_positions(
    clock: Clock, place: tuple[int, Any], closed: tuple[int, Any], may_open: bool
) -> None:
    async with line(clock, {GEOBLOCK: place, CLOSED_ONLY: closed}) as http:
        assert (await eligibility(http)).may_open == may_open


async def test_keys_that_are_not_taken_are_no_matter_of_eligibility(clock: Clock) -> None:
    answers = {GEOBLOCK: PORTUGAL, CLOSED_ONLY: (401, {"error": "Unauthorized"})}
    async with line(clock, answers) as http:
        with pytest.raises(AuthRefused):
            await eligibility(http)


def test_nothing_told_is_no_permission() -> None:
    assert not Eligibility(blocked=None, country="", region="", closed_only=None).may_open


@pytest.mark.parametrize("kind", [Kind.PROXY, Kind.SAFE, Kind.DEPOSIT])
def test_a_wallet_knows_whether_the_venue_makes_such_a_one_of_its_key(kind: Kind) -> None:
    key = "11" * 32
    owner = Wallet.from_key(key).owner
    older = derived_uups(owner)
    assert Wallet.from_key(key, kind).is_the_keys_own
    assert Wallet.from_key(key, kind, derived(owner, kind).lower()).is_the_keys_own
    assert Wallet.from_key(key, kind, older).is_the_keys_own is (kind is Kind.DEPOSIT)
    assert not Wallet.from_key(key, kind, "0x" + "12" * 20).is_the_keys_own
