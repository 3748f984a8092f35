"""What the service itself costs a message, around a model whose cost is known."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from bot import bootstrap
from bot.bench.crowd import Crowd
from bot.bench.plot import Panel, Spread
from bot.bench.processes import Footprint, cpu_seconds, footprint
from bot.bench.report import Cell, Latency, Report
from bot.bootstrap import Service, service
from bot.config import EMBEDDED, Settings
from bot.faults.process import Process, Spec
from bot.lifecycle import beside
from bot.loopback.bot_api import BotApi
from bot.loopback.postgres import cluster
from bot.storage.store import opened
from emotibot_models.scripted import ScriptedPipeline

MODEL_S: Final = 0.01
"""What a batch costs where the service's own time is wanted."""
HEAVY_S: Final = 0.1
"""What a turn costs where the models are the bottleneck."""
RATES: Final = (50, 100)
"""Messages a second, in one process and over many."""
WARM_UP: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to run the service."""

    name: str
    url: str
    workers: int = 0
    """None: everything in one process."""
    rate: float
    """Messages a second, whatever the answers do."""

    def settings(self, **engine: Any) -> Settings:
        """Without limits on what people may send."""
        kind = "procrastinate" if self.workers else "local"
        return Settings.model_validate(
            {
                "storage": {"url": self.url},
                "engine": {"kind": kind, "waiting": 100_000, "longest_s": 1e6, **engine},
                "limits": {"burst": 100_000, "waiting": 100_000},
                "platforms": {"emotion_line": False, "join_s": 0.0},
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a message costs in one case."""

    added: Latency
    here_ms: float
    """Processor time of this process: its people, the front end and, where there are no workers,
    all the rest."""
    workers_ms: float
    """Processor time of all workers."""


def measure(seconds: float = 15.0) -> Report:
    """Every case, each for so long.

    Raises ``ConfigError`` where PostgreSQL is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="emotibot-bench-") as made, _databases(made) as new:
        return asyncio.run(_measure(seconds, new, Path(made)))


async def _measure(seconds: float, new: Callable[[str], str], folder: Path) -> Report:
    added = [await _added(case, seconds, folder) for case in _cases(new)]
    speeds = {n: await _speed(n, new("postgresql"), folder) for n in (1, 2, 4)}
    recovery = await _recovery(new("postgresql"), folder)
    prints = await _footprints(new, folder)
    rows: list[dict[str, Cell]] = [
        {
            "what": case.name,
            "p50": cost.added.p50,
            "p95": cost.added.p95,
            "p99": cost.added.p99,
            "unit": "ms added",
        }
        for case, cost in added
    ]
    for case, cost in added:
        rows.append(_row(f"{case.name}: front end", cost.here_ms, "ms processor a message"))
        if case.workers:
            rows.append(_row(f"{case.name}: workers", cost.workers_ms, "ms processor a message"))
    rows += [_row(_workers(n), speed, "messages/s") for n, speed in speeds.items()]
    rows.append(_row("recovery after kill -9 of a worker", recovery, "s"))
    for name, found in prints.items():
        rows.append(_row(f"{name}: memory", found.memory_mb, "MB"))
        rows.append(_row(f"{name}: idle", found.idle_percent, "% of a core"))
        rows.append(_row(f"{name}: start", found.start_s, "s"))
    return Report(
        name="service",
        title="What the service costs a message",
        setup={"model_ms": 1000 * MODEL_S, "heavy_model_ms": 1000 * HEAVY_S, "seconds": seconds},
        figures={
            "added_ms": {c.name: {"p50": t.added.p50, "p95": t.added.p95} for c, t in added},
            "processor_ms": {
                c.name: {"front_end": t.here_ms, "workers": t.workers_ms} for c, t in added
            },
            "messages_per_s": speeds,
            "four_workers_against_one": round(speeds[4] / speeds[1], 2),
            "recovery_s": recovery,
            "processes": {name: found.to_dict() for name, found in prints.items()},
        },
        rows=rows,
        panels=[
            Panel(
                title="time added by the service",
                log=True,
                x="",
                y="ms",
                series={
                    name: [(c.name, Spread(*[getattr(t.added, name)] * 3)) for c, t in added]
                    for name in ("p50", "p95")
                },
            ),
            Panel(
                title=f"model of {1000 * HEAVY_S:.0f} ms a turn",
                x="workers",
                y="messages/s",
                series={"measured": [(n, Spread(s, s, s)) for n, s in speeds.items()]},
            ),
        ],
    )


def _workers(number: int) -> str:
    return "1 worker" if number == 1 else f"{number} workers"


def _cases(new: Callable[[str], str]) -> Iterator[Case]:
    alone, together = RATES
    for kind, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        yield Case(name=f"{name}, {alone}/s", url=new(kind), rate=alone)
    for workers in (1, 2, 4):
        name = f"{_workers(workers)}, {together}/s"
        yield Case(name=name, url=new("postgresql"), workers=workers, rate=together)


async def _added(case: Case, seconds: float, folder: Path) -> tuple[Case, Cost]:
    """Messages at a steady rate from many people; what passes beyond the model's own time."""
    crowd = Crowd()
    workers: list[Process] = []
    async with _running(case, crowd, folder, seconds=MODEL_S, processes=workers) as live:
        await crowd.warm_up(live.accept, WARM_UP)
        here, there = time.process_time(), _spent(workers)
        took = await crowd.talk(live.accept, rate=case.rate, seconds=seconds)
        here, there = time.process_time() - here, _spent(workers) - there
    return case, Cost(
        added=Latency.of([max(0.0, each - MODEL_S) for each in took]),
        here_ms=round(1000 * here / len(took), 2),
        workers_ms=round(1000 * there / len(took), 2),
    )


