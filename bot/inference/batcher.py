"""A queue in front of a model in which nobody waits for ever.

Every accepted item ends in exactly one of: an answer, an ``InferenceError``, or the caller's own
cancellation.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from bot.errors import (
    InferenceError,
    InferenceFailed,
    InferenceOverloaded,
    InferenceStopped,
    InferenceTimeout,
)

log = structlog.get_logger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class _Job(Generic[Item, Answer]):
    item: Item
    answer: asyncio.Future[Answer]


class Batcher(Generic[Item, Answer]):
    """Gathers items while the model runs, and hands it all of them as soon as it is idle.

    ``run`` takes a list and returns one answer for each item, in order; it is called in a thread
    of its own, never twice at the same time. When it raises, its items are tried one by one, so
    that a bad one fails alone.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Answer]],
        *,
        batch: int,
        waiting: int,
        deadline_s: float,
    ) -> None:
        self._run = run
        self._batch = batch
        self._most = waiting
        self._deadline = deadline_s
        self._jobs: deque[_Job[Item, Answer]] = deque()
        self._arrived = asyncio.Event()
        self._accepting = False

    async def submit(self, item: Item) -> Answer:
        """Queue one item and wait for its answer.

        Raises ``InferenceOverloaded``, ``InferenceTimeout``, ``InferenceFailed`` or
        ``InferenceStopped``.
        """
        if not self._accepting:
            raise InferenceStopped("the models are not running")
        if len(self._jobs) >= self._most:
            raise InferenceOverloaded(f"{len(self._jobs)} items are waiting")
        job: _Job[Item, Answer] = _Job(item, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._arrived.set()
        try:
            async with asyncio.timeout(self._deadline):
                return await job.answer
        except TimeoutError:
            raise InferenceTimeout(f"no answer within {self._deadline} s") from None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take items for as long as the block lasts; a dead worker ends the block."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        try:
            async with asyncio.TaskGroup() as tasks:
                worker = tasks.create_task(self._work(thread), name="inference-worker")
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
            await asyncio.to_thread(thread.shutdown)  # off the loop: it waits for the last batch

    async def _work(self, thread: ThreadPoolExecutor) -> None:
        while True:
            batch = await self._gather()
            try:
                await self._answer(batch, thread)
            finally:
                # Nothing is left here unless the worker itself is being stopped.
                _fail(batch, InferenceStopped("the models are stopping"))

    async def _gather(self) -> list[_Job[Item, Answer]]:
        """Everything that waits, up to a batch; a caller who gave up is no work any more."""
        while True:
            batch: list[_Job[Item, Answer]] = []
            while self._jobs and len(batch) < self._batch:
                job = self._jobs.popleft()
                if not job.answer.done():
                    batch.append(job)
            if batch:
                return batch
            self._arrived.clear()
            await self._arrived.wait()

    async def _answer(self, batch: list[_Job[Item, Answer]], thread: ThreadPoolExecutor) -> None:
        """Run a batch; on failure run each of its items alone, once."""
        failure = await self._try(batch, thread)
        if failure is None:
            return
        if len(batch) > 1:
            log.warning("batch.failed", size=len(batch), exc_info=failure)
            for job in batch:
                if not job.answer.done():
                    await self._answer([job], thread)
            return
        error = InferenceFailed(f"{type(failure).__name__} in the model")
        error.__cause__ = failure
        _fail(batch, error)

    async def _try(
        self, batch: list[_Job[Item, Answer]], thread: ThreadPoolExecutor
    ) -> Exception | None:
        """Run a batch and hand out its answers, or return what the model raised."""
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(thread, self._run, [job.item for job in batch])
            pairs = list(zip(batch, answers, strict=True))  # too few answers is a failure
        except Exception as exc:  # noqa: BLE001 - models may raise anything; the queue lives on
            return exc
        for job, answer in pairs:
            if not job.answer.done():
                job.answer.set_result(answer)
        return None


def _fail(jobs: Sequence[_Job[Item, Answer]], error: InferenceError) -> None:
    for job in jobs:
        if not job.answer.done():
            job.answer.set_exception(error)
