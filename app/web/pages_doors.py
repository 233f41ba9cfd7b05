"""Coming in, letting another browser in, leaving."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.web.doors import LONGEST_MS
from app.web.entering import (
    Entered,
    client_of,
    cookie_of,
    entered,
    form_of,
    refuse_stranger,
    session_of,
    site_of,
)
from app.web.pages import opportunity_page, settings_page
from app.web.read_opportunities import find_episode
from app.web.render import page
from app.web.tokens import TOKEN_MAX, Held, views

doors = APIRouter(include_in_schema=False)
inside = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)


@doors.get("/enter")
async def show_door(request: Request) -> HTMLResponse:
    return await page(site_of(request), "enter.html", session_of(request), why="")


@doors.get("/a/{id:path}")
async def follow_alert(
    request: Request, id: str, v: Annotated[str, Query(max_length=TOKEN_MAX)] = ""
) -> Response:
    """The link of an alert: the page of one episode, to look at. Whoever is in sees all of it."""
    site, client = site_of(request), client_of(request)
    if session_of(request) is not None:
        return RedirectResponse(f"/opportunities/{quote(id, safe='')}", 303)
    if not site.doors.links.is_open(client):
        raise HTTPException(429, "Too many wrong links: wait a minute, then try again.")
    episode = await find_episode(site, id)
    ended_ms = episode.ended_ms if episode else None
    held = views(site.keys, v, id, site.clock.now_ms(), ended_ms=ended_ms)
    if held is Held.WRONG or episode is None:
        site.doors.links.failed(client)
        raise HTTPException(403, "This link opens nothing: it may be of before a restart.")
    if held is Held.OVER:
        raise HTTPException(410, "This link is over: so is the opportunity, or a day has passed.")
    shown = await opportunity_page(site, None, id)
    if shown is None:
        raise HTTPException(410, "This link is over.")
    return shown


@doors.post("/enter")
async def enter(request: Request) -> Response:
    """The token itself is what a stranger's form would lack."""
    site = site_of(request)
    refuse_stranger(request)
    given = (await form_of(request)).get("token", "").strip()[:200]
    is_open = site.doors.tries.is_open(client_of(request))
    cookie = site.doors.enter(given, client_of(request))
    if cookie is None:
        why = (
            "This token lets nobody in: it was used, or is too old."
            if is_open
            else "Too many wrong tokens: wait a minute, then try again."
        )
        return await page(site, "enter.html", None, status=403 if is_open else 429, why=why)
    answer = RedirectResponse("/opportunities", 303)
    answer.set_cookie(
        cookie_of(site),
        cookie,
        max_age=LONGEST_MS // 1_000,
        httponly=True,
        samesite="strict",
        secure=site.settings.web.is_secure,
    )
    return answer


@inside.post("/invite")
async def invite(request: Request, session: Entered) -> HTMLResponse:
    """A token for one other browser."""
    site = site_of(request)
    return await settings_page(site, session, site.doors.invite())


@inside.post("/leave")
async def leave(request: Request) -> Response:
    site = site_of(request)
    site.doors.leave(request.cookies.get(cookie_of(site), ""))
    answer = RedirectResponse("/enter", 303)
    answer.delete_cookie(cookie_of(site))
    return answer
