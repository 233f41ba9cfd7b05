"""The pages that only show. GET never acts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse

from app.web.anatomy import anatomy
from app.web.entering import Entered, entered, site_of
from app.web.live import Full
from app.web.read_opportunities import Sort, Wanted, Which, misses, opportunities, past
from app.web.read_pairs import rules_of
from app.web.read_rest import alerts, all_settings, jobs, venues
from app.web.render import page

DAY_MS: Final = 86_400_000
pages = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)
Words = Annotated[str, Query(max_length=200)]


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
    found = await anatomy(site, id)
    if found is None:
        raise HTTPException(404, "Nobody knows this opportunity: it may be too old.")
    return await page(
        site,
        "opportunity.html",
        session,
        here="/opportunities",
        found=found,
        id=id,
        rules=await rules_of(site, found.pair_id),
        in_book=site.works.source.booked is not None,
    )


@pages.get("/alerts")
async def show_alerts(request: Request, session: Entered) -> HTMLResponse:
    site = site_of(request)
    return await page(site, "alerts.html", session, found=await alerts(site))


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
    site = site_of(request)
    return await page(
        site, "settings.html", session, found=all_settings(site.settings), invited=None
    )


@pages.get("/events")
async def events(request: Request) -> StreamingResponse:
    """The event stream: that something changed, never what."""
    try:
        stream = site_of(request).live.stream()
    except Full:
        raise HTTPException(503, "Too many pages are open.") from None
    return StreamingResponse(stream, media_type="text/event-stream")
