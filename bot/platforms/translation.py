"""Foreign errors become ours at the border; nothing past an adapter catches a library's error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.errors import PlatformError

Rules = Mapping[type[Exception], Callable[[Any], PlatformError]]


@contextmanager
def translated(rules: Rules) -> Iterator[None]:
    """Raise ours instead of theirs; the rule for the nearest base class wins.

    What has no rule passes unchanged. Theirs stays out of the traceback: libraries put tokens,
    addresses and whole answers into their messages.
    """
    try:
        yield
    except Exception as exc:
        for cls in type(exc).__mro__:
            if rule := rules.get(cls):
                raise rule(exc) from None
        raise
