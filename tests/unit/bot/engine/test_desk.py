"""Several jobs a trip: nothing is asked twice, nothing is missed."""

from __future__ import annotations

import pytest

from bot.engine.procrastinate import ProcrastinateEngine
from bot.storage.store import conninfo, opened

Q = "gpu"


@pytest.fixture
async def engine(engine_url):
    engine = ProcrastinateEngine(conninfo(engine_url))
    async with engine.opened():
        yield engine


@pytest.fixture
async def trips(engine, monkeypatch):
    """How many jobs were told to have ended, and how many were asked for, trip by trip."""
    made, sent = [], engine._desk._sent

    async def counted(ended, wanted):
        made.append((len(ended), wanted["most"] if wanted else 0))
        return await sent(ended, wanted)

    monkeypatch.setattr(engine._desk, "_sent", counted)
    return made


@pytest.fixture
async def put(engine_url, engine):
    async with opened(engine_url) as store:

        async def put(*numbers, key=None):
            async with store.transaction() as tx:
                for number in numbers:
                    await engine.submit(tx, Q, key or f"key {number}", number)

        yield put


@pytest.fixture
async def worker(engine):
    engine._desk.begin([Q], 4)
    return await engine._desk.register_worker()


async def fetched(engine, worker):
    job = await engine._desk.fetch_job(queues=[Q], worker_id=worker)
    return job and job.task_kwargs["id"]


async def finish(engine, job):
    await engine._desk.finish_job(job=job, status=None, delete_job=True)


async def test_a_worker_is_handed_as_many_jobs_as_it_has_hands(engine, worker, put, trips):
    await put(*range(6))
    assert [await fetched(engine, worker) for _ in range(4)] == [0, 1, 2, 3]
    assert trips == [(0, 4)]


async def test_what_was_seen_to_be_all_is_not_asked_again(engine, worker, put, trips):
    await put(1, 2)
    assert [await fetched(engine, worker) for _ in range(3)] == [1, 2, None]
    assert trips == [(0, 4)]
    assert await fetched(engine, worker) is None  # a while later, it looks
    assert trips == [(0, 4), (0, 2)]


async def test_the_end_of_a_job_goes_with_the_question_for_more(engine, worker, put, trips):
    await put(*range(5))
    jobs = [await engine._desk.fetch_job(queues=[Q], worker_id=worker) for _ in range(4)]
    await finish(engine, jobs[0])
    await finish(engine, jobs[1])
    assert engine._desk.holds() == {jobs[0].id, jobs[1].id}
    assert await fetched(engine, worker) == 4
    assert trips == [(0, 4), (2, 2)]
    assert len(await engine.jobs()) == 3


async def test_the_end_of_the_last_job_is_told_at_once(engine, worker, put, trips):
    await put(1)
    job = await engine._desk.fetch_job(queues=[Q], worker_id=worker)
    assert await fetched(engine, worker) is None
    await finish(engine, job)
    assert await engine.jobs() == []
    assert trips == [(0, 4), (1, 0)]


async def test_what_waited_for_the_same_key_is_announced(engine, worker, put):
    woken = []

    async def wake(**_):
        woken.append(True)

    await put(1, 2, key="one person")
    job = await engine._desk.fetch_job(queues=[Q], worker_id=worker)
    assert await fetched(engine, worker) is None
    engine._desk._piles[Q,].wake = wake
    await finish(engine, job)
    assert woken == [True]
    assert await fetched(engine, worker) == 2


async def test_who_leaves_gives_back_what_was_not_begun(engine, worker, put):
    await put(1, 2)
    assert await fetched(engine, worker) == 1
    await engine._desk.unregister_worker(worker)
    stats = await engine.stats()
    assert (stats.waiting[Q], stats.doing[Q]) == (1, 1)
