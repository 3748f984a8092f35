from __future__ import annotations

import asyncio
import shutil

import pytest

from bot.config import EMBEDDED
from bot.storage import migrate
from bot.storage.store import opened


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """The tables, built once for all tests."""
    path = tmp_path_factory.mktemp("new") / "new.db"
    asyncio.run(migrate.upgrade(f"{EMBEDDED}{path}"))
    return path


@pytest.fixture
def database_url(tmp_path, new_database):
    return f"{EMBEDDED}{shutil.copy(new_database, tmp_path)}"


@pytest.fixture
async def store(database_url):
    async with opened(database_url) as store:
        yield store
