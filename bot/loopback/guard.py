"""Cleans up after this process, even when it is killed: a shell waits for the end of a pipe."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def guarded(orders: str, *arguments: str, **who: Any) -> Iterator[None]:
    """Have a shell carry these orders out when the block ends, or this process does.

    ``who``: as whom, in the words of ``subprocess``. At the end of the block they are waited for.
    """
    guard = subprocess.Popen(  # noqa: S603 - our own orders
        # It reads until the other end of its input is closed, if only by a death.
        ["/bin/sh", "-c", f"cat\n{orders}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us; the guard has still something to do
        cwd="/",
        **who,
    )
    with guard:  # closes its input and waits for it
        yield
