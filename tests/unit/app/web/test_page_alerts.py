"""The page of alerts: what was told, less of a pair, and what is critical."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from page_stage import Stage, csrf_of, opened

from alerts.escalation import Trouble

PAIR = "KX*'<b>"


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


async def test_the_link_of_a_letter_shows_a_form_and_silences_nothing(stage: Stage) -> None:
    alerts = stage.works.alerts
    link = stage.page.mute(PAIR).partition("/alerts")[2]
    stranger = await stage.browser().get(f"/alerts{link}")
    assert stranger.status_code == 401
    browser = await stage.inside()
    shown = (await browser.get(f"/alerts{link}")).text
    assert 'value="KX*&#39;&lt;b&gt;"' in shown
    now_ms = stage.works.clock.now_ms()
    assert alerts.snoozes.muted(now_ms) == {}
    form = {"what": PAIR, "hours": "8"}
    refused = await browser.post("/alerts/mute", data=form)
    assert refused.status_code == 403
    assert alerts.snoozes.muted(now_ms) == {}
    form["csrf"] = await csrf_of(browser, "/alerts")
    assert (await browser.post("/alerts/mute", data=form)).status_code == 303
    assert list(alerts.snoozes.muted(now_ms)) == [PAIR]
    shown = (await browser.get("/alerts")).text
    assert "Nothing is told of <b>KX*&#39;&lt;b&gt;</b> until" in shown
    form["hours"] = "0"
    assert (await browser.post("/alerts/mute", data=form)).status_code == 303
    assert alerts.snoozes.muted(now_ms) == {}
    form["hours"] = "9999"
    assert (await browser.post("/alerts/mute", data=form)).status_code == 400


async def test_what_is_critical_can_be_acknowledged_while_it_lasts(stage: Stage) -> None:
    alerts = stage.works.alerts
    trouble = Trouble(subject="kill switch", title="The kill switch is on", lines=())
    alerts.watch([trouble])
    browser = await stage.inside()
    assert "is told again until somebody knows of it" in (await browser.get("/alerts")).text
    form = {"subject": "kill switch", "csrf": await csrf_of(browser, "/alerts")}
    assert (await browser.post("/alerts/ack", data=form)).status_code == 303
    assert "is known" in (await browser.get("/alerts")).text
    alerts.watch([])
    assert (await browser.post("/alerts/ack", data=form)).status_code == 409
