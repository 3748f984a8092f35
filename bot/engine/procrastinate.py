"""The distributed engine: jobs are rows of the same PostgreSQL, workers run anywhere.

Only this file and ``desk`` know procrastinate. Its retries keep their place in a conversation, its
worker stops when its database is away or when another took it for dead; here it is started again,
and the jobs of those that are really dead are handed out anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions
from procrastinate.jobs import Job as Row
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.schema import SchemaManager
from psycopg_pool import AsyncConnectionPool

from bot import metrics
from bot.engine.base import BACKOFF_S, Handler, Job, Stats, Transaction
from bot.engine.desk import Desk
from bot.errors import InferenceStopped, RetryLater, StorageError
from bot.lifecycle import ended

log = structlog.get_logger(__name__)

AWAY: Final = (exceptions.ProcrastinateException, psycopg.Error, OSError)
"""What working raises when the database is away or has forgotten this worker."""
POOL: Final = 8
OLDEST: Final = "03.04.00_50_post_add_retry_failed_job_procedure"
"""The last migration of the oldest library that we take."""
SWEEPING: Final = 7_301
RECONCILING: Final = 7_302
"""Numbers of advisory locks."""
TASK: Final = "emotibot"
_DEFER: Final = (
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%(queue)s, %(task)s, 0, %(lock)s, NULL,"
    " jsonb_build_object('id', %(id)s::bigint), NULL)]::procrastinate_job_to_defer_v1[])"
)
_LEFT: Final = (
    "SELECT queue_name, lock, (args->>'id')::bigint AS id, status FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing')"
)
_OURS: Final = (
    "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = ANY(%(workers)s)"
)
_COUNTS: Final = (
    "SELECT queue_name, status, count(*) AS jobs FROM procrastinate_jobs"
    " WHERE status IN ('todo', 'doing') GROUP BY queue_name, status"
)
_WORKERS: Final = (
    "SELECT count(*) AS workers, coalesce(max(extract(epoch FROM now() - last_heartbeat)), 0)"
    " AS silent FROM procrastinate_workers"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker looks, and when one that says nothing is dead; all in seconds.

    ``stalled`` is at least four heartbeats: a live worker taken for dead does its work twice.
    """

    poll: float = 1.0
    """How late a job begins that nobody announces: one that was taken back from a dead worker."""
    heartbeat: float = 1.5
    stalled: float = 6.0
    sweep: float = 1.0
    restart: float = 1.0
    connection: float = 5.0
    """How long a connection is waited for while the database is away."""


