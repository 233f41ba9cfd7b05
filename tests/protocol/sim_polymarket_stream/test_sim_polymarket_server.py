"""The simulated Polymarket on loopback, met by plain clients: REST, both websockets, keys."""

from __future__ import annotations

import asyncio
import json
import random
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from venues import Clock
from venues.clock import SystemClock
from venues.money import ONE
from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import Kind
from venues.sim.polymarket.server import SAID_MAX, Served, serve_polymarket
from venues.sim.polymarket.server_accounts import owner_of
from venues.sim.polymarket.streams import Streams
from venues.sim.stream_faults import StreamFaults

RAIN: Final = "0x" + "22" * 32
KEY: Final = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
KEYS: Final = tuple((kind, KEY) for kind in Kind)
WALLETS: Final = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x365f0CA36Ae1f641E02fE3B7743673da42A13A70",
    "0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47",
    "0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50",
)


@pytest.fixture
async def served(house: House, streams: Streams, clock: Clock) -> AsyncIterator[Served]:
    async with serve_polymarket(house, clock=clock, streams=streams, keys=KEYS) as found:
        yield found


@pytest.fixture
def tokens(house: House) -> tuple[str, str]:
    return house.catalogue.markets[RAIN].tokens


def dial(url: str) -> connect:
    quiet: dict[str, Any] = {"proxy": None, "ping_interval": None, "close_timeout": 1}
    return connect(url, max_queue=None, **quiet)


async def subscribe(ws: ClientConnection, *tokens: str) -> None:
    await ws.send(json.dumps({"type": "market", "assets_ids": tokens}))


async def hear(ws: ClientConnection) -> str:
    async with asyncio.timeout(5):
        return str(await ws.recv())


async def events(ws: ClientConnection) -> list[dict[str, Any]]:
    found = json.loads(await hear(ws))
    return found if isinstance(found, list) else [found]


async def ended(ws: ClientConnection) -> ConnectionClosed:
    with pytest.raises(ConnectionClosed) as caught:
        await hear(ws)
    return caught.value


async def test_the_market_channel_is_open_to_anybody(
    served: Served, tokens: tuple[str, str], us: Any
) -> None:
    async with dial(served.ws_market) as ws:
        await subscribe(ws, *tokens)
        assert [each["event_type"] for each in await events(ws)] == ["book", "book"]

        us.order(tokens[0], "BUY", "0.40", "10")

        assert (await events(ws))[0]["event_type"] == "price_change"


async def test_the_user_channel_wants_keys(
    served: Served, tokens: tuple[str, str], us: Any
) -> None:
    auth = {"apiKey": us.key.key, "secret": us.key.secret, "passphrase": us.key.passphrase}
    async with dial(served.ws_user) as ws:
        await ws.send(json.dumps({"type": "user", "auth": auth}))
        await ws.send("PING")
        assert await hear(ws) == "PONG"
        us.order(tokens[0], "BUY", "0.40", "10")
        assert (await events(ws))[0]["type"] == "PLACEMENT"

    async with dial(served.ws_user) as ws:
        await ws.send(json.dumps({"type": "user", "auth": auth | {"secret": "AAAA"}}))
        end = await ended(ws)
        assert end.rcvd is not None
        assert end.rcvd.reason == ""


async def test_a_wrong_first_frame_is_told_the_reason(served: Served) -> None:
    async with dial(served.ws_market) as ws:
        await ws.send("PING")
        end = await ended(ws)

    assert end.rcvd is not None
    assert (end.rcvd.code, end.rcvd.reason) == (1008, "invalid subscription payload")


async def test_bad_json_is_answered_and_an_oversized_frame_ends_it(
    served: Served, tokens: tuple[str, str]
) -> None:
    async with dial(served.ws_market) as ws:
        await subscribe(ws, *tokens)
        await hear(ws)
        await ws.send(b"\xff{")
        assert await hear(ws) == "INVALID OPERATION"

        await ws.send(" " * (SAID_MAX + 1))
        end = await ended(ws)

    assert end.rcvd is not None
    assert end.rcvd.code == 1009


async def test_another_path_is_not_found(served: Served) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await dial(served.ws_market + "s")

    assert caught.value.response.status_code == 404
    assert caught.value.response.headers["Date"].startswith("Wed, 25 Nov 2026 00:00")


async def test_a_remote_copy_equals_the_house_after_hundreds_of_moves(
    served: Served,
    clock: Clock,
    copy: Any,
    house: House,
    trade_at_random: Callable[..., None],
) -> None:
    rng, mine, moves = random.Random(3), copy(), 0
    every = [token for market in house.catalogue.markets.values() for token in market.tokens]
    async with dial(served.ws_market) as ws:
        await subscribe(ws, *every)
        for event in await events(ws):
            mine.take(event)
        for _ in range(20):
            for _ in range(20):
                trade_at_random(rng)
            await ws.send("PING")
            while (text := await hear(ws)) != "PONG":
                mine.take(json.loads(text))
                moves += 1
            while not all(mine.equals(house, token) for token in every):
                mine.take(json.loads(await hear(ws)))
                moves += 1

    assert moves > 200


async def test_the_pump_moves_the_world_by_itself(
    served: Served, clock: Clock, house: House, tokens: tuple[str, str], us: Any
) -> None:

    house.at(house.now_ms + 30_000, lambda: us.order(tokens[0], "BUY", "0.40", "10"))
    async with dial(served.ws_market) as ws:
        await subscribe(ws, *tokens)
        await hear(ws)

        await clock.sleep_ms(30_000)

        assert (await events(ws))[0]["event_type"] == "price_change"


