"""`dutchbook jobs` and `dutchbook history`, over a real store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.jobs_commands import lasting
from app.store.history import History
from app.store.job_runs import JobRunsTable
from app.store.opening import open_database
from scanner.episode import Change, Happened, Proof, begin, end
from scanner.jobs import RunState
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Contract, Outcome, Price, Quantity, SystemClock


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The settings of a store in which a scan failed and an episode ended a minute ago."""
    (tmp_path / "config.yaml").write_text(
        f"data_dir: {tmp_path}\njobs: {{scan: {{every: 30s}}, tape: {{every: null}}}}\n"
    )
    now_ms = SystemClock().now_ms()
    with open_database(tmp_path / "live") as engine:
        runs, slot_ms = JobRunsTable(engine), now_ms - now_ms % 30_000
        run = runs.claim("scan", slot_ms, "here", slot_ms + 10)
        assert run
        runs.end(run, RunState.FAILED, slot_ms + 1_510, "kalshi: no answer")
        legs = tuple(
            Leg(
                contract=Contract(venue, "M", outcome),
                bought=Quantity(10_000_000),
                average_price=Price(450_000),
                worst_price=Price(450_000),
                cost=Cash(4_500_000),
                fee=Cash(100_000),
            )
            for venue, outcome in (("kalshi", Outcome.YES), ("polymarket", Outcome.NO))
        )
        found = Opportunity(
            pair_id="fed",
            legs=(legs[0], legs[1]),
            quantity=Quantity(10_000_000),
            seen_ms=now_ms - 75_000,
        )
        over = end(begin(found, Proof(ages_ms=(1, 2))), now_ms - 60_000, "not_crossed")
        History(engine, "here").keep([(Change(happened=Happened.ENDED, episode=over), {})])
    return tmp_path / "config.yaml"


def test_jobs_tell_when_they_run_next_and_how_they_ended(
    cli: Callable[..., Any], desk: Path
) -> None:
    told = json.loads(cli("jobs", "--config", str(desk), "--json").stdout)
    assert told["schema"] == "dutchbook.jobs/1"
    coming = {each["job"]: each for each in told["next"]}
    assert coming["scan"]["when"] == "every 30 s"
    assert coming["digest"]["when"] == "0 6 * * * UTC"
    assert "tape" not in coming
    assert 0 < coming["scan"]["slot_ms"] - told["now_ms"] <= 30_000
    (run,) = told["runs"]
    assert (run["job"], run["state"], run["note"]) == ("scan", "failed", "kalshi: no answer")
    shown = cli("jobs", "--config", str(desk)).stdout
    assert "every 30 s" in shown
    assert "1.5 s" in shown
    assert "kalshi: no answer" in shown
    assert (
        json.loads(cli("jobs", "--job", "match", "--config", str(desk), "--json").stdout)["runs"]
        == []
    )


def test_history_tells_how_long_an_episode_lasted_and_what_ended_it(
    cli: Callable[..., Any], desk: Path
) -> None:
    (line,) = cli("history", "--config", str(desk), "--json").stdout.splitlines()
    told = json.loads(line)
    assert told["schema"] == "dutchbook.episode/1"
    assert (told["pair_id"], told["ended_by"]) == ("fed", "not_crossed")
    assert (told["duration_ms"], told["half_life_ms"]) == (15_000, 15_000)
    assert told["best"]["profit_micros"] == 800_000
    shown = cli("history", "--config", str(desk)).stdout
    for word in ("fed", "15 s", "0.80", "8.69 %", "not_crossed"):
        assert word in shown


def test_history_is_asked_by_time_and_pair(cli: Callable[..., Any], desk: Path) -> None:
    for options in (("--since", "30s"), ("--pair", "other")):
        ran = cli("history", *options, "--config", str(desk), "--json")
        assert (ran.exit_code, ran.stdout) == (0, "")
    assert "No opportunity" in cli("history", "--since", "30s", "--config", str(desk)).stdout
    assert cli("history", "--since", "2m", "--config", str(desk), "--json").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("history", "--since", "yesterday"), "a whole number and a unit: 90s"),
        (("history", "--since", "0h"), "a whole number and a unit"),
        (("jobs", "--job", "scna"), "--job is one of scan, catalogue"),
    ],
)
def test_a_slip_is_answered_with_what_to_write(
    cli: Callable[..., Any], desk: Path, arguments: tuple[str, ...], words: str
) -> None:
    ran = cli(*arguments, "--config", str(desk))
    assert ran.exit_code == 2
    assert words in ran.stderr


def test_without_a_store_nothing_has_run_and_nothing_is_made(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"data_dir: {tmp_path / 'none'}\n")
    assert "No job has run yet" in cli("jobs", "--config", str(config)).stdout
    assert cli("history", "--config", str(config)).exit_code == 0
    assert not (tmp_path / "none").exists()


def test_durations_are_told_in_two_units() -> None:
    cases = {850: "850 ms", 12_540: "12.5 s", 185_000: "3 min 5 s", 3_600_000: "1 h"}
    cases |= {7_800_000: "2 h 10 min", 349_200_000: "4 d 1 h"}
    assert {each: lasting(each) for each in cases} == cases
