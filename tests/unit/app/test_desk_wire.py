"""The desk over its socket: what a person asks in another process, and what strangers get."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from page_stage import StillDesk

from app import desk_wire
from app.config import Settings
from app.desk_wire import NAME, desk_elsewhere, serving
from app.problem import Exit, Problem


@pytest.fixture
def desk(tmp_path: Path, clock: Any) -> Any:
    return StillDesk(Settings(data_dir=tmp_path, environment="sim"), clock)


async def test_a_preview_is_executed_over_the_socket_and_refusals_are_told(
    desk: Any, tmp_path: Path
) -> None:
    async with serving(desk, tmp_path), desk_elsewhere(tmp_path) as there:
        assert there is not None
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
        found = await there.preview("pair")
        assert found.plan == desk.plans[found.plan.id]
        hedge = await there.execute(found.plan.id, by="ann")
        assert desk.opened == [(found.plan.id, "ann")]
        assert hedge == desk.ledger.hedges[hedge.id]
        for refused, code in (("nothing", Exit.REFUSED), ("away", Exit.PARTIAL)):
            with pytest.raises(Problem) as caught:
                await there.preview(refused)
            assert caught.value.code is code
        desk.refuses = ("too much",)
        with pytest.raises(Problem, match="too much"):
            await there.execute("another", by="ann")


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"no json\n",
        b"[1]\n",
        b'{"do":"fly"}\n',
        b'{"do":"execute"}\n',
        b"[" * 50_000 + b"\n",
    ],
)
async def test_what_nobody_understands_harms_nobody(desk: Any, tmp_path: Path, line: bytes) -> None:
    async with serving(desk, tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / NAME))
        writer.write(line)
        answer = await reader.readline()
        assert answer == b"" or json.loads(answer)["code"] == Exit.WRONG_USAGE
        writer.close()
        async with desk_elsewhere(tmp_path) as there:
            assert there is not None
            assert (await there.preview("pair")).plan.pair_id == "pair"
    assert desk.opened == []


async def test_a_line_without_an_end_is_not_kept_for_ever(desk: Any, tmp_path: Path) -> None:
    async with serving(desk, tmp_path):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / NAME))
        taken = 0
        with suppress(ConnectionError):
            while taken < 100:
                writer.write(b"x" * desk_wire.BYTES_MAX)
                await writer.drain()
                taken += 1
        assert taken < 100
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_a_long_name_of_the_folder_is_no_hindrance(desk: Any, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    async with serving(desk, folder), desk_elsewhere(folder) as there:
        assert there is not None
        assert (await there.preview("pair")).plan.pair_id == "pair"
    assert not (folder / NAME).exists()
    async with desk_elsewhere(folder) as there:
        assert there is None


async def test_a_socket_that_was_left_behind_is_nobodys_desk(desk: Any, tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / NAME))
    left.close()
    async with desk_elsewhere(tmp_path) as there:
        assert there is None
    async with serving(desk, tmp_path), desk_elsewhere(tmp_path) as there:
        assert there is not None


async def test_whoever_ends_leaves_the_socket_of_its_successor(desk: Any, tmp_path: Path) -> None:
    async with serving(desk, tmp_path):
        later = serving(desk, tmp_path)
        await later.__aenter__()
    assert (tmp_path / NAME).exists()
    await later.__aexit__(None, None, None)
    assert not (tmp_path / NAME).exists()


async def test_a_desk_that_says_nothing_is_not_waited_for_for_ever(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_wire, "ANSWER_S", 0.05)

    async def never(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    desk.execute = never
    async with serving(desk, tmp_path), desk_elsewhere(tmp_path) as there:
        assert there is not None
        with pytest.raises(Problem, match="hedge list") as caught:
            await there.execute("p0", by="ann")
    assert caught.value.code is Exit.UNKNOWN_OUTCOME


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
async def test_another_users_process_is_told_nothing(desk: Any) -> None:
    """Even where the file's mode would let it in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with serving(desk, folder):
            os.chmod(folder, 0o755)  # noqa: PTH101
            os.chmod(folder / NAME, 0o666)  # noqa: PTH101
            stranger = socket.socket(socket.AF_UNIX)
            os.seteuid(65_534)
            try:
                stranger.connect(str(folder / NAME))
            finally:
                os.seteuid(0)
            reader, writer = await asyncio.open_unix_connection(sock=stranger)
            writer.write(b'{"do":"preview","pair":"pair"}\n')
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
    assert desk.plans == {}
