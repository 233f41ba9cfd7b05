"""A tape gives back what it was told and survives kills and full disks."""

from __future__ import annotations

import gzip
import json
import resource
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from venues.http import Exchange
from venues.tape import Answer, Cycle, Quote, Record, Tape, TapeError, TapeWriter, answer_of


def answer(received_ms: int, *, url: str = "/book?id=A+b", status: int = 200) -> Answer:
    return Answer(
        venue="v",
        method="GET",
        url=url,
        status=status,
        received_ms=received_ms,
        body=json.dumps({"at": received_ms}),
    )


def quote(ts_ms: int, market: str = "M", venue: str = "v") -> Quote:
    return Quote(ts_ms, ts_ms + 5, venue, market, ((540_000, 7_000_000),), ())


def written(path: Path, *flushes: list[Record]) -> Path:
    with TapeWriter(path) as tape:
        for records in flushes:
            for record in records:
                tape.write(record)
            tape.flush()
    return path


def test_a_body_that_is_not_text_is_kept_as_bytes() -> None:
    def kept(body: bytes) -> Answer:
        return answer_of(
            Exchange(
                venue="v", method="GET", url="", request="", status=200, received_ms=1, body=body
            )
        )

    assert (kept(b"\xff{").raw, kept(b"\xff{").content) == (b"\xff{", b"\xff{")
    assert (kept("é".encode()).body, kept("é".encode()).raw) == ("é", b"")
    assert kept(b"").content == b""


def test_a_tape_is_json_lines_that_zcat_shows_and_only_its_owner_reads(tmp_path: Path) -> None:
    path = written(tmp_path / "t", [Cycle(1)], [quote(2)])
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]

    assert lines == [
        {"type": "header", "schema": "dutchbook.tape/1"},
        {"type": "cycle", "ts_ms": 1},
        {
            "type": "quote",
            "ts_ms": 2,
            "received_ms": 7,
            "venue": "v",
            "market": "M",
            "bids": [[540_000, 7_000_000]],
            "asks": [],
        },
    ]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("record", "least", "most"),
    [(Cycle(1), 2_000, 2_000), (answer(1, url="/" + "x" * 3_000), 1_600, 1_999)],
    ids=["by lines", "by bytes"],
)
def test_a_full_queue_is_flushed_by_itself(
    tmp_path: Path, record: Record, least: int, most: int
) -> None:
    with TapeWriter(tmp_path / "t") as tape:
        for _ in range(2_001):
            tape.write(record)
        held = len([*Tape(tmp_path / "t")])

    assert least <= held <= most
    assert len([*Tape(tmp_path / "t")]) == 2_001


def test_more_is_appended_after_what_an_old_tape_holds(tmp_path: Path) -> None:
    path = written(tmp_path / "t", [Cycle(1)])
    written(path, [Cycle(2)])

    assert [*Tape(path)] == [Cycle(1), Cycle(2)]
    assert gzip.decompress(path.read_bytes()).count(b"header") == 1


def test_a_torn_end_is_read_by_whole_lines_and_mended_before_more_comes(tmp_path: Path) -> None:
    path = written(tmp_path / "t", [Cycle(1)], [Cycle(2), Cycle(3)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size - 8)  # the lines are all there, the member's checksum is not
    torn = Tape(path)

    assert ([*torn], torn.torn) == ([Cycle(1), Cycle(2), Cycle(3)], True)
    with TapeWriter(path) as tape:
        assert 0 < tape.torn_bytes < size
        tape.write(Cycle(4))
    mended = Tape(path)
    assert ([*mended], mended.torn) == ([Cycle(1), Cycle(2), Cycle(3), Cycle(4)], False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ts_ms,bid\n",
        gzip.compress(b""),
        gzip.compress(b'{"ts_ms":1}\n' * 99),
        gzip.compress(b'{"ts_ms":1}\n' * 99)[:-9],
        gzip.compress(b'{"type":"header","schema":"dutchbook.tape/2"}\n'),
    ],
    ids=["empty", "text", "gzip of nothing", "gzip of other", "cut gzip of other", "newer"],
)
def test_a_file_that_is_no_tape_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)

    with pytest.raises(TapeError, match=r"/t is not a tape of dutchbook.*tape import"):
        [*Tape(path)]
    if content:  # an empty file may become a tape
        with pytest.raises(TapeError, match="/t is not a tape"):
            TapeWriter(path)
        assert path.read_bytes() == content


def test_a_break_in_the_middle_names_its_place_and_how_to_keep_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path / "t", [Cycle(1)])
    whole = path.stat().st_size
    written(path, [Cycle(2)], [Cycle(3)])
    content = bytearray(path.read_bytes())
    content[whole + 12] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(TapeError, match=rf"broken after byte {whole} .*head -c {whole} "):
        [*Tape(path)]
    with pytest.raises(TapeError, match=f"broken after byte {whole}"):
        TapeWriter(path)
    path.write_bytes(content[:whole])
    assert [*Tape(path)] == [Cycle(1)]


@pytest.mark.parametrize(
    "line", [b'{"type":"trade"}', b"\xff", b'{"type":"cycle","x":' + b"[" * 9999]
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path / "t", [Cycle(1)])
    path.write_bytes(path.read_bytes() + gzip.compress(line + b"\n"))

    with pytest.raises(TapeError, match="/t, line 3, is not a line of a tape"):
        [*Tape(path)]


def test_tapes_may_be_joined_with_cat(tmp_path: Path) -> None:
    one, two = written(tmp_path / "1", [Cycle(1)]), written(tmp_path / "2", [Cycle(2)])
    (tmp_path / "t").write_bytes(one.read_bytes() + two.read_bytes())

    assert [*Tape(tmp_path / "t")] == [Cycle(1), Cycle(2)]


def test_a_full_disk_keeps_the_tape_whole_and_the_queue(tmp_path: Path) -> None:
    path = tmp_path / "t"
    with TapeWriter(path) as tape:
        size = path.stat().st_size
        tape.write(Cycle(1))
        with files_no_longer_than(size + 5), pytest.raises(OSError, match="too large"):
            tape.flush()
        assert path.stat().st_size == size

    assert [*Tape(path)] == [Cycle(1)]


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_reading_holds_little_of_a_long_tape(tmp_path: Path) -> None:
    noise = Random(1)
    pages = [
        Answer("v", "GET", "/", 200, n, body=noise.randbytes(150_000).hex()) for n in range(60)
    ]
    path = written(tmp_path / "t", list(pages))  # 9 MB, several lines in each member
    tracemalloc.start()
    try:
        same = [read == page for read, page in zip(Tape(path), pages, strict=True)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert all(same)
    assert peak < 4 * 1024 * 1024 < path.stat().st_size
