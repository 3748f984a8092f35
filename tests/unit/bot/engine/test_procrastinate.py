"""What only the distributed engine has to survive: dead workers, and a database that goes away."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import psycopg
import pytest
from procrastinate.manager import JobManager

from bot.engine import procrastinate
from bot.engine.base import Job
from bot.engine.procrastinate import Pace, ProcrastinateEngine
from bot.errors import InferenceStopped, StorageError
from bot.storage.store import conninfo, opened
from tests.unit.bot.engine.record import Record

Q = "gpu"
QUICK = Pace(poll=0.02, heartbeat=0.1, stalled=0.5, sweep=0.05, restart=0.02, connection=0.5)
AWAY = "postgresql://emotibot@127.0.0.1:1/nowhere"


@pytest.fixture
async def store(engine_url):
    async with opened(engine_url) as store:
        yield store


@pytest.fixture
async def engine(engine_url):
    engine = ProcrastinateEngine(conninfo(engine_url), backoff_s=(0.0,), pace=QUICK)
    async with engine.opened():
        yield engine


async def put(store, engine, *numbers):
    for number in numbers:
        async with store.transaction() as tx:
            await engine.submit(tx, Q, "a", number)


@asynccontextmanager
async def running(engine, handler):
    task = asyncio.create_task(engine.run([Q], {Q: handler}, 4))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=30)


@asynccontextmanager
async def away(cluster):
    """Without the database for a while; whatever happens, it comes back for the other tests."""
    await asyncio.to_thread(cluster.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(cluster.start)


async def say(url, order):
    async with await psycopg.AsyncConnection.connect(conninfo(url)) as connection:
        await connection.execute(order)


async def test_the_job_of_a_dead_worker_is_handed_out_anew(store, engine):
    await put(store, engine, 1, 2)
    manager = JobManager(engine._connector)
    dead = await manager.register_worker()
    assert (await manager.fetch_job(queues=[Q], worker_id=dead)).task_kwargs == {"id": 1}
    record = Record()
    async with running(engine, record):
        await record.until(lambda: record.done == [1, 2])


async def test_workers_are_counted_while_they_are_there(store, engine):
    assert (await engine.stats()).workers == 0
    record = Record()
    async with running(engine, record):
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])
        stats = await engine.stats()
    assert stats.workers == 1
    assert 0 <= stats.silent_s < 20


async def test_a_live_worker_taken_for_dead_goes_on(store, engine, engine_url):
    record = Record()
    async with running(engine, record):
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])
        await say(engine_url, "DELETE FROM procrastinate_workers")
        await put(store, engine, 2)
        await record.until(lambda: record.done == [1, 2])


async def test_a_job_whose_end_the_database_never_heard_of_holds_up_nobody(
    store, engine, monkeypatch
):
    finish, lost = engine._app.job_manager.finish_job, []

    async def finish_job(**job):
        if not lost:
            lost.append(job)
            return
        await finish(**job)

    monkeypatch.setattr(engine._app.job_manager, "finish_job", finish_job)
    record = Record()
    async with running(engine, record):
        await put(store, engine, 1, 2)
        await record.until(lambda: record.done == [1, 1, 2])


async def test_the_end_of_every_connection_loses_no_job(store, engine, engine_url):
    record = Record()
    async with running(engine, record):
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        await say(
            engine_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        )
        with pytest.raises(StorageError):
            await put(store, engine, 2)
        await put(store, engine, 3)
        await record.until(lambda: record.done[-1] == 3)  # the first may run twice


async def test_a_database_that_restarts_is_waited_for(store, engine, cluster):
    record = Record()
    async with running(engine, record):
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])
        async with away(cluster):
            with pytest.raises(StorageError):
                await engine.stats()
        with pytest.raises(StorageError):
            await put(store, engine, 2)
        await put(store, engine, 3)
        await record.until(lambda: record.done[-1] == 3)  # the first may run twice


async def test_a_stop_is_a_stop_even_while_the_database_is_away(store, engine, cluster):
    record = Record()
    async with running(engine, record) as task:
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])
        async with away(cluster):
            task.cancel()
            await asyncio.wait([task], timeout=60)
    assert task.cancelled()


async def test_a_job_whose_models_stopped_goes_to_another_worker(store, engine):
    record = Record(_1=[InferenceStopped("stopping")] * 5)
    async with running(engine, record):
        await put(store, engine, 1)
        await record.until(lambda: record.done == [1])


async def test_what_is_given_up_leaves_no_job_behind(store, engine):
    record = Record(_1=[ValueError()] * 2)
    async with running(engine, record):
        await put(store, engine, 1, 2)
        assert [(job.queue, job.key) for job in await engine.jobs()] == [(Q, "a")] * 2
        await record.until(lambda: record.done == [2])
    assert record.begun == [1, 1, 2]
    assert await engine.jobs() == []


async def test_only_one_process_is_alone(engine):
    async with engine.alone() as first, engine.alone() as second:
        assert (first, second) == (True, False)
    async with engine.alone() as again:
        assert again


async def test_a_job_is_known_by_its_queue_its_key_and_its_id(store, engine):
    await put(store, engine, 7)
    assert await engine.jobs() == [Job(Q, "a", 7)]
    await engine.close()


class TestTables:
    async def test_they_are_made_once(self, empty_postgres_url):
        where = conninfo(empty_postgres_url)
        with pytest.raises(StorageError, match="emotibot db upgrade"):
            await procrastinate.check(where)
        for _ in range(2):
            await procrastinate.upgrade(where)
            await procrastinate.check(where)

    async def test_a_later_library_brings_its_changes(self, engine_url, tmp_path, monkeypatch):
        later = tmp_path / "99.00.00_01_pre_shoes.sql"
        later.write_text("ALTER TABLE procrastinate_jobs ADD COLUMN shoes integer; SELECT 1")
        known = [*procrastinate._migrations(), later]
        monkeypatch.setattr(procrastinate, "_migrations", lambda: known)
        with pytest.raises(StorageError, match=r"needs 99\.00"):
            await procrastinate.check(conninfo(engine_url))
        for _ in range(2):
            await procrastinate.upgrade(conninfo(engine_url))
        await procrastinate.check(conninfo(engine_url))
        await say(engine_url, "SELECT shoes FROM procrastinate_jobs")

    async def test_those_that_somebody_else_made_are_taken_for_the_oldest(self, engine_url):
        await say(engine_url, "COMMENT ON TABLE procrastinate_jobs IS NULL")
        await procrastinate.check(conninfo(engine_url))

    async def test_a_server_that_is_away_is_a_sentence(self):
        with pytest.raises(StorageError):
            await procrastinate.upgrade(AWAY)


async def test_a_start_without_a_database_is_a_sentence():
    with pytest.raises(StorageError):
        async with ProcrastinateEngine(AWAY).opened():
            pass
