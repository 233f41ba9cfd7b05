"""Opens the store: a private SQLite file that one process at a time writes, or PostgreSQL, which
several nodes may write. Its schema is made current first.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import SQLModel

from app.private_file import private
from app.problem import Exit, Problem
from app.store import tables_history, tables_journal, tables_outbox  # noqa: F401 - makes the tables known
from app.store.lock import only_writer
from app.store.store import Store
from app.store.upsert import said

NAME: Final = "dutchbook.db"
NEWEST: Final = "0005"
"""The last revision in migrations/versions; a test compares them."""

Place = Path | SecretStr
"""The folder of the SQLite file, or the address of a PostgreSQL database."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_READS: Final = "dutchbook_reads"
_BUSY_MS: Final = 5_000
_CONNECT_S: Final = 5
_PATIENCE_MS: Final = 4_000
_STATEMENT_MS: Final = 30_000
"""A server that answers no statement for so long is away."""
_MIGRATING: Final = 0x647574636862  # the number of our advisory lock


@contextmanager
def open_store(place: Place) -> Iterator[Store]:
    """To change a few rows: a job that writes the pair book, too, is waited for."""
    with open_database(place, patience_ms=_PATIENCE_MS) as engine:
        yield Store(engine)


@contextmanager
def read_store(place: Place) -> Iterator[Store]:
    with read_database(place) as engine:
        yield Store(engine)


@contextmanager
def open_database(place: Place, *, patience_ms: int = 0) -> Iterator[Engine]:
    """To write. Raises Problem where another process writes the file, or it is broken."""
    with ExitStack() as stack:
        if isinstance(place, SecretStr):
            name = _shown(place)
            stack.enter_context(_told(name, place))
        else:
            name = str(place / NAME)
            stack.enter_context(_told(name))
            with _usable(name):
                _make_private(place / NAME)
                stack.enter_context(only_writer(place / f"{NAME}.lock", patience_ms=patience_ms))
        engine = stack.enter_context(_engine(_url(place), "IMMEDIATE"))
        with _usable(name):
            _migrate(engine, name)
        yield engine


@contextmanager
def read_database(place: Place) -> Iterator[Engine]:
    """To read while others may write. An empty one where there is no file."""
    if isinstance(place, Path) and not (place / NAME).exists():
        with _engine("sqlite://", "DEFERRED") as engine:
            SQLModel.metadata.create_all(engine)
            yield engine
        return
    secret = place if isinstance(place, SecretStr) else None
    name = _shown(secret) if secret else f"{place}/{NAME}"
    with _told(name, secret), _engine(_url(place), "DEFERRED") as engine:
        if _revision(engine, name) != NEWEST:
            with open_database(place):
                pass  # it is current now
        yield engine


def _url(place: Place) -> str:
    if isinstance(place, SecretStr):
        return place.get_secret_value()
    return f"sqlite:///{place / NAME}"


def _shown(secret: SecretStr) -> str:
    """What may be told of an address."""
    try:
        url = make_url(secret.get_secret_value())
    except (ArgumentError, ValueError):
        raise Problem(
            Exit.BAD_FILE,
            "database_url is not written as postgresql://NAME:PASSWORD@HOST:PORT/DATABASE; signs "
            "like @ or / in a password are written %40 or %2F.",
        ) from None
    return f"{url.database or ''} at {url.host or 'this machine'} (database_url)"


@contextmanager
def _told(name: str, secret: SecretStr | None = None) -> Iterator[None]:
    """What the file system or the database says, as one sentence without the password."""
    try:
        yield
    except DBAPIError as error:
        why = said(error)
        if secret and (password := make_url(secret.get_secret_value()).password):
            why = why.replace(str(password), "…")
        raise Problem(Exit.BAD_FILE, f"The store {name} cannot be used: {why}.") from None
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise Problem(
            Exit.BAD_FILE, "PostgreSQL needs one more package: install dutchbook[postgres]."
        ) from None


@contextmanager
def _usable(name: str) -> Iterator[None]:
    """What the file system says while the store is opened."""
    try:
        yield
    except OSError as error:
        raise Problem(Exit.BAD_FILE, f"The store {name} cannot be used: {error}.") from None


def _make_private(path: Path) -> None:
    """Creates what is missing for its owner alone, and takes others' rights to the file away."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


@contextmanager
def _engine(url: str, begin: str) -> Iterator[Engine]:
    """`begin`: how SQLite starts a transaction, IMMEDIATE for who will write."""
    if url.startswith("sqlite"):
        engine = create_engine(url)
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", lambda at: at.exec_driver_sql(f"BEGIN {_how(at, begin)}"))
    else:
        arguments = {
            "connect_timeout": _CONNECT_S,
            "application_name": "dutchbook",
            "options": f"-c statement_timeout={_STATEMENT_MS}",
            "tcp_user_timeout": _STATEMENT_MS,
        }
        engine = create_engine(url, pool_pre_ping=True, connect_args=arguments)
    try:
        yield engine
    finally:
        engine.dispose()


def reading(engine: Engine) -> Engine:
    """The same, for transactions that write nothing: they wait for nobody who writes."""
    return engine.execution_options(**{_READS: True})


def _how(connection: Connection, begin: str) -> str:
    return "DEFERRED" if connection.get_execution_options().get(_READS) else begin


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


def _revision(engine: Engine, name: str) -> str:
    """ "" before the first migration. Raises Problem for one that we do not know."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found and found > NEWEST:
        raise Problem(
            Exit.BAD_FILE,
            f"The store {name} was written by a newer dutchbook (revision {found}); update this "
            "one, or choose another data_dir or database_url.",
        )
    return found or ""


def _migrate(engine: Engine, name: str) -> None:
    """A file is copied first: whoever wants to go back finds it beside the new one."""
    if (before := _revision(engine, name)) != NEWEST:
        if before and engine.dialect.name == "sqlite":
            _copy(Path(name), Path(f"{name}.{before}"))
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # another node may be at it
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            _upgrade(connection)


def _copy(path: Path, to: Path) -> None:
    """As it is in this moment, whole."""
    with private(to, "wb"):  # anew, and for its owner alone
        pass
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, NEWEST)
