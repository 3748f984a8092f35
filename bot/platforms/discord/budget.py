"""How near we are to Discord's ban: so many requests in ten minutes that it would not take.

A request counts when it is answered with 401, 403 or 429, unless the limit is one that all share
(Discord's documentation, "Invalid Request Limit").
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog
from aiohttp import ClientSession, TraceConfig, TraceRequestEndParams

from bot import metrics

log = structlog.get_logger()

LIMIT: Final = 10_000
WINDOW_S: Final = 600.0
INVALID: Final = frozenset({401, 403, 429})
KEPT_FREE: Final = 0.1
"""Of the limit: for other processes behind the same address, and for what is on its way."""
WORTH_TELLING: Final = 0.1
"""Of the limit; fewer are everyday life."""


class Budget:
    """Counts what counts; ``clock`` returns seconds and never runs backwards."""

    def __init__(self, limit: int = LIMIT, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._spent: deque[float] = deque(maxlen=limit)
        self._told = False

    def watching(self) -> TraceConfig:
        """What an HTTP client has to be given so that its requests are counted."""
        trace = TraceConfig()
        trace.on_request_end.append(self._ended)
        trace.freeze()
        return trace

    def count(self, status: int, *, shared: bool = False) -> None:
        """Count a request that was answered like this."""
        if status not in INVALID or (status == 429 and shared):
            return
        self._spent.append(self._clock())
        metrics.INVALID.labels("discord").inc()

    @property
    def trouble(self) -> str:
        """For the operator: how much is spent, once that is worth telling."""
        spent = self._recent()
        if spent < self._limit * WORTH_TELLING:
            return ""
        return f"{spent} of {self._limit} requests refused in ten minutes, then Discord bans us"

    def wait_s(self) -> float:
        """Seconds until another request may be risked; 0 while it may."""
        most = int(self._limit * (1 - KEPT_FREE))
        if (over := self._recent() - most) < 0:
            self._told = False
            return 0.0
        if not self._told:
            log.error("budget.spent", platform="discord", spent=len(self._spent))
            self._told = True
        return self._spent[over] + WINDOW_S - self._clock()

    def _recent(self) -> int:
        since = self._clock() - WINDOW_S
        while self._spent and self._spent[0] <= since:
            self._spent.popleft()
        return len(self._spent)

    async def _ended(self, _: ClientSession, __: object, ended: TraceRequestEndParams) -> None:
        scope = ended.response.headers.get("X-RateLimit-Scope")
        self.count(ended.response.status, shared=scope == "shared")
