"""The page in a browser: over both simulated venues, with hostile titles, on a phone, by keyboard.

Whatever the browser complains of (a breach of the content security policy, an error of a script)
fails the test.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hostile import HOSTILE
from page_stage import opened
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from serving import START, Serving
from slack_hook import Hook

from app.serving import listen, serve
from app.web.guard import origins_of
from app.web.server import page_app

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}},
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    "phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
PATHS: Final = (
    *("/opportunities", "/misses", "/pairs?state=all", "/positions", "/hedges", "/alerts"),
    *("/jobs", "/venues", "/settings", "/enter"),
)
# Every visible text whose colours are too near, every field without a name, and a page too wide.
FAULTS: Final = """() => {
  const found = [];
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !el.checkVisibility()) continue;
    if (el.closest(":disabled, .hidden, .skip, noscript, template")) continue;
    const style = getComputedStyle(el);
    const [a, b] = [lum(parse(style.color)), lum(behind(el))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5))
      found.push(`contrast of ${el.className || el.tagName}: ${walk.currentNode.textContent}`);
  }
  for (const el of document.querySelectorAll("input:not([type=hidden]), select, button, a"))
    if (!(el.labels?.length || el.textContent.trim() || el.getAttribute("aria-label")))
      found.push(`no name: ${el.outerHTML.slice(0, 80)}`);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) found.push(`too wide by ${wide}`);
  return found;
}"""


def _program() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("NO BROWSER: nobody looks at the page (make browser)")
    return found


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    program = _program()
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        await browser.close()


class Watched:
    """A context whose pages' complaints are kept."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []

    async def page(self) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        return page

    def _hear(self, message: Any) -> None:
        """Where makers moved meanwhile a preview or a click is answered 409: no complaint."""
        moved = "409" in message.text and "/hedge/" in message.location["url"]
        if message.type in {"error", "warning"} and not moved:
            self.complaints.append(message.text)


