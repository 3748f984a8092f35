"""The service's way to drive turns: a queue for each stage, and each turn on its own way.

What a turn asks for waits in the queues of its stages; so turns share batches wherever they meet,
and stages that do not need each other run at the same time.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Protocol, runtime_checkable

from bot import metrics
from bot.errors import InferenceOverloaded, InferenceStopped, InferenceTimeout
from bot.inference.batcher import Batcher
from bot.inference.lane import Lane
from emotibot_models.devices import on_one_core
from emotibot_models.flow import Ask, Models, Stage
from emotibot_models.types import TurnInput, TurnResult

ASKED_AT_ONCE: Final = 2
"""Most of one stage that a turn waits for at the same time."""
PICTURES_AT_ONCE: Final = 2
"""Pictures that are opened and searched for a face at the same time, each in a thread."""


@runtime_checkable
class Staged(Protocol):
    """What thinks in stages: ``emotibot_models.Pipeline``."""

    @property
    def models(self) -> Models:
        """Who does the work of each stage."""
        ...

    @property
    def on_gpu(self) -> bool:
        """Whether the models share a GPU, or each stage may have a core of its own."""
        ...

    async def turn(self, turn: TurnInput, ask: Ask) -> TurnResult:
        """The path of one turn."""
        ...


class OneStage:
    """What thinks in one piece, such as a script, as a single stage."""

    def __init__(self, run: Callable[[list[TurnInput]], Sequence[TurnResult]]) -> None:
        self.models: Models = {Stage.REPLY: run}
        self.on_gpu = False

    async def turn(self, turn: TurnInput, ask: Ask) -> TurnResult:
        """The whole turn is one piece of work."""
        result: TurnResult
        [result] = await ask(Stage.REPLY, turn)
        return result


class Stages:
    """Takes turns while it runs, and sends each along its path.

    At most ``waiting`` turns are on their way; ``batch`` of them share a batch of a stage.
    """

    def __init__(self, pipeline: Staged, *, batch: int, waiting: int, deadline_s: float) -> None:
        self._turn = pipeline.turn
        self._most = waiting
        self._deadline = deadline_s
        self._on_their_way = 0
        self._accepting = False
        self._eyes: ThreadPoolExecutor | None = None
        self._look = pipeline.models.get(Stage.PICTURE)
        shared = Lane(on_one_core) if pipeline.on_gpu else None
        self._queues: Mapping[Stage, Batcher[tuple[Any, ...], Sequence[Any]]] = {
            stage: Batcher(
                metrics.timed(stage, merged(work)),
                batch=batch,
                waiting=ASKED_AT_ONCE * waiting,
                size=_size,
                # The generator keeps its cores busy by itself, and a GPU beside the readers.
                lane=Lane() if stage is Stage.REPLY else shared or Lane(on_one_core),
            )
            for stage, work in pipeline.models.items()
            if stage is not Stage.PICTURE
        }
        for stage, queue in self._queues.items():
            metrics.BATCHER_WAITING.labels(stage).set_function(queue.length)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take turns for as long as the block lasts; a dead worker ends the block."""
        async with AsyncExitStack() as stack:
            for queue in self._queues.values():
                await stack.enter_async_context(queue.running())
            self._eyes = ThreadPoolExecutor(PICTURES_AT_ONCE, "picture", on_one_core)
            stack.push_async_callback(asyncio.to_thread, self._eyes.shutdown)
            gc.freeze()  # bank and models stay: no collection needs to walk through them again
            self._accepting = True
            try:
                yield
            finally:
                self._accepting = False
                gc.unfreeze()

    async def submit(self, turn: TurnInput) -> TurnResult:
        """Send one turn along its path and wait for its end.

        Raises ``InferenceOverloaded``, ``InferenceTimeout``, ``InferenceFailed`` or
        ``InferenceStopped``.
        """
        if not self._accepting:
            raise InferenceStopped("the models are not running")
        if self._on_their_way >= self._most:
            raise InferenceOverloaded(f"{self._on_their_way} turns are on their way")
        self._on_their_way += 1
        try:
            async with asyncio.timeout(self._deadline):
                return await self._follow(turn)
        except TimeoutError:
            raise InferenceTimeout(f"no answer within {self._deadline} s") from None
        finally:
            self._on_their_way -= 1

    async def _follow(self, turn: TurnInput) -> TurnResult:
        """Drive a turn to its end; what it asked for and did not wait for is called off."""
        asked: list[asyncio.Future[Sequence[Any]]] = []

        def ask(stage: Stage, *items: Any) -> asyncio.Future[Sequence[Any]]:
            asked.append(self._begun(stage, items))
            return asked[-1]

        try:
            return await self._turn(turn, ask)
        finally:
            for work in asked:
                if not work.cancel() and not work.cancelled():
                    work.exception()  # of two failures the turn has raised one

    def _begun(self, stage: Stage, items: tuple[Any, ...]) -> asyncio.Future[Sequence[Any]]:
        """Work that is queued or in hand."""
        loop = asyncio.get_running_loop()
        if not items:
            nothing: asyncio.Future[Sequence[Any]] = loop.create_future()
            nothing.set_result(())
            return nothing
        if stage is Stage.PICTURE and self._look is not None:
            return loop.run_in_executor(self._eyes, self._look, list(items))
        return self._queues[stage].submit(items)


def merged(
    work: Callable[[list[Any]], Sequence[Any]],
) -> Callable[[list[tuple[Any, ...]]], list[list[Any]]]:
    """The same work for what several turns ask for: one call, and to each its own answers."""

    def run(asked: list[tuple[Any, ...]]) -> list[list[Any]]:
        answers = list(work([item for items in asked for item in items]))
        if len(answers) != sum(map(len, asked)):
            raise ValueError(f"{len(answers)} answers to {sum(map(len, asked))} items")
        left = iter(answers)
        return [[next(left) for _ in items] for items in asked]

    return run


def _size(items: tuple[Any, ...]) -> int:
    """Characters of the longest text; other work is all of one size."""
    parts = (part for item in items for part in (item if isinstance(item, tuple) else (item,)))
    return max((len(part) for part in parts if isinstance(part, str)), default=0)
