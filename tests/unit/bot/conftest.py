from __future__ import annotations

import shutil

import pytest
from sqlalchemy import text

from bot.config import EMBEDDED
from bot.storage.store import opened


@pytest.fixture
def sqlite_url(tmp_path, new_database):
    return f"{EMBEDDED}{shutil.copy(new_database, tmp_path)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """A database with all tables, on each of the two that we know."""
    names = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    return request.getfixturevalue(names[request.param])


@pytest.fixture
async def sqlite_store(sqlite_url):
    async with opened(sqlite_url) as store:
        yield store


@pytest.fixture
async def postgres_store(postgres_url):
    async with opened(postgres_url) as store:
        yield store


@pytest.fixture
async def plan():
    """How a database would look for these rows, in its own words."""

    async def explain(tx, words):
        if tx.connection.dialect.name == "postgresql":
            # A handful of rows is read as a whole unless that is forbidden.
            await tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
            words = f"EXPLAIN {words}"
        else:
            words = f"EXPLAIN QUERY PLAN {words}"
        return " ".join(str(row) for row in await tx.connection.execute(text(words)))

    return explain


@pytest.fixture
async def store(database_url):
    async with opened(database_url) as store:
        yield store
