"""How a wallet comes to its API key: it proves itself, and the venue hands the key out."""

from __future__ import annotations

from collections.abc import Generator

import httpx2

from venues.clock import Clock
from venues.errors import AuthRefused, Refused, VenueError, WireError
from venues.http import Http
from venues.polymarket import calls_orders as calls
from venues.polymarket.auth import Credentials, L1Signer, l1_headers
from venues.polymarket.normalize import VENUE
from venues.polymarket.wire_orders import ApiKey
from venues.skew import Skew


class WalletAuth(httpx2.Auth):
    """Signs with the wallet itself: for the calls of this file, and of nothing else."""

    def __init__(self, wallet: L1Signer, clock: Clock, skew: Skew) -> None:
        self._wallet = wallet
        self._clock = clock
        self._skew = skew

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        now_ms = self._skew.corrected(self._clock.now_ms())
        request.headers.update(l1_headers(self._wallet, now_ms))
        yield request


async def credentials(http: Http, *, may_make: bool) -> Credentials:
    """The wallet's key; a wallet that has none gets one if it `may`. `http` signs with WalletAuth.

    A key gives no power that the wallet did not have: it can place only what the wallet signed.
    Raises as a read does, Refused where there is no key, and OrderUnknown where nobody knows
    whether a new one was made.
    """
    try:
        found = await _found(http, may_make=may_make)
        return Credentials(found.api_key, found.secret, found.passphrase)
    except ValueError as error:
        raise WireError(VENUE, "its API key", str(error)) from None
    except VenueError as error:
        raise error.with_traceback(None) from None  # the frames behind it hold the answer


async def _found(http: Http, *, may_make: bool) -> ApiKey:
    try:
        return await http.send(calls.derive_key())
    except AuthRefused:
        raise
    except Refused:
        if not may_make:
            raise
        return await http.act(calls.create_key(), "a new API key")
