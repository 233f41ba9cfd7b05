"""Settings → what an executor trades at: the venues themselves, paper, or nothing at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from app.config import Settings
from app.problem import Problem
from app.wiring import open_account, open_live, open_polymarket, open_venue
from app.wiring_terms import VENUES, Member
from execution.dry import AssumedAccount, DryTrading
from execution.orders import Attempt
from execution.paper import PaperAccount, PaperTrading
from execution.router import Venue
from venues import Account, Cash, Clock, VenueError

_log = structlog.get_logger()


@asynccontextmanager
async def open_desks(
    settings: Settings, clock: Clock, attempts: Callable[[], Iterable[Attempt]]
) -> AsyncIterator[dict[str, Venue]]:
    """Only `mode: live` opens a line that an order could go over. `attempts`: what the journal
    knows, for paper."""
    async with AsyncExitStack() as stack:
        found = {}
        for name in VENUES:
            if settings.mode == "live":
                live = open_live(name, settings, clock=clock)
                found[name] = await stack.enter_async_context(live)
            else:
                found[name] = await _harmless(name, settings, clock, stack, attempts)
        yield found


async def _harmless(
    name: str,
    settings: Settings,
    clock: Clock,
    stack: AsyncExitStack,
    attempts: Callable[[], Iterable[Attempt]],
) -> Venue:
    member = Member(settings.kalshi.member)
    public = open_venue(name, settings, clock=clock, member=member)
    data = await stack.enter_async_context(public)
    if settings.mode == "paper":
        account = PaperAccount(name, settings.hedge.paper_cash, clock)
        account.restore(attempts())
        trading = PaperTrading(
            data,
            account,
            latency_ms=settings.hedge.paper_latency_ms,
            share_percent=settings.hedge.paper_share_percent,
        )
        return Venue(data, trading)
    real, closed = await _account(name, settings, clock, stack)
    return Venue(data, DryTrading(name, real), closed=closed)


async def _account(
    name: str, settings: Settings, clock: Clock, stack: AsyncExitStack
) -> tuple[Account, str]:
    """The real one where there is a key that works, and why it may open nothing, else one with as
    much cash as paper has."""
    keys = {"kalshi": settings.kalshi.key_file, "polymarket": settings.polymarket.key_file}
    if keys[name] is not None:
        try:
            if name == "polymarket":
                line = await stack.enter_async_context(open_polymarket(settings, clock=clock))
                return line.account, line.eligibility.why_not
            account = open_account(name, settings, clock=clock)
            return await stack.enter_async_context(account), ""
        except (Problem, VenueError) as error:
            _log.warning("hedge.assumed_cash", venue=name, why=str(error))
    return AssumedAccount(name, Cash(settings.hedge.paper_cash), clock), ""
