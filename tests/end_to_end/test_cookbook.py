"""Every snippet of the cookbooks, run in order against the simulated venues."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
import yaml

from venues import SystemClock
from venues.sim import world
from venues.sim.kalshi.knobs import Knobs
from venues.sim.kalshi.rest_auth import ApiKeys
from venues.sim.kalshi.server import serve_kalshi
from venues.sim.polymarket.knobs import Knobs as PolymarketKnobs
from venues.sim.polymarket.server import serve_polymarket
from venues.sim.twins import OWNER_KEYS, twins

ROOT: Final = Path(__file__).resolve().parents[2]
KALSHI: Final = (ROOT / "docs/venues/kalshi-cookbook.md").read_text()
POLYMARKET: Final = (ROOT / "docs/venues/polymarket-cookbook.md").read_text()
ELSEWHERE: Final = {
    "dutchbook sim serve --settings config.yaml": "test_account.py starts it",
    "mkdir -m 700 ~/.config/dutchbook": "the reader's own home",
    "python docs/examples/mean_reversion.py": "the last test here",
}


@pytest.fixture
async def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """Settings that point at a simulated Kalshi, in the current folder."""
    house = world.kalshi(SystemClock(), seed=5, knobs=Knobs(tier="premier"))
    async with serve_kalshi(house, ApiKeys()) as served:
        key = served.accounts[-1]
        settings = {
            "environment": "sim",
            "mode": "live",
            "data_dir": str(tmp_path),
            "kalshi": {
                "rest": served.rest,
                "ws": served.ws,
                "key_id": key.key_id,
                "key_file": str(key.private_key_file),
            },
        }
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump(settings))
        monkeypatch.chdir(tmp_path)
        yield path


@pytest.fixture
async def polymarket_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """Settings that point at a simulated Polymarket that stands still, in the current folder."""
    polymarket = twins(SystemClock(), moving=False, knobs=PolymarketKnobs(rate_limits=False))
    async with serve_polymarket(polymarket.polymarket, keys=OWNER_KEYS) as served:
        settings = {
            "environment": "sim",
            "mode": "live",
            "data_dir": str(tmp_path),
            "polymarket": {
                "clob": served.clob,
                "gamma": served.gamma,
                "data": served.data,
                "site": served.site,
                "ws": served.ws_market.removesuffix("/market"),
                "key_file": str(served.accounts[-1].private_key_file),
                "requests_per_s": 100,
            },
        }
        path = tmp_path / "config.yaml"
        path.write_text(yaml.safe_dump(settings))
        monkeypatch.chdir(tmp_path)
        yield path


def blocks_of(page: str) -> list[tuple[str, str, str]]:
    """(title, language, text); a title stands alone."""
    return re.findall(r"^## (.*?)$|^```(\w*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


async def run_snippets(page: str) -> None:
    names: dict[str, Any] = {}
    chapter, ran = "", 0
    for title, language, text in blocks_of(page):
        chapter = title or chapter
        if language != "python":
            continue
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(text, f"<{chapter}>", "exec", flags=flags)
        result = eval(code, names)
        if asyncio.iscoroutine(result):
            await asyncio.wait_for(result, 30)
        ran += 1
    assert ran == page.count("```python")


async def run_commands(page: str, cli: Callable[..., Any]) -> None:
    lines = [
        line
        for _, language, text in blocks_of(page)
        if not language
        for line in text.splitlines()
        if not any(line.startswith(other) for other in ELSEWHERE)
    ]
    assert lines
    for line in lines:
        name, *words = line.split()
        assert name == "dutchbook", line
        ran = await asyncio.to_thread(cli, *words)
        assert ran.exit_code == 0, ran.output


async def test_every_python_snippet_for_kalshi_runs(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await run_snippets(KALSHI)
    assert KALSHI.count("```python") > 12
    said = capsys.readouterr().out
    assert "filled" in said
    assert "streaming 2" in said  # one socket for books, one for our own orders
    assert "not a price of this market" in said


async def test_every_python_snippet_for_polymarket_runs(
    polymarket_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await run_snippets(POLYMARKET)
    assert POLYMARKET.count("```python") > 9
    said = capsys.readouterr().out
    assert "bought 5500000 380000 filled" in said
    assert "spent two dollars on 5263" in said  # at 0.38 a share
    assert "streaming 2" in said
    assert "it surely did nothing: not a price of this market" in said


async def test_every_command_for_kalshi_runs(config: Path, cli: Callable[..., Any]) -> None:
    await run_commands(KALSHI, cli)


async def test_every_command_for_polymarket_runs(
    polymarket_config: Path, cli: Callable[..., Any]
) -> None:
    await run_commands(POLYMARKET, cli)


@pytest.fixture
def bot() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "mean_reversion", ROOT / "docs/examples/mean_reversion.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


async def test_the_bot_of_the_page_runs(config: Path, bot: ModuleType) -> None:
    await bot.main("KXFEDDECISION-26DEC-H0", config, bot.Rules(rounds=3, pause_ms=20))