class Running:
    """`dutchbook run` over both simulated venues; `url`: what it printed to come in."""

    def __init__(self, settings: Path, hook: Hook) -> None:
        self.settings, self.hook = settings, hook
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "run", "--config", str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        self.said = self.process.stderr.readline()
        found = re.search(r"(http\S+)/enter#\S+", self.said)
        assert found, self.said
        self.url, self.base = found[0], found[1]
        for line in self.process.stderr:
            if "are watched" in line:
                break

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, errors


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, cli: Callable[..., Any]) -> Iterator[Running]:
    _program()
    folder = tmp_path_factory.mktemp("page")
    serving, hook = Serving(folder / "sim.yaml", "--seed", "4"), Hook()
    settings = yaml.safe_load((folder / "sim.yaml").read_text()) | {
        "mode": "live",
        "data_dir": str(folder / "data"),
        "web": {"port": 0},
        "limits": {"cooldown_s": 0},
        "jobs": {"scan": {"every": "2s"}},
        "alerts": {
            "profit_min": "0.01",
            "edge_bps_min": 1,
            "slack": {"webhook_file": str(hook.write(folder)), "local": True},
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    assert cli("pairs", "find", "--config", folder / "config.yaml").exit_code == 0
    running = Running(folder / "config.yaml", hook)
    yield running
    running.end()
    hook.end()
    serving.end(signal.SIGTERM)


async def test_a_person_comes_in_approves_by_keyboard_and_hedges_once_by_a_double_click(
    running: Running,
) -> None:
    async with browsing() as browser:
        watched = Watched(await browser.new_context(**LOOKS["dark"]))
        page = await watched.page()
        await page.goto(running.url)
        await page.wait_for_url("**/opportunities")
        assert "#" not in page.url
        await expect(page.locator(".badge.sim")).to_have_text("SIM")
        await expect(page.locator(".badge.mode")).to_have_text("LIVE")
        await expect(page.locator("#pulse")).to_contain_text("live")
        await _approve_all(page)
        opened = await _hedged(page, running.base)
        listed = await (await watched.context.request.get(f"{running.base}/api/v1/hedges")).json()
        assert [each["id"] for each in listed["rows"]] == opened[::-1]
        assert listed["rows"][0]["state"] == "hedged"
        assert listed["rows"][0]["unhedged_micros"] == 0
        for name, look in LOOKS.items():
            await _look_around(watched, browser, running.base, name, look)
    assert watched.complaints == []


async def _approve_all(page: Page) -> None:
    """j, Enter, a, Enter: until nothing is left that the matcher is sure of."""
    for _ in range(7):
        await page.keyboard.press("g")
        await page.keyboard.press("p")
        await page.wait_for_url("**/pairs")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/pairs/*")
        await page.keyboard.press("a")
        await page.keyboard.press("Enter")
        await page.wait_for_url(re.compile("done=|/pairs/decide"))
        assert "done=" in page.url, await page.locator("main").inner_text()
        await expect(page.locator(".notice.ok").first).to_contain_text("is approved")


async def _hedged(page: Page, base: str) -> list[str]:
    """The ids of the hedges that came of it, one for each double click: makers move meanwhile, so
    a preview may not hold and a leg may meet nobody. Ends with the first that is hedged."""
    said, opened = "", list[str]()
    for _ in range(20):
        await page.goto(f"{base}/opportunities?which=executable")
        if not await page.locator(".row-link").count():
            await page.wait_for_timeout(1_000)
            continue
        await page.locator(".row-link").first.click()
        await page.fill("#hedge input[name=size]", "10")
        await page.locator("#hedge button").click()
        await page.wait_for_url("**/hedge/preview")
        if not await page.locator("#execute").count():
            said = await page.locator("main").inner_text()
            continue
        await page.check("input[name=real]")
        await page.locator("#execute").dblclick()
        await page.wait_for_url(re.compile("/hedges/|/hedge/execute"))
        if "/hedges/" in page.url:
            await page.wait_for_function(
                "() => /hedged|parked|flat/.test(document.querySelector('.facts .tag').textContent)"
            )
            opened.append(page.url.rpartition("/")[2])
            said = await page.locator(".facts").inner_text()
            if said.startswith("hedged"):
                return opened
    raise AssertionError(f"none of twenty was hedged: {said}")


async def _look_around(
    watched: Watched, browser: Browser, base: str, name: str, look: dict[str, Any]
) -> None:
    state = await watched.context.storage_state()
    here = Watched(await browser.new_context(storage_state=state, **look))
    page = await here.page()
    found = await (await here.context.request.get(f"{base}/api/v1/opportunities")).json()
    more = [f"/opportunities/{row['pair_id']}" for row in found["rows"][:1]]
    pairs = await (await here.context.request.get(f"{base}/api/v1/pairs?state=all")).json()
    more += [f"/pairs/{row['pair_id']}" for row in pairs["rows"][:1]]
    hedges = await (await here.context.request.get(f"{base}/api/v1/hedges")).json()
    more += [f"/hedges/{row['id']}" for row in hedges["rows"]]
    assert len(more) >= 2
    for path in (*PATHS, *more):
        await page.goto(f"{base}{path}")
        await page.wait_for_timeout(150)
        assert await page.evaluate(FAULTS) == [], (name, path)
    assert here.complaints == [], name
    await here.context.close()


async def test_hostile_titles_are_words_in_a_browser_too(tmp_path: Path, clock: Any) -> None:
    _program()
    async with opened(tmp_path, clock, words=" ".join(HOSTILE)) as stage, browsing() as browser:
        with listen(0, "a test") as listener:
            port = int(listener.getsockname()[1])
            base = f"http://127.0.0.1:{port}"
            site = stage.page.site
            object.__setattr__(site, "origins", origins_of(site.settings.web, port))
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(
                    serve(page_app(site, frozenset({f"127.0.0.1:{port}"})), listener)
                )
                watched = Watched(await browser.new_context(**LOOKS["phone"]))
                page = await watched.page()
                await page.goto(f"{base}/enter#{stage.invitation}")
                await page.wait_for_url("**/opportunities")
                for path in (
                    *("/opportunities", f"/opportunities/{stage.episode_id}", "/pairs"),
                    *(f"/pairs/{stage.pair_id}", f"/opportunities/{stage.pair_id}"),
                ):
                    await page.goto(f"{base}{path}")
                    await page.wait_for_timeout(200)
                    assert await page.evaluate(FAULTS) == [], path
                    hosts = await page.eval_on_selector_all(
                        "a[href], [src]", "all => all.map((el) => new URL(el.href || el.src).host)"
                    )
                    assert set(hosts) == {f"127.0.0.1:{port}"}
                assert watched.complaints == []
                await watched.context.close()
                serving.cancel()


async def test_the_link_of_an_alert_shows_without_a_session_and_leads_on_with_one(
    running: Running,
) -> None:
    """Only the newest link is of an episode that may still last."""
    async with browsing() as browser:
        watched = Watched(await browser.new_context(**LOOKS["phone"]))
        page = await watched.page()
        link = await _opened_link(page, running.hook)
        assert "/a/" in page.url
        await expect(page.locator("main")).to_contain_text("This link shows, and does nothing")
        assert await page.locator("form, button, [hx-get]").count() == 0
        assert await page.evaluate(FAULTS) == []
        await page.click("text=Go on in your session")
        await expect(page.locator("h1")).to_have_text("Come in")
        token = (running.settings.parent / "data/web/token").read_text().strip()
        await page.fill("#token", token)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/opportunities")
        await page.goto(link)
        assert "/opportunities/" in page.url  # whoever is in sees all of it
        await expect(page.locator("#hedge")).to_be_visible()


async def _opened_link(page: Page, hook: Hook) -> str:
    """The link of the newest alert whose episode still lasts, gone to."""
    for _ in range(60):
        blocks = [block for body in hook.bodies for block in body["blocks"]]
        links = [each["elements"][0]["url"] for each in blocks if each["type"] == "actions"]
        if links:
            answer = await page.goto(links[-1])
            if answer and answer.status == 200:
                return str(links[-1])
        await page.wait_for_timeout(500)
    raise AssertionError("no alert came whose episode lasted")


def test_a_run_ends_within_seconds_while_a_page_is_open(
    tmp_path: Path, running: Running, cli: Callable[..., Any]
) -> None:
    """An open event stream holds up nobody."""
    settings = yaml.safe_load(running.settings.read_text())
    settings |= {"data_dir": str(tmp_path / "data")}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    assert cli("pairs", "find", "--config", tmp_path / "config.yaml").exit_code == 0
    other = Running(tmp_path / "config.yaml", running.hook)

    async def listen_in() -> None:
        async with browsing() as browser:
            page = await browser.new_page()
            await page.goto(other.url)
            await page.wait_for_url("**/opportunities")
            await expect(page.locator("#pulse")).to_contain_text("live")
            begun_ns = time.monotonic_ns()
            await asyncio.to_thread(other.end)
            assert (time.monotonic_ns() - begun_ns) / 1e9 < 8

    asyncio.run(listen_in())
