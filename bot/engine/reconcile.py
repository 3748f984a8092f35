"""The tables are the truth: what they want done and no job stands for is submitted again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final, NoReturn, Protocol

import structlog

from bot import metrics
from bot.engine.base import Job, Transaction
from bot.errors import StorageError

log = structlog.get_logger(__name__)

EVERY_S: Final = 60.0


class Queue(Protocol):
    """An engine whose jobs can be looked through."""

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else reconciles for as long as the block lasts."""
        ...

    async def jobs(self) -> Iterable[Job]:
        """Every job that waits or is in hand."""
        ...

    async def submit(self, tx: Transaction, queue: str, key: str, id: int) -> None:  # noqa: A002
        """Have a job run once this transaction is committed."""
        ...


async def reconcile(
    queue: Queue,
    unfinished: Callable[[], Awaitable[Iterable[Job]]],
    transaction: Callable[[], AbstractAsyncContextManager[Transaction]],
) -> int:
    """Submit what is unfinished and has no job; returns how many.

    A job that ends between the two looks is submitted once too often, and finds nothing to do.
    """
    async with queue.alone() as alone:
        if not alone:
            return 0
        wanted = await unfinished()
        there = {(job.queue, job.id) for job in await queue.jobs()}
        lost = [job for job in wanted if (job.queue, job.id) not in there]
        if lost:
            async with transaction() as tx:
                for job in lost:
                    await queue.submit(tx, job.queue, job.key, job.id)
    return len(lost)


async def keep_reconciling(
    queue: Queue,
    unfinished: Callable[[], Awaitable[Iterable[Job]]],
    transaction: Callable[[], AbstractAsyncContextManager[Transaction]],
) -> NoReturn:
    """Reconcile now and every minute."""
    while True:
        try:
            if healed := await reconcile(queue, unfinished, transaction):
                log.warning("jobs.healed", count=healed)
                metrics.HEALED.inc(healed)
        except StorageError as exc:
            log.warning("jobs.not_reconciled", reason=str(exc))
        await asyncio.sleep(EVERY_S)
