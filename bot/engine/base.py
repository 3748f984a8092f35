"""What an engine is to the rest of the service, which knows no more of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

THINK: Final = "gpu"
"""The queue of turns that want a model."""

BACKOFF_S: Final = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""Waits before a job that raised is tried again; after the last it is left to the tables."""

Handler = Callable[[int], Awaitable[None]]
"""Does the job with this id. Running it twice does no harm.

Raises ``RetryLater`` to be run again; anything else it raises is tried again a few times.
"""


def post_queue(platform: str) -> str:
    """The queue of replies for one platform."""
    return f"post.{platform}"


@dataclass(frozen=True, slots=True)
class Job:
    """One id in one queue; jobs of one queue with the same key run one after the other."""

    queue: str
    key: str
    id: int


@dataclass(frozen=True, slots=True)
class Stats:
    """How much an engine has to do."""

    waiting: Mapping[str, int]
    """By queue: jobs that nobody has begun."""
    doing: Mapping[str, int]
    """By queue: jobs in hand."""
    workers: int = 1
    """Loops that do jobs, in all processes."""
    silent_s: float = 0.0
    """How long ago the quietest of them was heard of."""


class Transaction(Protocol):
    """What an engine needs of the transaction in which a job is submitted."""

    @property
    def driver(self) -> Any:
        """The database's own connection, for engines whose jobs are rows of the same database.

        What is added to its ``held`` is executed before the commit.
        """
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """For engines that must not begin before the rows are there."""
        ...


class Engine(Protocol):
    """Runs every submitted job at least once, in the order of each key."""

    async def submit(self, tx: Transaction, queue: str, key: str, id: int) -> None:  # noqa: A002
        """Have a job run once this transaction is committed, and never if it is not."""
        ...

    async def run(
        self, queues: Sequence[str], handlers: Mapping[str, Handler], concurrency: int
    ) -> None:
        """Run the jobs of these queues until cancelled, then finish those in hand."""
        ...

    async def stats(self) -> Stats:
        """Count what waits and what is in hand."""
        ...

    async def close(self) -> None:
        """Take no more jobs; those not begun are taken up again at the next start."""
        ...
