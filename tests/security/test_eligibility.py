"""Who may not open positions opens none, at either venue: asked, shown and kept to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from app.config import Settings
from app.desk import Desk, NoPlan, Preview, open_desk
from app.pair_source import pairs_to_scan
from app.simulated import settings_of
from app.wiring import open_live
from app.wiring_sim import Served, serve_simulated
from venues import SystemClock

CLOSED: Final = "Polymarket lets this account close positions, not open any."
BLOCKED: Final = "Polymarket does not let anybody open positions from here."


async def previewed(desk: Desk) -> Preview:
    for _ in range(40):
        for row in desk.pairs.now.rows:
            try:
                return await desk.preview(row.pair_id)
            except NoPlan:
                continue
        await desk.clock.sleep_ms(250)
    raise AssertionError("nothing is left anywhere for ten seconds")


def settings_in(served: Served, folder: Path, mode: str) -> Settings:
    found = settings_of(served)
    return Settings(**found | {"data_dir": folder, "mode": mode})


@pytest.mark.parametrize("mode", ["live", "dry_run"])
@pytest.mark.parametrize("why", [CLOSED, BLOCKED])
async def test_s19_no_leg_of_a_hedge_leaves_where_one_venue_lets_us_open_nothing(
    mode: str, why: str, tmp_path: Path
) -> None:
    async with serve_simulated(kalshi_port=0, polymarket_port=0, seed=4) as served:
        app = served.polymarket.app
        if why == CLOSED:
            app.house.wallets.close_only(served.polymarket.accounts[-1].address)
        else:
            app.shelf.geoblock.update(blocked=True)
        async with open_live("polymarket", settings_in(served, tmp_path, "live")):
            pass  # the wallet has an API key from now on: a dry run makes none
        settings = settings_in(served, tmp_path, mode)
        source = pairs_to_scan(served.pairs_file, settings)
        async with open_desk(settings, lambda: source, clock=SystemClock()) as desk:
            assert desk.venues["polymarket"].closed == why
            preview = await previewed(desk)
            assert why in preview.refused
            opened = await desk.execute(preview.plan.id, by="a test")
            ended = await desk.rest(opened.plan.id)
            assert why in ended.why
            assert not ended.attempts


async def test_s19_whoever_may_open_is_told_of_no_such_bar(tmp_path: Path) -> None:
    async with serve_simulated(kalshi_port=0, polymarket_port=0, seed=4) as served:
        settings = settings_in(served, tmp_path, "live")
        source = pairs_to_scan(served.pairs_file, settings)
        async with open_desk(settings, lambda: source, clock=SystemClock()) as desk:
            assert [venue.closed for venue in desk.venues.values()] == ["", ""]
            assert not {CLOSED, BLOCKED} & {*(await previewed(desk)).refused}