class ProcrastinateEngine:
    """Per key one after the other, keys side by side, over all processes on one database.

    ``conninfo`` is libpq's; the tables are made by ``engine_schema.upgrade``.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        grace_s: float = 30.0,
        backoff_s: Sequence[float] = BACKOFF_S,
        pace: Pace | None = None,
    ) -> None:
        _quieten()
        self._conninfo = conninfo
        self._grace = grace_s
        self._pace = pace or Pace()
        self._connector = procrastinate.PsycopgConnector(
            conninfo=conninfo,
            min_size=1,
            max_size=POOL,
            timeout=self._pace.connection,
            reconnect_timeout=2.0,  # its waits double without end; whoever asks next begins anew
            # What a crash of the database takes back here is only done once more.
            kwargs={"connect_timeout": 10, "options": "-c synchronous_commit=off"},
            configure=_alone,
            pool_factory=_trusting,
        )
        self._app = procrastinate.App(connector=self._connector)
        self._desk = Desk(self._connector)
        self._app.job_manager = self._desk
        task = self._app.task(name=TASK, pass_context=True, retry=_Again(backoff_s))
        task(self._do)
        self._workers: set[int] = set()
        self._in_hand: set[int] = set()
        self._orphans: set[int] = set()
        """Rows of jobs that are ours and in nobody's hand, at the last look."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold connections for as long as the block lasts."""
        with _translated():
            # A pool would go on trying for half a minute before it says what is wrong.
            async with await psycopg.AsyncConnection.connect(self._conninfo, connect_timeout=10):
                await self._app.open_async()
        try:
            yield
        finally:
            await self._app.close_async()

    async def submit(self, tx: Transaction, queue: str, key: str, id: int) -> None:  # noqa: A002
        """Have a job run once this transaction is committed: it is a row of it."""
        job = {"queue": queue, "task": TASK, "lock": key, "id": id}
        tx.driver.held.append((_DEFER, job))

    async def run(
        self, queues: Sequence[str], handlers: Mapping[str, Handler], concurrency: int
    ) -> None:
        """Run the jobs of these queues until cancelled, then finish those in hand."""
        async with asyncio.TaskGroup() as tasks:
            sweeping = tasks.create_task(self._keep_sweeping(), name="sweeping")
            try:
                while True:
                    await self._work(queues, handlers, concurrency)
                    await asyncio.sleep(self._pace.restart)
                    await self._connector.pool.check()
            finally:
                await ended(sweeping)

    async def stats(self) -> Stats:
        """Count what waits and what is in hand, in all processes."""
        counts: dict[str, Counter[str]] = {"todo": Counter(), "doing": Counter()}
        with _translated():
            rows = await self._connector.execute_query_all_async(_COUNTS)
            alive = await self._connector.execute_query_one_async(_WORKERS)
        for row in rows:
            counts[row["status"]][row["queue_name"]] = row["jobs"]
        return Stats(
            waiting=counts["todo"],
            doing=counts["doing"],
            workers=alive["workers"],
            silent_s=float(alive["silent"]),
        )

    async def close(self) -> None:
        """Nothing to do: other processes go on taking jobs."""

    async def jobs(self) -> list[Job]:
        """Every job that waits or is in hand."""
        with _translated():
            rows = await self._connector.execute_query_all_async(_LEFT)
        return [Job(row["queue_name"], row["lock"], row["id"]) for row in rows]

    @asynccontextmanager
    async def alone(self, number: int = RECONCILING) -> AsyncIterator[bool]:
        """Whether this is the only process in a block with this number, for as long as it lasts."""
        with _translated():
            async with self._connector.pool.connection() as connection, connection.transaction():
                found = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (number,))
                row = await found.fetchone()
                yield bool(row and row[0])

    async def _work(
        self, queues: Sequence[str], handlers: Mapping[str, Handler], concurrency: int
    ) -> None:
        """Work until cancelled, or until the database is away or thinks that we are dead."""
        try:
            self._desk.begin(queues, concurrency)
            await self._app.run_worker_async(
                queues=list(queues),
                concurrency=concurrency,
                fetch_job_polling_interval=self._pace.poll,
                update_heartbeat_interval=self._pace.heartbeat,
                stalled_worker_timeout=self._pace.stalled,
                shutdown_graceful_timeout=self._grace,
                delete_jobs="always",  # the tables remember
                additional_context={"handlers": handlers},
                install_signal_handlers=False,
            )
            log.warning("worker.ended", queues=list(queues))
        except AWAY as exc:
            log.warning("worker.ended", queues=list(queues), error=type(exc).__name__)
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError  # the stop itself failed, and swallowed it

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(self._pace.sweep)
            try:
                await self._sweep()
                await self._sweep_here()
            except StorageError as exc:
                log.warning("sweep.failed", reason=str(exc))

    async def _sweep(self) -> None:
        """Hand out anew what a worker took and, being dead, will never finish."""
        if not await self._stalled():
            return
        async with self.alone(SWEEPING) as alone:
            if alone:
                await self._take_back(await self._stalled())

    async def _stalled(self) -> list[int]:
        with _translated():
            stalled = await self._desk.get_stalled_jobs(seconds_since_heartbeat=self._pace.stalled)
        return [job.id for job in stalled if job.id is not None]

    async def _sweep_here(self) -> None:
        """The same for jobs of this living process whose end the database never heard of."""
        with _translated():
            rows = await self._connector.execute_query_all_async(_OURS, workers=list(self._workers))
        orphans = {row["id"] for row in rows} - self._in_hand - self._desk.holds()
        await self._take_back(sorted(orphans & self._orphans))  # seen twice: no mere delay
        self._orphans = orphans

    async def _take_back(self, rows: Sequence[int]) -> None:
        for row in rows:
            try:
                await self._app.job_manager.retry_job_by_id_async(row, retry_at=_now())
                log.warning("job.taken_back", row=row)
                metrics.STALLED.inc()
            except exceptions.ConnectorException:
                log.info("job.finished_after_all", row=row)

    async def _do(self, context: procrastinate.JobContext, id: int) -> None:  # noqa: A002
        """Call the handler of the job's queue."""
        row, queue = context.job.id or 0, context.job.queue
        handlers: Mapping[str, Handler] = context.additional_context["handlers"]
        self._workers.add(context.job.worker_id or 0)
        self._in_hand.add(row)
        metrics.ATTEMPTS.labels(queue).inc()
        try:
            await handlers[queue](id)
        except (RetryLater, InferenceStopped):
            raise
        except Exception:
            log.warning("job.failed", queue=queue, id=id, exc_info=True)
            raise
        finally:
            self._in_hand.discard(row)


