"""The API, /api/v1: everything that the page shows, for programs. It only reads."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from app.pairs_show import pair_document
from app.web.anatomy import anatomy
from app.web.entering import COOKIE, reader, site_of
from app.web.models import (
    Alerts,
    AllSettings,
    Anatomy,
    Episodes,
    Fault,
    Jobs,
    Misses,
    Opportunities,
    PairDocument,
    Pairs,
    Status,
    Venues,
)
from app.web.models_hedges import Hedges, LimitsUsed, OneHedge, Pnl, Positions
from app.web.read_hedges import hedges, limits, one_hedge, pnl, positions
from app.web.read_opportunities import Sort, Wanted, Which, misses, opportunities, past
from app.web.read_pairs import State, pair, pairs
from app.web.read_rest import alerts, all_settings, jobs, venues
from app.web.site import status_of

PREFIX: Final = "/api/v1"
_SESSION: Final = "The page's session; the number is its port."
_FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Fault, "description": "Without the token."},
    503: {"model": Fault, "description": "The store does not answer."},
}
_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": Fault, "description": "Nobody knows it."}
}
api = APIRouter(
    prefix=PREFIX,
    dependencies=[
        Depends(HTTPBearer(auto_error=False, description="What stands in web.token_file.")),
        Depends(APIKeyCookie(name=f"{COOKIE}_8765", auto_error=False, description=_SESSION)),
        Depends(reader),
    ],
    responses=_FAULTS,
)
Text = Annotated[str, Query(max_length=200, description="Words that titles or the id hold.")]
Id = Annotated[str, Path(min_length=1, max_length=500)]
Ms = Annotated[int, Query(ge=0, le=1 << 53)]


@api.get("/status")
async def read_status(request: Request) -> Status:
    return status_of(site_of(request))


@api.get("/opportunities")
async def read_opportunities(
    request: Request,
    q: Text = "",
    sort: Sort = "profit",
    turned: bool = False,
    which: Which = "all",
) -> Opportunities:
    """Those that are open now."""
    wanted = Wanted(text=q, sort=sort, turned=turned, which=which)
    return await opportunities(site_of(request), wanted)


@api.get("/opportunities/{id}", responses=_NOT_FOUND)
async def read_opportunity(request: Request, id: Id) -> Anatomy:
    """One episode, or a pair that is watched, taken apart."""
    found = await anatomy(site_of(request), id)
    if found is None:
        raise HTTPException(404, "Nobody knows this opportunity.")
    return found


@api.get("/episodes")
async def read_episodes(
    request: Request,
    since_ms: Ms = 0,
    pair: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Episodes:
    """Those that lasted then or began later, the newest first."""
    rows = await past(site_of(request), since_ms, pair, limit)
    return Episodes(schema="dutchbook.episodes/1", rows=list(rows))


@api.get("/misses")
async def read_misses(
    request: Request,
    reason: Annotated[str | None, Query(max_length=100)] = None,
    q: Text = "",
) -> Misses:
    """Pairs that are no opportunity now, and the gate they stopped at."""
    return misses(site_of(request), reason, q)


@api.get("/pairs")
async def read_pairs(request: Request, state: State = "waiting", q: Text = "") -> Pairs:
    return await pairs(site_of(request), state, q)


@api.get("/pairs/{id}", responses=_NOT_FOUND)
async def read_pair(request: Request, id: Id) -> PairDocument:
    found = await pair(site_of(request), id)
    if found is None:
        raise HTTPException(404, "The pair book has no such pair.")
    return PairDocument.model_validate(pair_document(found.shown))


@api.get("/alerts")
async def read_alerts(request: Request) -> Alerts:
    return await alerts(site_of(request))


@api.get("/jobs")
async def read_jobs(request: Request, limit: Annotated[int, Query(ge=1, le=1_000)] = 100) -> Jobs:
    return await jobs(site_of(request), limit)


@api.get("/venues")
async def read_venues(request: Request) -> Venues:
    return venues(site_of(request))


@api.get("/hedges")
async def read_hedges(request: Request) -> Hedges:
    """The newest first."""
    return hedges(site_of(request))


@api.get("/hedges/{id}", responses=_NOT_FOUND)
async def read_hedge(request: Request, id: Id) -> OneHedge:
    """One hedge, with every row of the journal that is about it."""
    found = await one_hedge(site_of(request), id)
    if found is None:
        raise HTTPException(404, "The journal has no such hedge.")
    return found


@api.get("/positions")
async def read_positions(request: Request) -> Positions:
    return positions(site_of(request))


@api.get("/pnl")
async def read_pnl(request: Request) -> Pnl:
    return pnl(site_of(request))


@api.get("/limits")
async def read_limits(request: Request) -> LimitsUsed:
    return limits(site_of(request))


@api.get("/settings")
async def read_settings(request: Request) -> AllSettings:
    return all_settings(site_of(request).settings)
