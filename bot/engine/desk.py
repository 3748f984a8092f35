"""What passes between procrastinate's workers and the database, several jobs a trip.

The library asks for one job at a time, and again after the last; each time a connection is tried,
a transaction begun and ended. Here a worker is handed all the jobs that it has hands for, the ends
of jobs are told together, and nobody asks again what was answered a moment ago.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from procrastinate import PsycopgConnector
from procrastinate.jobs import Job as Row
from procrastinate.jobs import Notification, Status
from procrastinate.manager import JobManager, NotificationCallback
from procrastinate.sync_psycopg_connector import wrap_exceptions
from psycopg.rows import dict_row

MOST: Final = 16
"""Jobs in one trip: what waits behind them in this process others could begin."""
_TAKE: Final = """
    WITH RECURSIVE taken (n, job) AS (
        SELECT 1, procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker)s)
        UNION ALL
        SELECT n + 1, procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker)s)
        FROM taken WHERE n < %(most)s AND (job).id IS NOT NULL
    )
    SELECT (job).* FROM taken WHERE (job).id IS NOT NULL
"""
_END: Final = """
    DELETE FROM procrastinate_jobs AS ended WHERE id = ANY(%(ended)s) AND status = 'doing'
    RETURNING queue_name, EXISTS (
        SELECT FROM procrastinate_jobs AS others
        WHERE others.lock = ended.lock AND others.status = 'todo'
    ) AS more
"""


@dataclass(slots=True)
class _Pile:
    """The jobs of one worker, and what it knows of those that wait."""

    hands: int
    ready: deque[Row] = field(default_factory=deque)
    out: int = 0
    """Jobs that were handed out and are not ended."""
    news: bool = True
    """Whether there may be jobs that the last look did not see."""
    drained: bool = False
    """Whether the last look saw all, and the worker has not been told so."""
    wake: NotificationCallback | None = None

    async def call(self) -> None:
        """Have the worker ask."""
        self.news = True
        if self.wake is not None:
            await self.wake(channel="", notification={"type": "job_inserted", "job_id": 0})


class Desk(JobManager):
    """Stands between the workers of one process and the pool of their connections."""

    def __init__(self, connector: PsycopgConnector) -> None:
        super().__init__(connector)
        self._pool = connector
        self._piles: dict[tuple[str, ...], _Pile] = {}
        self._ended: list[int] = []
        self._trip = asyncio.Lock()
        self._calls: set[asyncio.Task[None]] = set()

    def begin(self, queues: Sequence[str], hands: int) -> None:
        """A worker of these queues starts; it does so many jobs at a time."""
        self._piles[tuple(queues)] = _Pile(hands)

    def holds(self) -> set[int]:
        """Jobs that were taken and not yet handed out, or ended and not yet told."""
        return {*self._ended, *(job.id or 0 for pile in self._piles.values() for job in pile.ready)}

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Row | None:
        """The next job; asks the database only when there may be one."""
        pile = self._piles[tuple(queues or ())]
        if not pile.ready and (pile.news or not pile.drained):
            await self._take(pile, list(queues or ()), worker_id)
        if not pile.ready:
            pile.drained = False
            return None
        pile.out += 1
        return pile.ready.popleft()

    async def finish_job(self, job: Row, status: Status, delete_job: bool) -> None:  # noqa: ARG002
        """A job is over, and deleted: the tables remember."""
        self._ended.append(job.id or 0)
        pile = self._of(job.queue)
        if pile is not None:
            pile.out -= 1
            if pile.news:
                return  # the free hand asks for more: this goes along
        await self._tell()

    async def retry_job(self, job: Row, *arguments: Any, **options: Any) -> None:
        """A job is to be done again."""
        if pile := self._of(job.queue):
            pile.out -= 1
        await super().retry_job(job, *arguments, **options)

    async def retry_job_by_id_async(
        self, job_id: int, retry_at: datetime, *arguments: Any, **options: Any
    ) -> None:
        """The same for a job that is known by its number; nobody else announces it."""
        await super().retry_job_by_id_async(job_id, retry_at, *arguments, **options)
        wait = (retry_at - datetime.now(UTC)).total_seconds()
        asyncio.get_running_loop().call_later(max(0.0, wait), self._call_all)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Hear of new jobs until cancelled."""
        pile = self._piles[tuple(queues or ())]
        pile.wake = on_notification

        async def heard(*, channel: str, notification: Notification) -> None:
            pile.news = True
            await on_notification(channel=channel, notification=notification)

        await super().listen_for_jobs(on_notification=heard, queues=queues)

    async def unregister_worker(self, worker_id: int) -> None:
        """A worker leaves: what it has not begun goes to others."""
        await self._tell()
        for pile in self._piles.values():
            while pile.ready and pile.ready[0].worker_id == worker_id:
                await super().retry_job_by_id_async(pile.ready.popleft().id or 0, datetime.now(UTC))
        await super().unregister_worker(worker_id)

    async def _take(self, pile: _Pile, queues: list[str], worker_id: int) -> None:
        """Fill the pile; look again while there was news in the meantime."""
        while not pile.ready and (pile.news or not pile.drained):
            async with self._trip:
                most = max(1, min(MOST, pile.hands - pile.out))
                pile.news = False
                rows = await self._asked({"queues": queues, "worker": worker_id, "most": most})
            pile.ready.extend(map(Row.from_row, rows))
            pile.drained = len(rows) < most
            pile.news = pile.news or not pile.drained

    async def _tell(self) -> None:
        """Say what has ended, with all that ended since somebody else was about to."""
        async with self._trip:
            if self._ended:
                await self._asked(None)

    async def _asked(self, wanted: dict[str, Any] | None) -> list[dict[str, Any]]:
        """One trip: jobs end, and others are taken."""
        ended, self._ended = self._ended, []
        try:
            with wrap_exceptions():
                last, taken = await self._sent(ended, wanted)
        except BaseException:
            self._ended = [*ended, *self._ended]
            raise
        for queue in {queue for queue, more in last if more}:
            if pile := self._of(queue):
                await pile.call()
        return taken

    async def _sent(
        self, ended: list[int], wanted: dict[str, Any] | None
    ) -> tuple[list[tuple[str, bool]], list[dict[str, Any]]]:
        async with self._pool.pool.connection() as connection:
            ends = connection.cursor()
            takes = connection.cursor(row_factory=dict_row)
            async with connection.pipeline() if ended and wanted else nullcontext():
                if ended:
                    await ends.execute(_END, {"ended": ended})
                if wanted:
                    await takes.execute(_TAKE, wanted)
            return (
                await ends.fetchall() if ended else [],
                await takes.fetchall() if wanted else [],
            )

    def _of(self, queue: str) -> _Pile | None:
        return next((pile for queues, pile in self._piles.items() if queue in queues), None)

    def _call_all(self) -> None:
        for pile in self._piles.values():
            call = asyncio.create_task(pile.call(), name="calling a worker")
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
