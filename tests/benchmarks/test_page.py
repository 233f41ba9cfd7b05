"""How soon the page answers while 2,000 pairs are live, over loopback. Goal: p95 of what is asked
for when something changed below 50 ms. Prints; asserts nothing of time.

Both venues are simulated in this process, `dutchbook run` is one of its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx2
import yaml
from serving import START

from app.simulated import settings_of
from app.wiring_sim import serve_simulated
from venues.sim.twin_questions import TWINS

PAIRS = int(os.environ.get("DUTCHBOOK_BENCH_PAGE_PAIRS", "2000"))
ASKED = 100
PATHS = ("/opportunities", "/misses", "/pairs?state=all", "/hedges", "/venues", "/positions")
_APART = TWINS[0]
_AGREED = TWINS[2]


async def test_the_page_answers_while_two_thousand_pairs_are_live(tmp_path: Path) -> None:
    """One pair of twenty is far enough apart to be an opportunity."""
    questions = [
        replace(
            _AGREED if n % 20 else _APART,
            id=f"q{n}",
            question=f"Will number {n} come up?",
            event=(f"KXQ{n % 10}-26DEC", "Numbers"),
        )
        for n in range(PAIRS)
    ]
    async with serve_simulated(
        kalshi_port=0, polymarket_port=0, seed=1, questions=questions
    ) as served:
        settings = settings_of(served)
        settings["polymarket"]["requests_per_s"] = 100
        settings |= {"data_dir": str(tmp_path / "data"), "web": {"port": 0}, "mode": "dry_run"}
        config = tmp_path / "config.yaml"
        config.write_text(yaml.safe_dump(settings))
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", START, "run", "--config", str(config)),
            *("--pairs", str(served.pairs_file)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await _measure(running)
        finally:
            running.terminate()
            await running.wait()


async def _measure(running: asyncio.subprocess.Process) -> None:
    assert running.stderr
    url = ""
    while "are watched" not in (line := (await running.stderr.readline()).decode()):
        assert line, "it did not start"
        if found := re.search(r"http\S+/enter#\S+", line):
            url = found[0]
    where = urlsplit(url)
    base = f"{where.scheme}://{where.netloc}"
    async with httpx2.AsyncClient(base_url=base, trust_env=False, timeout=30) as browser:
        came = await browser.post(
            "/enter", data={"token": where.fragment}, headers={"Origin": base}
        )
        assert came.status_code == 303
        await asyncio.sleep(5)
        print(f"\n{PAIRS:,} live pairs, {ASKED} requests each, ms")
        for path in PATHS:
            taken, size = [], 0
            for _ in range(ASKED):
                before_ns = time.perf_counter_ns()
                answer = await browser.get(path, headers={"HX-Request": "true"})
                taken.append((time.perf_counter_ns() - before_ns) / 1e6)
                assert answer.status_code == 200
                size = len(answer.content)
                await asyncio.sleep(0.02)
            cuts = quantiles(taken, n=20)
            print(f"{path:20} p50 {cuts[9]:6.1f}  p95 {cuts[18]:6.1f}  {size // 1_024:5,} KiB")
