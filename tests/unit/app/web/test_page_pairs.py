"""Approving and rejecting on the page: bound to what was shown."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_stage import Stage, opened
from pair_desk import FOUND, ONE, TWO

from app.store.opening import open_store, read_store
from matching.keeping import keep
from matching.pair_book import Kept


@pytest.fixture
async def stage(tmp_path: Path, clock: Any) -> AsyncIterator[Stage]:
    async with opened(tmp_path, clock) as found:
        yield found


def kept(stage: Stage) -> Kept:
    with read_store(stage.works.settings.place) as store:
        return store.pairs()[0]


def form_of(text: str) -> dict[str, str]:
    form = re.search(r'<form method="post" action="/pairs/decide">(.*?)</form>', text, re.DOTALL)
    assert form
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))


async def test_both_texts_are_shown_with_what_differs_and_the_word_is_kept(stage: Stage) -> None:
    browser = await stage.inside()
    shown = (await browser.get(f"/pairs/{stage.pair_id}")).text
    assert re.search(r'<mark class="agree">[^<]*Jane Doe', shown)
    assert "year" in shown  # what was assumed
    form = form_of(shown) | {"decision": "approve", "note": "read both"}
    answer = await browser.post("/pairs/decide", data=form)
    assert answer.status_code == 303
    after = kept(stage)
    assert (after.state.value, after.note) == ("approved", "read both")
    assert after.by.endswith("(page)")
    assert stage.works.source.why_not(stage.pair_id) == ()  # the running engine knows


async def test_a_pair_that_changed_after_it_was_shown_is_not_approved(stage: Stage) -> None:
    browser = await stage.inside()
    form = form_of((await browser.get(f"/pairs/{stage.pair_id}")).text)
    edited = replace(TWO, rules=("Resolves to No.",))
    with open_store(stage.works.settings.data_dir) as store:
        store.see("polymarket", [edited], 2)
        keep([FOUND], {FOUND.kalshi: ONE, FOUND.polymarket: edited}, store, at_ms=2)
    answer = await browser.post("/pairs/decide", data=form | {"decision": "approve"})
    assert answer.status_code == 409
    assert "changed after it was shown" in answer.text
    assert kept(stage).state.value == "proposed"


async def test_a_rejected_pair_leaves_the_queue_and_the_engine(stage: Stage) -> None:
    browser = await stage.inside()
    form = form_of((await browser.get(f"/pairs/{stage.pair_id}")).text)
    answer = await browser.post("/pairs/decide", data=form | {"decision": "reject"})
    assert answer.headers["location"].startswith("/pairs?done=")
    assert stage.works.room.engine.pairs == 0
    assert "Nothing waits for you" in (await browser.get("/pairs")).text
    again = await browser.post("/pairs/decide", data=form | {"decision": "reject"})
    assert again.status_code == 409


async def test_a_word_that_is_none_and_a_pair_that_is_none_are_refused(stage: Stage) -> None:
    browser = await stage.inside()
    form = form_of((await browser.get(f"/pairs/{stage.pair_id}")).text)
    assert (await browser.post("/pairs/decide", data=form | {"decision": "x"})).status_code == 400
    assert (await browser.get("/pairs/none")).status_code == 404
