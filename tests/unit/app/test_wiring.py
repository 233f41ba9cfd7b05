"""Who is handed orders: nobody, until the settings say live and name a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import KalshiSettings, Settings
from app.problem import Exit, Problem
from app.wiring import open_account, open_trading


@pytest.mark.parametrize("mode", ["dry_run", "paper"])
async def test_orders_are_handed_out_in_live_mode_only(mode: str) -> None:
    settings = Settings(mode=mode)  # type: ignore[arg-type]
    with pytest.raises(Problem, match="nothing is sent") as caught:
        async with open_trading("kalshi", settings):
            pass
    assert caught.value.code is Exit.REFUSED


async def test_nobody_trades_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"kalshi\.key_id"):
        async with open_trading("kalshi", Settings(mode="live")):
            pass
    missing = KalshiSettings(key_id="a", key_file=tmp_path / "none.pem")
    with pytest.raises(Problem, match="cannot be read") as caught:
        async with open_account("kalshi", Settings(kalshi=missing)):
            pass
    assert caught.value.code is Exit.BAD_FILE
