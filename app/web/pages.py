"""The pages that only show. GET never acts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from app.web.anatomy import anatomy
from app.web.doors import Session
from app.web.entering import Entered, entered, site_of
from app.web.live import Full
from app.web.read_opportunities import Sort, Wanted, Which, misses, opportunities, past
from app.web.read_pairs import rules_of
from app.web.read_rest import all_settings, jobs, venues
from app.web.render import page
from app.web.site import Site

DAY_MS: Final = 86_400_000
WORDS_MAX: Final = 200
pages = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)
Words = Annotated[str, Query(max_length=WORDS_MAX)]


@pages.get("/")
async def start() -> RedirectResponse:
    return RedirectResponse("/opportunities", 303)


@pages.get("/opportunities")
async def show_opportunities(
    request: Request,
    session: Entered,
    q: Words = "",
    sort: Sort = "profit",
    turned: bool = False,
    which: Which = "all",
) -> HTMLResponse:
    site = site_of(request)
    wanted = Wanted(text=q, sort=sort, turned=turned, which=which)
    found = await opportunities(site, wanted)
    ended = await past(site, found.now_ms - DAY_MS, None, 12)
    return await page(
        site,
        "opportunities.html",
        session,
        found=found,
        wanted=wanted,
        ended=[row for row in ended if row.ended_ms][:8],
    )


@pages.get("/misses")
async def show_misses(
    request: Request, session: Entered, reason: Words = "", q: Words = ""
) -> HTMLResponse:
    site = site_of(request)
    found = misses(site, reason or None, q)
    return await page(site, "misses.html", session, here="/opportunities", found=found, text=q)


@pages.get("/opportunities/{id:path}")
async def show_opportunity(request: Request, session: Entered, id: str) -> HTMLResponse:
    site = site_of(request)
    shown = await opportunity_page(site, session, id)
    if shown is None:
        raise HTTPException(404, "Nobody knows this opportunity: it may be too old.")
    return shown


async def opportunity_page(site: Site, session: Session | None, id: str) -> HTMLResponse | None:
    """None where nobody knows it. Without a session it is to be looked at alone."""
    found = await anatomy(site, id)
    if found is None:
        return None
    return await page(
        site,
        "opportunity.html",
        session,
        here="/opportunities",
        found=found,
        id=id,
        rules=await rules_of(site, found.pair_id),
        in_book=session is not None and site.works.source.booked is not None,
    )


@pages.get("/inbox")
async def show_inbox(request: Request, session: Entered) -> HTMLResponse:
    """The demo's mail and Slack."""
    site = site_of(request)
    if site.inbox is None:
        raise HTTPException(404, "Only the demo has an inbox.")
    letters = reversed(site.inbox.letters)
    return await page(
        site, "inbox.html", session, letters=list(letters), counts=dict(site.inbox.counts)
    )


@pages.get("/jobs")
async def show_jobs(request: Request, session: Entered) -> HTMLResponse:
    site = site_of(request)
    return await page(site, "jobs.html", session, found=await jobs(site, 100))


@pages.get("/venues")
async def show_venues(request: Request, session: Entered) -> HTMLResponse:
    site = site_of(request)
    return await page(site, "venues.html", session, found=venues(site))


@pages.get("/settings")
async def show_settings(request: Request, session: Entered) -> HTMLResponse:
    return await settings_page(site_of(request), session, None)


async def settings_page(site: Site, session: Session, invited: str | None) -> HTMLResponse:
    """`invited`: a token for another browser, shown this once."""
    found = all_settings(site.settings)
    return await page(
        site, "settings.html", session, here="/settings", found=found, invited=invited
    )


@pages.get("/events")
async def events(request: Request) -> StreamingResponse:
    """The event stream: that something changed, never what."""
    try:
        stream = site_of(request).live.stream()
    except Full:
        raise HTTPException(503, "Too many pages are open.") from None
    return StreamingResponse(stream, media_type="text/event-stream")