async def test_a_cut_connection_ends_without_a_farewell(
    house: House, clock: Clock, tokens: tuple[str, str]
) -> None:
    streams = Streams(house, trouble=lambda _: StreamFaults(cut_after=1))
    async with (
        serve_polymarket(house, streams=streams, clock=clock) as served,
        dial(served.ws_market) as ws,
    ):
        await subscribe(ws, *tokens)
        await hear(ws)

        end = await ended(ws)

        assert isinstance(end, ConnectionClosedError)
        assert end.rcvd is None
        assert streams.conversations == ()


async def test_a_frozen_stream_still_says_pong(
    served: Served, tokens: tuple[str, str], us: Any
) -> None:
    async with dial(served.ws_market) as ws:
        await subscribe(ws, *tokens)
        await hear(ws)
        (conversation,) = served.streams.conversations
        conversation.line.faults = StreamFaults(freeze_after=0)
        us.order(tokens[0], "BUY", "0.40", "10")

        for _ in range(2):
            await ws.send("PING")
            assert await hear(ws) == "PONG"


async def test_a_late_frame_is_sent_when_it_is_due(
    house: House, clock: Clock, tokens: tuple[str, str]
) -> None:
    streams = Streams(house, trouble=lambda _: StreamFaults(delay=ONE, delay_ms=5_000))
    async with (
        serve_polymarket(house, streams=streams, clock=clock) as served,
        dial(served.ws_market) as ws,
    ):
        await subscribe(ws, *tokens)
        await ws.send("PING")
        assert await hear(ws) == "PONG"
        await clock.sleep_ms(5_000)

        assert len(await events(ws)) == 2


async def test_every_host_of_rest_is_served_and_shows_the_same_book(
    served: Served, tokens: tuple[str, str], us: Any
) -> None:
    us.order(tokens[0], "BUY", "0.40", "10")
    async with httpx2.AsyncClient(trust_env=False) as http, dial(served.ws_market) as ws:
        answers = [
            await http.get(url)
            for url in (
                f"{served.clob}/book?token_id={tokens[0]}",
                f"{served.gamma}/markets/902",
                f"{served.data}/v2/trades?user={us.wallet}",
                f"{served.relayer}/deployed?address={us.wallet}&type=WALLET",
                f"{served.site}/api/geoblock",
            )
        ]
        await subscribe(ws, *tokens)
        book = (await events(ws))[0]

    assert [answer.status_code for answer in answers] == [200] * 5
    same = {name: answers[0].json()[name] for name in book if name != "event_type"}
    assert same == {name: value for name, value in book.items() if name != "event_type"}


async def test_there_is_an_account_of_each_kind_for_us_alone(served: Served, house: House) -> None:
    accounts = served.accounts
    files = [account.private_key_file for account in accounts]

    assert tuple(account.address for account in accounts) == WALLETS
    assert [account.signature_type for account in accounts] == [0, 1, 2, 3]
    assert {file.read_text().strip() for file in files} == {f"0x{KEY.hex()}"}
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * 4
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    assert [house.wallets.of(owner_of(KEY), kind) for kind in Kind] == [*WALLETS]


async def test_keys_go_away_unless_a_folder_was_named(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    async with serve_polymarket(house, clock=clock, keys=KEYS) as served:
        gone = served.accounts[0].private_key_file
    folder = tmp_path / "keys"
    folder.mkdir()
    for _ in range(2):
        for file in folder.iterdir():
            file.chmod(0o644)
        async with serve_polymarket(house, clock=clock, keys=KEYS, folder=folder):
            pass

    assert not gone.parent.exists()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600] * 4


async def test_ports_can_be_chosen_and_a_taken_one_is_an_error(house: House, clock: Clock) -> None:
    async with serve_polymarket(house, clock=clock) as first:
        port = int(first.ws_user.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            async with serve_polymarket(house, clock=clock, ws_port=port):
                pass

    async with serve_polymarket(house, clock=clock, ws_port=port) as second:
        assert second.ws_user == first.ws_user


async def test_an_error_of_the_block_passes_by_as_it_is(house: House, clock: Clock) -> None:
    with pytest.raises(LookupError, match="ours"):
        async with serve_polymarket(house, clock=clock) as served, dial(served.ws_market):
            raise LookupError("ours")


async def test_cancelling_the_block_ends_everything(house: House, clock: Clock) -> None:
    started = asyncio.Event()

    async def serve() -> None:
        async with serve_polymarket(house, clock=clock) as served, dial(served.ws_market) as ws:
            await subscribe(ws)
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
        async with serve_polymarket(house, clock=clock):
            house.at(house.now_ms, broken)
            await asyncio.sleep(5)


async def test_the_venues_clock_may_differ_from_ours(house: House, clock: Clock) -> None:
    async with (
        serve_polymarket(house, clock=clock, clock_offset_ms=3_600_000) as served,
        httpx2.AsyncClient(trust_env=False) as http,
        dial(served.ws_market) as ws,
    ):
        assert ws.response is not None
        dates = {ws.response.headers["Date"], (await http.get(f"{served.clob}/ok")).headers["Date"]}

    assert dates == {"Wed, 25 Nov 2026 01:00:00 GMT"}


async def test_real_time_serves_a_house() -> None:
    house = House(SystemClock())
    async with serve_polymarket(house) as served, dial(served.ws_market) as ws:
        await subscribe(ws)
        await ws.send("PING")

        assert await hear(ws) == "PONG"
