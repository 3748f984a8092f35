"""A queue in front of a model in which nobody waits for ever.

Every accepted item ends in exactly one of: an answer, an ``InferenceError``, or the caller's own
cancellation.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from bot.errors import (
    InferenceError,
    InferenceFailed,
    InferenceOverloaded,
    InferenceStopped,
)
from bot.inference.lane import Lane

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class _Job(Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer]


class Batcher(Generic[Item, Answer]):
    """Gathers items while the model runs, and hands it all of them as soon as it is idle.

    ``run`` takes a list and returns one answer for each item, in order; it is called on the
    ``lane`` of its device, which several batchers may share. A batch stands in the order of
    ``size``, so that what is alike is together. When ``run`` is out of memory the batch is halved;
    when it raises anything else its items are tried one by one, so that a bad one fails alone.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Answer]],
        *,
        batch: int,
        waiting: int,
        size: Callable[[Item], int] = lambda _: 0,
        lane: Lane | None = None,
    ) -> None:
        self._run = run
        self._size = size
        self._lane = lane or Lane()
        self._batch = batch
        self._most = waiting
        self._jobs: deque[_Job[Item, Answer]] = deque()
        self._arrived = asyncio.Event()
        self._accepting = False

    def length(self) -> int:
        """How many items wait."""
        return len(self._jobs)

    def submit(self, item: Item) -> asyncio.Future[Answer]:
        """Queue one item; whoever cancels the answer wants no work done for it any more.

        Raises ``InferenceOverloaded`` or ``InferenceStopped``; waiting for the answer raises
        ``InferenceFailed`` or ``InferenceStopped``.
        """
        if not self._accepting:
            raise InferenceStopped("the models are not running")
        if len(self._jobs) >= self._most:
            raise InferenceOverloaded(f"{len(self._jobs)} items are waiting")
        job: _Job[Item, Answer] = _Job(item, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._arrived.set()
        return job.answer

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take items for as long as the block lasts; a dead worker ends the block."""
        try:
            async with self._lane.open(), asyncio.TaskGroup() as tasks:
                worker = tasks.create_task(self._work(), name="inference-worker")
                self._accepting = True
                try:
                    yield
                finally:
                    self._accepting = False
                    worker.cancel()
        finally:
            self._accepting = False
            _fail(self._jobs, InferenceStopped("the models are stopping"))
            self._jobs.clear()

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            # Gathered only once the device is free: what arrives meanwhile comes along.
            async with self._lane.turn():
                batch = self._gather()
                try:
                    await self._answer(batch)
                finally:
                    # Nothing is left here unless the worker itself is being stopped.
                    _fail(batch, InferenceStopped("the models are stopping"))

    def _gather(self) -> list[_Job[Item, Answer]]:
        """Everything that waits, up to a batch; a caller who gave up is no work any more."""
        batch: list[_Job[Item, Answer]] = []
        while self._jobs and len(batch) < self._batch:
            job = self._jobs.popleft()
            if not job.answer.done():
                batch.append(job)
        if not self._jobs:
            self._arrived.clear()
        return sorted(batch, key=lambda job: self._size(job.item))

    async def _answer(self, batch: list[_Job[Item, Answer]]) -> None:
        """Run a batch; on failure run its halves or each of its items alone."""
        batch = [job for job in batch if not job.answer.done()]
        if not batch:
            return
        failure = await self._try(batch)
        if failure is None:
            return
        if len(batch) > 1:
            log.warning("batch.failed", size=len(batch), exc_info=failure)
            for part in _parts(batch, failure):
                await self._answer(part)
            return
        error = InferenceFailed(f"{type(failure).__name__} in the model")
        error.__cause__ = failure
        _fail(batch, error)

    async def _try(self, batch: list[_Job[Item, Answer]]) -> Exception | None:
        """Run a batch and hand out its answers, or return what the model raised."""
        try:
            answers = await self._lane.run(self._run, [job.item for job in batch])
            pairs = list(zip(batch, answers, strict=True))  # too few answers is a failure
        except Exception as exc:  # noqa: BLE001 - models may raise anything; the queue lives on
            return exc
        for job, answer in pairs:
            if not job.answer.done():
                job.answer.set_result(answer)
        return None


def _parts(batch: list[_Job[Item, Answer]], failure: Exception) -> list[list[_Job[Item, Answer]]]:
    """What is tried next: halves where memory was short, else every item alone."""
    if is_out_of_memory(failure):
        middle = len(batch) // 2
        return [batch[:middle], batch[middle:]]
    return [[job] for job in batch]


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device or the machine had no memory left, whatever the library calls it."""
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def _fail(jobs: Sequence[_Job[Item, Answer]], error: InferenceError) -> None:
    for job in jobs:
        if not job.answer.done():
            job.answer.set_exception(error)
