"""How parts run beside each other and stop: together, in order, on a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

STOPS: Final = (signal.SIGINT, signal.SIGTERM)


@asynccontextmanager
async def beside(
    work: Coroutine[Any, Any, None], *, name: str, finishes: bool = True
) -> AsyncIterator[None]:
    """Run this beside the block and stop it at the end; if it fails, the block ends with it.

    What ``finishes`` has things to do once it is cancelled, and is cancelled but once.
    """
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work, name=name)
        try:
            yield
        finally:
            if finishes:
                task.cancel()
            else:
                await ended(task)


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel work that has nothing to finish, until it heeds.

    Before Python 3.12 ``wait_for``, which psycopg's pool uses, may swallow a cancellation.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=1.0)


@contextmanager
def signalled(stop: Callable[[], object]) -> Iterator[list[int]]:
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


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that what it opened is closed."""

    def as_ctrl_c(_number: int, frame: Any) -> None:
        # What runs in a shell's background is deaf to Ctrl-C, and must end all the same.
        handler = signal.getsignal(signal.SIGINT)
        (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)

    before = signal.signal(signal.SIGTERM, as_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error in a group, however deep; the group itself when there are several."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
