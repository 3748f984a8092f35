"""What every engine promises, over both of them and real databases."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from bot.engine.base import Engine
from bot.engine.local import LocalEngine
from bot.engine.procrastinate import Pace, ProcrastinateEngine
from bot.errors import RetryLater
from bot.storage.store import Store, conninfo, opened
from tests.unit.bot.engine.record import Record

Q = "gpu"
QUICK = Pace(poll=0.02, heartbeat=0.2, stalled=2.0, sweep=0.2, restart=0.02)
BACKOFF_S = (0.0, 0.0)


@dataclass
class World:
    """An engine, and the database whose transactions its jobs belong to."""

    engine: Engine
    store: Store

    async def put(self, *jobs, queue=Q):
        for key, number in jobs:
            async with self.store.transaction() as tx:
                await self.engine.submit(tx, queue, key, number)


@asynccontextmanager
async def local(url, **options):
    async def nothing():
        return []

    async with opened(url) as store:
        yield World(LocalEngine(nothing, backoff_s=BACKOFF_S, **options), store)


@asynccontextmanager
async def distributed(url, **options):
    engine = ProcrastinateEngine(conninfo(url), backoff_s=BACKOFF_S, pace=QUICK, **options)
    async with opened(url) as store, engine.opened():
        yield World(engine, store)


@pytest.fixture(params=["local", "procrastinate"])
def build(request):
    """Opens a world; its options go to the engine."""
    if request.param == "local":
        url = request.getfixturevalue("sqlite_url")
        return lambda **options: local(url, **options)
    url = request.getfixturevalue("engine_url")
    return lambda **options: distributed(url, **options)


@pytest.fixture
async def world(build):
    async with build() as world:
        yield world


@asynccontextmanager
async def running(world, handler, *, queues=(Q,), concurrency=4):
    work = world.engine.run(queues, dict.fromkeys(queues, handler), concurrency)
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_job_begins_only_after_its_commit(world):
    record = Record()
    async with running(world, record):
        async with world.store.transaction() as tx:
            await world.engine.submit(tx, Q, "a", 1)
            assert record.begun == []
        await record.until(lambda: record.done == [1])


async def test_a_job_whose_transaction_failed_never_begins(world):
    record = Record()
    async with running(world, record):
        with suppress(ZeroDivisionError):
            async with world.store.transaction() as tx:
                await world.engine.submit(tx, Q, "a", 1)
                raise ZeroDivisionError
        await world.put(("a", 2))
        await record.until(lambda: record.done == [2])


async def test_jobs_of_one_key_run_one_after_the_other_and_keys_side_by_side(world):
    record = Record()
    record.gate.clear()
    async with running(world, record):
        await world.put(("a", 1), ("a", 2), ("a", 3), ("b", 4))
        await record.until(lambda: len(record.begun) == 2)
        assert record.begun == [1, 4]
        record.gate.set()
        await record.until(lambda: len(record.done) == 4)
    assert [job for job in record.done if job != 4] == [1, 2, 3]


async def test_no_more_jobs_are_in_hand_than_allowed_and_the_rest_is_counted(world):
    record = Record()
    record.gate.clear()
    async with running(world, record, concurrency=2):
        await world.put(*((str(n), n) for n in range(5)))
        await record.until(lambda: len(record.begun) == 2)
        stats = await world.engine.stats()
        assert (dict(stats.waiting), dict(stats.doing)) == ({Q: 3}, {Q: 2})
        record.gate.set()
        await record.until(lambda: len(record.done) == 5)


async def test_a_failing_job_is_tried_again_and_keeps_its_place(world):
    record = Record(_1=[ValueError(), ValueError()])
    async with running(world, record):
        await world.put(("a", 1), ("a", 2))
        await record.until(lambda: record.done == [1, 2])
    assert record.begun == [1, 1, 1, 2]


async def test_a_job_that_always_fails_is_given_up_and_the_next_is_served(world):
    record = Record(_1=[ValueError()] * 9)
    async with running(world, record):
        await world.put(("a", 1), ("a", 2))
        await record.until(lambda: record.done == [2])
    assert record.begun == [1, 1, 1, 2]


async def test_a_job_may_ask_for_later_as_often_as_it_likes(world):
    record = Record(_1=[RetryLater(0.0)] * 9)
    async with running(world, record):
        await world.put(("a", 1), ("a", 2))
        await record.until(lambda: record.done == [1, 2])


async def test_a_waiting_retry_gives_its_slot_to_others_but_not_its_place(world):
    record = Record(_1=[RetryLater(3600.0)])
    async with running(world, record, concurrency=1):
        await world.put(("a", 1), ("a", 2), ("b", 3))
        await record.until(lambda: record.done == [3])
    assert record.begun == [1, 3]


async def test_each_run_serves_its_own_queues(world):
    think, post = Record(), Record()
    async with running(world, think), running(world, post, queues=("post.x", "post.y")):
        await world.put(("a", 1))
        await world.put(("a-post", 2), queue="post.y")
        await think.until(lambda: think.done == [1])
        await post.until(lambda: post.done == [2])


async def test_a_stop_finishes_the_job_in_hand_and_leaves_the_rest(world):
    record = Record()
    record.gate.clear()
    async with running(world, record, concurrency=1) as task:
        await world.put(("a", 1), ("b", 2))
        await record.until(lambda: record.begun == [1])
        task.cancel()
        await asyncio.sleep(0)
        record.gate.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert record.done == [1]


async def test_a_job_that_does_not_end_in_its_grace_is_ended(build):
    record = Record()
    record.gate.clear()
    async with build(grace_s=0.01) as world, running(world, record) as task:
        await world.put(("a", 1))
        await record.until(lambda: record.begun == [1])
        task.cancel()
        await asyncio.wait([task], timeout=30)
    assert record.done == []
