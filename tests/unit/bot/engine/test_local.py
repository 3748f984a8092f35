"""What only the embedded engine does: it remembers nothing, and recovers from the tables."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from bot.engine.base import Job
from bot.engine.local import LocalEngine
from bot.errors import InferenceStopped
from tests.unit.bot.engine.record import Record

Q = "gpu"


class Tx:
    """A transaction that commits when told to."""

    connection = None

    def __init__(self):
        self._calls = []

    def after_commit(self, call):
        self._calls.append(call)

    def commit(self):
        for call in self._calls:
            call()


async def nothing():
    return []


@asynccontextmanager
async def running(engine, handler, *, queues=(Q,), concurrency=4):
    task = asyncio.create_task(engine.run(queues, dict.fromkeys(queues, handler), concurrency))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        await engine.close()


async def put(engine, *jobs, queue=Q):
    for key, number in jobs:
        tx = Tx()
        await engine.submit(tx, queue, key, number)
        tx.commit()


async def test_what_an_earlier_process_left_comes_first():
    async def left():
        return [Job(Q, "a", 1), Job(Q, "b", 2)]

    engine, record = LocalEngine(left), Record()
    async with running(engine, record, concurrency=1):
        await record.until(lambda: len(record.done) == 2)
        await put(engine, ("a", 3))
        await record.until(lambda: record.done == [1, 2, 3])


async def test_each_run_serves_its_own_queues_and_recovers_once():
    calls = []

    async def left():
        calls.append(1)
        return []

    engine, think, post = LocalEngine(left), Record(), Record()
    async with running(engine, think), running(engine, post, queues=("post.x", "post.y")):
        await put(engine, ("a", 1))
        await put(engine, ("a", 2), queue="post.y")
        await think.until(lambda: think.done == [1])
        await post.until(lambda: post.done == [2])
    assert calls == [1]


async def test_a_job_whose_models_stopped_is_left_to_the_next_start():
    engine, record = LocalEngine(nothing), Record(_1=[InferenceStopped("stopping")])
    async with running(engine, record):
        await put(engine, ("a", 1), ("b", 2))
        await record.until(lambda: record.done == [2])
    assert record.begun == [1, 2]


async def test_nothing_is_taken_after_the_close():
    engine = LocalEngine(nothing)
    await engine.close()
    await put(engine, ("a", 1))
    assert dict((await engine.stats()).waiting) == {}
