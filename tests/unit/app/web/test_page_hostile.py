"""S12: whatever a venue writes is text on the page, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE
from page_stage import opened

from app.web.render import TEXT_MAX, legible


class Tags(HTMLParser):
    """Every tag with its attributes' names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def tags(text: str) -> set[tuple[str, tuple[str, ...]]]:
    parser = Tags()
    parser.feed(text)
    return set(parser.found)


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_s12_a_venues_words_add_no_tag_no_attribute_and_no_link_to_any_page(
    tmp_path: Path, clock: Any, words: str
) -> None:
    shown = []
    for said, folder in (("", "plain"), (words, "hostile")):
        (tmp_path / folder).mkdir()
        async with opened(tmp_path / folder, clock, words=said) as stage:
            browser = await stage.inside()
            paths = (
                *("/opportunities", f"/opportunities/{stage.episode_id}", "/pairs?state=all"),
                *("/alerts", "/jobs"),
            )
            pages = [await browser.get(path) for path in (*paths, f"/pairs/{stage.pair_id}")]
            assert {page.status_code for page in pages} == {200}
            found = (await browser.get(f"/api/v1/opportunities/{stage.episode_id}")).json()
            assert found["row"]["legs"][0]["url"] == (
                None if said else "https://kalshi.com/markets/x"
            )
            shown.append([page.text for page in pages])
    for before, after in zip(*shown, strict=True):
        assert tags(after) <= tags(before) | {("p", ("class",)), ("mark", ("class",))}
        assert "evil.example" not in "".join(re.findall(r'(?:href|src)="[^"]*"', after))
        kinds = {unicodedata.category(c) for c in after if c not in "\n\t"}
        assert not kinds & {"Cc", "Cf", "Cs"}


def test_a_text_without_end_is_cut_and_what_is_no_character_is_left_out() -> None:
    assert len(str(legible("x" * 1_000_000))) == TEXT_MAX
    assert legible("a\u202eb\x1b[31m\ud800") == "a b [31m "
