"""Calls beyond trading as values: exact parameters and bytes, and answers that the house lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest

from venues import Side
from venues.http import parse
from venues.polymarket import calls_account as account
from venues.polymarket import calls_data as data
from venues.polymarket import calls_orders as orders
from venues.polymarket import calls_prices as prices
from venues.polymarket import calls_reference as reference
from venues.polymarket import wire, wire_reference

ROOT = Path(__file__).resolve().parents[4]
V1 = "0x" + "ab" * 31 + "00"
V2 = "0x017791f201d5a788e0039e511fc1900e5f" + "0" * 30


def test_a_list_of_markets_repeats_names_and_says_only_what_is_asked() -> None:
    call = reference.markets_page(
        "next",
        closed=True,
        conditions=[V1, V2],
        positions=["7"],
        tag="100196",
        version="v2",
        ends_from=datetime(2026, 11, 25, 1, tzinfo=timezone(timedelta(hours=1))),
        ends_to=datetime(2026, 12, 1, tzinfo=UTC),
        volume_min=1_000,
        order="volumeNum",
        ascending=False,
    )
    assert call.params == (
        ("condition_ids", V1),
        ("condition_ids", V2[:-2]),
        ("position_ids", "7"),
        ("closed", "true"),
        ("tag_id", "100196"),
        ("version", "v2"),
        ("end_date_min", "2026-11-25T00:00:00Z"),
        ("end_date_max", "2026-12-01T00:00:00Z"),
        ("volume_num_min", "1000"),
        ("order", "volumeNum"),
        ("ascending", "false"),
        ("after_cursor", "next"),
        ("limit", "100"),
    )
    assert [name for name, _ in reference.markets_page().params] == [
        "closed",
        "order",
        "ascending",
        "limit",
    ]


def test_a_time_without_a_zone_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        reference.markets_page(ends_to=datetime(2026, 12, 1))  # noqa: DTZ001 - that is the point


def test_lists_by_offset_ask_for_full_pages() -> None:
    assert reference.tags().params == (("limit", "100"),)
    assert reference.tags(200).params == (("offset", "200"), ("limit", "100"))
    assert dict(reference.series_page(50, slug="fomc").params) == {
        "slug": "fomc",
        "exclude_events": "true",
        "offset": "50",
        "limit": "50",
    }


def test_a_side_is_said_as_the_venue_says_it() -> None:
    assert prices.price("1", Side.SELL).params == (("token_id", "1"), ("side", "SELL"))
    body = prices.prices([("1", Side.BUY), ("1", Side.SELL)]).body
    assert body == b'[{"token_id":"1","side":"BUY"},{"token_id":"1","side":"SELL"}]'
    assert prices.spreads(["1", "2"]).body == b'[{"token_id":"1"},{"token_id":"2"}]'


def test_the_indexer_gets_lists_with_commas_and_a_limit_with_the_first_page_only() -> None:
    asked: dict[str, Any] = {"kinds": ["SPLIT", "MERGE"], "markets": [V1, V2], "start_s": 1}
    first, second = data.activity("0xme", **asked), data.activity("0xme", "next", **asked)
    filters = (
        ("user", "0xme"),
        ("type", "SPLIT,MERGE"),
        ("condition_id", f"{V1},{V2}"),
        ("exclude_deposits_withdrawals", "false"),
        ("start", "1"),
    )
    assert first.params == (*filters, ("limit", "1000"))
    assert second.params == (*filters, ("cursor", "next"))


def test_trades_of_a_market_need_no_wallet() -> None:
    call = data.trades(markets=[V1], side=Side.SELL, end_s=2)
    assert call.params == (
        ("condition_id", V1),
        ("side", "SELL"),
        ("end", "2"),
        ("limit", "1000"),
    )


def test_every_kind_of_activity_can_be_asked_for_and_read() -> None:
    """Most name no market: money that came, left or was given."""
    body = b'{"type": "TIP", "proxy_wallet": "0x1", "usdc_size": 2.5, "timestamp": 1795564800}'
    tip = parse("polymarket", "", body, wire_reference.AnyActivity)
    assert (tip.usdc_size, tip.condition_id) == (Decimal("2.5"), None)
    assert len({kind for group in get_args(data.Kind) for kind in get_args(group)}) == 14


def test_a_balance_is_told_anew_for_what_it_was_asked_for() -> None:
    for asked in (orders.cash(3), orders.held("1", "v2", 3)):
        call = account.refresh(asked)
        assert (call.params, call.path) == (asked.params, "/balance-allowance/update")


def test_s04_nothing_in_the_product_deletes_a_key() -> None:
    product = ("venues", "matching", "scanner", "execution", "alerts", "app")
    files = (path for folder in product for path in (ROOT / folder).rglob("*.py"))
    naming = [path.name for path in files if "delete_key(" in path.read_text()]
    assert sorted(naming) == ["calls_account.py", "rest_account.py"]


def test_a_league_is_read_with_its_packed_tags() -> None:
    body = b'[{"id": 10, "sport": "nba", "tags": "1,745", "series": "10345", "image": ""}]'
    call = reference.sports()
    (nba,) = parse("polymarket", str(call), body, call.answer)
    assert (nba.sport, nba.tags, nba.series) == ("nba", "1,745", "10345")


def test_recorded_tags_series_and_books_are_read(shared: Path) -> None:
    rest = shared / "data/recorded/polymarket/rest"
    body = (rest / "nautilus_rs_2026/gamma_tags.json").read_bytes()
    tags = parse("polymarket", "", body, reference.tags().answer)
    assert tags[0] == wire_reference.Tag("101259", "Health and Human Services", tags[0].slug)
    book = (rest / "nautilus_rs_2026/clob_book_response.json").read_bytes()
    assert parse("polymarket", "", book, prices.book("1").answer).bids[-1].price == "0.50"
    event = (rest / "fed_june2026_event_20260517/gamma-event.json").read_bytes()
    found = parse("polymarket", "", event, dict[str, wire.Raw])
    series = parse("polymarket", "", bytes(found["series"]), reference.series_page().answer)
    assert [(each.id, each.recurrence) for each in series] == [("35", "monthly")]
