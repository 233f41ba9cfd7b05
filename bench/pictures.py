"""Pictures of every page of the demo: desktop and phone, dark and light. `make pictures`.

Follows the first alert, previews it and executes it, so that every page has something to show.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
LOOKS = {
    "desktop": {"viewport": {"width": 1280, "height": 860}},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
SCHEMES = ("dark", "light")
PATHS = ("opportunities", "misses", "pairs", "positions", "hedges", "alerts", "inbox")
MORE = ("jobs", "venues", "settings")


async def main(folder: Path) -> None:
    demo = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("dutchbook"), "demo", stderr=asyncio.subprocess.PIPE
    )
    assert demo.stderr
    url = ""
    while not url:
        line = (await demo.stderr.readline()).decode()
        found = re.search(r"http\S+/enter#\S+", line)
        url = found[0] if found else ""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=_program(), args=["--no-sandbox"])
        await _take_all(browser, url, folder)
        await browser.close()
    demo.send_signal(signal.SIGINT)
    await demo.wait()


def _program() -> str:
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("There is no chromium here: make browser")
    return found


async def _take_all(browser: Browser, url: str, folder: Path) -> None:
    base = url.partition("/enter")[0]
    first = await browser.new_context(**LOOKS["desktop"], color_scheme="dark")
    page = await first.new_page()
    await page.goto(url)
    await page.wait_for_url("**/opportunities")
    hedge, preview = await _hedge(page, base, folder)
    state = await first.storage_state()
    more = {"opportunity": preview, "hedge": hedge}
    for look, view in LOOKS.items():
        for scheme in SCHEMES:
            context = await browser.new_context(**view, color_scheme=scheme, storage_state=state)
            page = await context.new_page()
            named = {name: f"{base}/{name}" for name in (*PATHS, *MORE)} | more
            for name, address in named.items():
                await page.goto(address)
                await page.wait_for_timeout(700)
                await page.screenshot(path=folder / f"{name}-{look}-{scheme}.png")
            await context.close()


async def _hedge(page: Page, base: str, folder: Path) -> tuple[str, str]:
    """The addresses of a hedge that was made, and of what it was made from."""
    for _ in range(60):
        await page.wait_for_timeout(1_000)
        await page.goto(f"{base}/inbox")
        if not await page.locator("td a").count():
            continue
        await page.locator("td a").first.click()
        await page.wait_for_url("**/opportunities/**")
        opportunity = page.url
        await page.fill("#hedge input[name=size]", "20")
        await page.locator("#hedge button").click()
        await page.wait_for_url("**/hedge/preview")
        if not await page.locator("#execute").count():
            continue
        await page.screenshot(path=folder / "preview-desktop-dark.png", full_page=True)
        await page.check("input[name=real]")
        await page.locator("#execute").click()
        await page.wait_for_url(re.compile("/hedges/|/hedge/execute"))
        if "/hedges/" in page.url:
            await page.wait_for_timeout(4_000)
            return page.url, opportunity
    raise SystemExit("no alert could be hedged in a minute")


if __name__ == "__main__":
    wanted = Path(sys.argv[1] if len(sys.argv) > 1 else "pictures")
    wanted.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(wanted))
