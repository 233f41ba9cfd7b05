"""What was told, and the forms by which a person hears less. GET never acts."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.web.entering import Entered, entered, form_of, site_of
from app.web.pages import WORDS_MAX, Words
from app.web.pages_pairs import who
from app.web.read_rest import alerts
from app.web.render import page

alert_pages = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)
_HOUR_MS: Final = 3_600_000
_HOURS: Final = ("0", "1", "8", "24", "168")


@alert_pages.get("/alerts")
async def show_alerts(request: Request, session: Entered, mute: Words = "") -> HTMLResponse:
    """`mute`: the pair that a letter's link asked about; nothing is done before the form is."""
    site = site_of(request)
    return await page(site, "alerts.html", session, found=await alerts(site), mute=mute)


@alert_pages.post("/alerts/mute")
async def mute_alerts(request: Request) -> RedirectResponse:
    """No hours: it is heard of again."""
    site, form = site_of(request), await form_of(request)
    what, hours = form.get("what", "").strip()[:WORDS_MAX], form.get("hours", "")
    if not what or hours not in _HOURS:
        raise HTTPException(400, "Say which pair, and for how many hours.")
    now_ms = site.clock.now_ms()
    until_ms = now_ms + int(hours) * _HOUR_MS
    await asyncio.to_thread(site.works.alerts.snoozes.mute, what, until_ms, who(), now_ms)
    return RedirectResponse("/alerts", 303)


@alert_pages.post("/alerts/ack")
async def acknowledge(request: Request) -> RedirectResponse:
    site, form = site_of(request), await form_of(request)
    subject = form.get("subject", "")
    if subject not in site.works.alerts.open:
        raise HTTPException(409, "It is over, or nobody knows it.")
    now_ms = site.clock.now_ms()
    await asyncio.to_thread(site.works.alerts.snoozes.acknowledge, subject, who(), now_ms)
    return RedirectResponse("/alerts", 303)
