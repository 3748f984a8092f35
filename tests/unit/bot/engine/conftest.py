from __future__ import annotations

import asyncio

import pytest

from bot.engine import procrastinate
from bot.storage.store import conninfo


@pytest.fixture(scope="session")
def new_engine(cluster, new_postgres):
    """The tables with those of the distributed engine, built once for all tests."""
    name = cluster.create(new_postgres)
    asyncio.run(procrastinate.upgrade(conninfo(cluster.url(name))))
    return name


@pytest.fixture
def engine_url(cluster, new_engine):
    name = cluster.create(new_engine)
    yield cluster.url(name)
    cluster.drop(name)
