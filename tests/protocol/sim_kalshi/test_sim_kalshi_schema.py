"""Every core operation, driven over a busy world, against Kalshi's own OpenAPI document 3.34.0.

Each answer must fit the document as it is, and fit it again with unknown keys forbidden.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from venues.sim import world
from venues.sim.kalshi.catalogue import Result

FED: Final = "KXFEDDECISION-26DEC-C25"
RISE: Final = "KXFEDDECISION-26DEC-H25"
RAIN: Final = "KXGREENLAND-29-29"
BTC: Final = "KXBTCD-26NOV27-T90000"
MLB: Final = "KXMLBGAME-26NOV26NYYBOS-NYY"
DAY_MS: Final = 86_400_000
_PREFIX: Final = "/trade-api/v2"


def to_js(found: Any, *, strict: bool) -> Any:
    """OpenAPI 3.0 schema → JSON Schema 2020-12 (shared/facts/oracles.md, section 7)."""
    if isinstance(found, list):
        return [to_js(each, strict=strict) for each in found]
    if not isinstance(found, dict):
        return found
    if "$ref" in found:
        made = {"$ref": found["$ref"].replace("#/components/schemas/", "#/$defs/")}
    else:
        made = {
            name: _converted(name, value, strict=strict)
            for name, value in found.items()
            if name not in ("nullable", "example", "deprecated", "description")
            and not name.startswith("x-")
            and (name != "format" or value in ("date-time", "uuid"))
        }
        if strict and "properties" in made:
            made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if found.get("nullable") else made


def _converted(name: str, value: Any, *, strict: bool) -> Any:
    if name == "properties":
        return {each: to_js(schema, strict=strict) for each, schema in value.items()}
    if name in ("items", "allOf", "anyOf", "oneOf", "additionalProperties"):
        return to_js(value, strict=strict)
    return value


@dataclass
class Document:
    found: dict[str, Any]
    core: frozenset[tuple[str, str]]

    @cached_property
    def _schemas(self) -> dict[bool, dict[str, Any]]:
        parts = self.found["components"]["schemas"]
        return {
            strict: {name: to_js(schema, strict=strict) for name, schema in parts.items()}
            for strict in (False, True)
        }

    def operation(self, method: str, path: str) -> tuple[str, str]:
        """Method and template of a real path; the fewest variables win."""
        fitting = [
            each
            for each in self.found["paths"]
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
            and method.lower() in self.found["paths"][each]
        ]
        return method, min(fitting, key=lambda each: each.count("{"))

    def check(self, response: httpx2.Response) -> tuple[str, str]:
        """AssertionError unless status and body are what the document says."""
        path = response.request.url.raw_path.decode().partition("?")[0].removeprefix(_PREFIX)
        method, route = self.operation(response.request.method, path)
        answers = self.found["paths"][route][method.lower()]["responses"]
        assert str(response.status_code) in answers, f"{method} {route}: {response.status_code}"
        content = answers[str(response.status_code)].get("content")
        if content is None:
            assert not response.content
            return method, route
        for strict in (False, True):
            schema = to_js(content["application/json"]["schema"], strict=strict)
            whole = {**schema, "$defs": self._schemas[strict]}
            checker = Draft202012Validator(whole, format_checker=FormatChecker())
            errors = [f"{e.json_path}: {e.message}" for e in checker.iter_errors(response.json())]
            assert not errors, f"{method} {route} strict={strict}: {errors[:5]}"
        return method, route


@pytest.fixture(scope="module")
def document(shared: Path) -> Document:
    packed = shared / "data/recorded/kalshi/spec/kalshi_openapi_3.34.0.json.gz"
    rows = csv.DictReader(
        (shared / "facts/kalshi-endpoints.tsv").read_text().splitlines(), delimiter="\t"
    )
    core = frozenset((row["method"], row["path"]) for row in rows if row["core"] == "yes")
    return Document(json.loads(gzip.decompress(packed.read_bytes())), core)


async def test_every_core_operation_answers_as_the_document_says(
    exchange: Any, clock: Any, document: Document
) -> None:
    """One day in the life of an account; then three months later."""
    client = exchange.client
    await clock.sleep_ms(60_000)
    await _reads_the_market(client)
    await _trades(client)
    await _runs_groups(client)
    await _moves_money(client)
    await _reads_the_account(client)
    exchange.house.lifecycle.determine(FED, Result.YES)
    exchange.house.lifecycle.determine(BTC, Result.SCALAR, exchange.house.quote(BTC).last_price)
    await client.call("GET", f"/markets/{FED}")
    await clock.sleep_ms(600_000)
    await _reads_the_market(client)
    await _reads_the_account(client)
    await client.call("DELETE", "/portfolio/events/orders")
    await clock.sleep_ms(100 * DAY_MS)
    await client.call("GET", f"/historical/markets/{FED}")
    await _reads_the_account(client)

    refused = [(r.request.url.path, r.status_code, r.text) for r in client.seen if r.is_error]
    assert not refused
    assert {document.check(response) for response in client.seen} == document.core
    exchange.house.audit()


async def _reads_the_market(client: Any) -> None:
    for path in (
        *("/exchange/status", "/exchange/schedule", "/exchange/user_data_timestamp"),
        *("/series", "/series/KXMLBGAME", "/series/fee_changes", "/events/fee_changes"),
        *("/markets", "/markets/trades", "/events", f"/markets/{BTC}", f"/markets/{RISE}"),
        *(f"/markets/{FED}/orderbook", f"/markets/{world.UPCOMING}/orderbook"),
        *("/events/KXBTCD-26NOV27", "/events/KXMVESPORTS-S1", "/historical/cutoff"),
        *("/account/endpoint_costs", "/account/limits"),
    ):
        await client.call("GET", path)
    for path, query in (
        ("/series", "include_volume=true&include_product_metadata=true&category=Sports"),
        ("/series/KXBTCD", "include_volume=true"),
        ("/markets/orderbooks", f"tickers={FED}&tickers={RISE}&tickers={world.UPCOMING}"),
        ("/events", "with_nested_markets=true&with_milestones=true"),
        ("/events/KXBTCD-26NOV27", "with_nested_markets=true"),
        ("/events/KXBTCD-26NOV27", "exclude_markets=true"),
        (f"/markets/{FED}/orderbook", "depth=2"),
        ("/series/fee_changes", "show_historical=true"),
    ):
        await client.call("GET", path, query=query)


async def _trades(client: Any) -> None:
    """Orders that rest, fill, fail in a batch, change and go; on three shards."""
    orders = "/portfolio/events/orders"
    taken = {"price": "0.9900", "time_in_force": "immediate_or_cancel"}
    await client.created(count="2.50", client_order_id="first", **taken)
    await client.created(ticker=BTC, count="30", **taken)
    await client.created(
        ticker=MLB, side="ask", count="3", price="0.0100", time_in_force="fill_or_kill"
    )
    rests = await client.created(client_order_id="rests")
    expires_s = client.clock.now_ms() // 1_000 + 3_600
    other = await client.created(price="0.0200", count="7", expiration_time=expires_s)
    await client.call("GET", f"/portfolio/orders/{rests['order_id']}/queue_position")
    await client.call("GET", f"/portfolio/orders/{other['order_id']}")
    amended = client.order(price="0.0300", count="12")
    fields = {name: amended[name] for name in ("ticker", "side", "price", "count")}
    await client.call("POST", f"{orders}/{rests['order_id']}/amend", fields)
    fields = {**fields, "price": "0.9900", "updated_client_order_id": "renamed"}
    await client.call("POST", f"{orders}/{rests['order_id']}/amend", fields)
    await client.call("POST", f"{orders}/{other['order_id']}/decrease", {"reduce_to": "3.00"})
    batch = [
        client.order(client_order_id="b1"),
        client.order(client_order_id="first"),
        client.order(ticker=RISE, client_order_id="b2", price="0.0010"),
        client.order(**taken, count="1"),
    ]
    made = (await client.call("POST", f"{orders}/batched", {"orders": batch})).json()["orders"]
    away = [{"order_id": made[0]["order_id"], "market_ticker": FED}, {"order_id": "unknown"}]
    await client.call("DELETE", f"{orders}/batched", {"orders": away})
    await client.call("DELETE", f"{orders}/{other['order_id']}", query=f"market_ticker={FED}")


async def _runs_groups(client: Any) -> None:
    groups = "/portfolio/order_groups"
    made = await client.call("POST", f"{groups}/create", {"contracts_limit": 5})
    group = made.json()["order_group_id"]
    await client.created(order_group_id=group)
    await client.call("GET", groups)
    await client.call("GET", f"{groups}/{group}")
    await client.call("PUT", f"{groups}/{group}/limit", {"contracts_limit_fp": "9.00"})
    await client.call("PUT", f"{groups}/{group}/trigger", {})
    await client.call("PUT", f"{groups}/{group}/reset")
    await client.call("GET", f"{groups}/{group}")
    await client.call("DELETE", f"{groups}/{group}")


async def _moves_money(client: Any) -> None:
    sent = {
        "source": "event_contract",
        "destination": "event_contract",
        "amount": 5_000,
        "destination_exchange_shard": 2,
    }
    named = {**sent, "client_transfer_id": "8c35ecb3-328f-4f52-8c7c-0f4b9862f8d1"}
    for body in (sent, named):
        answer = await client.call("POST", "/portfolio/intra_exchange_instance_transfer", body)
        transfer = answer.json()["transfer_id"]
        await client.call("GET", f"/portfolio/intra_exchange_instance_transfers/{transfer}")
    percents = [{"exchange_index": 0, "percent": 60}, {"exchange_index": 3, "percent": 40}]
    for allocations in (percents, []):
        body = {"allocations": allocations, "resting_margin_reservation": "max"}
        await client.call("GET", "/portfolio/target_balance_allocation")
        await client.call("POST", "/portfolio/target_balance_allocation", body)


async def _reads_the_account(client: Any) -> None:
    for path, query in (
        ("/portfolio/orders", ""),
        ("/portfolio/orders", "status=executed&limit=1"),
        ("/portfolio/fills", ""),
        ("/portfolio/fills", f"ticker={FED},{BTC}&limit=2"),
        ("/portfolio/positions", ""),
        ("/portfolio/positions", "settlement_status=all&count_filter=position,total_traded"),
        ("/portfolio/settlements", ""),
        ("/portfolio/balance", ""),
        ("/portfolio/balance", "exchange_index=2"),
    ):
        await client.call("GET", path, query=query)


async def test_the_world_of_that_test_is_busy(exchange: Any, clock: Any) -> None:
    client = exchange.client
    await clock.sleep_ms(60_000)
    await _trades(client)
    exchange.house.lifecycle.determine(FED, Result.YES)
    exchange.house.lifecycle.determine(BTC, Result.SCALAR, exchange.house.quote(BTC).last_price)
    await clock.sleep_ms(600_000)

    orders = (await client.get("/portfolio/orders"))["orders"]
    assert {each["status"] for each in orders} == {"resting", "canceled", "executed"}
    settled = (await client.get("/portfolio/settlements"))["settlements"]
    assert {each["market_result"] for each in settled} == {"yes", "scalar"}
    held = await client.get("/portfolio/positions")
    assert [each["position_fp"] for each in held["market_positions"]] == ["-3.00"]
    assert len((await client.get("/portfolio/fills"))["fills"]) >= 5


def test_the_converter_finds_what_is_wrong(document: Document) -> None:
    request = httpx2.Request("GET", f"https://venue.test{_PREFIX}/exchange/user_data_timestamp")
    good = {"as_of_time": "2026-11-25T00:00:00Z"}
    for body in ({}, {"as_of_time": "yesterday"}, {"as_of_time": 5}, {**good, "more": 1}):
        with pytest.raises(AssertionError):
            document.check(httpx2.Response(200, json=body, request=request))
    document.check(httpx2.Response(200, json=good, request=request))
    with pytest.raises(AssertionError):
        document.check(httpx2.Response(201, json=good, request=request))
