"""Calls as values: exact paths, parameters and bytes."""

from __future__ import annotations

from typing import Any

import pytest

from venues.http import Call
from venues.polymarket import calls

V1 = "0x" + "ab" * 31 + "00"
V2 = "0x017791f201d5a788e0039e511fc1900e5f" + "0" * 30


def test_the_catalogue_is_paged_by_after_cursor() -> None:
    first, next_ = calls.open_events(), calls.open_events("abc")
    assert first.path == "/events/keyset"
    assert dict(first.params) == {
        "closed": "false",
        "limit": "100",
        "order": "id",
        "ascending": "true",
    }
    assert next_.params == (*first.params, ("after_cursor", "abc"))


@pytest.mark.parametrize(
    ("host", "made"),
    [
        (calls.GAMMA, [calls.open_events(), calls.search("fed"), calls.event_by_slug("a")]),
        (calls.GAMMA, [calls.market_by_slug("a"), calls.market_by_number("1")]),
        (calls.GAMMA, [calls.markets([V1], closed=True)]),
        ("", [calls.compact_market(V1), calls.market_of_token("1"), calls.books(["1"])]),
        ("", [calls.history("1", start_s=0, end_s=1), calls.time(), calls.ok()]),
    ],
)
def test_words_come_from_the_catalogue_and_numbers_from_the_exchange(
    host: str, made: list[Call[Any]]
) -> None:
    assert {call.host for call in made} == {host}


def test_the_body_of_books_is_compact_json() -> None:
    assert calls.books(["1", "2"]).body == b'[{"token_id":"1"},{"token_id":"2"}]'


def test_gamma_is_asked_for_v2_ids_as_it_writes_them() -> None:
    call = calls.markets([V1, V2], closed=True)
    assert call.params[:2] == (("condition_ids", V1), ("condition_ids", V2[:-2]))
    assert ("closed", "true") in call.params
    assert calls.compact_market(V2).path == f"/clob-markets/{V2}"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a-b", "/markets/slug/a-b"),
        ("a/../b", "/markets/slug/a%2F..%2Fb"),
        ("a?b#c", "/markets/slug/a%3Fb%23c"),
    ],
)
def test_a_name_stays_one_segment_of_the_path(name: str, path: str) -> None:
    assert calls.market_by_slug(name).path == path


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_lead_elsewhere_is_our_mistake(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        calls.event_by_slug(name)
