"""The settings of jobs: what is said of one is taken, the rest keeps that job's own default."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings, load_settings
from app.config_jobs import seconds
from app.problem import Problem
from scanner.schedule import Cron, Every, Job


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_settings(path)


def jobs(settings: Settings) -> dict[str, Job]:
    return {job.name: job for job in settings.jobs.all}


def test_every_job_that_has_work_has_a_default() -> None:
    found = jobs(Settings())
    assert [*found] == [
        *("scan", "catalogue", "match", "fees", "digest", "housekeeping"),
    ]
    assert found["scan"] == Job(name="scan", when=Every(60), timeout_s=300)
    assert found["digest"].when == Cron("0 6 * * *")
    assert not found["digest"].rerunnable  # nobody is told twice
    assert found["match"].rerunnable


def test_what_is_not_said_of_a_job_keeps_its_default(tmp_path: Path) -> None:
    found = jobs(load(tmp_path, "jobs: {match: {every: 2h}, scan: {timeout_s: 5}}"))
    assert found["match"] == Job(
        name="match", when=Every(7_200), jitter_s=300, rerunnable=True, timeout_s=3_600
    )
    assert found["scan"] == Job(name="scan", when=Every(60), timeout_s=5)


def test_a_cron_takes_the_place_of_an_interval_and_null_turns_off(tmp_path: Path) -> None:
    words = "jobs: {scan: {cron: '*/5 8-17 * * mon-fri', time_zone: America/New_York}}"
    assert jobs(load(tmp_path, words))["scan"].when == Cron(
        "*/5 8-17 * * mon-fri", "America/New_York"
    )
    assert "scan" not in jobs(load(tmp_path, "jobs: {scan: {every: null}}"))
    assert jobs(load(tmp_path, "jobs: {digest: {every: 1d}}"))["digest"].when == Every(86_400)


def test_a_variable_changes_one_thing_of_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTCHBOOK_JOBS__MATCH__EVERY", "3h")
    assert jobs(Settings())["match"].when == Every(10_800)
    assert jobs(Settings())["match"].jitter_s == 300


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{scan: {every: 60}}", "jobs.scan.every"),
        ("{scan: {every: 60 s}}", "jobs.scan: every is written as a whole number and a unit"),
        ("{scan: {every: 0s}}", "a whole number and a unit"),
        ("{scan: {every: 60s, cron: '* * * * *'}}", "every or cron, not both"),
        ("{scan: {cron: '0 6 * *'}}", "five fields"),
        ("{scan: {cron: '0 6 * * 1'}}", "mon … sun"),
        ("{scan: {cron: '0 6 * * *', time_zone: Mars}}", "no time zone Mars"),
        ("{scan: {time_zone: Mars}}", "no time zone Mars"),
        ("{scan: {jitter_s: 60}}", "jitter_s must be shorter"),
        ("{scna: {every: 5s}}", "did you mean jobs.scan"),
        ("{scan: {evry: 5s}}", "did you mean jobs.scan.every"),
        ("3", "jobs"),
    ],
)
def test_a_slip_is_named_with_what_to_write(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(Problem, match=said.replace("…", ".")):
        load(tmp_path, f"jobs: {words}")


def test_a_length_of_time_is_a_number_and_a_unit() -> None:
    assert [seconds(each) for each in ("90s", "10m", "24h", "7d")] == [90, 600, 86_400, 604_800]
