"""The page as an ASGI app, with its guard in front."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from alerts.outbox import OutboxUnavailable
from app.desk import told_of
from app.problem import Problem
from app.store.history import HistoryUnavailable
from app.web.api import PREFIX, api
from app.web.entering import NotEntered, session_of, site_of
from app.web.guard import Guard
from app.web.pages import pages
from app.web.pages_alerts import alert_pages
from app.web.pages_doors import doors, inside
from app.web.pages_hedges import hedge_pages
from app.web.pages_pairs import pair_pages
from app.web.render import HERE, page
from app.web.site import Site
from execution.journal import JournalError
from scanner.jobs import RunsUnavailable

_UNAVAILABLE: Final = (
    *(Problem, HistoryUnavailable, OutboxUnavailable, RunsUnavailable, JournalError),
)
_log = structlog.get_logger()


def page_app(site: Site, hosts: frozenset[str]) -> Guard:
    app = FastAPI(
        title="dutchbook",
        version=version("dutchbook"),
        description="What a running dutchbook sees. Money is whole micros.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.site = site
    for router in (doors, inside, pair_pages, hedge_pages, alert_pages, pages, api):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(404)(_refused)
    app.exception_handler(405)(_refused)
    app.exception_handler(RequestValidationError)(_not_understood)
    app.exception_handler(NotEntered)(_door)
    app.exception_handler(Exception)(_bug)
    for error in _UNAVAILABLE:
        app.exception_handler(error)(_unavailable)
    return Guard(app, hosts)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(f"{PREFIX}/")


async def _told(
    request: Request, status: int, sentence: str, headers: dict[str, str] | None = None
) -> Response:
    if _is_api(request):
        return JSONResponse({"detail": sentence}, status, headers)
    site = site_of(request)
    answer: Response = await page(
        site, "problem.html", session_of(request), status=status, code=status, sentence=sentence
    )
    answer.headers.update(headers or {})
    return answer


async def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", ""))
    sentence = "There is nothing here." if detail == "Not Found" else detail
    return await _told(request, status, sentence, getattr(error, "headers", None))


async def _not_understood(request: Request, error: Exception) -> Response:
    if _is_api(request) and isinstance(error, RequestValidationError):
        said = [{"loc": e["loc"], "msg": e["msg"], "type": e["type"]} for e in error.errors()]
        return JSONResponse({"detail": said}, 422)
    return await _told(request, 422, "The address of this page is not one that it understands.")


async def _door(request: Request, _: Exception) -> Response:
    return await page(site_of(request), "enter.html", None, status=401, why="")


async def _unavailable(request: Request, error: Exception) -> Response:
    sentence = str(told_of(error) if isinstance(error, JournalError) else error)
    return await _told(request, 503, f"{sentence[:1].upper()}{sentence[1:]}")


async def _bug(request: Request, error: Exception) -> Response:
    _log.error("page.bug", path=request.url.path, why=repr(error))
    return await _told(request, 500, "This is our bug: the log says more.")
