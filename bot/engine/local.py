"""The embedded engine: one process, jobs in memory, made again from the tables at every start."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot import metrics
from bot.engine.base import BACKOFF_S, Handler, Job, Stats, Transaction
from bot.errors import InferenceStopped, RetryLater

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Lane:
    """The jobs of one key in one queue; one of them at a time is in hand."""

    jobs: deque[Job] = field(default_factory=deque)
    held: bool = False
    failures: int = 0


class LocalEngine:
    """Per key one after the other, keys side by side, awake as soon as a transaction commits.

    ``unfinished`` reads from the tables what an earlier process left behind.
    """

    def __init__(
        self,
        unfinished: Callable[[], Awaitable[Iterable[Job]]],
        *,
        grace_s: float = 30.0,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._unfinished = unfinished
        self._grace = grace_s
        self._backoff = backoff_s
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._free: dict[str, deque[_Lane]] = {}
        self._doing: Counter[str] = Counter()
        self._awake = asyncio.Event()
        self._recovered = asyncio.Lock()
        self._started = False
        self._closed = False

    async def submit(self, tx: Transaction, queue: str, key: str, id: int) -> None:  # noqa: A002
        """Have a job run once this transaction is committed."""
        tx.after_commit(lambda: self._put(Job(queue, key, id)))

    async def run(
        self, queues: Sequence[str], handlers: Mapping[str, Handler], concurrency: int
    ) -> None:
        """Run the jobs of these queues until cancelled, then finish those in hand."""
        await self._recover()
        slots = asyncio.Semaphore(concurrency)
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                await slots.acquire()
                lane = await self._next(queues)
                job = asyncio.create_task(
                    self._do(lane, handlers), name=f"job-{lane.jobs[0].queue}"
                )
                running.add(job)
                job.add_done_callback(running.discard)
                job.add_done_callback(lambda _: slots.release())
        finally:
            await self._finish(running)

    async def stats(self) -> Stats:
        """Count what waits and what is in hand."""
        waiting: Counter[str] = Counter()
        for (queue, _), lane in self._lanes.items():
            waiting[queue] += len(lane.jobs)
        return Stats(waiting=waiting - self._doing, doing=+self._doing)

    async def close(self) -> None:
        """Take no more jobs; the tables remember those not begun."""
        self._closed = True

    async def _recover(self) -> None:
        """Once, before the first job: take up what an earlier process left behind."""
        async with self._recovered:
            if self._started:
                return
            for job in await self._unfinished():
                self._put(job)
            self._started = True

    def _put(self, job: Job) -> None:
        if self._closed:
            return
        lane = self._lanes.setdefault((job.queue, job.key), _Lane())
        lane.jobs.append(job)
        if not lane.held and len(lane.jobs) == 1:
            self._offer(lane)

    def _offer(self, lane: _Lane) -> None:
        self._free.setdefault(lane.jobs[0].queue, deque()).append(lane)
        self._awake.set()

    async def _next(self, queues: Sequence[str]) -> _Lane:
        """The lane that has waited longest, taken in hand."""
        while True:
            for queue in queues:
                if free := self._free.get(queue):
                    lane = free.popleft()
                    lane.held = True
                    self._doing[queue] += 1
                    return lane
            self._awake.clear()
            await self._awake.wait()

    async def _do(self, lane: _Lane, handlers: Mapping[str, Handler]) -> None:
        """One job of a lane; it stays at the head of its lane until it is done."""
        job = lane.jobs[0]
        metrics.ATTEMPTS.labels(job.queue).inc()
        wait: float | None = None
        try:
            await handlers[job.queue](job.id)
            lane.failures = 0
        except InferenceStopped:
            log.info("job.left", queue=job.queue, id=job.id)
        except RetryLater as later:
            wait = later.after
        except Exception:
            log.warning("job.failed", queue=job.queue, id=job.id, exc_info=True)
            wait = self._after_failure(lane, job)
        finally:
            self._doing[job.queue] -= 1
        if wait is None:
            self._leave(lane, job)
        else:
            asyncio.get_running_loop().call_later(wait, self._again, lane)

    def _after_failure(self, lane: _Lane, job: Job) -> float | None:
        """Seconds until the next try, or None when there were enough."""
        lane.failures += 1
        if lane.failures <= len(self._backoff):
            return self._backoff[lane.failures - 1]
        lane.failures = 0
        log.error("job.given_up", queue=job.queue, id=job.id)
        return None

    def _leave(self, lane: _Lane, job: Job) -> None:
        """Let the lane's next job begin, or forget an empty lane."""
        lane.jobs.popleft()
        self._again(lane)
        if not lane.jobs:
            del self._lanes[job.queue, job.key]

    def _again(self, lane: _Lane) -> None:
        lane.held = False
        if lane.jobs:
            self._offer(lane)

    async def _finish(self, running: set[asyncio.Task[None]]) -> None:
        """Give the jobs in hand their time, then end what is left."""
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=self._grace)
        for job in late:
            job.cancel()
        if late:
            await asyncio.wait(late)
