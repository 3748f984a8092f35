"""What a process weighs and does while nobody talks to it, read from Linux' /proc."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import ConfigError
from bot.faults.process import Process
from bot.lifecycle import beside

SETTLING_S: Final = 3.0
IDLE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One process at rest."""

    memory_mb: float
    """Resident, what it shares with others included."""
    idle_percent: float
    """Of one core."""
    start_s: float
    """From its start until it serves."""

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


async def footprint(process: Process, ready: Callable[[], Awaitable[object]]) -> Footprint:
    """Start a process, wait until it is ready, then watch it rest.

    Raises ``ConfigError`` where there is no ``/proc``.
    """
    cpu_seconds(os.getpid())
    began = time.perf_counter()
    async with beside(process.keep_running(), name=process.name):
        while not (process.pid and await ready()):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.01)
        start = time.perf_counter() - began
        await asyncio.sleep(SETTLING_S)
        busy = cpu_seconds(process.pid)
        await asyncio.sleep(IDLE_S)
        return Footprint(
            memory_mb=round(memory_mb(process.pid), 1),
            idle_percent=round(100 * (cpu_seconds(process.pid) - busy) / IDLE_S, 2),
            start_s=round(start, 2),
        )


def cpu_seconds(pid: int) -> float:
    """Processor time so far, its kernel calls included; ``ConfigError`` without ``/proc``."""
    where = Path(f"/proc/{pid}/stat")
    if not where.is_file():
        raise ConfigError("What a process does can be read on Linux only.")
    # The name, second, may hold spaces; it ends with the last parenthesis.
    fields = where.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
