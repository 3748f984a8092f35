"""Builds the whole service once from its settings, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol

import structlog

from bot.config import Settings
from bot.conversation.accept import Accept, Bounds
from bot.conversation.answers import Answers
from bot.conversation.commands import Commands
from bot.conversation.handle import Handle, Manner
from bot.conversation.limits import Limits
from bot.conversation.photos import Photos
from bot.conversation.post import Post
from bot.conversation.recovery import unfinished
from bot.conversation.typing import Typing
from bot.engine.base import THINK, Engine, post_queue
from bot.engine.local import LocalEngine
from bot.errors import EmotiBotError, StorageError
from bot.inference.batcher import Batcher
from bot.platforms.base import Platform
from bot.storage import erasure, migrate
from bot.storage.store import Store, opened
from emotibot_models.images import shrink
from emotibot_models.types import TurnInput, TurnResult

log = structlog.get_logger(__name__)

POSTING_AT_ONCE: Final = 32
DRAIN_S: Final = 10.0
"""How long a stop waits for the last replies to go out; the rest go out at the next start."""
PURGE_EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0


class Pipeline(Protocol):
    """What thinks: ``emotibot_models.Pipeline`` or anything with its ``run``."""

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result for each turn, in order; called in one thread, never twice at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service."""

    accept: Accept
    """Where platforms hand their messages in."""
    store: Store
    engine: Engine


@asynccontextmanager
async def service(
    settings: Settings, pipeline: Pipeline, platforms: Sequence[Platform]
) -> AsyncIterator[Service]:
    """Everything but the receiving, for as long as the block lasts.

    At the start, what an earlier process left is taken up. At the end the turns in hand are
    finished and their replies sent. A part that dies ends the block.

    Raises ``ConfigError`` or ``StorageError`` when the database cannot be used, and
    ``PlatformRejected`` when a token is wrong.
    """
    url = settings.database_url()
    await _prepare(url)
    try:
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(opened(url))
            for platform in platforms:
                await stack.enter_async_context(platform.opened())
            yield await _started(stack, settings, pipeline, platforms, store)
    except BaseExceptionGroup as group:
        raise _cause(group) from group


async def serve(settings: Settings, pipeline: Pipeline, platforms: Sequence[Platform]) -> None:
    """Receive on every platform until SIGINT or SIGTERM, then stop cleanly.

    Whatever dies takes everything down in order and is raised.
    """
    serving = asyncio.create_task(_receive(settings, pipeline, platforms), name="service")
    with _signalled(serving.cancel) as asked:
        try:
            await serving
        except asyncio.CancelledError:
            if not asked:
                raise
    log.info("service.stopped")


async def _receive(settings: Settings, pipeline: Pipeline, platforms: Sequence[Platform]) -> None:
    async with service(settings, pipeline, platforms) as live, asyncio.TaskGroup() as tasks:
        for platform in platforms:
            tasks.create_task(_must_not_end(platform, live.accept), name=platform.name)
        log.info("service.started", platforms=[platform.name for platform in platforms])


async def _must_not_end(platform: Platform, accept: Accept) -> NoReturn:
    await platform.receive(accept)
    raise EmotiBotError(f"{platform.name} stopped receiving by itself")


async def _prepare(url: str) -> None:
    """The embedded database is brought up to date by itself, any other by its operator."""
    if url.startswith("sqlite"):
        await migrate.upgrade(url)
    else:
        await migrate.check(url)


async def _started(
    stack: AsyncExitStack,
    settings: Settings,
    pipeline: Pipeline,
    platforms: Sequence[Platform],
    store: Store,
) -> Service:
    """Build the parts and start them so that they stop in the order of the path."""
    ports: Mapping[str, Platform] = {platform.name: platform for platform in platforms}
    limits = settings.engine
    engine = LocalEngine(lambda: unfinished(store, ports), grace_s=limits.grace_s)
    typing = Typing(ports, longest_s=limits.deadline_s)
    answers = Answers(engine, days=settings.history.days, clock=time.time)
    batcher = Batcher[TurnInput, TurnResult](
        pipeline.run, batch=limits.batch, waiting=limits.waiting, deadline_s=limits.deadline_s
    )
    photos = Photos(store, engine, ports, shrink)
    handle = Handle(store, batcher.submit, answers, _manner(settings), clock=time.time)
    queues = [post_queue(name) for name in ports]
    posts = dict.fromkeys(queues, Post(store, ports, typing))

    stack.push_async_callback(engine.close)
    await stack.enter_async_context(typing.running())
    await stack.enter_async_context(
        beside(engine.run(queues, posts, POSTING_AT_ONCE), name="posting")
    )
    stack.push_async_callback(_drain, engine, queues)
    await stack.enter_async_context(batcher.running())
    await stack.enter_async_context(
        beside(engine.run([THINK], {THINK: handle}, 2 * limits.batch), name="thinking")
    )
    await stack.enter_async_context(photos.running())
    await stack.enter_async_context(beside(_purge(store, settings.history.days), name="purging"))
    accept = _accept(settings, store, engine, answers, photos, typing)
    return Service(accept=accept, store=store, engine=engine)


def _manner(settings: Settings) -> Manner:
    return Manner(
        turns=settings.history.turns,
        attempts=settings.engine.attempts,
        emotion_line=settings.platforms.emotion_line,
    )


def _accept(
    settings: Settings,
    store: Store,
    engine: Engine,
    answers: Answers,
    photos: Photos,
    typing: Typing,
) -> Accept:
    limits = settings.limits
    return Accept(
        store,
        engine,
        commands=Commands(days=settings.history.days, turns=settings.history.turns),
        answers=answers,
        limits=Limits(burst=limits.burst, per_minute=limits.per_minute, clock=time.monotonic),
        photos=photos,
        typing=typing,
        bounds=Bounds(
            waiting=settings.engine.waiting,
            waiting_here=limits.waiting,
            face_in_groups=settings.platforms.face_in_groups,
        ),
        clock=time.time,
    )


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], *, name: str) -> AsyncIterator[None]:
    """Run this beside the block and stop it at the end; if it fails, the block ends with it."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work, name=name)
        try:
            yield
        finally:
            task.cancel()


async def _drain(engine: Engine, queues: Sequence[str]) -> None:
    """Wait a while for the last replies to go out."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while True:
                stats = await engine.stats()
                if not any(stats.waiting.get(q) or stats.doing.get(q) for q in queues):
                    return
                await asyncio.sleep(0.02)


async def _purge(store: Store, days: int) -> None:
    """Erase, now and every hour, what is older than people were promised."""
    while True:
        try:
            async with store.transaction() as tx:
                lines = await erasure.purge(tx, time.time() - days * DAY_S)
            log.info("history.purged", lines=lines)
        except StorageError:
            log.warning("history.not_purged", exc_info=True)
        await asyncio.sleep(PURGE_EVERY_S)


@contextmanager
def _signalled(stop: Callable[[], object]) -> Iterator[list[int]]:
    """Call ``stop`` at SIGINT and SIGTERM; the list holds those that came."""
    came: list[int] = []
    loop = asyncio.get_running_loop()

    def on_signal(number: int, _frame: object = None) -> None:
        came.append(number)
        loop.call_soon_threadsafe(stop)

    before = {number: signal.signal(number, on_signal) for number in STOPS}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


STOPS: Final = (signal.SIGINT, signal.SIGTERM)


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error in a group, however deep; the group itself when there are several."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
