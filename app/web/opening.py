"""Opens the page beside a running dutchbook, or not where the settings say so."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.config import Settings
from app.config_web import WebSettings
from app.inbox import Inbox
from app.private_file import private
from app.problem import Exit, Problem
from app.serving import listen, serve
from app.web.doors import STARTED_MS, Doors
from app.web.guard import hosts_of, origins_of
from app.web.live import HEDGES, Live
from app.web.server import page_app
from app.web.site import Site
from app.web.tokens import KEY_BYTES, Keys, view_token
from app.works import Works
from execution.hedge import Hedge
from venues.key_file import read_key_file

TOKEN_NAME: Final = "web/token"  # noqa: S105 - the name of a file
TOKEN_MIN: Final = 24
_ROTATE_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`address`: where a browser finds it. `says`: what a person must know to come in, once."""

    site: Site
    listener: socket.socket
    hosts: frozenset[str]
    address: str
    says: str

    @property
    def live(self) -> Live:
        return self.site.live

    def link(self, episode_id: str) -> str:
        """For an alert: it opens the page of this episode for a day, and can do nothing."""
        now_ms = self.site.clock.now_ms()
        token = view_token(self.site.keys, episode_id, now_ms)
        return f"{self.address}/a/{quote(episode_id, safe='')}?v={token}"

    def mute(self, pair_id: str) -> str:
        """For an alert: the page where who is let in may have less of this pair."""
        return f"{self.address}/alerts?mute={quote(pair_id, safe='')}"

    def hear_hedge(self, _: Hedge) -> None:
        self.live.ring(HEDGES)

    async def run(self) -> None:
        """Serves, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(page_app(self.site, self.hosts), self.listener))
            group.create_task(self._rotate())

    async def _rotate(self) -> None:
        while True:
            await self.site.clock.sleep_ms(_ROTATE_MS)
            self.site.keys.rotate(secrets.token_bytes(KEY_BYTES))


@contextmanager
def open_page(
    works: Works, trouble: Callable[[], str], inbox: Inbox | None = None
) -> Iterator[Page | None]:
    """None where no page is wanted. Raises Problem for a taken port and a token that is none."""
    web = works.settings.web
    if web.port is None:
        yield None
        return
    token = api_token(works.settings)
    with listen(web.port, "the page", web.host) as listener:
        port = int(listener.getsockname()[1])
        site = Site(
            works=works,
            live=Live(works.clock),
            doors=Doors(works.clock, token),
            keys=Keys(secrets.token_bytes(KEY_BYTES)),
            trouble=trouble,
            origins=origins_of(web, port),
            port=port,
            pairs=asyncio.Lock(),
            inbox=inbox,
        )
        page = Page(
            site=site,
            listener=listener,
            hosts=hosts_of(web, port),
            address=address(web, port),
            says=_says(web, port, site.doors.invite(STARTED_MS)),
        )
        try:
            yield page
        finally:
            page.live.close()


def address(web: WebSettings, port: int) -> str:
    """Where a browser finds the page."""
    host = f"[{web.host}]" if ":" in web.host else web.host
    return web.public_url or f"http://{host}:{port}"


def _says(web: WebSettings, port: int, token: str) -> str:
    """What follows # stays in the browser: no log and no referrer gets it."""
    words = f"The page, for one browser and an hour: {address(web, port)}/enter#{token}"
    if not web.is_loopback and not web.is_secure:
        words += "\nOther machines can reach it, without TLS: whoever is on the way reads along."
    return words


def api_token(settings: Settings) -> str:
    """The token of the file that the settings name, else of one that is made here. Raises
    Problem."""
    named = settings.web.token_file
    path = named.expanduser() if named else settings.folder / TOKEN_NAME
    try:
        if named is None and not path.exists():
            _make(path)
        token = read_key_file(path).decode("ascii").strip()
    except (OSError, ValueError) as error:
        said = str(error).rstrip(".")
        raise Problem(Exit.BAD_FILE, f"The token of the page cannot be used: {said}.") from None
    if len(token) < TOKEN_MIN or not token.isprintable() or " " in token:
        raise Problem(
            Exit.BAD_FILE,
            f"The token in {path} must be one word of {TOKEN_MIN} or more characters.",
        )
    return token


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private(path, "x") as file:
        file.write(f"{secrets.token_urlsafe(32)}\n")
