"""S9 over HTTP: an alert's link shows and does nothing; a confirmation is of what was shown, to
this browser, for a minute, once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from page_stage import ORIGIN, Read, Stage, csrf_of, opened

from app.web.doors import TRIES
from app.web.tokens import VIEW_MS
from execution.records import Acting, ActKind
from venues import ONE, Balance, Cash


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


def fields(text: str, action: str) -> dict[str, str]:
    """What the form with this action would send."""
    form = re.search(rf'<form[^>]*action="{action}"(.*?)</form>', text, re.DOTALL)
    assert form, text
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))


async def previewed(stage: Stage, browser: httpx2.AsyncClient) -> dict[str, str]:
    shown = await browser.get(f"/opportunities/{stage.episode_id}")
    answer = await browser.post("/hedge/preview", data=fields(shown.text, "/hedge/preview"))
    assert answer.status_code == 200
    return fields(answer.text, "/hedge/execute")


def link_of(stage: Stage, episode_id: str = "") -> str:
    parts = urlsplit(stage.page.link(episode_id or stage.episode_id))
    return f"{parts.path}?{parts.query}"


async def test_the_link_of_an_alert_shows_its_episode_and_offers_nothing_to_press(
    stage: Stage,
) -> None:
    stranger = stage.browser()
    shown = await stranger.get(link_of(stage))
    assert shown.status_code == 200
    assert "Jane Doe" in shown.text
    assert "<form" not in shown.text
    assert "hx-" not in shown.text
    assert "set-cookie" not in shown.headers
    for path in ("/opportunities", f"/opportunities/{stage.episode_id}", "/hedges"):
        assert (await stranger.get(path)).status_code == 401
    for path in ("/hedge/preview", "/hedge/execute", "/kill"):
        answer = await stranger.post(path, data={"pair": stage.pair_id}, headers={"origin": ORIGIN})
        assert answer.status_code == 401
    assert stage.desk.opened == []


async def test_whoever_is_in_comes_from_the_link_to_the_whole_page(stage: Stage) -> None:
    browser = await stage.inside()
    answer = await browser.get(link_of(stage))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/opportunities/")


async def test_a_link_holds_for_its_episode_until_that_ends_or_a_day_has_passed(
    stage: Stage, clock: Any
) -> None:
    link, stranger = link_of(stage), stage.browser()
    other = link.replace(stage.episode_id.rpartition("@")[2], "1")
    assert (await stranger.get(other)).status_code == 403
    assert (await stranger.get(link.partition("?")[0])).status_code == 403
    await clock.sleep_ms(VIEW_MS)
    assert (await stranger.get(link)).status_code == 410
    fresh, episode_id = link_of(stage), stage.episode_id
    ended = stage.works.room.engine.watch([], clock.now_ms())
    assert [change.episode.id for change in ended] == [episode_id]
    stage.works.history.keep([(change, {}) for change in ended])
    assert (await stranger.get(fresh)).status_code == 410


async def test_wrong_links_are_throttled(stage: Stage) -> None:
    stranger = stage.browser()
    for _ in range(TRIES):
        assert (await stranger.get(f"/a/{stage.episode_id}?v=v1.99.x")).status_code == 403
    assert (await stranger.get(link_of(stage))).status_code == 429


async def test_a_preview_names_its_numbers_and_a_confirmation_leads_to_the_hedge(
    stage: Stage,
) -> None:
    browser = await stage.inside()
    form = await previewed(stage, browser)
    assert stage.desk.opened == []
    done = await browser.post("/hedge/execute", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/hedges/p0")
    assert len(stage.desk.opened) == 1
    shown = await browser.get("/hedges/p0")
    assert shown.status_code == 200
    assert "opened by" in shown.text


async def test_s09_a_double_click_two_tabs_and_a_replay_are_one_hedge(stage: Stage) -> None:
    browser = await stage.inside()
    form = await previewed(stage, browser)
    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(browser.post("/hedge/execute", data=form)) for _ in range(5)]
    assert {click.result().headers["location"] for click in clicks} == {"/hedges/p0"}
    assert len(stage.desk.opened) == 1
    await stage.clock.sleep_ms(120_000)
    again = await browser.post("/hedge/execute", data=form)
    assert again.headers["location"] == "/hedges/p0"
    assert len(stage.desk.opened) == 1


@pytest.mark.parametrize("what", ["late", "limits", "token", "preview", "browser"])
async def test_what_is_not_just_what_was_shown_is_not_done(stage: Stage, what: str) -> None:
    browser = await stage.inside()
    form = await previewed(stage, browser)
    match what:
        case "late":
            await stage.clock.sleep_ms(60_000)
        case "limits":
            stage.desk.limits = replace(stage.desk.limits, order_max=Cash(1))
        case "token":
            form["confirm"] = form["confirm"].replace("c1.", "c1.9")
        case "preview":
            form["preview"] = (await previewed(stage, browser))["preview"]
        case "browser":
            browser = await stage.inside()
            form["csrf"] = await csrf_of(browser)
    answer = await browser.post("/hedge/execute", data=form)
    assert answer.status_code == 409
    assert "Nothing was sent" in answer.text
    assert "New preview" in answer.text
    assert stage.desk.opened == []


async def test_a_refusal_of_the_last_look_is_told_and_a_new_preview_offered(stage: Stage) -> None:
    browser = await stage.inside()
    form = await previewed(stage, browser)
    stage.desk.refuses = ("The price moved at kalshi.",)
    answer = await browser.post("/hedge/execute", data=form)
    assert answer.status_code == 409
    assert "The price moved at kalshi." in answer.text
    stage.desk.refuses = ()
    again = await browser.post("/hedge/execute", data=form)
    assert again.status_code == 409  # the first result, though it would be done now
    assert "The price moved at kalshi." in again.text
    assert stage.desk.opened == []
    fresh = await browser.post("/hedge/execute", data=await previewed(stage, browser))
    assert fresh.status_code == 303


async def test_a_venue_out_of_reach_is_told_and_is_no_bug(stage: Stage) -> None:
    browser = await stage.inside()
    form = {"csrf": await csrf_of(browser), "pair": "away"}
    answer = await browser.post("/hedge/preview", data=form)
    assert answer.status_code == 409
    assert "kalshi" in answer.text


async def test_s11_in_live_mode_real_orders_must_be_meant(tmp_path: Path, clock: Any) -> None:
    async with opened(tmp_path, clock, mode="live") as stage:
        browser = await stage.inside()
        shown = await browser.get("/opportunities")
        assert 'class="mode-live"' in shown.text
        form = await previewed(stage, browser)
        del form["real"]
        assert (await browser.post("/hedge/execute", data=form)).status_code == 409
        assert stage.desk.opened == []
        done = await browser.post("/hedge/execute", data=form | {"real": "yes"})
        assert done.status_code == 303


@pytest.mark.parametrize("size", ["0", "-1", "abc", "1e9", "0.0000001", "9" * 30])
async def test_a_size_that_is_none_is_refused(stage: Stage, size: str) -> None:
    browser = await stage.inside()
    form = {"csrf": await csrf_of(browser), "pair": stage.pair_id, "size": size}
    answer = await browser.post("/hedge/preview", data=form)
    assert answer.status_code == (200 if size == "9" * 30 else 400)


async def test_the_kill_switch_is_on_at_once_and_off_only_with_the_word(stage: Stage) -> None:
    browser = await stage.inside()
    csrf, file = await csrf_of(browser), stage.works.settings.kill_file
    assert (await browser.post("/kill", data={"csrf": csrf, "to": "on"})).status_code == 303
    assert file.exists()
    assert "The kill switch is on" in (await browser.get("/opportunities")).text
    off = {"csrf": csrf, "to": "off", "word": "o"}
    assert (await browser.post("/kill", data=off)).status_code == 400
    assert file.exists()
    assert (await browser.post("/kill", data=off | {"word": "off"})).status_code == 303
    assert not file.exists()


async def test_only_a_parked_hedge_takes_a_persons_word(stage: Stage) -> None:
    browser = await stage.inside()
    form = {"csrf": await csrf_of(browser), "hedge": "p0"}
    for path in ("/hedge/resume", "/hedge/unwind"):
        answer = await browser.post(path, data=form)
        assert answer.status_code == 409
        assert "only a parked one" in answer.text


async def test_a_proposal_is_one_click_and_the_same_click_again_does_nothing(
    tmp_path: Path, clock: Any
) -> None:
    async with opened(tmp_path, clock, mode="live") as stage:
        desk, browser = stage.desk, await stage.inside()
        cash = {"0": 1_000 * ONE, "1": 0}
        desk.reconcilers["kalshi"] = Read(
            tuple(
                Balance(venue="kalshi", pocket=pocket, available=Cash(amount))
                for pocket, amount in cash.items()
            )
        )
        desk.pockets.add(("kalshi", "1"))
        shown = await browser.get("/positions")
        assert "Pocket 1 of kalshi has $0" in shown.text
        (id,) = re.findall(r'name="proposal" value="(move-[0-9a-f]+)"', shown.text)
        asked = Acting(
            id=id,
            kind=ActKind.MOVE,
            venue="kalshi",
            market="",
            amount=Cash(100 * ONE),
            of_hedges=Cash(0),
            source="0",
            destination="1",
            about="a",
            by="ann",
            at_ms=clock.now_ms(),
        )
        desk.ledger.apply(asked)
        form = {"csrf": await csrf_of(browser), "proposal": id}
        assert (await browser.post("/proposals/do", data=form)).status_code == 303
        assert [*desk.ledger.acts] == [id]
        after = (await browser.get("/positions")).text
        assert 'name="proposal"' not in after, "what is being done is not offered"
        assert "Move of $100.00 at kalshi: unknown" in after
        assert (await browser.post("/proposals/do", data={"proposal": id})).status_code == 403


async def test_nothing_is_done_for_a_proposal_in_a_mode_that_sends_nothing(stage: Stage) -> None:
    browser = await stage.inside()
    form = {"csrf": await csrf_of(browser), "proposal": "move-1"}
    answer = await browser.post("/proposals/do", data=form)
    assert answer.status_code == 409
    assert "nothing is sent" in answer.text
