"""From a preview to a hedge, and what a person may do with one.

A preview is made anew for whoever asks, and names all numbers. What is confirmed is that preview
and no other: the token that goes with it holds for these books, these limits, this browser and a
minute, and is used once.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app import proposing
from app.desk import Preview
from app.kill_switch import let_go, stop
from app.problem import Problem
from app.web.doors import Session
from app.web.entering import Entered, entered, form_of, site_of
from app.web.pages_pairs import who
from app.web.read_hedges import (
    acts,
    hedges,
    ledger_of,
    limits,
    one_hedge,
    pnl,
    positions,
    proposals,
)
from app.web.render import page
from app.web.site import Site
from app.web.tokens import Confirmed, Held, confirm_token, confirms, nonce_of
from execution.plan import HedgePlan
from execution.risk import NotApproved
from venues import Cash, Quantity, VenueError, micros

AMOUNT_MAX: Final = 20
ID_MAX: Final = 80
_SAYS: Final = {
    Held.OVER: "The confirmation is too old: these are the numbers of then. Make a new preview.",
    Held.WRONG: (
        "This confirmation does not hold here: the limits, the mode or the browser is another one. "
        "Make a new preview."
    ),
}
hedge_pages = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)


@hedge_pages.get("/positions")
async def show_positions(request: Request, session: Entered) -> HTMLResponse:
    site = site_of(request)
    return await page(
        site,
        "positions.html",
        session,
        held=positions(site),
        pnl=pnl(site),
        limits=limits(site),
        proposals=proposals(site),
        acts=acts(site),
        is_live=site.settings.mode == "live",
    )


@hedge_pages.post("/proposals/do")
async def do_proposal(request: Request, session: Entered) -> Response:
    """One click, once: the same proposal again is the outcome of the first."""
    site, form = site_of(request), await form_of(request)
    try:
        await proposing.do(site.works.desk, form.get("proposal", "")[:ID_MAX], who())
    except (Problem, VenueError) as error:
        return await _not_done(site, session, "", [str(error)])
    return RedirectResponse("/positions", 303)


@hedge_pages.get("/hedges")
async def show_hedges(request: Request, session: Entered) -> HTMLResponse:
    site = site_of(request)
    return await page(site, "hedges.html", session, found=hedges(site), limits=limits(site))


@hedge_pages.get("/hedges/{id}")
async def show_hedge(request: Request, session: Entered, id: str) -> HTMLResponse:
    site = site_of(request)
    found = await one_hedge(site, id)
    if found is None:
        raise HTTPException(404, "The journal has no such hedge.")
    return await page(site, "hedge.html", session, here="/hedges", found=found)


@hedge_pages.post("/hedge/preview")
async def preview(request: Request, session: Entered) -> HTMLResponse:
    """Sends nothing."""
    site, form = site_of(request), await form_of(request)
    pair_id = form.get("pair", "")
    size, budget = _amount(form, "size"), _amount(form, "budget")
    try:
        found = await site.works.desk.preview(
            pair_id,
            quantity=None if size is None else Quantity(size),
            budget=None if budget is None else Cash(budget),
        )
    except (Problem, VenueError) as error:
        return await _not_done(site, session, pair_id, [str(error)])
    plan = found.plan
    until_ms = min(plan.expires_ms, site.clock.now_ms() + site.settings.web.confirm_s * 1_000)
    token = confirm_token(
        site.keys, _of(site, session, plan), nonce=secrets.token_urlsafe(12), until_ms=until_ms
    )
    return await _shown(site, session, found, token, until_ms)


@hedge_pages.post("/hedge/execute")
async def execute(request: Request, session: Entered) -> Response:
    """Once: whoever asks again is led to what became of the first."""
    site, form = site_of(request), await form_of(request)
    desk, id, token = site.works.desk, form.get("preview", ""), form.get("confirm", "")
    if (before := ledger_of(site).keys.get(id)) is not None:
        return _to(before)
    plan = await asyncio.to_thread(desk.previews.find, id[:ID_MAX])
    if plan is None:
        return await _not_done(site, session, "", ["There is no such preview any more."])
    held = confirms(site.keys, token, _of(site, session, plan), site.clock.now_ms())
    if held is not Held.GOOD:
        return await _not_done(site, session, plan.pair_id, [_SAYS[held]])
    if site.settings.mode == "live" and form.get("real") != "yes":
        return await _not_done(site, session, plan.pair_id, ["Say that real orders are meant."])
    nonce = nonce_of(token)
    reasons = await site.attempts.once(nonce, partial(_execute, site, id, nonce))
    if reasons:
        return await _not_done(site, session, plan.pair_id, reasons)
    return _to(ledger_of(site).keys[id])


async def _execute(site: Site, preview_id: str, nonce: str) -> Sequence[str]:
    """Why it was not done; none: it is."""
    try:
        await site.works.desk.execute(preview_id, by=who(), nonce=nonce)
    except NotApproved as error:
        return error.reasons
    except (Problem, VenueError) as error:
        return [str(error)]
    return ()


@hedge_pages.post("/hedge/resume")
async def resume(request: Request) -> Response:
    """A parked one: its twin is looked for again."""
    return await _go_on(request, "resume")


@hedge_pages.post("/hedge/unwind")
async def unwind(request: Request) -> Response:
    """A parked one: what has no twin is sold."""
    return await _go_on(request, "unwind")


@hedge_pages.post("/kill")
async def kill(request: Request) -> Response:
    """On at once; off only with the word typed."""
    site, form = site_of(request), await form_of(request)
    if form.get("to") == "on":
        stop(site.settings, form.get("why", "").strip() or f"by {who()}")
    elif form.get("word", "").strip().lower() == "off":
        let_go(site.settings)
    else:
        raise HTTPException(400, "Type off to let hedges begin again.")
    return RedirectResponse("/hedges", 303)


@hedge_pages.post("/reopen")
async def reopen(request: Request) -> Response:
    """A venue that was closed to entries, with its name typed."""
    site, form = site_of(request), await form_of(request)
    venue = form.get("venue", "")
    if form.get("word", "").strip().lower() != venue or venue not in site.room.feeds:
        raise HTTPException(400, "Type the name of the venue to open it again.")
    await site.works.desk.reopen(venue, who())
    return RedirectResponse("/hedges", 303)


async def _go_on(request: Request, what: str) -> Response:
    site, form = site_of(request), await form_of(request)
    desk, id = site.works.desk, form.get("hedge", "")
    try:
        await (desk.resume if what == "resume" else desk.unwind)(id, who())
    except Problem as problem:
        raise HTTPException(409, str(problem)) from None
    return _to(id)


def _of(site: Site, session: Session, plan: HedgePlan) -> Confirmed:
    """What a confirmation of this plan, here and now, is of."""
    return Confirmed(
        preview_id=plan.id,
        quote_version=_digest(plan),
        limits=_digest(site.works.desk.limits),
        audience=f"{site.settings.environment}:{site.settings.mode}:{session.id}",
    )


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


async def _shown(
    site: Site, session: Session, found: Preview, token: str, until_ms: int
) -> HTMLResponse:
    return await page(
        site,
        "confirm.html",
        session,
        here="/opportunities",
        found=found,
        token=token,
        until_ms=until_ms,
        now_ms=site.clock.now_ms(),
    )


async def _not_done(
    site: Site, session: Session, pair_id: str, reasons: Sequence[str]
) -> HTMLResponse:
    return await page(
        site,
        "not_done.html",
        session,
        status=409,
        here="/opportunities",
        pair_id=pair_id,
        reasons=reasons,
    )


def _to(hedge_id: str) -> RedirectResponse:
    return RedirectResponse(f"/hedges/{quote(hedge_id, safe='')}", 303)


def _amount(form: dict[str, str], name: str) -> int | None:
    """Raises HTTPException (400)."""
    words = form.get(name, "").strip()
    if not words:
        return None
    try:
        found = micros(words[:AMOUNT_MAX])
    except ValueError:
        found = 0
    if found <= 0:
        raise HTTPException(400, "A size or a budget is a number above zero, as 12.5.")
    return found
