"""What a request must show: a session to read, and for a change the session's token and an origin
of our own besides. Every route of the page and of the API hangs on one of these.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request

from app.web.doors import Session, is_csrf
from app.web.site import Site

COOKIE: Final = "dutchbook"
"""With the port behind it: a browser does not tell the ports of a host apart."""
SAFE: Final = frozenset({"GET", "HEAD"})
_FORM: Final = "application/x-www-form-urlencoded"
_FIELDS_MAX: Final = 30


class NotEntered(Exception):
    """Nobody has come in with this browser: show the door."""


def site_of(request: Request) -> Site:
    found: Site = request.app.state.site
    return found


def cookie_of(site: Site) -> str:
    return f"{COOKIE}_{site.port}"


def client_of(request: Request) -> str:
    return request.client.host if request.client else ""


def session_of(request: Request) -> Session | None:
    return site_of(request).doors.session(request.cookies.get(cookie_of(site_of(request))))


async def entered(request: Request) -> Session:
    """Raises NotEntered, and HTTPException (403) for a change that nobody here asked for."""
    session = session_of(request)
    if session is None:
        raise NotEntered
    if request.method not in SAFE:
        refuse_foreign(request)
        given = request.headers.get("x-csrf") or (await form_of(request)).get("csrf")
        if not is_csrf(session, given):
            raise HTTPException(403, "This form is not of your session: open the page anew.")
    return session


def refuse_foreign(request: Request) -> None:
    """Raises HTTPException (403) unless a page of ours sent this.

    A browser that is told to send no referrer writes `Origin: null` for a form; what it says of
    the site then, no page can forge.
    """
    origin = request.headers.get("origin")
    if origin in site_of(request).origins:
        return
    if origin in {None, "null"} and request.headers.get("sec-fetch-site") == "same-origin":
        return
    raise HTTPException(403, "This did not come from a page of this dutchbook.")


def refuse_stranger(request: Request) -> None:
    """The same where the browser says so at all, as over plain HTTP it may not."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site == "cross-site" or origin not in {None, "null", *site_of(request).origins}:
        raise HTTPException(403, "This did not come from a page of this dutchbook.")


async def reader(request: Request) -> None:
    """For the API, which only reads: its token, or the session of the page. Raises HTTPException
    (401)."""
    given = request.headers.get("authorization", "")
    kind, _, token = given.partition(" ")
    if given:
        if kind.lower() == "bearer" and site_of(request).doors.is_bearer(
            token.strip(), client_of(request)
        ):
            return
    elif session_of(request) is not None:
        return
    raise HTTPException(401, "Say the token of the API.", {"WWW-Authenticate": "Bearer"})


async def form_of(request: Request) -> dict[str, str]:
    """A form's fields. Raises HTTPException (415, 400) for what is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise HTTPException(415, "This is no form.")
    try:
        body = (await request.body()).decode()
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        raise HTTPException(400, "This form cannot be read.") from None
    if len({name for name, _ in fields}) != len(fields):
        raise HTTPException(400, "This form says something twice.")
    return dict(fields)


Entered = Annotated[Session, Depends(entered)]
