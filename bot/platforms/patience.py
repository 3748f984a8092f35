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


def _nobody(_: str) -> None:
    """Nobody wants to know."""


async def until_it_works(
    attempt: Callable[[], Awaitable[T]],
    *,
    platform: str,
    sleep: Sleep = asyncio.sleep,
    told: Callable[[str], None] = _nobody,
) -> T:
    """Repeat what fails for a passing reason, ever slower; every other error ends it.

    ``told`` hears what is wrong, and an empty word once it works.
    """
    for wait in _waits():
        try:
            done = await attempt()
        except PlatformRateLimited as exc:
            told(str(exc))
            log.warning("platform.rate_limited", platform=platform, wait_s=exc.retry_after)
            await sleep(exc.retry_after)
        except (PlatformUnavailable, StorageError) as exc:
            told(str(exc))
            log.warning("platform.waiting", platform=platform, reason=str(exc), wait_s=wait)
            await sleep(wait)
        else:
            told("")
            return done
    raise AssertionError("waits never end")  # pragma: no cover - for the type checker


def _waits() -> Iterator[float]:
    """1, 2, 4, … seconds."""
    wait = 1.0
    while True:
        yield wait
        wait = min(wait * 2, _LONGEST_S)
