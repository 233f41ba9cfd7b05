"""Every call that we can make against Kalshi's own OpenAPI document, 3.34.0: what we send."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest

from venues.http import Call

Samples = tuple[Call[Any], ...]
Operation = Callable[[Call[Any]], dict[str, Any]]
Problems = Callable[[Any, dict[str, Any]], list[str]]
Resolved = Callable[[dict[str, Any]], dict[str, Any]]

# (method and route, name) of what the venue takes and we cannot say, and why.
UNSAID: Final = {
    ("GET /communications/rfqs", "creator_user_id"): "deprecated by the venue",
    ("GET /communications/quotes", "quote_creator_user_id"): "deprecated by the venue",
    ("GET /communications/quotes", "rfq_creator_user_id"): "deprecated by the venue",
    ("POST /communications/rfqs", "target_cost_centi_cents"): "deprecated by the venue",
    ("POST /communications/rfqs", "contracts"): "contracts_fp says it too, and parts of one",
    ("POST /portfolio/order_groups/create", "contracts_limit"): "contracts_limit_fp says it too",
    ("PUT /portfolio/order_groups/{order_group_id}/limit", "contracts_limit"): "likewise",
}
# Routes that cancel: they go ahead of other calls.
CANCELING: Final = {
    "DELETE /portfolio/events/orders",
    "DELETE /portfolio/events/orders/batched",
    "DELETE /portfolio/events/orders/{order_id}",
    "PUT /portfolio/order_groups/{order_group_id}/trigger",
    "DELETE /portfolio/order_groups/{order_group_id}",
    "DELETE /communications/rfqs/{rfq_id}",
    "DELETE /communications/quotes/{quote_id}",
    "DELETE /communications/rfqs/{rfq_id}/quotes/{quote_id}",
}


@pytest.fixture(scope="module")
def table(shared: Path) -> dict[str, dict[str, str]]:
    """The 118 operations of the venue's own SDK, by method and route."""
    text = (shared / "facts/kalshi-endpoints.tsv").read_text()
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return {f"{row['method']} {row['path']}": row for row in rows}


def key(call: Call[Any]) -> str:
    return f"{call.method} {call.route}"


def test_our_calls_reach_every_operation_of_the_venues_sdk_and_no_other(
    all_samples: dict[str, Samples], table: dict[str, dict[str, str]], operation: Operation
) -> None:
    reached = {key(call): operation(call) for calls in all_samples.values() for call in calls}

    assert set(reached) == set(table)
    assert len(reached) == 118
    for each, found in reached.items():
        assert found["operationId"].lower() == table[each]["operation"].replace("_", "")


def test_a_function_is_for_one_operation(samples: Samples) -> None:
    assert len({key(call) for call in samples}) == 1


def test_a_call_is_signed_exactly_where_the_venue_wants_it(
    samples: Samples, table: dict[str, dict[str, str]], operation: Operation
) -> None:
    for call in samples:
        assert call.signed == (table[key(call)]["auth"] == "yes") == ("security" in operation(call))


def test_the_path_is_its_route_with_the_names_filled_in(
    samples: Samples, operation: Operation
) -> None:
    for call in samples:
        names = re.findall(r"\{(\w+)\}", call.route)
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", call.route), call.path)
        declared = {p["name"] for p in operation(call)["parameters"] if p["in"] == "path"}

        assert found
        assert declared == set(names)
        assert all(unquote(value) for value in found.groups())


def test_a_call_sends_only_parameters_that_the_venue_declares(
    samples: Samples, operation: Operation, problems: Problems, resolved: Resolved
) -> None:
    for call in samples:
        allowed = {p["name"]: p for p in operation(call)["parameters"] if p["in"] == "query"}
        sent = [name for name, _ in call.params]

        assert set(sent) <= set(allowed)
        assert {name for name, each in allowed.items() if each.get("required")} <= set(sent)
        for name in sent:
            schema = resolved(allowed[name]["schema"])
            assert not problems(understood(call, name, schema), schema), (call, name)


def test_a_body_is_what_the_venue_declares(
    samples: Samples, operation: Operation, problems: Problems
) -> None:
    for call in samples:
        declared = operation(call).get("requestBody")
        assert (call.body is not None) == (declared is not None), call
        if declared and call.body is not None:
            body = json.loads(call.body)
            assert not problems(body, declared["content"]["application/json"]["schema"]), call
            assert b"null" not in call.body
            assert b" " not in call.body


def test_our_calls_can_say_everything_that_the_venue_takes(
    all_samples: dict[str, Samples], operation: Operation, resolved: Resolved
) -> None:
    takes: set[tuple[str, str]] = set()
    said: set[tuple[str, str]] = set()
    for call in (call for calls in all_samples.values() for call in calls):
        found = operation(call)
        said |= {(key(call), name) for name, _ in call.params}
        takes |= {(key(call), p["name"]) for p in found["parameters"] if p["in"] == "query"}
        if call.body is not None:
            said |= {(key(call), name) for name in names_in(json.loads(call.body))}
            schema = found["requestBody"]["content"]["application/json"]["schema"]
            takes |= {(key(call), name) for name in names_of(schema, resolved)}

    assert takes - said == set(UNSAID)
    assert said <= takes


def test_what_cancels_goes_first_and_a_batch_pays_for_each_item(
    all_samples: dict[str, Samples],
) -> None:
    for call in (call for calls in all_samples.values() for call in calls):
        assert call.urgent or key(call) not in CANCELING
        if call.route.endswith("/batched"):
            assert call.items == len(json.loads(call.body or b"")["orders"])
        else:
            assert call.items == 1
    assert all_samples["orders.create_batch"][0].items == 2


def understood(call: Call[Any], name: str, schema: dict[str, Any]) -> Any:
    """What the venue reads from the parameters of this name."""
    values = [value for each, value in call.params if each == name]
    if schema["type"] == "array":
        kind = schema["items"]["type"]
        assert not any("," in value for value in values), "a list that repeats is not joined"
        return [int(value) if kind == "integer" else value for value in values]
    (value,) = values
    if schema["type"] == "boolean":
        return {"true": True, "false": False}[value]
    return int(value) if schema["type"] == "integer" else value


def names_in(body: Any, prefix: str = "") -> Iterator[str]:
    """Dotted names of everything a JSON value says."""
    for each in body if isinstance(body, list) else [body]:
        if isinstance(each, dict):
            for name, value in each.items():
                yield prefix + name
                yield from names_in(value, f"{prefix}{name}.")


def names_of(schema: dict[str, Any], resolved: Resolved, prefix: str = "") -> Iterator[str]:
    """Dotted names of everything a schema can say."""
    schema = resolved(schema)
    if "items" in schema:
        yield from names_of(schema["items"], resolved, prefix)
    for name, each in schema.get("properties", {}).items():
        yield prefix + name
        yield from names_of(each, resolved, f"{prefix}{name}.")
