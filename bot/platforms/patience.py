"""Passing trouble: wait, and try again, for as long as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import structlog

from bot.errors import PlatformRateLimited, PlatformUnavailable, StorageError

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")

_LONGEST_S: Final = 30.0


async def until_it_works(
    attempt: Callable[[], Awaitable[T]], *, platform: str, sleep: Sleep = asyncio.sleep
) -> T:
    """Repeat what fails for a passing reason, ever slower; every other error ends it."""
    for wait in _waits():
        try:
            return await attempt()
        except PlatformRateLimited as exc:
            log.warning("platform.rate_limited", platform=platform, wait_s=exc.retry_after)
            await sleep(exc.retry_after)
        except (PlatformUnavailable, StorageError) as exc:
            log.warning("platform.waiting", platform=platform, reason=str(exc), wait_s=wait)
            await sleep(wait)
    raise AssertionError("waits never end")  # pragma: no cover - for the type checker


def _waits() -> Iterator[float]:
    """1, 2, 4, … seconds."""
    wait = 1.0
    while True:
        yield wait
        wait = min(wait * 2, _LONGEST_S)
