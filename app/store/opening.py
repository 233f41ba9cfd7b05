"""Opens the store: the file is private, its schema current, and one process at a time writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from app.problem import Exit, Problem
from app.store.lock import only_writer
from app.store.store import Store

NAME: Final = "dutchbook.db"
NEWEST: Final = "0002"
"""The last revision in migrations/versions; a test compares them."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_MS: Final = 5_000


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """The store, to write. Raises Problem where another process does, or the file is broken."""
    path = folder / NAME
    with _told(path):
        _make_private(path)
        with only_writer(folder / f"{NAME}.lock"), _engine(_url(path), "IMMEDIATE") as engine:
            _migrate(engine, path)
            yield Store(engine)


@contextmanager
def read_store(folder: Path) -> Iterator[Store]:
    """The store, to read while another process may write. An empty one where there is no file."""
    path = folder / NAME
    if not path.exists():
        with _engine("sqlite://", "DEFERRED") as engine:
            SQLModel.metadata.create_all(engine)
            yield Store(engine)
        return
    with _told(path), _engine(_url(path), "DEFERRED") as engine:
        if _revision(engine, path) != NEWEST:
            with open_store(folder):
                pass  # it is current now
        yield Store(engine)


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the file system or the database says, as one sentence."""
    try:
        yield
    except DatabaseError as error:
        said = str(error.orig).rstrip(".")
        raise Problem(Exit.BAD_FILE, f"The store {path} cannot be used: {said}.") from None
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"The store {path} cannot be used: {error}.") from None


def _make_private(path: Path) -> None:
    """Creates what is missing for its owner alone, and takes others' rights to the file away."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


@contextmanager
def _engine(url: str, begin: str) -> Iterator[Engine]:
    """`begin`: how SQLite starts a transaction, IMMEDIATE for who will write."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", lambda at: at.exec_driver_sql(f"BEGIN {begin}"))
    try:
        yield engine
    finally:
        engine.dispose()


def _set_up(connection: Any, _record: object) -> None:
    """Each connection's own settings; the driver must not begin transactions by itself."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _revision(engine: Engine, path: Path) -> str:
    """ "" before the first migration. Raises Problem for one that we do not know."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found and found > NEWEST:
        raise Problem(
            Exit.BAD_FILE,
            f"The store {path} was written by a newer dutchbook (revision {found}); update this "
            "one, or choose another data_dir.",
        )
    return found or ""


def _migrate(engine: Engine, path: Path) -> None:
    if _revision(engine, path) != NEWEST:
        with engine.begin() as connection:
            _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
