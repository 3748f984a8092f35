"""The embedded engine: order per key, keys side by side, nothing before its commit."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.engine.base import Job
from bot.engine.local import LocalEngine
from bot.errors import InferenceStopped, RetryLater

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


class Record:
    """A handler that remembers what it did, waits at a gate, and fails by script."""

    def __init__(self, **failures):
        self.begun = []
        self.done = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures = {int(key[1:]): list(faults) for key, faults in failures.items()}
        self.changed = asyncio.Event()

    async def __call__(self, job):
        self.begun.append(job)
        self.changed.set()
        await self.gate.wait()
        if faults := self.failures.get(job):
            raise faults.pop(0)
        self.done.append(job)
        self.changed.set()

    async def until(self, true):
        async with asyncio.timeout(60):
            while not true():
                self.changed.clear()
                await self.changed.wait()


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


async def test_a_job_begins_only_after_its_commit():
    engine, record, tx = LocalEngine(nothing), Record(), Tx()
    async with running(engine, record):
        await engine.submit(tx, Q, "a", 1)
        await put(engine, ("b", 2))
        await record.until(lambda: record.done == [2])
        tx.commit()
        await record.until(lambda: record.done == [2, 1])


async def test_jobs_of_one_key_run_one_after_the_other():
    engine, record = LocalEngine(nothing), Record()
    record.gate.clear()
    async with running(engine, record):
        await put(engine, ("a", 1), ("a", 2), ("a", 3), ("b", 4))
        await record.until(lambda: len(record.begun) == 2)
        assert record.begun == [1, 4]
        record.gate.set()
        await record.until(lambda: len(record.done) == 4)
    assert [job for job in record.done if job != 4] == [1, 2, 3]


async def test_no_more_jobs_are_in_hand_than_allowed():
    engine, record = LocalEngine(nothing), Record()
    record.gate.clear()
    async with running(engine, record, concurrency=2):
        await put(engine, *((str(n), n) for n in range(5)))
        await record.until(lambda: len(record.begun) == 2)
        stats = await engine.stats()
        assert (dict(stats.waiting), dict(stats.doing)) == ({Q: 3}, {Q: 2})
        record.gate.set()
        await record.until(lambda: len(record.done) == 5)
        assert dict((await engine.stats()).waiting) == {}


async def test_a_failing_job_is_tried_again_and_keeps_its_place():
    engine = LocalEngine(nothing, backoff_s=(0.0, 0.0))
    record = Record(_1=[ValueError(), ValueError()])
    async with running(engine, record):
        await put(engine, ("a", 1), ("a", 2))
        await record.until(lambda: record.done == [1, 2])
    assert record.begun == [1, 1, 1, 2]


async def test_a_job_that_always_fails_is_given_up_and_the_next_is_served():
    engine = LocalEngine(nothing, backoff_s=(0.0,))
    record = Record(_1=[ValueError()] * 9)
    async with running(engine, record):
        await put(engine, ("a", 1), ("a", 2))
        await record.until(lambda: record.done == [2])
    assert record.begun == [1, 1, 2]


async def test_a_job_may_ask_for_later_as_often_as_it_likes():
    engine = LocalEngine(nothing, backoff_s=())
    record = Record(_1=[RetryLater(0.0)] * 9)
    async with running(engine, record):
        await put(engine, ("a", 1), ("a", 2))
        await record.until(lambda: record.done == [1, 2])


async def test_a_waiting_retry_gives_its_slot_to_others():
    engine = LocalEngine(nothing)
    record = Record(_1=[RetryLater(3600.0)])
    async with running(engine, record, concurrency=1):
        await put(engine, ("a", 1), ("a", 2), ("b", 3))
        await record.until(lambda: record.done == [3])
    assert record.begun == [1, 3]


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


async def test_a_stop_finishes_the_job_in_hand_and_leaves_the_rest():
    engine, record = LocalEngine(nothing), Record()
    record.gate.clear()
    task = asyncio.create_task(engine.run([Q], {Q: record}, 1))
    await put(engine, ("a", 1), ("b", 2))
    await record.until(lambda: record.begun == [1])
    task.cancel()
    await asyncio.sleep(0)
    record.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert record.done == [1]


async def test_a_job_that_does_not_end_in_its_grace_is_ended():
    engine, record = LocalEngine(nothing, grace_s=0.01), Record()
    record.gate.clear()
    async with running(engine, record):
        await put(engine, ("a", 1))
        await record.until(lambda: record.begun == [1])
    assert record.done == []


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
