"""The API: what the page shows, and that schemathesis finds nothing to complain of."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from page_stage import Stage, opened
from pydantic import SecretStr

from app.serving import listen, serve
from app.web import doors
from app.web.guard import Guard
from app.web.opening import api_token
from app.web.server import page_app


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


def whole_numbers(value: Any, path: str = "") -> list[str]:
    """Every money field that is no whole number."""
    if isinstance(value, dict):
        return [w for name, each in value.items() for w in whole_numbers(each, f"{path}.{name}")]
    if isinstance(value, list):
        return [w for each in value for w in whole_numbers(each, path)]
    is_money = path.endswith(("_micros", "_bps", "_ms"))
    return [path] if is_money and value is not None and not isinstance(value, int) else []


async def test_every_document_names_its_schema_and_money_is_whole(stage: Stage) -> None:
    token = {"authorization": f"Bearer {api_token(stage.works.settings)}"}
    api = stage.browser(**token)
    told = (await api.get("/api/v1/openapi.json")).json()
    assert len(told["paths"]) >= 15
    for path in told["paths"]:
        known = stage.episode_id if "opportunities" in path else stage.pair_id
        if "hedges/{" in path:
            continue
        answer = await api.get(path.replace("{id}", known))
        assert answer.status_code == 200, path
        document = answer.json()
        assert document["schema"].startswith("dutchbook."), path
        assert whole_numbers(document) == []


async def test_one_opportunity_is_told_with_ladders_curve_fees_and_payouts(stage: Stage) -> None:
    api = await stage.inside()
    found = (await api.get(f"/api/v1/opportunities/{stage.episode_id}")).json()
    row = found["row"]
    kalshi, polymarket = found["ladders"]
    assert (kalshi["side"], polymarket["side"]) == ("yes", "no")
    assert [level["part"] for level in kalshi["levels"]] == ["taken", "taken"]
    assert [level["price_micros"] for level in polymarket["levels"]] == [500_000, 550_000]
    taken = sum(level["quantity_micros"] for level in polymarket["levels"][:1])
    assert row["quantity_micros"] >= taken
    best = max(point["profit_micros"] for point in found["curve"])
    assert best == row["profit_micros"]
    for fee, leg in zip(found["fees"], row["legs"], strict=True):
        assert fee["fee_micros"] == leg["fee_micros"] <= fee["bound_micros"]
        assert sum(fill["fee_micros"] for fill in fee["fills"]) == fee["fee_micros"]
        assert fee["cost_micros"] == leg["cost_micros"]
    agreed = [each for each in found["payouts"] if each["kalshi"] == each["polymarket"]]
    assert {each["profit_micros"] for each in agreed} == {row["profit_micros"]}
    assert found["life"][0]["happened"] == "appeared"


async def test_rows_are_sorted_filtered_and_near_misses_named(stage: Stage) -> None:
    api = await stage.inside()
    for sort in ("profit", "edge", "annual", "days", "quantity", "outlay", "since"):
        found = (await api.get(f"/api/v1/opportunities?sort={sort}&turned=true")).json()
        assert found["total"] == 1
    assert (await api.get("/api/v1/opportunities?q=jane+republican")).json()["total"] == 1
    assert (await api.get("/api/v1/opportunities?q=jane+whig")).json()["total"] == 0
    assert (await api.get("/api/v1/opportunities?which=executable")).json()["total"] == 0
    stage.works.room.feeds["kalshi"].fault = "a gap"  # type: ignore[attr-defined]
    await stage.works.room.full_pass()
    assert (await api.get("/api/v1/opportunities?which=proven")).json()["total"] == 0
    assert (await api.get("/api/v1/misses")).json()["total"] == 0


async def test_what_is_wrong_is_said_on_every_page(stage: Stage) -> None:
    browser = await stage.inside()
    stage.works.room.engine.doubts["kalshi"] = "it does not trade: <paused>"
    for path in ("/opportunities", "/venues", "/settings"):
        text = (await browser.get(path)).text
        assert "In doubt: kalshi" in text
        assert "&lt;paused&gt;" in text
    assert "in doubt" in (await browser.get("/venues")).text


async def test_settings_are_told_in_their_units_and_what_was_set_is_marked(stage: Stage) -> None:
    api = await stage.inside()
    found = (await api.get("/api/v1/settings")).json()["settings"]
    told = {each["name"]: (each["value"], each["is_default"]) for each in found}
    assert told["limits.order"] == ("$100.00", True)
    assert told["scan.kalshi_cash"] == ("not set", True)
    assert told["alerts.profit_min"] == ("$1.00", True)
    assert told["web.port"] == ("0", False)
    assert told["hedge.together"] == ("no", True)


async def test_s01_secrets_are_in_no_document_and_on_no_page(tmp_path: Path, clock: Any) -> None:
    secret = "postgresql://me:s3cr3t@db.example/x"
    async with opened(tmp_path, clock) as stage:
        hidden = stage.works.settings.model_copy(update={"database_url": SecretStr(secret)})
        stage.works.settings = hidden
        api = await stage.inside()
        for path in ("/api/v1/settings", "/settings"):
            text = (await api.get(path)).text
            assert "s3cr3t" not in text
            assert "database_url" in text
            assert "••••••" in text


async def test_schemathesis_finds_nothing_to_complain_of(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "TRIES", 1 << 30)  # it tries without the token, too
    program = Path(sys.executable).with_name("schemathesis")
    if not program.exists():
        pytest.skip("NO SCHEMATHESIS: the API is not tried at random")
    with listen(0, "a test") as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        app = page_app(stage.page.site, frozenset({host}))
        ran = await _beside(app, listener, stage, host, program, tmp_path)
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]
    assert "Authentication failed" not in ran.stdout
    assert "16 selected" in ran.stdout


async def _beside(
    app: Guard, listener: Any, stage: Stage, host: str, program: Path, folder: Path
) -> subprocess.CompletedProcess[str]:
    words = [
        *(str(program), "run", f"http://{host}/api/v1/openapi.json", "--max-examples", "8"),
        *("--seed", "1", "--phases", "examples,coverage,fuzzing", "--no-color"),
        *("--header", f"Authorization: Bearer {api_token(stage.works.settings)}"),
        *("--checks", "all", "--workers", "1"),
    ]
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve(app, listener))
        ran = await asyncio.to_thread(
            subprocess.run,
            words,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            timeout=90,
        )
        serving.cancel()
    return ran


async def test_the_document_says_how_to_come_in(stage: Stage) -> None:
    told = (await stage.browser().get("/api/v1/openapi.json")).json()
    assert {each["type"] for each in told["components"]["securitySchemes"].values()} == {
        *("http", "apiKey")
    }
    assert "evil" not in json.dumps(told)
