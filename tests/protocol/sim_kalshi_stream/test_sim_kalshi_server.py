"""The simulated Kalshi on loopback, met by plain clients: handshakes, books, pings, faults."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from venues import Clock
from venues.clock import SystemClock
from venues.sim import world
from venues.sim.kalshi.house import House
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import HEARTBEAT_MS, Served, serve_kalshi
from venues.sim.kalshi.server_accounts import Account
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.streams import Streams
from venues.sim.stream_faults import StreamFaults

PATH: Final = "/trade-api/ws/v2"
NYY: Final = "KXMLBGAME-26NOV26NYYBOS-NYY"


@pytest.fixture
async def served(house: House, streams: Streams, clock: Clock) -> AsyncIterator[Served]:
    async with serve_kalshi(house, ApiKeys(), streams=streams, clock=clock) as found:
        yield found


def headers(account: Account, now_ms: int, *, path: str = PATH, salt: int = 32) -> dict[str, str]:
    key = load_pem_private_key(account.private_key_file.read_bytes(), password=None)
    message = f"{now_ms}GET{path}".encode()
    if isinstance(key, RSAPrivateKey):
        signature = key.sign(message, PSS(MGF1(SHA256()), salt), SHA256())
    else:
        assert isinstance(key, Ed25519PrivateKey)
        signature = key.sign(message)
    return {
        "KALSHI-ACCESS-KEY": account.key_id,
        "KALSHI-ACCESS-TIMESTAMP": str(now_ms),
        "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode(),
    }


def signed(served: Served, number: int = 1, **more: Any) -> connect:
    said = headers(served.accounts[number], served.streams.house.now_ms)
    quiet: dict[str, Any] = {
        "proxy": None,
        "ping_interval": None,
        "max_queue": None,
        "close_timeout": 1,
    }
    return connect(served.ws, additional_headers=said, **quiet, **more)


async def subscribe(ws: ClientConnection, *tickers: str, **params: Any) -> None:
    said = {"channels": ["orderbook_delta"], "market_tickers": tickers, **params}
    await ws.send(json.dumps({"id": 1, "cmd": "subscribe", "params": said}))


async def read(ws: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        found: dict[str, Any] = json.loads(await ws.recv())
    return found


@pytest.mark.parametrize("number", [0, 1])
async def test_both_kinds_of_key_open_a_stream(served: Served, number: int) -> None:
    async with signed(served, number) as ws:
        await subscribe(ws, NYY)

        assert [(await read(ws))["type"] for _ in range(2)] == ["subscribed", "orderbook_snapshot"]


def refused(said: dict[str, str]) -> dict[str, dict[str, str]]:
    """Handshakes that are wrong in one thing, by what it is."""
    flipped = base64.b64encode(bytes(64)).decode()
    stamp = int(said["KALSHI-ACCESS-TIMESTAMP"])
    return {
        "nothing signed": {},
        "an unknown key": said | {"KALSHI-ACCESS-KEY": "00000000-0000-4000-8000-00000000dead"},
        "a wrong signature": said | {"KALSHI-ACCESS-SIGNATURE": flipped},
        "another time than signed": said | {"KALSHI-ACCESS-TIMESTAMP": str(stamp + 1)},
    }


async def test_a_wrong_handshake_is_401_with_a_flat_body(served: Served) -> None:
    now_ms = served.streams.house.now_ms
    rsa, ed25519 = served.accounts
    wrong = {
        **refused(headers(ed25519, now_ms)),
        "the path of REST": headers(ed25519, now_ms, path="/trade-api/v2"),
        "a query": headers(ed25519, now_ms, path=f"{PATH}?a=b"),
        "a salt of another length": headers(rsa, now_ms, salt=20),
        "a late clock": headers(ed25519, now_ms - 10_001),
        "an early clock": headers(ed25519, now_ms + 10_001),
    }
    for what, said in wrong.items():
        with pytest.raises(InvalidStatus) as caught:
            await connect(served.ws, additional_headers=said, proxy=None)

        response = caught.value.response
        assert response.status_code == 401, what
        assert response.headers["Content-Type"] == "application/json"
        assert json.loads(response.body)["code"] == "token_authentication_failure", what
        assert response.headers["Date"].startswith("Wed, 25 Nov 2026 00:00")


async def test_a_clock_ten_seconds_off_is_let_in(served: Served) -> None:
    said = headers(served.accounts[1], served.streams.house.now_ms - 10_000)

    async with connect(served.ws, additional_headers=said, proxy=None) as ws:
        assert ws.response is not None
        assert ws.response.headers["Date"].startswith("Wed, 25 Nov 2026 00:00")


async def test_another_path_is_not_found(served: Served) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(served.ws.removesuffix("/v2"), proxy=None)

    assert caught.value.response.status_code == 404


async def test_too_many_connections_of_one_user_are_refused(house: House, clock: Clock) -> None:
    streams = Streams(house, knobs=StreamKnobs(connections_max=1))
    async with (
        serve_kalshi(house, ApiKeys(), streams=streams, clock=clock) as served,
        signed(served),
    ):
        with pytest.raises(InvalidStatus) as caught:
            await signed(served)

        assert caught.value.response.status_code == 429


@pytest.mark.parametrize("yes_price", [False, True])
async def test_a_remote_copy_equals_the_house_after_hundreds_of_moves(
    served: Served, clock: Clock, copy: Any, tickers: tuple[str, ...], yes_price: bool
) -> None:
    house, mine, moves, last = served.streams.house, copy(yes_price=yes_price), 0, 0
    async with signed(served) as ws:
        await subscribe(ws, *tickers, use_yes_price=yes_price)
        for _ in range(40):
            await clock.sleep_ms(1_000)
            house.advance()
            await ws.send('{"cmd":"list_subscriptions"}')
            while (frame := await read(ws))["type"] != "ok":
                mine.take(frame)
                moves += frame["type"] == "orderbook_delta"
                assert frame.get("seq", last) == last + ("seq" in frame)
                last = frame.get("seq", last)
            assert all(mine.equals(house, ticker) for ticker in tickers)

    assert moves > 300


async def test_the_pump_moves_the_world_by_itself(clock: Clock, house: House) -> None:
    async with serve_kalshi(house, ApiKeys(), clock=clock) as served, signed(served) as ws:
        await subscribe(ws, NYY)
        for expected in ("subscribed", "orderbook_snapshot"):
            assert (await read(ws))["type"] == expected

        await clock.sleep_ms(30_000)

        assert (await read(ws))["type"] == "orderbook_delta"


async def test_the_heartbeat_comes_every_ten_seconds_of_the_house(
    served: Served, clock: Clock
) -> None:
    async with signed(served) as ws:
        beats: asyncio.Queue[bytes] = asyncio.Queue()
        recv_frame = ws.protocol.recv_frame

        def listening(frame: Any) -> None:
            if frame.opcode.name == "PING":
                beats.put_nowait(bytes(frame.data))
            recv_frame(frame)

        ws.protocol.recv_frame = listening  # type: ignore[method-assign]
        for _ in range(3):
            await clock.sleep_ms(HEARTBEAT_MS)
            async with asyncio.timeout(5):
                assert await beats.get() == b"heartbeat"
        assert beats.empty()


async def test_a_client_ping_is_answered(served: Served) -> None:
    async with signed(served) as ws, asyncio.timeout(5):
        await (await ws.ping())


async def test_a_cut_connection_ends_without_a_farewell(house: House, clock: Clock) -> None:
    streams = Streams(house, trouble=lambda _: StreamFaults(cut_after=2))
    async with (
        serve_kalshi(house, ApiKeys(), streams=streams, clock=clock) as served,
        signed(served) as ws,
    ):
        await subscribe(ws, NYY)
        for _ in range(2):
            await read(ws)

        with pytest.raises(ConnectionClosedError) as caught:
            await read(ws)
        assert caught.value.rcvd is None
        assert streams.conversations == ()


async def test_a_frozen_stream_still_beats(served: Served, clock: Clock) -> None:
    async with signed(served) as ws:
        await subscribe(ws, NYY)
        await read(ws)
        (conversation,) = served.streams.conversations
        conversation.line.faults = StreamFaults(freeze_after=0)
        await clock.sleep_ms(60_000)

        await (await ws.ping())

        assert not conversation.closed


async def test_compression_is_offered_on_demand(house: House, clock: Clock) -> None:
    for wanted in ("deflate", None):
        async with (
            serve_kalshi(house, ApiKeys(), clock=clock, compression=wanted) as served,
            signed(served) as ws,
        ):
            assert bool(ws.protocol.extensions) is (wanted == "deflate")


async def test_rest_and_stream_show_the_same_book(served: Served) -> None:
    async with httpx2.AsyncClient(trust_env=False) as http, signed(served) as ws:
        answer = await http.get(f"{served.rest}/markets/{NYY}/orderbook")
        await subscribe(ws, NYY)
        await read(ws)

        snapshot = (await read(ws))["msg"]
    book = answer.json()["orderbook_fp"]
    assert book["yes_dollars"] == snapshot["yes_dollars_fp"]
    assert book["no_dollars"] == snapshot["no_dollars_fp"]


async def test_private_keys_are_for_us_alone_and_go_away(house: House, clock: Clock) -> None:
    async with serve_kalshi(house, ApiKeys(), clock=clock) as served:
        files = [account.private_key_file for account in served.accounts]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
        assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700

    assert not files[0].parent.exists()


async def test_keys_stay_in_a_folder_that_was_named(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    async with serve_kalshi(house, ApiKeys(), clock=clock, folder=folder):
        pass

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len([*folder.iterdir()]) == 2


async def test_ports_can_be_chosen_and_a_taken_one_is_an_error(house: House, clock: Clock) -> None:
    async with serve_kalshi(house, ApiKeys(), clock=clock) as first:
        port = int(first.ws.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            async with serve_kalshi(house, ApiKeys(), clock=clock, ws_port=port):
                pass

    async with serve_kalshi(house, ApiKeys(), clock=clock, ws_port=port) as second:
        assert second.ws == first.ws


async def test_an_error_of_the_block_passes_by_as_it_is(house: House, clock: Clock) -> None:
    with pytest.raises(LookupError, match="ours"):
        async with serve_kalshi(house, ApiKeys(), clock=clock) as served, signed(served):
            raise LookupError("ours")


async def test_cancelling_the_block_ends_everything(house: House, clock: Clock) -> None:
    started = asyncio.Event()

    async def serve() -> None:
        async with serve_kalshi(house, ApiKeys(), clock=clock) as served, signed(served) as ws:
            await subscribe(ws, NYY)
            started.set()
            await asyncio.sleep(60)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(serve())
        await started.wait()
        task.cancel()

    assert task.cancelled()
    assert len(asyncio.all_tasks()) == 1


async def test_a_fault_of_the_house_is_not_swallowed(house: House, clock: Clock) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.RaisesGroup(ZeroDivisionError, flatten_subgroups=True):
        async with serve_kalshi(house, ApiKeys(), clock=clock):
            house.at(house.now_ms, broken)
            await asyncio.sleep(5)


async def test_real_time_serves_a_whole_world() -> None:
    house = world.kalshi(SystemClock(), seed=5)
    async with serve_kalshi(house, ApiKeys()) as served, signed(served) as ws:
        await subscribe(ws, NYY)

        assert (await read(ws))["type"] == "subscribed"
