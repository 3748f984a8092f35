"""Every accepted item ends in an answer, an InferenceError, or its caller's own cancellation."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.errors import (
    InferenceFailed,
    InferenceOverloaded,
    InferenceStopped,
)
from bot.inference.batcher import Batcher
from bot.inference.lane import Lane


class Model:
    """Doubles numbers; remembers its batches; waits while its gate is closed."""

    def __init__(self, *, closed=False):
        self.batches = []
        self.gate = threading.Event()
        self.entered = threading.Event()
        if not closed:
            self.gate.set()

    def run(self, items):
        self.batches.append(list(items))
        self.entered.set()
        assert self.gate.wait(60)
        if any(item < 0 for item in items):
            raise ValueError("negative")
        return [2 * item for item in items]

    async def is_busy(self):
        assert await asyncio.to_thread(self.entered.wait, 60)


def batcher(model, *, batch=8, waiting=100):
    return Batcher(model.run, batch=batch, waiting=waiting)


async def test_an_idle_model_starts_at_once_and_the_rest_share_the_next_batch():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        first = queue.submit(1)
        await model.is_busy()
        rest = [queue.submit(n) for n in (2, 3, 4)]
        model.gate.set()
        assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert model.batches == [[1], [2, 3, 4]]


async def test_a_batch_is_never_larger_than_asked_for():
    model = Model(closed=True)
    queue = batcher(model, batch=2)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        tasks += [queue.submit(n) for n in range(1, 6)]
        model.gate.set()
        assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
    assert [len(batch) for batch in model.batches] == [1, 2, 2, 1]


async def test_a_poisoned_item_fails_alone_and_the_next_batch_is_served():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        tasks += [queue.submit(n) for n in (1, -1, 2)]
        model.gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert await queue.submit(5) == 10
    assert [answers[0], answers[1], answers[3]] == [0, 2, 4]
    assert isinstance(answers[2], InferenceFailed)
    assert isinstance(answers[2].__cause__, ValueError)


async def test_a_full_queue_says_no_at_once():
    model = Model(closed=True)
    queue = batcher(model, waiting=2)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        tasks += [queue.submit(1), queue.submit(2)]
        with pytest.raises(InferenceOverloaded):
            await queue.submit(3)
        model.gate.set()
        assert await asyncio.gather(*tasks) == [0, 2, 4]


async def test_whoever_waits_when_it_stops_is_told():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        tasks = [queue.submit(1)]
        await model.is_busy()
        tasks.append(queue.submit(2))
        asyncio.get_running_loop().call_later(0.05, model.gate.set)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [InferenceStopped, InferenceStopped]


async def test_nothing_is_taken_before_it_runs_or_after():
    queue = batcher(Model())
    with pytest.raises(InferenceStopped):
        await queue.submit(1)
    async with queue.running():
        pass
    with pytest.raises(InferenceStopped):
        await queue.submit(1)


async def test_too_few_answers_are_a_failure():
    queue = Batcher(lambda items: items[1:], batch=4, waiting=4)
    async with queue.running():
        with pytest.raises(InferenceFailed):
            await queue.submit(1)


async def test_no_work_is_done_for_a_caller_who_left():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        first = queue.submit(1)
        await model.is_busy()
        gone, stays = queue.submit(2), queue.submit(3)
        gone.cancel()
        await asyncio.wait([gone])
        model.gate.set()
        assert await first == 2
        assert await stays == 6
    assert model.batches == [[1], [3]]


async def test_a_caller_who_leaves_during_the_batch_harms_nobody():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        held = queue.submit(0)
        await model.is_busy()
        gone, stays = queue.submit(1), queue.submit(2)
        model.entered.clear()
        model.gate.set()
        await held
        await model.is_busy()
        gone.cancel()
        assert await stays == 4
    assert gone.cancelled() or gone.result() == 2


async def test_it_can_run_again_after_a_stop():
    queue = batcher(Model())
    for _ in range(2):
        async with queue.running():
            assert await queue.submit(4) == 8


class Fatal(BaseException):
    pass


async def test_a_dead_worker_ends_the_block_and_leaves_nobody_waiting():
    def die(items):
        raise Fatal

    queue = Batcher(die, batch=4, waiting=4)
    ends = []

    async def ask():
        try:
            await queue.submit(1)
        except InferenceStopped as exc:
            ends.append(exc)

    async def serve():
        async with queue.running():
            await asyncio.gather(ask(), asyncio.Event().wait())

    with pytest.raises(BaseExceptionGroup) as caught:
        await serve()
    assert caught.value.subgroup(Fatal)
    assert len(ends) == 1


async def test_a_batch_stands_in_the_order_of_size():
    model = Model(closed=True)
    queue = Batcher(model.run, batch=8, waiting=100, size=lambda item: item)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        tasks += [queue.submit(n) for n in (3, 1, 2)]
        model.gate.set()
        assert await asyncio.gather(*tasks) == [0, 6, 2, 4]
    assert model.batches == [[0], [1, 2, 3]]


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried …")])
async def test_a_batch_too_large_for_the_memory_is_halved(error):
    class Small(Model):
        def run(self, items):
            done = super().run(items)
            if len(items) > 2:
                raise error
            return done

    model = Small(closed=True)
    queue = batcher(model)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        tasks += [queue.submit(n) for n in (1, 2, 3, 4)]
        model.gate.set()
        assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8]
    assert model.batches == [[0], [1, 2, 3, 4], [1, 2], [3, 4]]


async def test_nobody_who_left_is_tried_again():
    model = Model(closed=True)
    queue = batcher(model)
    async with queue.running():
        tasks = [queue.submit(0)]
        await model.is_busy()
        gone, stays = queue.submit(-1), queue.submit(2)
        model.entered.clear()
        model.gate.set()
        await tasks[0]
        gone.cancel()
        assert await stays == 4


async def test_two_stages_on_one_lane_never_run_at_the_same_time():
    lane, inside, most = Lane(), [], []

    def run(items):
        inside.append(1)
        most.append(len(inside))
        inside.pop()
        return items

    queues = [Batcher(run, batch=1, waiting=100, lane=lane) for _ in range(2)]
    async with queues[0].running(), queues[1].running():
        await asyncio.gather(*(queue.submit(n) for queue in queues for n in range(20)))
    assert set(most) == {1}
    assert len(most) == 40