class _Again(BaseRetryStrategy):
    """When a job that raised is tried again; never means: by the reconciler, from the tables."""

    def __init__(self, backoff_s: Sequence[float]) -> None:
        self._backoff = backoff_s

    def get_retry_decision(self, *, exception: BaseException, job: Row) -> RetryDecision | None:
        if isinstance(exception, RetryLater):
            return RetryDecision(retry_at=_now(exception.after))
        if isinstance(exception, InferenceStopped | asyncio.CancelledError):
            return RetryDecision(retry_at=_now())  # by another worker
        if job.attempts < len(self._backoff):
            return RetryDecision(retry_at=_now(self._backoff[job.attempts]))
        log.error("job.given_up", queue=job.queue, id=job.task_kwargs["id"])
        return None


class _translated:  # noqa: N801 - reads as a statement at its use
    """Raise ``StorageError`` instead of the libraries' errors."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, AWAY):
            raise StorageError(f"the engine's database: {type(exc).__name__}") from None


async def _alone(connection: psycopg.AsyncConnection[Any]) -> None:
    """Each statement is a transaction by itself."""
    await connection.set_autocommit(True)


def _trusting(**options: Any) -> AsyncConnectionPool[Any]:
    """A pool that tries no connection before it hands it out: a trip to the database each time."""
    return AsyncConnectionPool(**{**options, "check": None})


def _now(after: float = 0.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=after)


def _quieten() -> None:
    """Each job would be four lines; what matters is logged here."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


async def upgrade(conninfo: str) -> None:
    """Bring the engine's own tables to what this library needs; new ones come with the next minor.

    Which of the library's migrations were applied is kept as the comment of its main table.
    """
    migrations = _migrations()
    with _translated():
        async with await psycopg.AsyncConnection.connect(conninfo) as connection:
            applied = await _applied(connection)
            if applied is None:
                await connection.execute(SchemaManager.get_schema())
                applied = migrations[-1].stem
            for migration in migrations:
                if migration.stem > applied:
                    await connection.execute(migration.read_bytes())
            # A comment takes no parameter; a file's name holds no quote.
            noted = f"COMMENT ON TABLE procrastinate_jobs IS '{migrations[-1].stem}'"
            await connection.execute(noted.encode())


async def check(conninfo: str) -> None:
    """Raise ``StorageError`` unless the engine's own tables are those of this library."""
    newest = _migrations()[-1].stem
    with _translated():
        async with await psycopg.AsyncConnection.connect(conninfo) as connection:
            applied = await _applied(connection)
    if applied != newest:
        raise StorageError(
            f"the engine's tables are at {applied or 'none'}, this version needs {newest}: "
            "run `emotibot db upgrade`"
        )


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


async def _applied(connection: psycopg.AsyncConnection[Any]) -> str | None:
    """The last migration that was applied; None without tables."""
    found = await connection.execute(
        "SELECT oid, obj_description(oid) FROM pg_class WHERE oid = to_regclass(%s)",
        ("procrastinate_jobs",),
    )
    row = await found.fetchone()
    return None if row is None else row[1] or OLDEST
