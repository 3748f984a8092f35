"""``/metrics``: what a service tells whoever watches it, as Prometheus reads it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.engine.base import Engine
from bot.errors import ConfigError, StorageError
from bot.lifecycle import beside
from bot.storage.figures import backlog
from bot.storage.store import Store

TICK_S: Final = 0.5


@asynccontextmanager
async def watched(store: Store, engine: Engine, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve ``/metrics`` for as long as the block lasts; yields the port, which 0 leaves open.

    Raises ``ConfigError`` when the port cannot be had.
    """
    lag = Lag()

    async def tell(_: web.Request) -> web.Response:
        try:
            await look(store, engine)
        except StorageError:
            return web.Response(status=503, text="the database cannot be asked\n")
        metrics.LOOP_LAG.set(lag.longest())
        told = generate_latest(metrics.REGISTRY)
        return web.Response(body=told, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", tell)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as exc:
            raise ConfigError(
                f"metrics.port: {host}:{port} cannot be had ({exc.strerror}); choose another"
            ) from None
        async with beside(lag.keep_measuring(), name="measuring lag", finishes=False):
            yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def look(store: Store, engine: Engine) -> None:
    """Set what is known only when it is counted."""
    stats = await engine.stats()
    async with store.transaction(durable=False, whole=False) as tx:
        now = await backlog(tx, time.time())
    for gauge, jobs in ((metrics.WAITING, stats.waiting), (metrics.DOING, stats.doing)):
        gauge.clear()
        for queue, count in jobs.items():
            gauge.labels(queue).set(count)
    metrics.WORKERS.set(stats.workers)
    metrics.HEARTBEAT_AGE.set(stats.silent_s)
    metrics.UNANSWERED.set(now.unanswered)
    metrics.OLDEST.set(now.oldest_s)
    for state, count in now.unsent.items():
        metrics.OUTBOX.labels(state).set(count)


class Lag:
    """How late an event loop is with what is due."""

    def __init__(self) -> None:
        self._longest = 0.0

    def longest(self) -> float:
        """Seconds, since this was asked before."""
        longest, self._longest = self._longest, 0.0
        return longest

    async def keep_measuring(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self._longest = max(self._longest, loop.time() - due)
