"""Builds the whole service once from its settings, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, NoReturn, Protocol

import structlog

from bot.config import Settings
from bot.conversation.accept import Accept
from bot.conversation.answers import Answers
from bot.conversation.handle import Handle
from bot.conversation.limits import Limits
from bot.conversation.photos import Photos
from bot.conversation.post import Post
from bot.conversation.recovery import unfinished
from bot.conversation.report import Report
from bot.conversation.typing import Typing
from bot.engine.base import THINK, Engine, post_queue
from bot.engine.local import LocalEngine
from bot.errors import EmotiBotError, StorageError
from bot.inference.stages import OneStage, Staged, Stages
from bot.lifecycle import beside, cause, signalled
from bot.platforms.base import Platform
from bot.reload import Reload, Reread, bounds, group_limits, limits, manner
from bot.storage import erasure, migrate, tickets
from bot.storage.store import Store, conninfo, opened
from emotibot_models.presets import resolve
from emotibot_models.types import TurnInput, TurnResult

log = structlog.get_logger(__name__)

POSTING_AT_ONCE: Final = 32
DRAIN_S: Final = 10.0
"""How long a stop waits for the last replies to go out; the rest go out at the next start."""
PURGE_EVERY_S: Final = 3600.0
DAY_S: Final = 86_400.0


class Pipeline(Protocol):
    """What thinks: anything with this ``run``; what is ``Staged`` too is run by its stages."""

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
    settings: Settings,
    pipeline: Pipeline | None,
    platforms: Sequence[Platform],
    reread: Reread | None = None,
) -> AsyncIterator[Service]:
    """Everything but the receiving, for as long as the block lasts.

    Without a pipeline it is a front end, which leaves the thinking to workers; without platforms
    it is a worker. At the start, what an earlier process left is taken up. At the end the turns in
    hand are finished and their replies sent. A part that dies ends the block. ``reread`` gives the
    settings anew when an owner asks; without it they stay.

    Raises ``ConfigError`` or ``StorageError`` when the database cannot be used, and
    ``PlatformRejected`` when a token is wrong.
    """
    await _prepare(settings)
    ports: Mapping[str, Platform] = {platform.name: platform for platform in platforms}
    try:
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(opened(settings.database_url()))
            for platform in platforms:
                await stack.enter_async_context(platform.opened())
            engine = await stack.enter_async_context(_engine(settings, store, ports))
            live = await _started(stack, settings, pipeline, ports, store, engine, reread)
            if settings.metrics.port:
                from bot.monitor import watched  # its web server weighs 12 MB

                where = settings.metrics.model_dump()
                await stack.enter_async_context(watched(store, engine, **where))
            yield live
    except BaseExceptionGroup as group:
        raise cause(group) from group


async def serve(
    settings: Settings,
    pipeline: Pipeline | None,
    platforms: Sequence[Platform],
    reread: Reread | None = None,
) -> None:
    """Receive on every platform, or just work, until SIGINT or SIGTERM; then stop cleanly.

    Whatever dies takes everything down in order and is raised.
    """
    serving = asyncio.create_task(_receive(settings, pipeline, platforms, reread), name="service")
    with signalled(serving.cancel) as asked:
        try:
            await serving
        except asyncio.CancelledError:
            if not asked:
                raise
    log.info("service.stopped")


async def upgrade(settings: Settings) -> None:
    """Bring the database to the tables of this version, the engine's own among them."""
    url = settings.database_url()
    await migrate.upgrade(url)
    if settings.engine.kind == "procrastinate":
        from bot.engine import procrastinate

        await procrastinate.upgrade(conninfo(url))


async def check(settings: Settings) -> None:
    """Raise ``StorageError`` unless the database has the tables of this version."""
    await migrate.check(settings.database_url())
    await _check_engine(settings)


async def _check_engine(settings: Settings) -> None:
    if settings.engine.kind == "procrastinate":
        from bot.engine import procrastinate

        await procrastinate.check(conninfo(settings.database_url()))


async def _receive(
    settings: Settings,
    pipeline: Pipeline | None,
    platforms: Sequence[Platform],
    reread: Reread | None,
) -> None:
    running = service(settings, pipeline, platforms, reread)
    async with running as live, asyncio.TaskGroup() as tasks:
        for platform in platforms:
            tasks.create_task(_must_not_end(platform, live.accept), name=platform.name)
        log.info("service.started", platforms=[platform.name for platform in platforms])
        await asyncio.Event().wait()


