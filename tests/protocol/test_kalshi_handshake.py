"""Our websocket's handshake with the simulated Kalshi, and what a refusal teaches."""

from __future__ import annotations

from functools import partial

import pytest

from venues import AuthRefused, SystemClock, Unavailable
from venues.kalshi.auth import KalshiAuth, Signer
from venues.sim import world
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import Served, serve_kalshi
from venues.skew import Skew
from venues.socket import Connect, websocket


def connecting(served: Served, key: int, signer_of: int | None = None) -> Connect:
    account = served.accounts[key]
    file = served.accounts[key if signer_of is None else signer_of].private_key_file
    clock = SystemClock()
    auth = KalshiAuth(Signer.from_file(account.key_id, file), clock, Skew())
    headers = partial(auth.websocket_headers, served.ws)
    return websocket("kalshi", served.ws, headers, auth.learn)


@pytest.mark.parametrize("key", [0, 1])
async def test_both_kinds_of_key_are_let_in_and_others_are_not(key: int) -> None:
    async with serve_kalshi(world.kalshi(SystemClock()), ApiKeys()) as served:
        connection = await connecting(served, key)()
        await connection.send('{"id":1,"cmd":"list_subscriptions"}')
        assert b'"ok"' in await connection.recv()
        await connection.close()
        with pytest.raises(AuthRefused):
            await connecting(served, key, signer_of=1 - key)()


async def test_a_clock_that_is_off_is_learned_from_the_refusal() -> None:
    house = world.kalshi(SystemClock())
    async with serve_kalshi(house, ApiKeys(), clock_offset_ms=60_000) as served:
        connect = connecting(served, 1)
        with pytest.raises(Unavailable, match="clock"):
            await connect()
        await (await connect()).close()
