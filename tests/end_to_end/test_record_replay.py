"""`dutchbook run --record` against both simulated venues, and `dutchbook replay` of its tapes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from serving import START, Serving

from venues.tape import Answer, Tape
from venues.tape_stream import Call, Priced
from venues.tapes import tapes_in


@pytest.fixture(scope="module", params=[True, False], ids=["streamed", "read in turn"])
def lived(
    request: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Path, Path, list[dict[str, Any]]]]:
    """(settings, pairs, tapes, what the run printed)"""
    folder = tmp_path_factory.mktemp("record")
    serving = Serving(folder / "sim.yaml", "--seed", "4")
    settings = yaml.safe_load((folder / "sim.yaml").read_text())
    settings |= {"data_dir": str(folder / "data"), "jobs": {"scan": {"every": "1s"}}}
    settings |= {"mode": "dry_run", "web": {"port": None}}
    if not request.param:
        for name in ("key_id", "key_file"):
            del settings["kalshi"][name]
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    pairs, tapes = Path(serving.said["pairs_file"]), folder / "tapes"
    words = ["run", "--pairs", str(pairs), "--config", str(folder / "config.yaml"), "--json"]
    ran = subprocess.run(
        [sys.executable, "-c", START, *words, "--seconds", "8", "--record", str(tapes)],
        capture_output=True,
        text=True,
        check=True,
    )
    yield folder / "config.yaml", pairs, tapes, [json.loads(x) for x in ran.stdout.splitlines()]
    serving.end(signal.SIGTERM)


def test_a_recorded_run_gives_the_same_episodes_again(
    lived: tuple[Path, Path, Path, list[dict[str, Any]]], cli: Callable[..., Any]
) -> None:
    settings, pairs, tapes, printed = lived
    words = ("replay", str(tapes), "--pairs", str(pairs), "--config", str(settings), "--json")
    ran = cli(*words, "--delay-ms", "0,250", "--size", "100")
    assert ran.exit_code == 0, ran.output
    *episodes, summary = [json.loads(line) for line in ran.stdout.splitlines()]
    want = {line["episode"]: line for line in printed}
    assert len(want) >= 4
    assert {each["id"] for each in episodes} == set(want)
    for each in episodes:
        told = want[each["id"]]
        if told["happened"] == "ended" and told["ended_by"] != "stopped":
            for name in ("ended_ms", "ended_by", "half_life_ms"):
                assert each[name] == told[name]
        assert each["was_good"] == told["was_good"]
        assert each["best"]["profit_micros"] == told["best"]["profit_micros"]
    assert summary["episodes"] == len(want)
    at_once = summary["clicks"][0]
    assert at_once["clicks"] == sum(each["clicks"][0]["clicks"] for each in summary["pairs"]) > 0
    assert at_once["filled_bps"] == 10_000, "at once, the books are those that were alerted"
    shown = cli(*words[:-1]).stdout
    for pair in summary["pairs"]:
        assert shown.count(pair["pair_id"]) == 4, "a line of episodes, one for each size"


def test_tapes_hold_answers_and_frames_and_nothing_of_an_account(
    lived: tuple[Path, Path, Path, list[dict[str, Any]]],
) -> None:
    settings, _, tapes, _ = lived
    [tape] = tapes_in(tapes)
    kinds = {type(record) for record in Tape(tape)}
    assert kinds >= {Answer, Call, Priced}
    urls = [record.url for record in Tape(tape) if isinstance(record, Answer)]
    assert not [url for url in urls if "portfolio" in url or "account" in url]
    key_id = yaml.safe_load(settings.read_text())["kalshi"].get("key_id")
    text = b"".join(tape_text(tape))
    assert b"KALSHI-ACCESS" not in text
    assert key_id is None or key_id.encode() not in text


def tape_text(tape: Path) -> Iterator[bytes]:
    import gzip

    with gzip.open(tape) as lines:
        yield from lines
