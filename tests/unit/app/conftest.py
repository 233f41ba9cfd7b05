"""A store of each kind: a SQLite file, and a database of a PostgreSQL that is started here."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.store.opening import Place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty one."""
    if request.param == "sqlite":
        return tmp_path
    found: SecretStr = request.getfixturevalue("database")
    return found


@pytest.fixture
def database(postgres: str) -> SecretStr:
    """The address of an empty PostgreSQL database."""
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return SecretStr(postgres)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """PostgreSQL on a socket in a folder of its own, without care for power cuts."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    user = None
    if os.geteuid() == 0:  # initdb refuses root
        user = "postgres"
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd=folder,
        user=user,
    )
    options = ("fsync=off", "full_page_writes=off", "max_connections=50", "listen_addresses=")
    with log.open("wb") as out:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, *(f"-c{each}" for each in options)],
            stdout=out,
            stderr=out,
            cwd=folder,
            user=user,
        )
    try:
        url = f"postgresql+psycopg://tester@/postgres?host={folder}"
        _wait_for(url, server, log)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # it ends at once
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of initdb and postgres; skips loudly where they are missing."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    usable = [each for each in folders if (each / "postgres").exists()]
    if not usable:
        pytest.skip("NO POSTGRESQL: initdb and postgres are not installed")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("NO POSTGRESQL: we are root, and there is no user postgres to run it")
    return usable[0]


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    engine = create_engine(url)
    for _ in range(200):
        try:
            engine.connect().close()
        except OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            engine.dispose()
            return
    pytest.fail(f"PostgreSQL does not start: {log.read_text()}")
