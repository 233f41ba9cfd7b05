"""The relayer's key goes to the relayer alone, and not more often than it likes."""

from __future__ import annotations

import httpx2
import pytest

from venues import Clock
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket.calls_relayer import submit, transaction
from venues.polymarket.relayer import Relayer, RelayerAuth, RelayerLimits
from venues.polymarket.signing import Wallet

KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # known to everybody


async def test_no_more_than_25_batches_leave_in_any_minute(clock: Clock) -> None:
    limits, left = RelayerLimits(clock), []
    for _ in range(60):
        await limits.admit(submit(b"{}"))
        left.append(clock.now_ms())
    assert max(sum(at <= each < at + 60_000 for each in left) for at in left) <= 25


async def test_reads_of_the_relayer_do_not_wait_for_batches(clock: Clock) -> None:
    limits, start_ms = RelayerLimits(clock), clock.now_ms()
    limits.refused(submit(b"{}"))
    await limits.admit(transaction("id-1"))
    assert clock.now_ms() == start_ms
    limits.refused(transaction("id-1"))
    await limits.admit(transaction("id-1"))
    assert clock.now_ms() == start_ms + 500


def test_the_relayers_key_goes_nowhere_else_and_is_never_shown() -> None:
    auth = RelayerAuth("canary", "0xab", relayer="https://relayer.test")
    assert "canary" not in repr(auth)
    for url, is_there in (
        ("https://relayer.test/submit", True),
        ("http://relayer.test/submit", False),
        ("https://relayer.test:444/submit", False),
        ("https://clob.test/order", False),
    ):
        request = next(auth.auth_flow(httpx2.Request("POST", url)))
        assert ("relayer_api_key" in request.headers) is is_there


def test_an_address_of_its_own_has_no_relayer(clock: Clock) -> None:
    bucket = TokenBucket(clock, capacity=1, refill_per_s=1)
    http = Http(venue="polymarket", hosts={}, clock=clock, bucket=bucket)
    with pytest.raises(ValueError, match="itself"):
        Relayer(http, clock, Wallet.from_key(KEY))
