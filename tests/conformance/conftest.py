"""One suite for every venue. It knows a `Stage` only; every venue brings its own, in as many
variants as its documents leave open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import kalshi_stage
import polymarket_stage
import pytest
from stage import Stage

from venues import Clock

STAGES: Final[dict[str, Callable[[Clock], Any]]] = {
    **kalshi_stage.stages(),
    **polymarket_stage.stages(),
}
VARIANTS: Final = (*kalshi_stage.VARIANTS, *polymarket_stage.VARIANTS)


@pytest.fixture
def stages() -> dict[str, Callable[[Clock], Any]]:
    """Stages by name, to be opened: `async with stages["kalshi"](clock).open() as stage`."""
    return STAGES


@pytest.fixture(params=VARIANTS)
async def stage(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Stage]:
    async with STAGES[request.param](clock).open() as stage:
        yield stage
