"""Tapes: what venues answered or streamed, as it came, on disk; and quotes recorded elsewhere.

A tape is JSON Lines in a row of whole gzip members (docs/tape.md). Each flush appends one member
with one write, so a kill loses at most the lines since the last flush. A torn last member is read
as far as its whole lines go; before more is appended it is written anew.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from venues.http import Exchange
from venues.tape_stream import StreamRecord

SCHEMA: Final = "dutchbook.tape/1"
_FLUSH_LINES: Final = 2_000
_FLUSH_BYTES: Final = 1024 * 1024  # packed within some 20 ms: it is done on the event loop
_READ: Final = 32 * 1024  # gzip grows a thousandfold at most, so a read becomes 32 MiB at most
_LINE_MAX: Final = 128 * 1024 * 1024


class TapeError(ValueError):
    """A file that is not a tape, or one broken in the middle; str() names the file."""


class Header(msgspec.Struct, tag="header", frozen=True):
    """First line of a tape."""

    schema: str = SCHEMA


class Cycle(msgspec.Struct, tag="cycle", frozen=True):
    """What follows belongs to the pass that began at `ts_ms`."""

    ts_ms: int


class Answer(msgspec.Struct, tag="answer", frozen=True, omit_defaults=True):
    """One REST answer. `body` as text; where it is not UTF-8, `raw` holds the bytes instead."""

    venue: str
    method: str
    url: str
    status: int
    received_ms: int
    request: str = ""
    body: str = ""
    raw: bytes = b""

    @property
    def content(self) -> bytes:
        return self.raw or self.body.encode()


class Quote(msgspec.Struct, tag="quote", frozen=True, gc=False):
    """A YES book without its source: levels are [price, quantity] in micros, best first."""

    ts_ms: int
    received_ms: int
    venue: str
    market: str
    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]


Record = Cycle | Answer | Quote | StreamRecord
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Header | Record)
_HEADER: Final = _ENCODER.encode(Header()) + b"\n"
_NO_RECORD: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def answer_of(exchange: Exchange) -> Answer:
    """What a tape keeps of an exchange: everything, byte for byte."""
    try:
        body, raw = exchange.body.decode(), b""
    except UnicodeDecodeError:
        body, raw = "", exchange.body
    return Answer(
        venue=exchange.venue,
        method=exchange.method,
        url=exchange.url,
        status=exchange.status,
        received_ms=exchange.received_ms,
        request=exchange.request,
        body=body,
        raw=raw,
    )


class TapeWriter:
    """Appends to a tape, new or old. Use as `with`; leaving it flushes and syncs.

    `size`: bytes in the file. `torn_bytes` were cut off the end of an old tape that a kill had left
    half written; the whole lines in them are kept. `level`: of gzip; 1 is twice as fast as 6, and
    packs frames to 1/24 of their length instead of 1/29. Raises TapeError for a file that is no
    tape, and leaves it alone.
    """

    def __init__(self, path: Path, *, level: int = 6) -> None:
        self._level = level
        whole, rest = _measure(path) if path.exists() else (0, b"")
        self._lines = [rest] if whole or rest else [_HEADER]
        self._bytes = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = whole
        self.torn_bytes = os.fstat(self._file).st_size - whole
        if self.torn_bytes:
            os.ftruncate(self._file, whole)
        try:
            self.flush()
        except OSError:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self.flush()
            os.fsync(self._file)
        finally:
            os.close(self._file)

    def keep(self, exchange: Exchange) -> None:
        """The recorder that `Http` wants."""
        self.write(answer_of(exchange))

    def write(self, record: Record) -> None:
        """Queues a record; a full queue is flushed."""
        line = _ENCODER.encode(record) + b"\n"
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= _FLUSH_LINES or self._bytes >= _FLUSH_BYTES:
            self.flush()

    def write_all(self, records: Sequence[Record]) -> None:
        """Writes them and everything queued: many at once take a third less time."""
        self._lines.append(_ENCODER.encode_lines(records))
        self.flush()

    def flush(self) -> None:
        """Everything queued goes to the file as one gzip member, or OSError and nothing does."""
        lines = b"".join(self._lines)
        if not lines:
            return
        member = gzip.compress(lines, compresslevel=self._level, mtime=0)
        size = os.fstat(self._file).st_size
        try:
            while member:
                member = member[os.write(self._file, member) :]
        except OSError:
            os.ftruncate(self._file, size)  # a full disk takes half a member, and may be mended
            raise
        self._lines, self._bytes = [], 0
        self.size = os.fstat(self._file).st_size

    def give_up(self) -> None:
        """Closes without what is queued, as after an OSError that nobody can mend."""
        os.close(self._file)


class Tape:
    """Reads a tape in bounded memory. `torn` is true once a half-written end has been met."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = False

    def __iter__(self) -> Iterator[Record]:
        """Records in order. Raises TapeError for another kind of file or one broken in the middle.

        The lines before a break are handed out first, of which the last may be wrong: gzip tells
        only at the end of a member that it was sound.
        """
        lines = self._lines()
        if not _is_header(lines):
            raise _no_tape(self.path)
        for number, line in enumerate(lines, 2):
            try:
                record = _DECODER.decode(line)
            except _NO_RECORD as error:
                raise TapeError(
                    f"{self.path}, line {number}, is not a line of a tape ({error}). "
                    "Make or record the tape again"
                ) from None
            if not isinstance(record, Header):  # tapes may be joined with cat
                yield record

    def _lines(self) -> Iterator[bytes]:
        """The lines without their ends; what a torn tape has after its last line end is dropped."""
        parts: list[bytes] = []
        whole = read = length = 0
        for whole, read, text in _inflated(self.path):  # noqa: B007 - the last ones are wanted
            first, *more = text.split(b"\n")
            parts.append(first)
            length += len(first)
            if more:
                yield b"".join(parts)
                yield from more[:-1]
                parts, length = [more[-1]], len(more[-1])
            if length > _LINE_MAX:
                raise TapeError(f"{self.path} holds a line of over {_LINE_MAX >> 20} MiB")
        self.torn = read > whole


