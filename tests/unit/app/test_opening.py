"""PostgreSQL by its address: nodes beside each other, and a password that nobody sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.config import Settings, load_settings
from app.problem import Exit, Problem
from app.store.lock import only_node
from app.store.opening import NEWEST, open_database, read_database

SECRET = "hidden-word"


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load_settings(path)


def test_nodes_that_start_at_once_make_one_schema(database: SecretStr) -> None:
    def start(_: int) -> str:
        with open_database(database) as engine, engine.connect() as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())

    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(start, range(3))] == [NEWEST] * 3


def test_a_reader_makes_an_empty_database_current(database: SecretStr) -> None:
    with read_database(database) as engine, engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_runs")).scalar() == 0


def test_a_newer_database_is_refused(database: SecretStr) -> None:
    with open_database(database) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Problem, match="newer dutchbook"), open_database(database):
        pass


def test_two_processes_of_one_name_are_not_let_in(database: SecretStr) -> None:
    with open_database(database) as one, open_database(database) as two, only_node(one, "a"):
        with only_node(two, "b"):
            pass
        with pytest.raises(Problem, match="Another dutchbook named a"), only_node(two, "a"):
            pass
    with open_database(database) as three, only_node(three, "a"):
        pass


def test_the_name_is_free_again_at_once(database: SecretStr) -> None:
    with open_database(database) as engine:
        for _ in range(2):
            with only_node(engine, "a"):
                pass


def test_the_store_is_a_file_unless_the_settings_name_a_database(tmp_path: Path) -> None:
    assert load(tmp_path, f"data_dir: {tmp_path}").place == tmp_path
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        found = load(tmp_path, f"database_url: {scheme}://me:{SECRET}@db:5432/x").place
        assert isinstance(found, SecretStr)
        assert found.get_secret_value() == f"postgresql+psycopg://me:{SECRET}@db:5432/x"
        assert SECRET not in repr(found)


def test_an_address_may_stand_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text(f"postgresql://me:{SECRET}@db/x\n")
    file.chmod(0o600)
    tmp_path.chmod(0o700)
    settings = load(tmp_path, f"database_url_file: {file}")
    found = settings.place
    assert isinstance(found, SecretStr)
    assert found.get_secret_value() == f"postgresql+psycopg://me:{SECRET}@db/x"
    file.chmod(0o640)
    with pytest.raises(Problem, match="chmod 600"):
        _ = settings.place
    file.unlink()
    with pytest.raises(Problem, match="cannot be read: No such file"):
        _ = settings.place


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"database_url: mysql://me:{SECRET}@db/x", "must be written as postgresql://"),
        (f"database_url: {SECRET}", "must be written as postgresql://"),
        (f"database_url: [{SECRET}]", "database_url: "),
        (f"database_url_file: postgresql://me:{SECRET}@db/x", "is the address itself"),
        (
            f"database_url: postgresql://me:{SECRET}@db/x\ndatabase_url_file: x",
            "two ways to say one",
        ),
    ],
)
def test_a_wrong_address_is_refused_and_not_shown(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(Problem, match=said) as told:
        load(tmp_path, words)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql+psycopg://me:{SECRET}@/x?host=/nowhere/at/all",
        f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/x",
        f"postgresql+psycopg://me:{SECRET}@db:{SECRET}/x",
        f"postgresql+psycopg://me:{SECRET}@/x?host=/nowhere&nonsense={SECRET}",
        f"postgresql+psycopg://me@/x?host=/nowhere&password={SECRET}",
    ],
)
def test_s01_a_database_that_cannot_be_reached_is_told_without_its_password(address: str) -> None:
    with pytest.raises(Problem) as told, open_database(SecretStr(address)):
        pass
    assert told.value.code is Exit.BAD_FILE
    assert SECRET not in str(told.value)