def _spent(processes: Sequence[Process]) -> float:
    return sum(cpu_seconds(process.pid) for process in processes if process.pid)


async def _speed(workers: int, url: str, folder: Path) -> float:
    """Messages a second through so many workers, when many wait."""
    crowd = Crowd()
    case = Case(name="", url=url, workers=workers, rate=0)
    async with _running(case, crowd, folder, seconds=HEAVY_S, batch=1) as live:
        await crowd.warm_up(live.accept, 4 * workers)
        count = 80 * workers
        began = time.perf_counter()
        await crowd.all_at_once(live.accept, count)
        return round(count / (time.perf_counter() - began), 2)


async def _recovery(url: str, folder: Path) -> float:
    """Kill one of two workers under load: how long until all that waited then is answered."""
    crowd = Crowd()
    case = Case(name="", url=url, workers=2, rate=0)
    processes: list[Process] = []
    async with _running(case, crowd, folder, seconds=HEAVY_S, processes=processes) as live:
        await crowd.warm_up(live.accept, WARM_UP)
        talking = asyncio.create_task(crowd.talk(live.accept, rate=50, seconds=6))
        await asyncio.sleep(3)
        killed = time.perf_counter()
        waiting = crowd.waiting()
        processes[0].stay_dead()
        await crowd.answered(waiting)
        recovery = time.perf_counter() - killed
        await talking
        return round(recovery, 2)


@asynccontextmanager
async def _running(
    case: Case,
    crowd: Crowd,
    folder: Path,
    *,
    seconds: float,
    processes: list[Process] | None = None,
    **engine: Any,
) -> AsyncIterator[Service]:
    """The service with its people in this process, and its workers in theirs."""
    settings = case.settings(**engine)
    await bootstrap.upgrade(settings)
    spec = Spec(
        settings=settings.model_dump(exclude={"secrets", "home"}),
        thinks=True,
        seconds=seconds,
        runs=str(folder / "runs"),
    )
    async with AsyncExitStack() as stack:
        for n in range(case.workers):
            process = Process(f"worker-{n}", spec, folder / f"worker-{n}.log")
            await stack.enter_async_context(beside(process.keep_running(), name=process.name))
            if processes is not None:
                processes.append(process)
        pipeline = None if case.workers else ScriptedPipeline(seconds=seconds)
        yield await stack.enter_async_context(service(settings, pipeline, [crowd]))


KINDS: Final = {
    "front end": ("procrastinate", ("telegram",), False),
    "worker without models": ("procrastinate", (), True),
    "all in one without models": ("local", ("telegram",), True),
}
"""By name: engine, platforms, and whether it thinks."""


async def _footprints(new: Callable[[str], str], folder: Path) -> dict[str, Footprint]:
    """What each kind of process weighs and does while nobody talks."""
    return {name: await _footprint(name, new, folder) for name in KINDS}


async def _footprint(name: str, new: Callable[[str], str], folder: Path) -> Footprint:
    kind, platforms, thinks = KINDS[name]
    local = kind == "local"
    case = Case(name=name, url=new("sqlite" if local else "postgresql"), workers=not local, rate=0)
    async with BotApi().running() as api:
        settings = case.settings().model_dump(exclude={"secrets", "home"})
        settings["platforms"]["telegram"]["api"] = api.address
        await bootstrap.upgrade(Settings.model_validate(settings))
        runs = str(folder / "runs")
        spec = Spec(settings=settings, platforms=platforms, thinks=thinks, runs=runs)
        process = Process(name, spec, folder / "process.log")

        async def ready() -> object:
            return api.asked("getUpdates") if platforms else await _is_working(case.url)

        return await footprint(process, ready)


async def _is_working(url: str) -> bool:
    async with opened(url) as store, store.transaction() as tx:
        return bool(await tx.connection.scalar(text("SELECT count(*) FROM procrastinate_workers")))


@contextmanager
def _databases(folder: str) -> Iterator[Callable[[str], str]]:
    """Makes a new database of a kind and returns its address."""
    numbers = iter(range(1000))
    with cluster(quick=False) as server:

        def new(kind: str) -> str:
            if kind == "sqlite":
                return f"{EMBEDDED}{folder}/{next(numbers)}.db"
            return server.url(server.create())

        yield new


def _row(what: str, value: float, unit: str) -> dict[str, Cell]:
    return {"what": what, "p50": value, "p95": None, "p99": None, "unit": unit}
