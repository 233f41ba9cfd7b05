"""A desk over a socket of this machine: one question a line, one answer a line.

Whoever may open the socket's file may trade; the file is its owner's alone, and the system says
whose process the other end is. The answers are the desk's own values as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import TypeAdapter

from app import proposing
from app.desk import Desk, Preview
from app.problem import Exit, Problem
from execution.hedge import Hedge
from execution.journal import JournalError
from execution.ledger import Act
from execution.proposals import Proposal
from execution.risk import NotApproved
from venues import Cash, Quantity, VenueError

NAME: Final = "desk.sock"
BYTES_MAX: Final = 1 << 20
ANSWER_S: Final = 60
"""A preview reads both venues; nothing takes longer but a hedge that has to come to rest."""
_ADDRESS_MAX: Final = 100
_HEDGE: Final = TypeAdapter(Hedge)
_PREVIEW: Final = TypeAdapter(Preview)
_PROPOSALS: Final = TypeAdapter(tuple[Proposal, ...])
_ACT: Final = TypeAdapter(Act)
_PEER: Final = struct.Struct("3i")
_log = structlog.get_logger()


@asynccontextmanager
async def serving(desk: Desk, folder: Path) -> AsyncIterator[None]:
    """Answers until the end of the block."""
    path = folder / NAME
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _address(folder) as address:
        bound.bind(address)
    path.chmod(0o600)
    ours = path.stat().st_ino
    answering: set[asyncio.Task[Any]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        answering.add(task)
        task.add_done_callback(answering.discard)
        await _answer_all(desk, reader, writer)

    server = await asyncio.start_unix_server(answer, sock=bound, limit=BYTES_MAX)
    try:
        async with server:
            yield
    finally:
        for each in answering:
            each.cancel()
        if answering:
            await asyncio.wait(answering)
        with suppress(FileNotFoundError):
            if path.stat().st_ino == ours:  # else another one has taken its place
                path.unlink()


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """Of the socket in a folder, however long the folder's name is: the system takes a hundred
    bytes."""
    if len(os.fsencode(folder / NAME)) <= _ADDRESS_MAX:
        yield str(folder / NAME)
        return
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{held}/{NAME}"
    finally:
        os.close(held)


async def _answer_all(
    desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError, RecursionError):
            if _is_ours(writer):
                while line := await reader.readline():
                    said = json.dumps(await _answer(desk, json.loads(line)))
                    writer.write(said.encode() + b"\n")
                    await writer.drain()
    finally:
        writer.close()


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    connection = writer.get_extra_info("socket")
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(found)
    return bool(uid == os.getuid())


async def _answer(desk: Desk, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"ok": await _done(desk, asked)}
    except Problem as problem:
        return {"code": int(problem.code), "said": str(problem)}
    except NotApproved as error:
        return {"code": int(Exit.REFUSED), "said": str(error)}
    except (JournalError, VenueError) as error:
        return {"code": int(Exit.PARTIAL), "said": str(error)}
    except (KeyError, TypeError, ValueError) as error:
        return {"code": int(Exit.WRONG_USAGE), "said": f"The desk was asked in vain: {error!r}."}


async def _done(desk: Desk, asked: Mapping[str, Any]) -> Any:
    match asked["do"]:
        case "preview":
            size, budget = asked.get("quantity"), asked.get("budget")
            found = await desk.preview(
                str(asked["pair"]),
                quantity=None if size is None else Quantity(int(size)),
                budget=None if budget is None else Cash(int(budget)),
            )
            return json.loads(_PREVIEW.dump_json(found))
        case "execute":
            hedge = await desk.execute(str(asked["preview"]), by=str(asked["by"]))
        case "rest":
            hedge = await desk.rest(str(asked["hedge"]))
        case "resume":
            hedge = await desk.resume(str(asked["hedge"]), str(asked["by"]))
        case "unwind":
            hedge = await desk.unwind(str(asked["hedge"]), str(asked["by"]))
        case "reopen":
            return await desk.reopen(str(asked["venue"]), str(asked["by"]))
        case "proposals":
            return json.loads(_PROPOSALS.dump_json(await proposing.fresh(desk)))
        case "act":
            act = await proposing.do(desk, str(asked["proposal"]), str(asked["by"]))
            return json.loads(_ACT.dump_json(act))
        case other:
            raise ValueError(f"there is no {other!r}")
    return json.loads(_HEDGE.dump_json(hedge))


class DeskElsewhere:
    """The desk of another process of ours, which holds the journal: what a person asks of one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def preview(
        self, pair_id: str, *, quantity: Quantity | None = None, budget: Cash | None = None
    ) -> Preview:
        found = await self._ask(do="preview", pair=pair_id, quantity=quantity, budget=budget)
        return _PREVIEW.validate_python(found, strict=False)

    async def execute(self, preview_id: str, *, by: str) -> Hedge:
        return _hedge(await self._ask(do="execute", preview=preview_id, by=by))

    async def rest(self, id: str) -> Hedge:
        return _hedge(await self._ask(do="rest", hedge=id))

    async def resume(self, id: str, by: str) -> Hedge:
        return _hedge(await self._ask(do="resume", hedge=id, by=by))

    async def unwind(self, id: str, by: str) -> Hedge:
        return _hedge(await self._ask(do="unwind", hedge=id, by=by))

    async def reopen(self, venue: str, by: str) -> bool:
        return bool(await self._ask(do="reopen", venue=venue, by=by))

    async def proposals(self) -> tuple[Proposal, ...]:
        return _PROPOSALS.validate_python(await self._ask(do="proposals"), strict=False)

    async def act(self, id: str, by: str) -> Act:
        return _ACT.validate_python(await self._ask(do="act", proposal=id, by=by), strict=False)

    async def _ask(self, **asked: Any) -> Any:
        """Raises Problem for whatever the desk said no to, and where it went away or is silent."""
        self._writer.write(json.dumps(asked).encode() + b"\n")
        try:
            async with asyncio.timeout(None if asked["do"] == "rest" else ANSWER_S):
                await self._writer.drain()
                line = await self._reader.readline()
        except TimeoutError:
            raise Problem(
                Exit.UNKNOWN_OUTCOME,
                f"The running dutchbook says nothing for {ANSWER_S} s. What it did is in its "
                "journal: dutchbook hedge list.",
            ) from None
        if not line:
            raise Problem(
                Exit.UNKNOWN_OUTCOME,
                "The running dutchbook went away in the middle. What it did is in its journal: "
                "dutchbook hedge list.",
            )
        answer = json.loads(line)
        if "ok" not in answer:
            raise Problem(Exit(answer["code"]), answer["said"])
        return answer["ok"]


@asynccontextmanager
async def desk_elsewhere(folder: Path) -> AsyncIterator[DeskElsewhere | None]:
    """None where no process of ours has one open."""
    try:
        with _address(folder) as address:
            reader, writer = await asyncio.open_unix_connection(address, limit=BYTES_MAX)
    except (FileNotFoundError, ConnectionRefusedError):
        yield None
        return
    try:
        yield DeskElsewhere(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def _hedge(found: Any) -> Hedge:
    return _HEDGE.validate_python(found, strict=False)
