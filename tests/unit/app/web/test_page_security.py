"""The page's doors over HTTP, without a browser: rows S6 to S10 of the security list."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from page_stage import HOST, ORIGIN, Stage, csrf_of, opened
from pydantic import ValidationError

from app.config_web import WebSettings
from app.problem import Problem
from app.web.doors import IDLE_MS, INVITED_MS, LONGEST_MS, STARTED_MS, TRIES, WITHIN_MS
from app.web.entering import cookie_of
from app.web.guard import BODY_MAX, hosts_of
from app.web.opening import api_token
from app.web.server import page_app
from app.web.tokens import KEY_BYTES

PATHS = (
    *("/opportunities", "/misses", "/pairs", "/positions", "/hedges", "/alerts", "/jobs"),
    *("/venues", "/settings", "/events"),
)


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


def made_token(folder: Path) -> Path:
    folder.chmod(0o700)
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text("a-token-of-more-than-24-characters\n")
    return token


def routes_of(stage: Stage) -> list[APIRoute]:
    app = page_app(stage.page.site, stage.page.hosts)._app
    assert isinstance(app, FastAPI)
    return list(_routes(app.routes))


def _routes(found: Any) -> Any:
    for each in found:
        if isinstance(each, APIRoute):
            yield each
        elif hasattr(each, "original_router"):
            yield from _routes(each.original_router.routes)


# S6: this machine alone, and by our own name.


def test_s06_the_page_listens_on_this_machine_alone_unless_told_otherwise(stage: Stage) -> None:
    assert stage.page.listener.getsockname()[0] == "127.0.0.1"
    assert WebSettings().host == "127.0.0.1"
    assert WebSettings().port == 8_765


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::"])
def test_s06_another_address_needs_a_token_of_its_own(host: str, tmp_path: Path) -> None:
    named = {"host": host, "public_url": "https://d.example"}
    with pytest.raises(ValidationError, match="token_file"):
        WebSettings.model_validate(named)
    assert WebSettings.model_validate(named | {"token_file": tmp_path / "token"}).host == host


def test_every_address_at_once_needs_the_name_that_a_browser_uses(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        WebSettings(host="0.0.0.0", token_file=tmp_path / "token")
    assert WebSettings(host="192.168.1.7", token_file=tmp_path / "token").public_url is None


def test_a_host_by_name_and_a_token_where_its_file_belongs_are_refused() -> None:
    with pytest.raises(ValidationError):
        WebSettings(host="example.com")
    with pytest.raises(ValidationError, match="is the token itself") as told:
        WebSettings.model_validate({"token_file": "s3cr3ts3cr3ts3cr3ts3cr3ts3cr3t"})
    assert "s3cr3t" not in told.value.errors(include_input=False)[0]["msg"]


async def test_s06_a_page_for_other_machines_without_tls_says_so(
    tmp_path: Path, clock: Any
) -> None:
    token = made_token(tmp_path)
    wide = {"host": "0.0.0.0", "token_file": token}
    async with opened(tmp_path, clock, web=wide | {"public_url": "http://d.example"}) as stage:
        assert "without TLS" in stage.page.says
    async with opened(
        tmp_path / "other", clock, web=wide | {"public_url": "https://d.example"}
    ) as stage:
        assert "without TLS" not in stage.page.says
        assert "https://d.example/enter#" in stage.page.says


@pytest.mark.parametrize("path", [*PATHS, "/enter", "/static/page.js", "/api/v1/status"])
async def test_s06_a_foreign_host_name_is_refused_everywhere_the_event_stream_too(
    stage: Stage, path: str
) -> None:
    browser = await stage.inside()
    for host in ("evil.example", "127.0.0.1.evil.example:8765", "127.0.0.1:1", ""):
        answer = await browser.get(path, headers={"host": host})
        assert answer.status_code == 421
    if path != "/events":  # which goes on for ever
        assert (await browser.get(path, headers={"host": "localhost:8765"})).status_code != 421


def test_only_names_of_this_machine_and_the_public_one_are_ours() -> None:
    assert hosts_of(WebSettings(), 8765) == {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
    public = WebSettings(public_url="https://d.example")
    assert "d.example" in hosts_of(public, 8765)


# S7: the way in.


async def test_without_a_session_no_page_and_no_stream_is_served(stage: Stage) -> None:
    browser = stage.browser()
    for path in (*PATHS, f"/opportunities/{stage.episode_id}", f"/pairs/{stage.pair_id}"):
        answer = await browser.get(path)
        assert answer.status_code == 401, path
        assert "Jane Doe" not in answer.text
    assert (await browser.get("/api/v1/status")).status_code == 401


async def test_s07_the_token_of_the_start_lets_one_browser_in_once(stage: Stage) -> None:
    browser = stage.browser(origin=ORIGIN)
    came = await browser.post("/enter", data={"token": stage.invitation})
    assert came.status_code == 303
    cookie = came.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # plain HTTP, on this machine alone
    assert (await browser.get("/opportunities")).status_code == 200
    second = await stage.browser().post("/enter", data={"token": stage.invitation})
    assert second.status_code == 403
    assert "set-cookie" not in second.headers


async def test_s07_the_cookie_is_for_tls_alone_where_the_page_is_reached_by_it(
    tmp_path: Path, clock: Any
) -> None:
    async with opened(tmp_path, clock, web={"public_url": "https://d.example"}) as stage:
        came = await stage.browser().post("/enter", data={"token": stage.invitation})
        assert "Secure" in came.headers["set-cookie"]


async def test_s07_wrong_tokens_are_throttled_and_then_even_the_right_one_waits(
    stage: Stage, clock: Any
) -> None:
    browser = stage.browser()
    for _ in range(TRIES):
        assert (await browser.post("/enter", data={"token": "wrong"})).status_code == 403
    assert (await browser.post("/enter", data={"token": stage.invitation})).status_code == 429
    await clock.sleep_ms(WITHIN_MS)
    assert (await browser.post("/enter", data={"token": stage.invitation})).status_code == 303


async def test_a_page_of_somebody_else_can_lock_nobody_out(stage: Stage) -> None:
    strangers = ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"})
    for headers in strangers * TRIES:
        browser = stage.browser(**headers)
        assert (await browser.post("/enter", data={"token": "wrong"})).status_code == 403
        await browser.get(f"/a/{stage.episode_id}?v=wrong")
    token = {"authorization": f"Bearer {api_token(stage.works.settings)}"}
    assert (await stage.browser(**token).get("/api/v1/status")).status_code == 200
    came = await stage.browser().post("/enter", data={"token": stage.invitation})
    assert came.status_code == 303


async def test_the_token_of_the_start_holds_an_hour(stage: Stage, clock: Any) -> None:
    await clock.sleep_ms(STARTED_MS)
    came = await stage.browser().post("/enter", data={"token": stage.invitation})
    assert came.status_code == 403
    token = api_token(stage.works.settings)  # which a person of this machine can read
    assert (await stage.browser().post("/enter", data={"token": token})).status_code == 303


async def test_the_token_of_the_api_is_throttled_alike(stage: Stage) -> None:
    right = api_token(stage.works.settings)
    browser = stage.browser()
    for token, status in (*[("wrong", 401)] * TRIES, (right, 401)):
        answer = await browser.get("/api/v1/status", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == status


async def test_the_token_of_the_api_reads_and_comes_in_nowhere_else(stage: Stage) -> None:
    right = {"authorization": f"Bearer {api_token(stage.works.settings)}"}
    browser = stage.browser(**right)
    assert (await browser.get("/api/v1/status")).status_code == 200
    assert (await browser.get("/opportunities")).status_code == 401
    assert (await browser.post("/pairs/decide", data={"id": "x"})).status_code == 401


async def test_a_session_rests_only_so_long_and_ends_when_it_is_left(
    stage: Stage, clock: Any
) -> None:
    browser = await stage.inside()
    seen = []
    for _ in range(LONGEST_MS // IDLE_MS + 1):
        await clock.sleep_ms(IDLE_MS - 1)
        seen.append((await browser.get("/jobs")).status_code)
    assert (seen[0], seen[-1]) == (200, 401)
    browser = await stage.inside()
    await clock.sleep_ms(IDLE_MS)
    assert (await browser.get("/jobs")).status_code == 401
    browser = await stage.inside()
    name = cookie_of(stage.page.site)
    cookie = browser.cookies[name]
    await browser.post("/leave", data={"csrf": await csrf_of(browser)})
    again = stage.browser(cookie=f"{name}={cookie}")
    assert (await again.get("/jobs")).status_code == 401


async def test_whoever_is_in_lets_another_in_for_ten_minutes(stage: Stage, clock: Any) -> None:
    browser = await stage.inside()
    tokens = []
    for _ in range(2):
        shown = await browser.post("/invite", data={"csrf": await csrf_of(browser)})
        found = re.search(r"<output[^>]*>([^<]+)<", shown.text)
        assert found
        tokens.append(found[1])
    assert (await stage.browser().post("/enter", data={"token": tokens[0]})).status_code == 303
    await clock.sleep_ms(INVITED_MS)
    assert (await stage.browser().post("/enter", data={"token": tokens[1]})).status_code == 403


def test_s02_a_token_file_that_others_can_read_or_that_is_short_is_refused(
    tmp_path: Path, clock: Any
) -> None:
    from app.config import Settings

    tmp_path.chmod(0o700)
    token = tmp_path / "token"
    token.write_text("a-token-of-more-than-24-characters")
    token.chmod(0o644)
    settings = Settings(data_dir=tmp_path, web=WebSettings(token_file=token))
    with pytest.raises(Problem, match="open to other users"):
        api_token(settings)
    token.chmod(0o600)
    assert api_token(settings) == "a-token-of-more-than-24-characters"
    token.write_text("short")
    with pytest.raises(Problem, match="24 or more"):
        api_token(settings)
    made = api_token(Settings(data_dir=tmp_path / "new"))
    assert made == api_token(Settings(data_dir=tmp_path / "new"))
    assert len(made) >= KEY_BYTES


# S8: changes.


async def test_s08_every_change_is_a_post_that_needs_the_form_of_a_session_and_our_origin(
    stage: Stage,
) -> None:
    changing = [
        (method, route.path)
        for route in routes_of(stage)
        for method in {*(route.methods or ())} - {"GET", "HEAD"}
        if route.path != "/enter"
    ]
    assert len(changing) >= 3
    assert {method for method, _ in changing} == {"POST"}
    browser = await stage.inside()
    csrf = await csrf_of(browser)
    for _, path in changing:
        assert (await browser.post(path, data={"csrf": "wrong"})).status_code == 403
        assert (await browser.post(path, data={"id": "x"})).status_code == 403
        for origin in ("https://evil.example", "null", f"https://{HOST}", ORIGIN + ".evil"):
            foreign = await browser.post(path, data={"csrf": csrf}, headers={"origin": origin})
            assert foreign.status_code == 403, (path, origin)
        json = await browser.post(path, json={"csrf": csrf})
        assert json.status_code == 415
        assert (
            await stage.browser(origin=ORIGIN).post(path, data={"csrf": csrf})
        ).status_code == 401
        assert (await browser.get(path)).status_code in {404, 405}
    assert (await browser.get("/jobs")).status_code == 200  # nothing of that was done


async def test_a_form_whose_origin_the_browser_hides_counts_by_what_no_page_can_forge(
    stage: Stage,
) -> None:
    browser = await stage.inside()
    csrf = await csrf_of(browser)
    hidden = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert (await browser.post("/invite", data={"csrf": csrf}, headers=hidden)).status_code == 200
    for site in ("cross-site", "same-site", "none"):
        foreign = {"origin": "null", "sec-fetch-site": site}
        answer = await browser.post("/invite", data={"csrf": csrf}, headers=foreign)
        assert answer.status_code == 403


async def test_s08_reading_every_page_as_a_scanner_of_mail_does_changes_nothing(
    stage: Stage,
) -> None:
    from app.store.opening import read_store

    browser = await stage.inside()
    for route in routes_of(stage):
        if "GET" in (route.methods or ()) and route.path != "/events":
            path = re.sub(r"\{[^}]*\}", stage.pair_id, route.path)
            for query in ("", "?decision=approve", "?csrf=x&id=" + stage.pair_id):
                await browser.get(path + query)
    with read_store(stage.works.settings.place) as store:
        assert [kept.state.value for kept in store.pairs()] == ["proposed"]
        assert len(store.history(stage.pair_id)) == 1
    assert stage.page.site.doors.enter(stage.invitation, "") is not None  # still unused


async def test_a_form_that_is_too_long_or_says_a_thing_twice_is_refused(stage: Stage) -> None:
    browser = await stage.inside()
    form = {"content-type": "application/x-www-form-urlencoded"}
    twice = await browser.post("/enter", content="token=a&token=b", headers=form)
    assert twice.status_code == 400
    long = await browser.post("/enter", content="token=" + "x" * BODY_MAX, headers=form)
    assert long.status_code == 413

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"x" * 1_024

    streamed = await browser.post("/enter", content=parts(), headers=form)
    assert streamed.status_code == 413


# S10: what a browser is told.


@pytest.mark.parametrize("path", ["/opportunities", "/enter", "/api/v1/status", "/static/page.js"])
async def test_s10_every_answer_carries_what_keeps_a_browser_from_harm(
    stage: Stage, path: str
) -> None:
    browser = await stage.inside()
    for answer in (await browser.get(path), await browser.get(path, headers={"host": "evil"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        is_public = path.startswith("/static/") and answer.status_code == 200
        assert answer.headers["cache-control"] == ("no-cache" if is_public else "no-store")
        assert "server" not in answer.headers


async def test_s10_no_page_has_a_script_a_style_or_a_handler_of_its_own(stage: Stage) -> None:
    browser = await stage.inside()
    paths = [path for path in PATHS if path != "/events"]
    for path in (*paths, f"/opportunities/{stage.episode_id}", f"/pairs/{stage.pair_id}", "/x"):
        text = (await browser.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)", text), path
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//(?!kalshi\.com/)", text), path


async def test_the_event_stream_tells_that_something_changed_and_never_what(stage: Stage) -> None:
    stream = stage.page.live.stream()
    assert (await anext(stream)).startswith(b"retry:")
    waiting = asyncio.timeout(5)
    stage.page.live.ring("opportunities")
    async with waiting:
        told = await anext(stream)
    assert told.startswith(b"event: opportunities\ndata: ")
    assert stage.pair_id.encode() not in told
    stage.page.live.close()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
