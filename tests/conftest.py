from __future__ import annotations

import asyncio
import os
import random
import sys

import pytest

from bot.config import DATABASE_FILE, EMBEDDED
from bot.loopback import postgres
from bot.storage import migrate

# Nothing is fetched in a test: what a test needs, it makes.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """What a test and its fixtures draw does not depend on the tests before it."""
    random.seed(7)
    for name, seed in (("numpy.random", "seed"), ("torch", "manual_seed")):
        if name in sys.modules:
            getattr(sys.modules[name], seed)(7)


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL of this run's own; tests that want one are skipped where it is not installed."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed here; on Debian: apt install postgresql")
    with postgres.cluster() as server:
        yield server


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """The tables in a file, built once for all tests."""
    path = tmp_path_factory.mktemp("new") / DATABASE_FILE
    asyncio.run(migrate.upgrade(f"{EMBEDDED}{path}"))
    return path


@pytest.fixture(scope="session")
def new_postgres(cluster):
    """The tables in a database, built once for all tests."""
    name = cluster.create()
    asyncio.run(migrate.upgrade(cluster.url(name)))
    return name


@pytest.fixture
def empty_postgres_url(cluster):
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def postgres_url(cluster, new_postgres):
    name = cluster.create(new_postgres)
    yield cluster.url(name)
    cluster.drop(name)
