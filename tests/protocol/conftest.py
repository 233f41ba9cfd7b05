"""Kalshi's OpenAPI document as a judge, and sample calls made from the signatures of our functions.

Every public function of `venues/kalshi/calls` that returns a Call is found by itself. Its samples:
once with only what it requires, then once with each optional parameter. FIRST names what must be
given together, or never together.
"""

from __future__ import annotations

import gzip
import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, NewType, get_args, get_origin, get_type_hints

import jsonschema
import pytest

from venues.http import Call
from venues.kalshi.calls.blocks import Party
from venues.kalshi.calls.orders import NewOrder, ToCancel
from venues.money import ONE, Cash, Price, Quantity

ROOT: Final = Path(__file__).resolve().parents[2]
MODULES: Final = tuple(
    path.stem
    for path in sorted((ROOT / "venues/kalshi/calls").glob("*.py"))
    if path.stem not in {"__init__", "parts"}
)
NOW_S: Final = 1_790_000_000
SIZE: Final = Quantity(250 * ONE // 100)
PLAIN: Final[dict[Any, Any]] = {
    str: "KXA-1",
    int: 5,
    bool: True,
    datetime: datetime(2026, 11, 25, 12, tzinfo=UTC),
    Quantity: SIZE,
    Price: Price(560_000),
    Cash: Cash(1_230_000),
}
NAMED: Final[dict[str, Any]] = {
    "minutes": 60,
    "percentiles": (100, 5_000),
    "percents": ((0, 40), (2, 60)),
    "client_transfer_id": "8c35ecb3-328f-4f52-8c7c-0f4b9862f8d1",
    "suffix": "a1",
    "scopes": ("read", "write"),
    "yes": Quantity(-3 * ONE),
    "yes_bid": Price(560_000),
    "no_bid": Price(0),
    "after_s": NOW_S,
    "before_s": NOW_S,
}
RESTING: Final = NewOrder(
    ticker="KXHIGHNY-26JUL19-T80",
    side="bid",
    count=SIZE,
    price=Price(445_000),
    time_in_force="good_till_canceled",
    client_order_id="8c35ecb3-328f-4f52-8c7c-0f4b9862f8d1",
    expires_s=NOW_S,
    post_only=True,
    cancel_on_pause=False,
    order_group_id="group",
    subaccount=0,
    shard=2,
)
REDUCING: Final = NewOrder(
    ticker="KXHIGHNY-26JUL19-T80",
    side="ask",
    count=SIZE,
    price=Price(999_900),
    time_in_force="immediate_or_cancel",
    client_order_id="2a0e3fc9-b593-4aa3-96e5-82f7f7566c2a",
    self_trade_prevention="maker",
    reduce_only=True,
    shard=-1,
)
CANCELS: Final = (
    ToCancel(order_id="one", ticker="KXA-1", subaccount=3, shard=2),
    ToCancel(order_id="two", ticker="KXA-1"),
)
_HALVES: Final = (Party(user_id="a", subtrader_id="b"), Party(user_id="a", subaccount=63))
_WINDOW: Final = (NOW_S, NOW_S + 60)
FIRST: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "orders.create": ({"order": RESTING}, {"order": REDUCING}),
    "orders.create_batch": ({"orders": (RESTING, REDUCING)},),
    "orders.cancel_batch": ({"orders": CANCELS},),
    "orders.decrease": ({"by": SIZE}, {"by": None, "to": SIZE}),
    "communications.create_rfq": (
        {"size": SIZE},
        {"size": None, "target_cost": Cash(12_345_600), "target_cost_excludes_fees": True},
    ),
    "blocks.propose": tuple({"buyer": each, "seller": each} for each in _HALVES),
    "live_data.weather": ({}, {"from_ms": NOW_S * 1_000, "to_ms": NOW_S * 1_000 + 1}),
    "public.event": ({}, {"with_nested_markets": False, "exclude_markets": True}),
    "public.markets_page": (
        {},
        *({name: _WINDOW} for name in ("created_s", "updated_s", "closes_s", "settled_s")),
    ),
}


def functions() -> Iterator[tuple[str, Callable[..., Call[Any]]]]:
    for name in MODULES:
        module = import_module(f"venues.kalshi.calls.{name}")
        for each, function in inspect.getmembers(module, inspect.isfunction):
            public = function.__module__ == module.__name__ and not each.startswith("_")
            if public and get_origin(get_type_hints(function).get("return")) is Call:
                yield f"{name}.{each}", function


def value(name: str, hint: Any) -> Any:
    """Something that may be passed as `name`; the same every time."""
    if name in NAMED:
        return NAMED[name]
    if type(None) in get_args(hint):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is Literal:
        return get_args(hint)[-1]
    if get_origin(hint) is Sequence:
        (item,) = get_args(hint)
        if hasattr(item, "_make"):
            return (item._make(("KXA-1", "KXA", "no")),)
        return (value("", item), value("", item))
    assert hint in PLAIN or isinstance(hint, NewType), f"{name}: {hint} has no sample"
    return PLAIN[hint]


def ready(name: str, function: Callable[..., Call[Any]]) -> partial[Call[Any]]:
    """The function with what it requires."""
    hints = get_type_hints(function)
    first = FIRST.get(name, ({},))[0]
    required = {
        each: value(each, hints[each])
        for each, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and each not in first
    }
    return partial(function, **required, **first)


