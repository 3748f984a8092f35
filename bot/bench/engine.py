"""What a job costs an engine when much is waiting already."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from bot.bench.plot import Panel, Spread
from bot.bench.report import Cell, Report
from bot.engine import procrastinate
from bot.engine.base import Engine, Job
from bot.engine.local import LocalEngine
from bot.engine.procrastinate import ProcrastinateEngine
from bot.loopback.postgres import cluster
from bot.storage import migrate
from bot.storage.store import Store, conninfo, opened

QUEUE: Final = "gpu"
WAITING: Final = (1_000, 10_000, 100_000)
SPREADS: Final = {"10 jobs a conversation": 10, "500 jobs a conversation": 500}
"""How many jobs of one conversation wait; more than ten never do in the service."""
TIMED: Final = 300
CONCURRENCY: Final = 32
AT_ONCE: Final = 1_000


def measure(waiting: Sequence[int] = WAITING) -> Report:
    """Both engines, with so many jobs waiting, ever more of them.

    Raises ``ConfigError`` where PostgreSQL is not installed.
    """
    with cluster(quick=False) as server:
        measured = asyncio.run(_measure(lambda: server.url(server.create()), waiting))
    rows: list[dict[str, Cell]] = [
        {"engine": engine, "conversations": spread, "waiting": size, "ms a job": cost}
        for (engine, spread), costs in measured.items()
        for size, cost in costs
    ]
    series = {
        f"{engine}, {spread}": [(size, Spread(cost, cost, cost)) for size, cost in costs]
        for (engine, spread), costs in measured.items()
    }
    return Report(
        name="engine",
        title="What a job costs when others wait",
        setup={"jobs_timed": TIMED, "concurrency": CONCURRENCY},
        figures={
            "ms_a_job": {f"{engine}, {spread}": dict(c) for (engine, spread), c in measured.items()}
        },
        rows=rows,
        panels=[
            Panel(
                title="fetch, run and finish an empty job",
                x="jobs waiting",
                y="ms",
                series=series,
                log=True,
            )
        ],
    )


async def _measure(
    new: Callable[[], str], sizes: Sequence[int]
) -> dict[tuple[str, str], list[tuple[int, float]]]:
    found = {}
    for spread, each in SPREADS.items():
        for name, world in (("local", _local), ("procrastinate", _distributed)):
            url = new()
            await migrate.upgrade(url)
            async with world(url) as engine, opened(url) as store:
                found[name, spread] = await _costs(engine, store, each, sizes)
    return found


async def _costs(
    engine: Engine, store: Store, each: int, sizes: Sequence[int]
) -> list[tuple[int, float]]:
    """Milliseconds a job, with ever more of them waiting."""
    costs, there = [], 0
    for waiting in sizes:
        while there < waiting:
            async with store.transaction(durable=False) as tx:
                for n in range(there, min(there + AT_ONCE, waiting)):
                    await engine.submit(tx, QUEUE, f"conversation {n % (waiting // each or 1)}", n)
            there = min(there + AT_ONCE, waiting)
        costs.append((waiting, round(1000 * await _timed(engine) / TIMED, 3)))
        there -= TIMED
    return costs


async def _timed(engine: Engine) -> float:
    """Seconds for the next so many jobs."""
    left, over = TIMED, asyncio.Event()

    async def handle(_: int) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            over.set()

    running = asyncio.create_task(engine.run([QUEUE], {QUEUE: handle}, CONCURRENCY))
    began = time.perf_counter()
    await over.wait()
    took = time.perf_counter() - began
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return took


@asynccontextmanager
async def _local(_: str) -> AsyncIterator[Engine]:
    async def nothing() -> list[Job]:
        return []

    yield LocalEngine(nothing)


@asynccontextmanager
async def _distributed(url: str) -> AsyncIterator[Engine]:
    await procrastinate.upgrade(conninfo(url))
    engine = ProcrastinateEngine(conninfo(url))
    async with engine.opened():
        yield engine
