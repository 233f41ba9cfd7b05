"""The pair book: what waits for a person, both texts, and the person's word."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pairs_commands import person
from app.problem import Problem
from app.web.entering import Entered, entered, form_of, site_of
from app.web.pages import Words
from app.web.read_pairs import Decision, State, decide, next_waiting, pair, pairs
from app.web.render import page

NOTE_MAX: Final = 500
pair_pages = APIRouter(dependencies=[Depends(entered)], include_in_schema=False)


@pair_pages.get("/pairs")
async def show_pairs(
    request: Request, session: Entered, state: State = "waiting", q: Words = ""
) -> HTMLResponse:
    site = site_of(request)
    found = await pairs(site, state, q)
    return await page(site, "pairs.html", session, found=found, state=state, text=q)


@pair_pages.post("/pairs/decide")
async def decide_pair(request: Request, session: Entered) -> Response:
    """Then the next that waits."""
    site, form = site_of(request), await form_of(request)
    id, said = form.get("id", ""), form.get("decision", "")
    if said not in {"approve", "reject"}:
        raise HTTPException(400, "A pair is approved or rejected.")
    decision: Decision = "approve" if said == "approve" else "reject"
    try:
        after, _ = await decide(
            site,
            id,
            decision,
            version=form.get("version", ""),
            by=who(),
            note=form.get("note", "")[:NOTE_MAX],
        )
    except Problem as problem:
        return await _shown(request, session, id, str(problem), status=409)
    following = await next_waiting(site, after.id)
    where = f"/pairs/{quote(following, safe='')}" if following else "/pairs"
    return RedirectResponse(f"{where}?done={quote(after.id, safe='')}", 303)


@pair_pages.get("/pairs/{id:path}")
async def show_pair(request: Request, session: Entered, id: str, done: Words = "") -> HTMLResponse:
    return await _shown(request, session, id, "", done=done)


async def _shown(
    request: Request, session: Entered, id: str, why: str, *, status: int = 200, done: str = ""
) -> HTMLResponse:
    site = site_of(request)
    found = await pair(site, id)
    if found is None:
        raise HTTPException(404, "The pair book has no such pair.")
    decided = await pair(site, done) if done else None
    return await page(
        site,
        "pair.html",
        session,
        status=status,
        here="/pairs",
        view=found,
        why=why,
        done=decided.shown.kept if decided else None,
        following=await next_waiting(site, id),
    )


def who() -> str:
    """Who acts here: a page knows a browser, not a name."""
    try:
        return f"{person(None)} (page)"
    except Problem:
        return "somebody (page)"
