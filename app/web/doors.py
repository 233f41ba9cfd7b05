"""Who may come in: the one-time token of the start, sessions, the token of the API.

Nothing here is written to disk. A session is known by the digest of its cookie alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from app.web.tokens import same_text
from venues import Clock

IDLE_MS: Final = 12 * 3_600_000
LONGEST_MS: Final = 7 * 24 * 3_600_000
SESSIONS_MAX: Final = 50
INVITED_MS: Final = 10 * 60_000
STARTED_MS: Final = 60 * 60_000
"""How long the token of the start holds: it stands in whatever keeps what is printed."""
TRIES: Final = 5
WITHIN_MS: Final = 60_000
_CLIENTS_MAX: Final = 1_000


@dataclass(slots=True)
class Session:
    """`id` names it in a log and in what it confirms; it opens nothing."""

    id: str
    csrf: str
    made_ms: int
    seen_ms: int


class Throttle:
    """So many wrong tries of one client in a minute; after them, not even a right one counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, deque[int]] = OrderedDict()

    def is_open(self, client: str) -> bool:
        now_ms, wrong = self._clock.now_ms(), self._wrong.get(client)
        while wrong and now_ms - wrong[0] >= WITHIN_MS:
            wrong.popleft()
        return not wrong or len(wrong) < TRIES

    def failed(self, client: str) -> None:
        self._wrong.setdefault(client, deque()).append(self._clock.now_ms())
        self._wrong.move_to_end(client)
        while len(self._wrong) > _CLIENTS_MAX:
            self._wrong.popitem(last=False)


class Doors:
    """`api_token`: opens the API, and lets a browser in as an invitation does. `tries`, `bearers`,
    `links`: wrong tokens of each kind, counted apart: a page of somebody else may send a browser to
    a link or to the door, and must not lock a program out with that."""

    def __init__(self, clock: Clock, api_token: str) -> None:
        self._clock = clock
        self._api_token = api_token
        self._invited: dict[str, int] = {}
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self.tries = Throttle(clock)
        self.bearers = Throttle(clock)
        self.links = Throttle(clock)

    def invite(self, for_ms: int = INVITED_MS) -> str:
        """A token that lets one browser in, once."""
        token = secrets.token_urlsafe(32)
        self._invited[token] = self._clock.now_ms() + for_ms
        return token

    def enter(self, token: str, client: str) -> str | None:
        """The cookie of a new session; None where the token lets nobody in."""
        if not self.tries.is_open(client):
            return None
        now_ms = self._clock.now_ms()
        self._invited = {t: end for t, end in self._invited.items() if now_ms < end}
        invited = [each for each in self._invited if same_text(token, [each])]
        if not invited and not same_text(token, [self._api_token]):
            self.tries.failed(client)
            return None
        for each in invited:
            del self._invited[each]
        return self._begin(now_ms)

    def session(self, cookie: str | None) -> Session | None:
        if not cookie:
            return None
        key, now_ms = _digest(cookie), self._clock.now_ms()
        found = self._sessions.get(key)
        if found is None:
            return None
        if now_ms - found.seen_ms >= IDLE_MS or now_ms - found.made_ms >= LONGEST_MS:
            del self._sessions[key]
            return None
        found.seen_ms = now_ms
        return found

    def leave(self, cookie: str) -> None:
        self._sessions.pop(_digest(cookie), None)

    def is_bearer(self, token: str, client: str) -> bool:
        if not self.bearers.is_open(client):
            return False
        if same_text(token, [self._api_token]):
            return True
        self.bearers.failed(client)
        return False

    def _begin(self, now_ms: int) -> str:
        cookie = secrets.token_urlsafe(32)
        csrf = secrets.token_urlsafe(32)
        made = Session(secrets.token_hex(8), csrf, now_ms, now_ms)
        self._sessions[_digest(cookie)] = made
        while len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return cookie


def is_csrf(session: Session, given: str | None) -> bool:
    return given is not None and hmac.compare_digest(session.csrf.encode(), given.encode())


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).digest()
