"""Transactions: everything or nothing, errors in our words."""

from __future__ import annotations

import asyncio
import sqlite3
import sys

import pytest
from sqlalchemy import func, insert, select, text

from bot.errors import ConfigError, StorageError
from bot.storage.schema import person
from bot.storage.store import connect, insert_for, opened

ANN = {"platform": "fake", "person": "ann"}


async def people(store):
    async with store.transaction() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(person))


async def test_what_is_done_after_a_commit_sees_the_rows(store):
    seen = []
    async with store.transaction() as tx:
        await tx.connection.execute(insert(person).values(ANN))
        tx.after_commit(lambda: seen.append("committed"))
        assert seen == []
    assert seen == ["committed"]
    assert await people(store) == 1


async def test_a_failed_transaction_leaves_nothing_and_calls_nobody(store):
    seen = []

    async def fail():
        async with store.transaction() as tx:
            await tx.connection.execute(insert(person).values(ANN))
            tx.after_commit(lambda: seen.append("committed"))
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        await fail()
    assert seen == []
    assert await people(store) == 0


async def test_an_error_of_the_database_is_ours_and_carries_no_words(store):
    async def twice():
        async with store.transaction() as tx:
            for _ in range(2):
                await tx.connection.execute(insert(person).values(ANN | {"person": "secret"}))

    with pytest.raises(StorageError) as caught:
        await twice()
    assert "unique constraint" in str(caught.value).lower()
    assert "secret" not in str(caught.value)


async def test_writers_of_one_process_wait_for_each_other(store):
    async def write(number):
        async with store.transaction() as tx:
            await tx.connection.execute(insert(person).values(ANN | {"person": str(number)}))

    await asyncio.gather(*(write(number) for number in range(20)))
    assert await people(store) == 20


async def test_a_locked_database_is_an_error_and_not_a_crash(sqlite_store, sqlite_url):
    await people(sqlite_store)
    async with sqlite_store.transaction() as tx:
        await tx.connection.execute(text("PRAGMA busy_timeout = 1"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        await people(sqlite_store)
    other.close()
    assert await people(sqlite_store) == 0


async def test_foreign_keys_and_the_journal_are_as_promised(sqlite_store):
    async with sqlite_store.transaction() as tx:
        found = [
            await tx.connection.scalar(text(f"PRAGMA {name}"))
            for name in ("foreign_keys", "journal_mode", "secure_delete")
        ]
    assert found == [1, "wal", 1]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)], ids=["durable", "quick"])
async def test_a_durable_transaction_waits_for_the_disk(sqlite_store, durable, level):
    async with sqlite_store.transaction(durable=durable) as tx:
        assert await tx.connection.scalar(text("PRAGMA synchronous")) == level


@pytest.mark.parametrize(("durable", "level"), [(True, "on"), (False, "off")])
async def test_postgresql_waits_for_the_disk_where_it_matters(postgres_store, durable, level):
    async with postgres_store.transaction(durable=durable) as tx:
        assert await tx.connection.scalar(text("SHOW synchronous_commit")) == level


async def test_a_value_that_a_database_refuses_is_not_repeated(postgres_store):
    with pytest.raises(StorageError, match="a value was refused") as caught:
        async with postgres_store.transaction() as tx:
            await tx.connection.execute(text("SELECT CAST('secret' AS integer)"))
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_away_is_a_sentence_without_the_password():
    async with opened("postgresql://ann:secret@127.0.0.1:1/nowhere") as store:
        with pytest.raises(StorageError, match="refused") as caught:
            await people(store)
    assert "secret" not in str(caught.value)


def test_without_the_driver_it_says_which_extra_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"\[postgres\] extra"):
        connect("postgresql://127.0.0.1/emotibot")


async def test_the_folder_of_the_database_is_made(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path}/deep/down/emotibot.db"
    async with opened(url) as store, store.transaction() as tx:
        assert await tx.connection.scalar(text("SELECT 1")) == 1
    file = tmp_path / "deep" / "down" / "emotibot.db"
    assert file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
async def test_nobody_else_on_the_machine_can_read_the_database(tmp_path):
    async with opened(f"sqlite+aiosqlite:///{tmp_path}/emotibot.db") as store:
        async with store.transaction() as tx:
            await tx.connection.execute(text("CREATE TABLE t (a)"))
        assert {oct(file.stat().st_mode & 0o077) for file in tmp_path.iterdir()} == {"0o0"}


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle9://x/y", "nosuch+driver://x", "mysql://x/y", "sqlite+aiosqlite://"]
)
def test_an_url_that_is_no_database_is_refused(url):
    with pytest.raises(ConfigError, match=r"storage\.url"):
        connect(url)


def test_both_dialects_know_about_conflicts():
    for dialect in ("sqlite", "postgresql"):
        assert "ON CONFLICT DO NOTHING" in str(insert_for(dialect, person).on_conflict_do_nothing())


async def test_a_database_that_is_no_database_is_a_sentence(tmp_path):
    (tmp_path / "x.db").write_text("not a database, but long enough to look like one" * 100)
    async with opened(f"sqlite+aiosqlite:///{tmp_path}/x.db") as store:
        with pytest.raises(StorageError, match="not a database"):
            await people(store)
