"""Requests as a simulated venue's REST face reads them."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from venues.sim.faults import Fault, Kind, Message, Receive, Send


class Request(NamedTuple):
    """`path` as it came, percent-encoding included; names of headers are small."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    client: str


async def read(scope: Message, receive: Receive) -> Request:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers={
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        },
        body=body,
        client=(scope.get("client") or ("",))[0],
    )


async def live(receive: Receive, send: Send) -> None:
    """Nothing to do at the start and at the end, said in the words of ASGI."""
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def unheard(fault: Fault | None) -> bool:
    """Whether the request never reached the exchange."""
    return fault is not None and not fault.processed and fault.kind is not Kind.DELAY


def values(route: str, segments: tuple[str, ...]) -> dict[str, str] | None:
    """What stands for a route's {variables} in a path; None where it is another path."""
    names = route.split("/")[1:]
    if len(names) != len(segments):
        return None
    found = {}
    for name, segment in zip(names, segments, strict=True):
        if name.startswith("{") and segment:
            found[name.strip("{}")] = unquote(segment)
        elif name != segment:
            return None
    return found
