"""What is written is read back, wherever the file is cut or the writer killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venues.http import Exchange
from venues.tape import Answer, Cycle, Quote, Record, Tape, TapeError, TapeWriter, answer_of

ROOT: Final = Path(__file__).resolve().parents[2]
MOMENTS = st.integers(0, 2**53)
TEXTS = st.text()
LEVELS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 2**62)), max_size=3).map(tuple)
EXCHANGES = st.builds(
    Exchange,
    venue=TEXTS,
    method=TEXTS,
    url=TEXTS,
    request=TEXTS,
    status=st.integers(100, 599),
    received_ms=MOMENTS,
    body=st.binary() | st.text().map(str.encode),
)
RECORDS = st.one_of(
    st.builds(Cycle, MOMENTS),
    EXCHANGES.map(answer_of),
    st.builds(Quote, MOMENTS, MOMENTS, TEXTS, TEXTS, LEVELS, LEVELS),
)


@given(flushes=st.lists(st.lists(RECORDS, max_size=4), max_size=4))
def test_what_is_written_is_read_back_equal(flushes: list[list[Record]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        for records in flushes:  # each time the tape is opened anew
            with TapeWriter(path) as tape:
                for record in records:
                    tape.write(record)
        read = [*Tape(path)] if flushes else []

    assert read == [record for records in flushes for record in records]


@given(exchange=EXCHANGES)
def test_a_body_comes_back_byte_for_byte(exchange: Exchange) -> None:
    with TemporaryDirectory() as folder:
        with TapeWriter(Path(folder) / "t") as tape:
            tape.keep(exchange)
        (read,) = Tape(Path(folder) / "t")

    assert isinstance(read, Answer)
    assert (read.content, read.request) == (exchange.body, exchange.request)


RECORDED: Final[list[Record]] = [
    Cycle(1),
    Answer("v", "GET", "https://v.test/ü", 200, 2, body='{"a":"é\n"}'),
    Quote(1, 2, "v", "M", ((540_000, 7_000_000), (530_000, 1)), ()),
    Cycle(2),
    Answer("v", "POST", "https://v.test/", 500, 3, request="{}", raw=b"\xff\x00"),
    Cycle(3),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A tape of three members after its header: 2, 3 and 1 records."""
    path = tmp_path_factory.mktemp("tape") / "t"
    with TapeWriter(path) as tape:
        for index, record in enumerate(RECORDED):
            tape.write(record)
            if index in {1, 4}:
                tape.flush()
    return path.read_bytes()


def test_a_tape_cut_anywhere_gives_a_prefix_and_takes_more(recorded: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t"
    held: list[int] = []  # records by cut; -1 where not even the header is left
    for cut in range(len(recorded) + 1):
        path.write_bytes(recorded[:cut])
        tape, read = Tape(path), []
        try:
            read = [*tape]
            held.append(len(read))
        except TapeError:
            held.append(-1)
        with TapeWriter(path) as writer:
            assert bool(writer.torn_bytes) == tape.torn or held[-1] == -1
            writer.write(Cycle(99))

        assert read == RECORDED[: len(read)]
        assert [*Tape(path)] == [*read, Cycle(99)]
    assert held == sorted(held)
    assert {*held} >= {-1, 0, 2, 5, 6}


def test_a_flipped_bit_is_noticed_or_harmless(recorded: bytes, tmp_path: Path) -> None:
    """No flip makes another kind of error, and none goes unnoticed that changes a record."""
    path = tmp_path / "t"
    for bit in range(8 * len(recorded)):
        broken = bytearray(recorded)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        tape = Tape(path)
        try:
            read = [*tape]
        except TapeError:
            continue
        assert tape.torn or read == RECORDED


WRITER: Final = """
import sys
from pathlib import Path
from venues.tape import Cycle, TapeWriter

with TapeWriter(Path(sys.argv[1])) as tape:
    for n in range(10**9):
        tape.write(Cycle(n))
        if n % 7 == 6:
            tape.flush()
            sys.stdout.write(f"{n}\\n")
            sys.stdout.flush()
"""


@pytest.mark.parametrize("reports", [1, 50, 400])
def test_a_killed_writer_loses_nothing_that_it_reported(tmp_path: Path, reports: int) -> None:
    path = tmp_path / "t"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as writer:
        assert writer.stdout
        for _ in range(reports):
            writer.stdout.readline()
        writer.kill()
        reported = [7 * reports - 1, *map(int, writer.stdout.read().split("\n")[:-1])]
    read = [*Tape(path)]

    assert read == [Cycle(n) for n in range(len(read))]
    assert len(read) > reported[-1] >= 7 * reports - 1
    with TapeWriter(path) as tape:
        tape.write(Cycle(-1))
    assert [*Tape(path)] == [*read, Cycle(-1)]
