"""The migrations build exactly the schema, and each can be undone."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from bot.config import EMBEDDED
from bot.errors import StorageError
from bot.storage import migrate
from bot.storage.schema import metadata
from bot.storage.store import opened


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database, on each of the two that we know."""
    if request.param == "sqlite":
        return f"{EMBEDDED}{tmp_path / 'fresh.db'}"
    return request.getfixturevalue("empty_postgres_url")


async def tables(url):
    async with opened(url) as store, store.transaction() as tx:
        return set(await tx.connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def test_the_migrations_build_exactly_the_schema(url):
    await migrate.upgrade(url)
    await migrate.check(url)
    assert await tables(url) == {"alembic_version", *metadata.tables}


async def test_only_the_newest_is_current(url):
    assert not await migrate.is_current(url)
    await migrate.upgrade(url, "0001")
    assert not await migrate.is_current(url)
    await migrate.upgrade(url)
    assert await migrate.is_current(url)


async def test_every_migration_can_be_undone(url):
    await migrate.upgrade(url)
    await migrate.downgrade(url, "base")
    assert await tables(url) == {"alembic_version"}


async def test_an_upgrade_may_be_repeated(url):
    await migrate.upgrade(url)
    await migrate.upgrade(url)
    await migrate.check(url)


async def test_a_database_without_tables_is_told_what_to_do(url):
    with pytest.raises(StorageError, match="emotibot db upgrade"):
        await migrate.check(url)


async def test_a_database_that_differs_from_the_schema_is_noticed(database_url):
    async with opened(database_url) as store, store.transaction() as tx:
        await tx.connection.execute(text("ALTER TABLE person ADD COLUMN shoe_size INTEGER"))
    with pytest.raises(StorageError, match="person"):
        await migrate.check(database_url)


async def test_a_database_from_a_later_version_is_refused(database_url):
    async with opened(database_url) as store, store.transaction() as tx:
        await tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="9999"):
        await migrate.upgrade(database_url)


async def test_an_upgrade_of_a_file_that_is_no_database_is_a_sentence(tmp_path):
    (tmp_path / "x.db").write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(StorageError, match="not a database"):
        await migrate.upgrade(f"{EMBEDDED}{tmp_path / 'x.db'}")