def _is_header(lines: Iterator[bytes]) -> bool:
    try:
        return bool(_DECODER.decode(next(lines, b"")) == Header())
    except (*_NO_RECORD, TapeError):
        return False


def _measure(path: Path) -> tuple[int, bytes]:
    """(length up to the end of the last whole member, whole lines after it).

    Raises TapeError for a file that does not begin as a tape does.
    """
    whole, begin, rest = 0, b"", b""
    for done, _, text in _inflated(path):
        begin = (begin + text)[: len(_HEADER)]
        rest = rest + text if done == whole else b""
        whole = done
    if begin != _HEADER and (whole or not _HEADER.startswith(begin)):
        raise _no_tape(path)
    return whole, rest[: rest.rfind(b"\n") + 1]


def _inflated(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(file offset up to which all members are whole, offset read up to, text), in small pieces."""
    with path.open("rb") as file:
        inflate, whole, read, packed = zlib.decompressobj(wbits=31), 0, 0, b""
        while packed := packed or file.read(_READ):
            try:
                text = inflate.decompress(packed)
            except zlib.error as error:
                raise _broken(path, whole, error) from None
            read += len(packed) - len(inflate.unused_data)
            packed = inflate.unused_data
            if inflate.eof:
                inflate, whole = zlib.decompressobj(wbits=31), read
            yield whole, read, text


def _no_tape(path: Path) -> TapeError:
    return TapeError(
        f"{path} is not a tape of dutchbook ({SCHEMA}). "
        "Quotes become one with: dutchbook tape import QUOTES.jsonl -o TAPE"
    )


def _broken(path: Path, whole: int, error: zlib.error) -> TapeError:
    if not whole:
        return _no_tape(path)
    return TapeError(
        f"{path} is broken after byte {whole} ({error}). "
        f"To keep what stands before: head -c {whole} {path}"
    )