def sampled(name: str, function: partial[Call[Any]]) -> tuple[Call[Any], ...]:
    hints = get_type_hints(function.func)
    together = FIRST.get(name, ({},))
    alone = [
        {each: value(each, hints[each])}
        for each in inspect.signature(function.func).parameters
        if each not in function.keywords and not any(each in some for some in together)
    ]
    return tuple(function(**each) for each in (*together, *alone))


READY: Final = {name: ready(name, function) for name, function in functions()}
SAMPLES: Final = {name: sampled(name, function) for name, function in READY.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`samples`: those of one function, its name as the test's id."""
    if "samples" in metafunc.fixturenames:
        metafunc.parametrize("samples", list(SAMPLES.values()), ids=list(SAMPLES))


@pytest.fixture(scope="session")
def all_samples() -> dict[str, tuple[Call[Any], ...]]:
    """The samples of every function."""
    return SAMPLES


@pytest.fixture(scope="session")
def functions_ready() -> dict[str, partial[Call[Any]]]:
    """Every function with what it requires; more may be said, or something else."""
    return READY


@pytest.fixture(scope="session")
def document(shared: Path) -> dict[str, Any]:
    packed = shared / "data/recorded/kalshi/spec/kalshi_openapi_3.34.0.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    return found


@pytest.fixture(scope="session")
def operation(document: dict[str, Any]) -> Callable[[Call[Any]], dict[str, Any]]:
    """What the document says of a call's method and route, its parameters without references."""
    parts = document["components"]["parameters"]

    def find(call: Call[Any]) -> dict[str, Any]:
        path = document["paths"][call.route]
        found = path[call.method.lower()]
        listed = [*path.get("parameters", ()), *found.get("parameters", ())]
        plain = [
            parts[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each for each in listed
        ]
        return {**found, "parameters": plain}

    return find


@pytest.fixture(scope="session")
def problems(document: dict[str, Any]) -> Callable[[Any, dict[str, Any]], list[str]]:
    """What is wrong with a value under a schema; unknown names are wrong too."""
    schemas = {name: _json_schema(each) for name, each in document["components"]["schemas"].items()}
    formats = jsonschema.FormatChecker()

    def check(found: Any, schema: dict[str, Any]) -> list[str]:
        whole = {"$defs": schemas, "allOf": [_json_schema(schema)]}
        judge = jsonschema.Draft202012Validator(whole, format_checker=formats)
        return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(found)]

    return check


@pytest.fixture(scope="session")
def resolved(document: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A schema without a reference or a single allOf at its top, still nullable if it was."""
    schemas = document["components"]["schemas"]

    def resolve(schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            target = schema if "$ref" in schema else schema["allOf"][0]
            inner = schemas[target["$ref"].rsplit("/", 1)[1]] if "$ref" in target else target
            nullable = schema.get("nullable") or target.get("nullable") or inner.get("nullable")
            schema = {**inner, "nullable": bool(nullable)}
        return schema

    return resolve


@pytest.fixture(scope="session")
def generated(
    resolved: Callable[[dict[str, Any]], dict[str, Any]],
) -> Callable[[dict[str, Any], str], Any]:
    """A value of a schema: `minimal` has what is required, `full` everything, `null` everything
    with null wherever the document allows it."""

    def make(schema: dict[str, Any], how: str) -> Any:
        schema = resolved(schema)
        if how == "null" and schema.get("nullable"):
            return None
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type", "object"):
            case "object":
                required = schema.get("required", ())
                listed = schema.get("properties", {}).items()
                made = {n: make(s, how) for n, s in listed if how != "minimal" or n in required}
                open_ended = schema.get("additionalProperties")
                return made | ({"a": make(open_ended, how)} if isinstance(open_ended, dict) else {})
            case "array":
                count = max(schema.get("minItems", 1), 1)
                return [] if how == "minimal" else [make(schema["items"], how)] * count
            case "string":
                return "2026-10-01T12:00:00.5Z" if schema.get("format") == "date-time" else "0.56"
            case "number":
                return 0.5
            case "boolean":
                return True
            case _:
                return 1

    return make


def _json_schema(found: Any) -> Any:
    """OpenAPI 3.0 → JSON Schema 2020-12 (facts, oracles, section 7), but no unknown names."""
    if isinstance(found, list):
        return [_json_schema(each) for each in found]
    if not isinstance(found, dict):
        return found
    if "$ref" in found:
        made = {"$ref": found["$ref"].replace("#/components/schemas/", "#/$defs/")}
    else:
        made = {n: _converted(n, each) for n, each in found.items() if _is_rule(n, each)}
        if "properties" in made:
            made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if found.get("nullable") else made


def _is_rule(name: str, found: Any) -> bool:
    if name == "format":
        return found in {"date-time", "uuid"}
    return name not in {"nullable", "example", "deprecated", "description"} and name[:2] != "x-"


def _converted(name: str, found: Any) -> Any:
    if name == "properties":
        return {each: _json_schema(schema) for each, schema in found.items()}
    deep = {"items", "allOf", "anyOf", "oneOf", "additionalProperties"}
    return _json_schema(found) if name in deep else found
