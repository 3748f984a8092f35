"""What is done to the processes and their database, at moments that a seed decides."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bot.faults.process import Process
from bot.loopback.disk import Disk
from bot.loopback.postgres import Cluster

FREEZE_S: Final = 9.0
"""Longer than a worker may say nothing."""
LONG_FREEZE_S: Final = 20.0
CALM_S: Final = 5.0
"""Between what a script does."""
FULL_S: Final = 2.0
AWAY_S: Final = 3.0
KILLED: Final = "killed"
_FULL_BYTES: Final = 65_536


class Done(NamedTuple):
    """Something that was done to the service."""

    what: str
    at: float
    """On the monotonic clock."""


@dataclass(slots=True)
class Harm:
    """Hurts a running service again and again."""

    processes: Sequence[Process]
    cluster: Cluster | None
    disk: Disk | None
    rng: random.Random
    done: list[Done] = field(default_factory=list)

    async def keep_harming(self, seconds: float) -> None:
        """Kill each process three times or more, and do the rest to it, within a while."""
        kills = [self._killing(process) for process in self.processes for _ in range(self._times())]
        freezes = [self._freezing(process, FREEZE_S) for process in self.processes]
        harms = [*kills, *freezes, *self._at_the_database()]
        self.rng.shuffle(harms)
        moments = sorted(self.rng.uniform(0.05, 0.95) * seconds for _ in harms)
        async with asyncio.TaskGroup() as tasks:
            for moment, harm in zip(moments, harms, strict=True):
                tasks.create_task(_after(moment, harm))

    async def follow_script(self, answered: Callable[[float], Awaitable[None]]) -> None:
        """Kill a worker, freeze another for long, take its database from it, one after the other.

        After each, ``answered`` is awaited with the moment at which it was done.
        """
        one, other = self.processes[-2:][0], self.processes[-1]
        database = self._at_the_database()[:1]
        for harm in (self._killing(one), self._freezing(other, LONG_FREEZE_S), *database):
            await asyncio.sleep(CALM_S)
            began = time.monotonic()
            await harm()
            await answered(began)

    def _note(self, what: str) -> None:
        self.done.append(Done(what, time.monotonic()))

    def _times(self) -> int:
        return 3 if len(self.processes) > 1 else 6

    def _killing(self, process: Process) -> Callable[[], Awaitable[None]]:
        async def kill() -> None:
            process.send(signal.SIGKILL)
            self._note(f"{KILLED} {process.name}")

        return kill

    def _freezing(self, process: Process, seconds: float) -> Callable[[], Awaitable[None]]:
        async def freeze() -> None:
            process.send(signal.SIGSTOP)
            self._note(f"froze {process.name}")
            await asyncio.sleep(seconds)
            process.send(signal.SIGCONT)

        return freeze

    def _at_the_database(self) -> list[Callable[[], Awaitable[None]]]:
        if self.cluster is not None:
            return [self._restart]
        if self.disk is not None:
            return [self._fill, self._fill]
        # Only Linux lets one process limit another's files.
        return [self._limit, self._limit] if hasattr(resource, "prlimit") else []

    async def _restart(self) -> None:
        assert self.cluster is not None  # noqa: S101 - for the type checker
        self._note("stopped the database")
        await asyncio.to_thread(self.cluster.stop)
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(self.cluster.start)

    async def _fill(self) -> None:
        """Let the disk have no room left, and then some again."""
        assert self.disk is not None  # noqa: S101 - for the type checker
        self._note("filled the disk")
        await asyncio.to_thread(self.disk.fill)
        await asyncio.sleep(FULL_S)
        await asyncio.to_thread(self.disk.free)

    async def _limit(self) -> None:
        """Let no file of the process grow, which is like a full disk, and then grow again."""
        self._note("limited the files")
        pid = self.processes[0].pid
        for limit in (_FULL_BYTES, resource.RLIM_INFINITY):
            if pid is not None and pid == self.processes[0].pid:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            await asyncio.sleep(FULL_S if limit == _FULL_BYTES else 0)


async def _after(seconds: float, harm: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await harm()
