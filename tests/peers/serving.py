"""The service with its receiving, as ``emotibot run`` starts it, inside a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.bootstrap import Pipeline, Service, service
from bot.config import Settings
from bot.platforms.base import Platform


@asynccontextmanager
async def serving(
    home: Path, *platforms: Platform, pipeline: Pipeline, join_s: float = 0.0
) -> AsyncIterator[Service]:
    """Serve these platforms, with the database in a folder, for as long as the block lasts."""
    settings = Settings.model_validate({"home": home, "platforms": {"join_s": join_s}})
    running = service(settings, pipeline, platforms)
    async with running as live, asyncio.TaskGroup() as tasks:
        receiving = [tasks.create_task(p.receive(live.accept)) for p in platforms]
        yield live
        for task in receiving:
            task.cancel()
