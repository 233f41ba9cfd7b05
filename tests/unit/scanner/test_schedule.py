"""Slots: by interval and by cron, on every night of every zone, the same on all nodes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scanner.schedule import MISSED_MAX, Cron, Due, Every, Job, due, jitter_ms, next_slot

ROOT = Path(__file__).resolve().parents[3]
DAY_MS = 86_400_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000


def slots(when: Every | Cron, start: str, count: int) -> list[str]:
    """UTC, from the second before `start`."""
    found, at_ms = [], ms(start) - 1
    for _ in range(count):
        slot_ms = next_slot(when, at_ms)
        assert slot_ms is not None
        assert slot_ms > at_ms
        at_ms = slot_ms
        found.append(datetime.fromtimestamp(slot_ms // 1_000, UTC).strftime("%d %H:%M"))
    return found


def test_an_interval_counts_from_the_epoch_so_that_nodes_agree() -> None:
    assert slots(Every(600), "2026-11-25T10:00", 3) == ["25 10:00", "25 10:10", "25 10:20"]
    assert next_slot(Every(7), 0) == 7_000
    assert next_slot(Every(7), 7_000) == 14_000
    with pytest.raises(ValueError, match="second or more"):
        Every(0)


def test_a_cron_is_read_in_its_time_zone_and_by_names_of_days() -> None:
    assert slots(Cron("0 6 * * *"), "2026-01-01T00:00", 2) == ["01 06:00", "02 06:00"]
    assert slots(Cron("0 6 * * *", "Europe/Berlin"), "2026-01-01T00:00", 1) == ["01 05:00"]
    assert slots(Cron("0 6 * * mon-fri"), "2026-01-02T00:00", 2) == ["02 06:00", "05 06:00"]
    assert slots(Cron("*/20 9,10 * * *"), "2026-01-02T09:30", 3) == [
        *("02 09:40", "02 10:00", "02 10:20"),
    ]


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("0 6 * *", "UTC", "five fields"),
        ("61 6 * * *", "UTC", "higher than the maximum"),
        ("0 6 * * 1", "UTC", "mon … sun"),
        ("0 6 30 2 *", "UTC", "no such day"),
        ("0 6 * * *", "Mars/Base", "no time zone Mars/Base"),
        ("0 6 * * *", "../etc/passwd", "no time zone"),
        ("", "UTC", "five fields"),
    ],
)
def test_a_cron_that_means_nothing_is_refused_with_a_reason(
    text: str, zone: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Cron(text, zone)


def test_a_daily_time_comes_once_on_the_night_that_leaves_it_out() -> None:
    night = slots(Cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T00:00", 3)
    assert night == ["28 01:30", "29 01:00", "30 00:30"]  # 02:30 is no time: at 03:00, in UTC 01:00


def test_a_daily_time_comes_once_on_the_night_that_has_it_twice() -> None:
    night = slots(Cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T00:00", 3)
    assert night == ["24 00:30", "25 00:30", "26 01:30"]
    after_the_first = next_slot(Cron("30 2 * * *", "Europe/Berlin"), ms("2026-10-25T01:15"))
    assert after_the_first == ms("2026-10-26T01:30")


def test_a_job_of_every_hour_goes_on_evenly_through_both_nights() -> None:
    when = Cron("*/30 * * * *", "Europe/Berlin")
    for night in ("2026-03-29", "2026-10-25"):
        found = slots(when, f"{night}T00:00", 8)
        assert found == [f"{night[-2:]} 0{h}:{m}" for h in range(4) for m in ("00", "30")]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
)
@pytest.mark.parametrize(
    "text", ["30 2 * * *", "15 * * * *", "*/20 1-3 * * *", "0 0 * * *", "59 23 * * sun"]
)
def test_slots_only_rise_and_a_day_on_the_wall_has_one_run(text: str, zone: str) -> None:
    when = Cron(text, zone)
    for year in (2011, 2026) if zone == "Pacific/Apia" else (2026,):
        at_ms, end_ms = ms(f"{year}-01-01T00:00"), ms(f"{year + 1}-01-02T00:00")
        days = []
        while at_ms < end_ms:
            slot_ms = next_slot(when, at_ms)
            assert slot_ms is not None
            assert slot_ms > at_ms
            at_ms = slot_ms
            wall = datetime.fromtimestamp(slot_ms // 1_000, ZoneInfo(zone))
            days.append(wall.date())
            assert next_slot(when, slot_ms - 1) == slot_ms
        if text == "30 2 * * *":
            lost = {date(2011, 12, 30)} if zone == "Pacific/Apia" and year == 2011 else set()
            length = (days[-1] - days[0]).days + 1
            assert {days[0] + timedelta(n) for n in range(length)} - lost == set(days)
            assert len(days) - len(set(days)) == len(lost)  # it is run as the next day begins


def test_jitter_is_the_same_for_a_slot_and_differs_by_node_and_slot() -> None:
    job = Job(name="scan", when=Every(60), jitter_s=20)
    found = {node: [jitter_ms(job, slot, node) for slot in range(50)] for node in "ab"}
    assert found["a"] == [jitter_ms(job, slot, "a") for slot in range(50)]
    assert found["a"] != found["b"]
    assert len(set(found["a"])) > 40
    assert all(0 <= each <= 20_000 for each in found["a"] + found["b"])
    assert jitter_ms(Job(name="scan", when=Every(60)), 5, "a") == 0


def test_jitter_is_the_same_in_another_process() -> None:
    script = (
        "from scanner.schedule import *; print(jitter_ms(Job(name='x', when=Every(9),"
        " jitter_s=99), 9000, 'n'))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, env=environment
    )
    assert int(ran.stdout) == jitter_ms(Job(name="x", when=Every(9), jitter_s=99), 9_000, "n")


def test_missed_slots_become_one_run_of_the_newest() -> None:
    job = Job(name="scan", when=Every(60))
    assert due(job, 60_000, 119_999, "a") is None
    assert due(job, 60_000, 120_000, "a") == Due(120_000, ())
    assert due(job, 60_000, 300_500, "a") == Due(300_000, (120_000, 180_000, 240_000))


def test_a_slot_waits_for_its_jitter() -> None:
    job = Job(name="scan", when=Every(60), jitter_s=30)
    jitter = jitter_ms(job, 120_000, "a")
    assert jitter
    assert due(job, 60_000, 120_000 + jitter - 1, "a") is None
    assert due(job, 60_000, 120_000 + jitter, "a") == Due(120_000, ())


def test_a_slot_whose_jitter_outlasts_the_next_slot_is_missed_and_not_forgotten() -> None:
    job = Job(name="j", when=Cron("* * * * *"), jitter_s=600)
    told: list[int] = []
    after_ms = 0
    for now_ms in range(0, 3_600_000, 1_000):
        if found := due(job, after_ms, now_ms, "a"):
            told += [*found.missed, found.slot_ms]
            after_ms = found.slot_ms
    assert told == list(range(60_000, told[-1] + 1, 60_000))


def test_after_a_year_away_only_the_newest_missed_slots_are_told() -> None:
    found = due(Job(name="scan", when=Every(1)), 0, 365 * DAY_MS, "a")
    assert found is not None
    assert found.slot_ms == 365 * DAY_MS
    assert len(found.missed) == MISSED_MAX
    assert found.missed[-1] == 365 * DAY_MS - 1_000
    weekly = Job(name="digest", when=Cron("0 6 * * mon"))
    away = due(weekly, ms("2026-01-01T00:00"), ms("2026-12-31T00:00"), "a")
    assert away is not None
    assert away.slot_ms == ms("2026-12-28T06:00")
    assert len(away.missed) == 51


@pytest.mark.parametrize("text", ["* * * * *", "*/7 6-22 * * mon-fri", "30 2 * * *", "0 0 29 2 *"])
def test_a_cron_that_was_away_for_decades_is_not_walked_through(text: str) -> None:
    job = Job(name="j", when=Cron(text, "Europe/Berlin"), jitter_s=30)
    now_ms = ms("2026-11-25T10:00")
    found = due(
        job, ms("1976-11-25T10:00"), now_ms, "n"
    )  # minute by minute it takes a quarter hour
    assert found is not None
    every = [*found.missed, found.slot_ms]
    assert len(every) == MISSED_MAX + 1 or text == "0 0 29 2 *"
    for earlier, later in pairwise(every):
        assert next_slot(job.when, earlier) == later
    following = next_slot(job.when, found.slot_ms)
    assert following is not None
    assert following + jitter_ms(job, following, "n") > now_ms
