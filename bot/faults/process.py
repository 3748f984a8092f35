"""A real process of the service around a model of a fixed cost: what the harness starts and kills.

``python -m bot.faults.process SPEC PARENT`` with the spec as JSON, see ``Spec``, and the number of
the process that it must not outlive.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot import logs
from bot.bootstrap import serve
from bot.config import Settings
from bot.loopback import tokens
from bot.platforms.base import Platform
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import TurnInput, TurnResult

PROGRAM: Final = "bot.faults.process"
PR_SET_PDEATHSIG: Final = 1
"""From Linux' ``sys/prctl.h``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What one process is."""

    settings: Mapping[str, Any]
    platforms: tuple[str, ...] = ()
    thinks: bool = False
    seconds: float = 0.1
    """What a batch costs."""
    runs: str
    """The file that counts the turns that went through the model."""


class Counting(ScriptedPipeline):
    """Adds a byte to a file for each turn; several processes may."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(seconds=spec.seconds)
        self._file = os.open(spec.runs, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, counted before the answer."""
        os.write(self._file, b"." * len(turns))
        return super().run(turns)


class Process:
    """One process that is started again whenever it ends, as a service manager would."""

    def __init__(self, name: str, spec: Spec, log: Path) -> None:
        self.name = name
        self.starts = 0
        self._arguments = [sys.executable, "-m", PROGRAM, json.dumps(asdict(spec))]
        self._arguments.append(str(os.getpid()))
        self._log = log
        self._running: asyncio.subprocess.Process | None = None
        self._dead = asyncio.Event()

    async def keep_running(self, pause_s: float = 0.2) -> None:
        """Until cancelled; then it is stopped as an operator would stop it."""
        with self._log.open("ab") as log:
            try:
                while True:
                    self.starts += 1
                    self._running = await asyncio.create_subprocess_exec(
                        *self._arguments, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
                    )
                    await self._running.wait()
                    if self._dead.is_set():
                        return
                    await asyncio.sleep(pause_s)
            finally:
                await self._end()

    def stay_dead(self) -> None:
        """Kill it without a word, and do not start it again."""
        self._dead.set()
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it, if it runs."""
        if self._running is not None and self._running.returncode is None:
            self._running.send_signal(number)

    @property
    def pid(self) -> int | None:
        """Its number, while it runs."""
        process = self._running
        return process.pid if process is not None and process.returncode is None else None

    async def _end(self) -> None:
        """Ask it to stop, and make it where it does not."""
        if (process := self._running) is None:
            return
        for number in (signal.SIGCONT, signal.SIGTERM):
            self.send(number)
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await process.wait()


def end_with(parent: int) -> None:
    """Die with the process that started this one, even frozen; Linux alone offers that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before this was said
            raise SystemExit(1)


def main() -> None:
    """Serve as the spec says, until SIGTERM."""
    end_with(int(sys.argv[2]))
    told = json.loads(sys.argv[1])
    spec = Spec(**{**told, "platforms": tuple(told["platforms"])})
    settings = Settings.model_validate(spec.settings)
    logs.configure("warning", "json")
    pipeline = Counting(spec) if spec.thinks else None
    asyncio.run(serve(settings, pipeline, [_platform(name, settings) for name in spec.platforms]))


def _platform(name: str, settings: Settings) -> Platform:
    if name == "telegram":
        from bot.platforms.telegram import TelegramPlatform

        return TelegramPlatform(tokens.TELEGRAM, settings.platforms.telegram)
    from bot.loopback import discord_wire
    from bot.platforms.discord import DiscordPlatform

    return DiscordPlatform(discord_wire.TOKEN, settings.platforms.discord)


if __name__ == "__main__":
    main()
