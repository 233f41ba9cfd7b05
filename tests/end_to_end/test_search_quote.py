"""`dutchbook search` and `dutchbook quote` over the simulated venues."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from serving import Serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    serving = Serving(tmp_path_factory.mktemp("search") / "sim.yaml", "--seed", "4")
    yield serving
    serving.end(signal.SIGTERM)


def quoted(cli: Callable[..., Any], served: Serving, *words: str) -> dict[str, Any]:
    pairs = served.said["pairs_file"]
    ran = cli("quote", *words, "--pairs", pairs, "--json", "--config", served.settings)
    assert ran.exit_code == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_cheapest_way_is_no_dearer_than_either_venue_alone(
    cli: Callable[..., Any], served: Serving
) -> None:
    found = quoted(cli, served, "fedhold", "--size", "40")
    route = found["route"]
    assert found["schema"] == "dutchbook.quote/1"
    assert route["quantity_micros"] == 40_000_000
    assert route["total_micros"] == route["amount_micros"] + route["fee_micros"]
    assert sum(order["quantity_micros"] for order in route["orders"]) == 40_000_000
    for alone in found["alone"].values():
        if alone["quantity_micros"] == 40_000_000:
            assert route["total_micros"] <= alone["total_micros"]
    effective = [level["effective_micros"] for level in found["book"]]
    assert effective == sorted(effective)


def test_an_inverted_pair_buys_the_opposite_there(cli: Callable[..., Any], served: Serving) -> None:
    found = quoted(cli, served, "cpi", "--side", "yes", "--size", "20")
    sides = {order["venue"]: order["side"] for order in found["route"]["orders"]}
    assert set(sides.items()) <= {("kalshi", "yes"), ("polymarket", "no")}


def test_what_nobody_sells_is_missing_and_only_a_part(
    cli: Callable[..., Any], served: Serving
) -> None:
    pairs = served.said["pairs_file"]
    words = ("quote", "fedhold", "--size", "1000000", "--pairs", pairs)
    ran = cli(*words, "--json", "--config", served.settings)
    assert ran.exit_code == 4
    found = json.loads(ran.stdout)["route"]
    assert found["missing_micros"] == 10**12 - found["quantity_micros"] > 0
    assert "there is nobody" in cli(*words, "--config", served.settings).stdout


def test_selling_brings_less_than_buying_costs(cli: Callable[..., Any], served: Serving) -> None:
    buying = quoted(cli, served, "gold", "--size", "6")["route"]["total_micros"]
    selling = quoted(cli, served, "gold", "--size", "6", "--sell")["route"]["total_micros"]
    assert 0 < selling < 6_000_000
    assert 0 < buying < 6_000_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "has no pair 'nothing'"),
        (("fedhold", "--side", "maybe"), "--side is yes or no"),
        (("fedhold", "--size", "-1"), "--size is contracts above zero"),
    ],
)
def test_a_slip_is_named(
    cli: Callable[..., Any], served: Serving, words: tuple[str, ...], said: str
) -> None:
    pairs = served.said["pairs_file"]
    ran = cli("quote", *words, "--pairs", pairs, "--config", served.settings)
    assert ran.exit_code in (2, 3)
    assert said in ran.stderr


def test_both_catalogues_are_searched_and_pairs_stand_side_by_side(
    cli: Callable[..., Any], served: Serving
) -> None:
    empty = cli("search", "gold", "--config", served.settings)
    assert empty.exit_code == 3
    assert "pairs find" in empty.stderr
    assert cli("pairs", "find", "--config", served.settings).exit_code == 0
    lines = cli("search", "GOLD above", "--json", "--config", served.settings).stdout.splitlines()
    [found] = [json.loads(line) for line in lines]
    assert found["schema"] == "dutchbook.search/1"
    assert found["kalshi"]["id"] == "KXGOLD-26DEC-T1"
    assert found["polymarket"]["title"] == found["kalshi"]["title"]
    assert (found["relation"], found["state"], found["executable"]) == ("same", "proposed", False)
    table = cli("search", "gold", "--config", served.settings).stdout
    assert "same, proposed (accept)" in table
    nothing = cli("search", "unicorn", "--config", served.settings)
    assert nothing.exit_code == 0
    assert "No market of either catalogue" in nothing.stdout
    assert cli("search", " , ", "--config", served.settings).exit_code == 0
