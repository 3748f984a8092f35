"""What the tables want done and no job stands for is submitted again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.engine import reconcile as module
from bot.engine.base import Job
from bot.engine.reconcile import keep_reconciling, reconcile
from bot.errors import StorageError

LOST, THERE = Job("gpu", "a", 1), Job("gpu", "b", 2)


class Queue:
    """One job in a list of one's own."""

    def __init__(self, *, alone=True):
        self.is_alone = alone
        self.there = [THERE]

    @asynccontextmanager
    async def alone(self):
        yield self.is_alone

    async def jobs(self):
        return self.there

    async def submit(self, tx, queue, key, number):
        self.there.append(Job(queue, key, number))


@asynccontextmanager
async def transaction():
    yield None


async def unfinished():
    return [LOST, THERE]


async def test_only_what_has_no_job_is_submitted():
    queue = Queue()
    assert await reconcile(queue, unfinished, transaction) == 1
    assert queue.there == [THERE, LOST]
    assert await reconcile(queue, unfinished, transaction) == 0


async def test_two_processes_do_not_reconcile_at_once():
    queue = Queue(alone=False)
    assert await reconcile(queue, unfinished, transaction) == 0
    assert queue.there == [THERE]


async def test_a_database_that_is_away_is_waited_for(monkeypatch):
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    queue, healed, answers = Queue(), asyncio.Event(), iter([StorageError("away"), [LOST]])

    async def sometimes():
        answer = next(answers, [])
        if isinstance(answer, StorageError):
            raise answer
        if queue.there != [THERE]:
            healed.set()
        return answer

    task = asyncio.create_task(keep_reconciling(queue, sometimes, transaction))
    await asyncio.wait_for(healed.wait(), 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queue.there == [THERE, LOST]
