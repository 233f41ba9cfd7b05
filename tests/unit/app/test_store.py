"""The store over real files: private, migrated, one writer, whole after a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from app.problem import Exit, Problem
from app.store import opening
from app.store import store as store_
from app.store.opening import (
    NAME,
    NEWEST,
    Place,
    open_database,
    open_store,
    read_database,
    read_store,
)
from matching.hashing import text_hash
from matching.listing import Listing
from matching.pair_book import Act, Hashes, Kept, NearMiss, PairState, Step, decide
from matching.pairs import MarketKey, Relation
from matching.verdict import Divergence, Severity, Verdict

ROOT = Path(__file__).resolve().parents[3]


def listing(id: str = "KXA-26-B", rules: str = "If it happens, then Yes.") -> Listing:
    return Listing(
        venue="kalshi",
        id=id,
        title="Will it — really?",
        outcomes=("Yes", "No"),
        rules=(rules,),
        floor="2.5",
        starts_at=datetime(2026, 12, 1, 1, tzinfo=UTC),
    )


def kept(id: str = "KXA-26-B~00000000", **changed: object) -> Kept:
    found = Kept(
        id=id,
        kalshi=MarketKey("kalshi", "KXA-26-B"),
        polymarket=MarketKey("polymarket", "0x1"),
        kalshi_title="Will it?",
        polymarket_title="Will it, in 2026?",
        relation=Relation.SAME,
        verdict=Verdict.ACCEPT,
        score=0.99,
        assumed=("year",),
        divergences=(Divergence("time", Severity.CAUTION, "by noon", ""),),
        state=PairState.PROPOSED,
        by="matcher",
        at_ms=1,
        texts=Hashes("t1:a", "t1:b"),
    )
    return replace(found, **changed)  # type: ignore[arg-type]


def test_a_pair_comes_back_as_it_was_kept_with_every_step(place: Place) -> None:
    first = kept()
    second = decide(first, Act.APPROVE, by="Ann", at_ms=2, note="read both")
    with open_store(place) as store:
        store.put([first], at_ms=1)
        store.put([second], at_ms=2)
    with read_store(place) as store:
        assert store.get(first.id) == second
        assert store.pairs() == [second]
        assert store.history(first.id) == [Step(1, first), Step(2, second)]
        assert store.get("another") is None


def test_texts_of_a_pair_are_kept_beside_each_other(place: Place) -> None:
    old, new = listing(), listing(rules="If it happens by noon, then Yes.")
    with open_store(place) as store:
        store.put([kept()], at_ms=1, texts=[old, old])
        store.put([kept()], at_ms=2, texts=[new, old])
        for each in (old, new):
            assert store.text(MarketKey("kalshi", each.id), text_hash(each)) == each
        assert store.text(MarketKey("kalshi", "other"), text_hash(old)) is None
        judged = kept(texts=Hashes(text_hash(old), "t1:b"))
        store.put([judged], at_ms=3)
        assert store.current_of_pairs() == {judged.kalshi: old}
        store.see("kalshi", [new], 4)
        assert store.current_of_pairs() == {judged.kalshi: new}
        assert store.current(judged.kalshi, judged.texts.kalshi) == new


def test_a_catalogue_seen_again_tells_what_is_new_changed_and_gone(place: Place) -> None:
    with open_store(place) as store:
        first = store.see("kalshi", map(listing, "ABC"), 1)
        assert first == (("A", "B", "C"), (), ())
        assert store.see("kalshi", map(listing, "ABCA"), 2) == ((), (), ())
        moved = replace(listing("B"), closes_at=datetime(2027, 1, 1, tzinfo=UTC))
        assert store.see("kalshi", [listing("A"), moved], 3) == ((), ("B",), ("C",))
        assert [each.id for each in store.listings("kalshi")] == ["A", "B"]
        assert store.listing(MarketKey("kalshi", "B")) == moved
        assert store.see("kalshi", [listing("A"), moved, listing("C")], 4) == (("C",), (), ())
        assert store.see("polymarket", [], 5) == ((), (), ())


def test_near_misses_are_bounded_and_the_likeliest_stay(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_, "NEAR_MISSES_MAX", 3)
    found = [
        NearMiss(f"K{i}", "P", Relation.RELATED, Verdict.REJECT, i / 10, ("another year",))
        for i in range(5)
    ]
    with open_store(place) as store:
        store.put_near_misses(found, 1)
        assert store.near_misses() == [found[4], found[3], found[2]]
        risen = found[2]._replace(score=0.9)
        store.put_near_misses([risen], 2)
        assert store.near_misses() == [risen, found[4], found[3]]
        paired = kept(kalshi=MarketKey("kalshi", "K4"), polymarket=MarketKey("polymarket", "P"))
        store.put([paired], at_ms=3)
        assert store.near_misses() == [risen, found[3]]


def test_s02_the_file_and_what_stands_beside_it_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with open_store(folder) as store:
        store.put([kept()], at_ms=1)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert {NAME, f"{NAME}-wal", f"{NAME}.lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_rights_that_others_have_to_the_file_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / NAME).touch(mode=0o644)
    (tmp_path / NAME).chmod(0o644)
    with open_store(tmp_path):
        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_second_writer_is_told_who_writes_and_a_reader_may_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.put([kept()], at_ms=1)
        with pytest.raises(Problem, match=f"process {os.getpid()}") as told, open_store(tmp_path):
            pass
        assert told.value.code is Exit.BAD_FILE
        with read_store(tmp_path) as reader:
            assert reader.pairs() == [kept()]
    with open_store(tmp_path) as store:
        assert store.pairs() == [kept()]


def test_a_reader_of_nothing_finds_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    with read_store(tmp_path / "none") as store:
        assert store.pairs() == []
        assert store.near_misses() == []
    assert not [*tmp_path.iterdir()]


def test_the_migrations_make_what_the_tables_say(place: Place) -> None:
    with open_database(place) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert context.get_current_revision() == NEWEST


def test_a_store_of_the_first_revision_is_brought_up_to_date(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(opening, "NEWEST", "0001")
        with open_store(place) as store:
            store.put([kept()], at_ms=1)
    with read_store(place) as store:
        assert store.pairs() == [kept()]
    with read_database(place) as engine, engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == NEWEST


def test_before_a_file_is_brought_up_to_date_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(opening, "NEWEST", "0001")
        with open_store(tmp_path) as store:
            store.put([kept()], at_ms=1)
    with open_store(tmp_path):
        pass
    before = tmp_path / f"{NAME}.0001"
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    with monkeypatch.context() as patch:
        patch.setattr(opening, "NEWEST", "0001")
        (tmp_path / "old").mkdir()
        before.rename(tmp_path / "old" / NAME)
        with open_store(tmp_path / "old") as store:
            assert store.pairs() == [kept()]


def test_a_change_of_a_few_rows_waits_for_a_job_that_writes_too(tmp_path: Path) -> None:
    holds, done = threading.Event(), threading.Event()

    def job() -> None:
        with open_database(tmp_path):
            holds.set()
            done.wait(0.4)

    thread = threading.Thread(target=job)
    thread.start()
    holds.wait()
    with pytest.raises(Problem, match="is writing to"), open_database(tmp_path):
        pass
    with open_store(tmp_path) as store:
        store.put([kept()], at_ms=1)
        assert store.pairs() == [kept()]
    done.set()
    thread.join()


def test_an_error_of_whoever_uses_the_store_is_not_the_stores(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="a socket's path is too long"), open_database(tmp_path):
        raise OSError("a socket's path is too long")


def test_a_database_that_does_not_answer_is_not_waited_for(place: Place) -> None:
    asked = {"postgresql": "SHOW statement_timeout", "sqlite": "PRAGMA busy_timeout"}
    with open_database(place) as engine, engine.connect() as connection:
        found = connection.exec_driver_sql(asked[engine.dialect.name]).scalar()
        assert found == {"postgresql": "30s", "sqlite": 5_000}[engine.dialect.name]


def test_an_empty_file_is_migrated_by_a_reader_too(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    with read_store(tmp_path) as store:
        assert store.pairs() == []


def test_the_settings_of_sqlite_are_the_careful_ones(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
        assert found == ["wal", 2, 1, 5_000]


def test_a_broken_file_and_a_newer_one_are_told_plainly(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"not a database, and long enough to be looked at" * 100)
    broken = pytest.raises(Problem, match="cannot be used: file is not a database")
    with broken as told, open_store(tmp_path):
        pass
    assert told.value.code is Exit.BAD_FILE
    (tmp_path / NAME).unlink()
    with open_store(tmp_path):
        pass
    with sqlite3.connect(tmp_path / NAME) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(Problem, match="newer dutchbook"), read_store(tmp_path):
        pass


@pytest.mark.parametrize("moment", ["migrating", "writing"])
def test_a_kill_in_the_middle_leaves_what_was_kept_before(tmp_path: Path, moment: str) -> None:
    if moment == "writing":
        with open_store(tmp_path) as store:
            store.put([kept()], at_ms=1)
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from app.store.opening import open_store
        from matching.listing import Listing

        def ends(connection, cursor, statement, *rest):
            if statement.startswith(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", ends)
        many = (Listing(venue="kalshi", id=str(i), title="x" * 500) for i in range(9_000))
        with open_store(Path(sys.argv[1])) as store:
            store.see("kalshi", many, 1)
        """
    )
    last = {"migrating": "INSERT INTO alembic_version", "writing": "INSERT INTO catalogues"}[moment]
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), last], cwd=ROOT, check=False, timeout=60
    )
    assert ran.returncode == -signal.SIGKILL
    with open_store(tmp_path) as store:
        assert store.pairs() == ([kept()] if moment == "writing" else [])
        assert [*store.listings("kalshi")] == []
        assert store.see("kalshi", [listing("A")], 2).new == ("A",)
