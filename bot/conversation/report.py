"""How the service is, told to those who run it."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from bot.conversation.ports import Port
from bot.engine.base import Engine
from bot.logs import errors
from bot.storage import feedback, operations
from bot.storage.figures import figures
from bot.storage.store import Transaction

MANIFEST = "manifest.json"


class Report:
    """Puts the figures of the service into words.

    ``models`` names where each part of the pipeline comes from; ``clock`` returns seconds since
    1970.
    """

    def __init__(
        self,
        engine: Engine,
        ports: Mapping[str, Port],
        *,
        models: Mapping[str, str],
        device: str,
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._ports = ports
        self._models = models
        self._device = device
        self._clock = clock
        self._since = clock()

    async def __call__(self, tx: Transaction) -> str:
        """Everything an owner asks for, a line each; English."""
        return "\n".join(
            [
                self._versions(),
                *self._platforms(),
                *await self._work(tx),
                *(f"{part}: {traced(source)}" for part, source in self._models.items()),
                f"device: {self._device}",
                *await self._people(tx),
                _errors(),
                f"memory: {memory()}",
            ]
        )

    def _versions(self) -> str:
        up = timedelta(seconds=round(self._clock() - self._since))
        return f"EmotiBot {version('emotibot')}, Python {platform.python_version()}, up {up}"

    def _platforms(self) -> list[str]:
        return [f"{name}: {port.trouble or 'receiving'}" for name, port in self._ports.items()]

    async def _work(self, tx: Transaction) -> list[str]:
        stats = await self._engine.stats()
        queues = sorted({*stats.waiting, *stats.doing})
        jobs = [f"{q} {stats.waiting.get(q, 0)} + {stats.doing.get(q, 0)}" for q in queues]
        now = await figures(tx, self._clock())
        return [
            f"engine: {type(self._engine).__name__}",
            f"workers: {stats.workers}, the quietest heard of {stats.silent_s:.0f} s ago",
            f"queues, waiting + in hand: {', '.join(jobs) or 'none'}",
            f"unanswered: {now.unanswered}, oldest {now.oldest_s:.0f} s; unsent: {now.unsent}",
            f"last hour: {now.replies} replies, p50 {now.p50_s:.2f} s, p95 {now.p95_s:.2f} s",
            f"not delivered in that hour: {now.failed} refused, {now.unknown} unknown",
        ]

    async def _people(self, tx: Transaction) -> list[str]:
        verdicts = await feedback.figures(tx)
        said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        return [f"feedback: {said}", f"blocked: {await operations.count_blocked(tx)}"]


def _errors() -> str:
    found = [f"{count} {name}" for name, count in sorted(errors().items())]
    return f"errors of this process: {', '.join(found) or 'none'}"


def traced(source: str) -> str:
    """A source by its name and, for a folder of ours, the beginning of its manifest's SHA-256."""
    manifest = Path(source) / MANIFEST
    if not manifest.is_file():
        return source
    return f"{Path(source).name} {hashlib.sha256(manifest.read_bytes()).hexdigest()[:12]}"


def memory() -> str:
    """The most memory that this process ever held."""
    if sys.platform == "win32":
        return "not known on Windows"
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{most / (1024 * 1024 if sys.platform == 'darwin' else 1024):.0f} MiB at most"