async def _must_not_end(platform: Platform, accept: Accept) -> NoReturn:
    await platform.receive(accept)
    raise EmotiBotError(f"{platform.name} stopped receiving by itself")


async def _prepare(settings: Settings) -> None:
    """The embedded database is brought up to date by itself, any other by its operator."""
    url = settings.database_url()
    if settings.engine.kind == "procrastinate":
        conninfo(url)  # refuses what it cannot use
    if not await migrate.is_current(url):
        await (migrate.upgrade if url.startswith("sqlite") else migrate.check)(url)
    await _check_engine(settings)


@asynccontextmanager
async def _engine(
    settings: Settings, store: Store, ports: Mapping[str, Platform]
) -> AsyncIterator[Engine]:
    """What wakes this process, or all processes over one database."""
    grace = settings.engine.grace_s
    if settings.engine.kind == "local":
        yield LocalEngine(partial(unfinished, store, ports), grace_s=grace)
        return
    from bot.engine.procrastinate import ProcrastinateEngine
    from bot.engine.reconcile import keep_reconciling

    engine = ProcrastinateEngine(conninfo(settings.database_url()), grace_s=grace)
    reconciling = keep_reconciling(engine, partial(unfinished, store), store.transaction)
    async with engine.opened(), beside(reconciling, name="reconciling", finishes=False):
        yield engine


async def _started(
    stack: AsyncExitStack,
    settings: Settings,
    pipeline: Pipeline | None,
    ports: Mapping[str, Platform],
    store: Store,
    engine: Engine,
    reread: Reread | None,
) -> Service:
    """Build the parts and start them so that they stop in the order of the path."""
    typing = Typing(ports, longest_s=settings.engine.deadline_s)
    answers = Answers(engine, days=settings.history.days, clock=time.time)
    photos = Photos(store, engine, ports, _shrink)
    queues = [post_queue(name) for name in ports]
    stack.push_async_callback(engine.close)
    await stack.enter_async_context(typing.running())
    if queues:
        posts = dict.fromkeys(queues, Post(store, ports, typing))
        posting = engine.run(queues, posts, POSTING_AT_ONCE)
        await stack.enter_async_context(beside(posting, name="posting"))
    handle = None
    if pipeline is not None:
        if queues:
            stack.push_async_callback(_drain, engine, queues)
        handle = await _think(stack, settings, pipeline, store, engine, answers)
    await stack.enter_async_context(photos.running())
    await stack.enter_async_context(beside(_purge(store, settings.history.days), name="purging"))
    each = Limits(**limits(settings), clock=time.monotonic)
    groups = Limits(**group_limits(settings), clock=time.monotonic)
    reload = Reload(settings, reread, _report(settings, engine, ports), each, groups, handle)
    accept = reload.adopted_by(
        Accept(
            store,
            engine,
            house=reload.house(settings),
            answers=answers,
            limits=each,
            group_limits=groups,
            photos=photos,
            typing=typing,
            bounds=bounds(settings),
            clock=time.time,
        )
    )
    return Service(accept=accept, store=store, engine=engine)


async def _think(
    stack: AsyncExitStack,
    settings: Settings,
    pipeline: Pipeline,
    store: Store,
    engine: Engine,
    answers: Answers,
) -> Handle:
    """Start the models' batches, and what feeds them."""
    queue = settings.engine
    models = Stages(
        pipeline if isinstance(pipeline, Staged) else OneStage(pipeline.run),
        batch=queue.batch,
        waiting=queue.waiting,
        deadline_s=queue.deadline_s,
    )
    await stack.enter_async_context(models.running())
    handle = Handle(store, models.submit, answers, manner(settings), clock=time.time)
    thinking = engine.run([THINK], {THINK: handle}, 2 * queue.batch)
    await stack.enter_async_context(beside(thinking, name="thinking"))
    return handle


def _shrink(picture: bytes) -> bytes:
    from emotibot_models.images import shrink  # 5 MB that a front end without pictures saves

    return shrink(picture)


def _report(settings: Settings, engine: Engine, ports: Mapping[str, Platform]) -> Report:
    models = settings.models.model_dump(exclude={"preset", "device", "candidates", "int8"})
    sources = vars(resolve(settings.models.preset, **models))
    return Report(engine, ports, models=sources, device=settings.models.device, clock=time.time)


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
                await tickets.expire(tx, time.time())
            log.info("history.purged", lines=lines)
        except StorageError:
            log.warning("history.not_purged", exc_info=True)
        await asyncio.sleep(PURGE_EVERY_S)
